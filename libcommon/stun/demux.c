#include <errno.h>
#include <sys/socket.h>

#include "stun/demux.h"

enum pc_demux pc_demux(uint8_t first_byte)
{
	if (first_byte <= 3)
		return PC_DEMUX_STUN;
	if (first_byte >= 16 && first_byte <= 19)
		return PC_DEMUX_ZRTP;
	if (first_byte >= 20 && first_byte <= 63)
		return PC_DEMUX_DTLS;
	if (first_byte >= 64 && first_byte <= 79)
		return PC_DEMUX_TURN;
	if (first_byte >= 128 && first_byte <= 191)
		return PC_DEMUX_RTP;
	return PC_DEMUX_UNKNOWN;
}

bool pc_demux_is_media(uint8_t first_byte)
{
	enum pc_demux kind = pc_demux(first_byte);

	return kind == PC_DEMUX_DTLS || kind == PC_DEMUX_RTP;
}

static struct sock_filter program[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 128, 0, 1),
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 191, 3, 2),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 20, 0, 2),
	BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 63, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 1),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

const struct sock_fprog pc_demux_program = {
	.len = sizeof(program) / sizeof(program[0]),
	.filter = program,
};

int pc_demux_attach(int fd)
{
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
		       &pc_demux_program, sizeof(pc_demux_program)) != 0)
		return -errno;
	return 0;
}
