#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "loop/tool.h"
#include "wire.h"

struct wire {
	struct wire_cfg cfg;
	int fd;
	struct pc_watch *watch;
};

static bool is_final(int error)
{
	return error != EAGAIN && error != EINTR && error != ENOBUFS;
}

/*
 * What ICMP said is kept with the address that was sent to (ip(7),
 * IP_RECVERR). The callback may free the wire: one at a time, and the loop
 * comes back for the next. Returns whether there was one.
 */
static bool take_icmp(struct wire *w)
{
	char control[512];
	struct pc_addr to = { .len = sizeof(to.ss) };
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control),
			      .msg_name = &to.ss,
			      .msg_namelen = sizeof(to.ss) };

	if (recvmsg(w->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	to.len = msg.msg_namelen;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c)) {
		struct sock_extended_err error;

		if (c->cmsg_type != IP_RECVERR && c->cmsg_type != IPV6_RECVERR)
			continue;
		memcpy(&error, CMSG_DATA(c), sizeof(error));
		w->cfg.end(w->cfg.arg, &to, (int)error.ee_errno);
		break;
	}
	return true;
}

static void on_readable(int fd, unsigned what, void *arg)
{
	struct wire *w = arg;
	uint8_t buf[65536];
	struct pc_addr from;
	ssize_t n;

	(void)what;
	from.len = sizeof(from.ss);
	n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, &from.sa, &from.len);
	if (n >= 0)
		w->cfg.message(w->cfg.arg, &from, buf, (size_t)n);
	else
		(void)take_icmp(w);
}

static int open_socket(struct wire *w)
{
	bool v6 = w->cfg.local.sa.sa_family == AF_INET6;
	struct pc_addr wanted = w->cfg.local;
	const int on = 1;
	char text[PC_ADDR_TEXT];

	w->fd = pc_addr_bind(&w->cfg.local, SOCK_DGRAM);
	if (w->fd < 0) {
		pc_warnx("%s: %s", pc_addr_text(&wanted, text),
			 strerror(-w->fd));
		return w->fd;
	}
	setsockopt(w->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof(on));
	return 0;
}

int wire_open(struct wire **out, const struct wire_cfg *cfg)
{
	struct wire *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	w->cfg = *cfg;
	rc = open_socket(w);
	if (rc == 0) {
		w->watch = pc_watch_new(cfg->tool->loop, w->fd, PC_READ,
					on_readable, w);
		rc = w->watch ? 0 : -ENOMEM;
	}
	if (rc == 0)
		*out = w;
	else
		wire_free(w);
	return rc;
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	pc_watch_free(w->watch);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

int wire_send(struct wire *w, const struct pc_addr *to, const void *data,
	      size_t len)
{
	/* a failure may be of what was sent before, to somebody else */
	for (int try = 0; try < 2; try++)
		if (sendto(w->fd, data, len, 0, &to->sa, to->len) >= 0 ||
		    !is_final(errno))
			return 0;
	return -errno;
}

void wire_local(const struct wire *w, const struct pc_addr *to,
		struct pc_addr *local)
{
	struct pc_addr towards;

	*local = w->cfg.local;
	if (!pc_addr_is_any(local) || pc_addr_towards(&towards, to) != 0)
		return;
	pc_addr_set_port(&towards, pc_addr_port(local));
	*local = towards;
}

void wire_allow_fragments(struct wire *w)
{
	bool v6 = w->cfg.local.sa.sa_family == AF_INET6;
	const int dont = v6 ? IPV6_PMTUDISC_DONT : IP_PMTUDISC_DONT;

	setsockopt(w->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &dont,
		   sizeof(dont));
}
