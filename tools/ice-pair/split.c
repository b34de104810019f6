#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "split.h"
#include "stun/demux.h"

/* The interface that libnice chose for what the socket sends. */
static void copy_unicast_if(int from, int to, int family)
{
	int level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
	int name = family == AF_INET6 ? IPV6_UNICAST_IF : IP_UNICAST_IF;
	int index = 0;
	socklen_t len = sizeof(index);

	if (getsockopt(from, level, name, &index, &len) == 0 && index)
		setsockopt(to, level, name, &index, sizeof(index));
}

static int bind_beside(int fd, const struct pc_addr *local)
{
	const int on = 1;

	/* It may be set after bind: the group is made by the second bind. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
		return -errno;
	int second = socket(local->sa.sa_family,
			    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (second < 0)
		return -errno;
	if (setsockopt(second, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(second, &local->sa, local->len) != 0) {
		int error = errno;

		close(second);
		return -error;
	}
	return second;
}

/*
 * A check that came between the bind and the filter is not media's: the peer
 * sends it again.
 */
static void drop_strays(int fd)
{
	uint8_t first;

	while (recv(fd, &first, 1, MSG_PEEK) == 1 &&
	       pc_demux(first) == PC_DEMUX_STUN)
		(void)recv(fd, &first, 1, 0);
}

int split_socket(int fd)
{
	struct pc_addr local;
	int second, rc;

	rc = pc_addr_local(&local, fd);
	if (rc != 0)
		return rc;
	second = bind_beside(fd, &local);
	if (second < 0)
		return second;
	rc = pc_demux_attach(second);
	if (rc != 0) {
		close(second);
		return rc;
	}
	drop_strays(second);
	copy_unicast_if(fd, second, local.sa.sa_family);
	return second;
}

void split_end(int media)
{
	static struct sock_filter first[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	static const struct sock_fprog program = { .len = 1, .filter = first };

	setsockopt(media, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
		   sizeof(program));
}

bool split_pending(int fd)
{
	int bytes = 0;

	return ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}
