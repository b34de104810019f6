/* Datagrams in and out; see socket.h. */
#include "socket.h"

#include <errno.h>
#include <unistd.h>

#include "bridge.h"

enum {
	BATCH = 8,
	TRIES = 64,
	PICTURE = 600, /* bytes; of what comes in bursts. Speech is less. */
};

/* What the first datagram of a batch needs lies in one page. */
static struct {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct pc_addr from[BATCH];
	uint8_t bufs[BATCH][PACKET_MAX + TRAILER_MAX];
} batch __attribute__((aligned(4096)));

static void begin(void)
{
	for (int i = 0; i < BATCH; i++) {
		struct msghdr *m = &batch.msgs[i].msg_hdr;

		batch.iov[i].iov_base = batch.bufs[i];
		batch.iov[i].iov_len = PACKET_MAX;
		m->msg_iov = &batch.iov[i];
		m->msg_iovlen = 1;
		m->msg_name = &batch.from[i].ss;
		m->msg_namelen = sizeof(batch.from[i].ss);
	}
}

/* One of the batch, if it is not cut. */
static void give(struct pc_tool *tool, int i, size_t len, datagram_fn *fn,
		 void *arg)
{
	if (len > PACKET_MAX)
		pc_tool_malformed(tool, "UDP", &batch.from[i],
				  "too long for a media packet");
	else
		fn(arg, batch.bufs[i], len, &batch.from[i]);
}

/* What waits behind one that was read. */
static int read_rest(struct pc_tool *tool, int fd, datagram_fn *fn, void *arg)
{
	int n;

	if (!batch.iov[0].iov_base)
		begin();
	n = recvmmsg(fd, batch.msgs, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
	for (int i = 0; i < n; i++) {
		struct msghdr *m = &batch.msgs[i].msg_hdr;

		batch.from[i].len = m->msg_namelen;
		m->msg_namelen = sizeof(batch.from[i].ss);
		give(tool, i, batch.msgs[i].msg_len, fn, arg);
	}
	return n < 0 ? 0 : n;
}

/*
 * Speech comes one by one: to look for a second costs half a microsecond, a
 * tenth of what receiving one does, and epoll will tell if there is one. A
 * picture is several.
 */
int datagrams_read(struct pc_tool *tool, int fd, datagram_fn *fn, void *arg)
{
	struct pc_addr *from = &batch.from[0];
	ssize_t n;

	from->len = sizeof(from->ss);
	n = recvfrom(fd, batch.bufs[0], PACKET_MAX, MSG_DONTWAIT | MSG_TRUNC,
		     &from->sa, &from->len);
	if (n < 0)
		return 0;
	give(tool, 0, (size_t)n, fn, arg);
	return n < PICTURE ? 1 : 1 + read_rest(tool, fd, fn, arg);
}

/* addr[0] has an even port, or 0. */
static int try_pair(int fds[2], struct pc_addr addr[2], uint16_t port)
{
	fds[0] = pc_addr_bind(&addr[0], SOCK_DGRAM);
	if (fds[0] < 0)
		return fds[0];
	addr[1] = addr[0];
	if (port == 0 && pc_addr_port(&addr[0]) % 2 != 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	pc_addr_set_port(&addr[1], pc_addr_port(&addr[0]) + 1);
	fds[1] = pc_addr_bind(&addr[1], SOCK_DGRAM);
	if (fds[1] >= 0)
		return 0;
	close(fds[0]);
	return port == 0 && fds[1] == -EADDRINUSE ? -EAGAIN : fds[1];
}

int datagrams_bind_pair(int fds[2], struct pc_addr addr[2])
{
	struct pc_addr want = addr[0];
	uint16_t port = pc_addr_port(&want);
	int rc = -EAGAIN;

	if (port % 2 != 0)
		return -EINVAL;
	for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
		addr[0] = want;
		rc = try_pair(fds, addr, port);
	}
	return rc == -EAGAIN ? -EADDRINUSE : rc;
}

struct pc_addr datagrams_named(const struct pc_addr *local)
{
	struct pc_addr addr = *local, far;
	const char *ip =
		addr.sa.sa_family == AF_INET6 ? "2001:db8::1" : "192.0.2.1";

	if (pc_addr_is_any(&addr) && pc_addr_from_ip(&far, ip, 9) == 0 &&
	    pc_addr_towards(&addr, &far) == 0)
		pc_addr_set_port(&addr, pc_addr_port(local));
	return addr;
}
