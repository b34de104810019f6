/*
 * Which protocol a datagram on a shared ICE port speaks, told by its first
 * byte (RFC 7983 section 7):
 *
 *	              +----------------+
 *	              |        [0..3] -+--> STUN
 *	              |      [16..19] -+--> ZRTP
 *	  packet -->  |      [20..63] -+--> DTLS
 *	              |      [64..79] -+--> TURN channel
 *	              |    [128..191] -+--> RTP and RTCP
 *	              +----------------+
 *
 *	if (pc_demux_is_media(buf[0]))
 *		...
 *
 * The same rule as a classic BPF program lets the kernel do it: attached
 * with SO_ATTACH_REUSEPORT_CBPF to two sockets on one port, it gives media
 * to the second and everything else to the first.
 */
#ifndef PC_STUN_DEMUX_H
#define PC_STUN_DEMUX_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

enum pc_demux {
	PC_DEMUX_STUN,
	PC_DEMUX_ZRTP,
	PC_DEMUX_DTLS,
	PC_DEMUX_TURN,
	PC_DEMUX_RTP,
	PC_DEMUX_UNKNOWN,
};

enum pc_demux pc_demux(uint8_t first_byte);

/* DTLS, RTP or RTCP: what goes to the media process. */
bool pc_demux_is_media(uint8_t first_byte);

/*
 * The program: returns 1 for DTLS, RTP and RTCP, 0 for the rest (also for an
 * empty datagram, whose load fails). Data begins at the UDP payload.
 */
extern const struct sock_fprog pc_demux_program;

/*
 * Attach it to the SO_REUSEPORT group that fd belongs to. The group's first
 * socket is index 0. Returns 0 or -errno.
 */
int pc_demux_attach(int fd);

#endif
