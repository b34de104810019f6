/* SIP over UDP (RFC 3261 18.1.1, 18.2.1), and what ICMP says about it. */
#include "sip/transport_udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MESSAGES_A_TURN 32 /* then other descriptors get theirs */

/* IP_RECVERR keeps, for each ICMP error, whom the datagram was meant for. */
static void read_errors(struct pc_sip_transport *tp, struct udp *u)
{
	union {
		char buf[512];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };

	for (int i = 0; i < MESSAGES_A_TURN && !tp->closing; i++) {
		struct pc_addr to = { .len = sizeof to.ss };
		struct msghdr msg = { .msg_name = &to.ss,
				      .msg_namelen = sizeof to.ss,
				      .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = control.buf,
				      .msg_controllen = sizeof control.buf };
		struct sock_extended_err ee;
		struct cmsghdr *c;

		if (recvmsg(u->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		to.len = msg.msg_namelen;
		c = CMSG_FIRSTHDR(&msg);
		if (!c || to.len == 0)
			continue;
		memcpy(&ee, CMSG_DATA(c), sizeof ee);
		if (ee.ee_origin == SO_EE_ORIGIN_ICMP ||
		    ee.ee_origin == SO_EE_ORIGIN_ICMP6)
			pc_sip_transport_unreachable(tp, (int)ee.ee_errno, &to);
	}
}

static void read_messages(struct pc_sip_transport *tp, struct udp *u)
{
	for (int i = 0; i < MESSAGES_A_TURN && !tp->closing; i++) {
		struct pc_addr from = { .len = sizeof from.ss }, local;
		ssize_t n = recvfrom(u->fd, u->buf, sizeof u->buf - 1, 0,
				     &from.sa, &from.len);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0)
			continue; /* an ICMP error, in the queue too */
		u->buf[n] = '\0';
		if (pc_sip_stun_received(tp, u->buf, (size_t)n, &from))
			continue;
		if (pc_sip_transport_local(tp, &from, &local) < 0)
			local = tp->identity.local;
		pc_sip_transport_in(tp, u->buf, (size_t)n, &from, &local);
	}
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct pc_sip_transport *tp = arg;
	struct udp *u = tp->impl;

	(void)fd, (void)what;
	pc_sip_transport_enter(tp);
	read_errors(tp, u);
	read_messages(tp, u);
	pc_sip_transport_leave(tp);
}

int pc_sip_udp_datagram(struct pc_sip_transport *tp, const char *data,
			size_t len, const struct pc_addr *to)
{
	struct udp *u = tp->impl;

	/* A send also fails for the ICMP error of an earlier one: again. */
	for (int i = 0; i < 4; i++) {
		if (sendto(u->fd, data, len, MSG_NOSIGNAL, &to->sa, to->len) >=
		    0)
			return 0;
		if (errno != ECONNREFUSED && errno != EHOSTUNREACH &&
		    errno != ENETUNREACH && errno != EINTR)
			break;
	}
	return -errno;
}

static int udp_send(struct pc_sip_transport *tp, const char *data, size_t len,
		    const struct pc_addr *to)
{
	int rc;

	if (pc_sip_switch_send(tp, data, len, to, &rc))
		return rc;
	return pc_sip_udp_datagram(tp, data, len, to);
}

static void udp_close(struct pc_sip_transport *tp)
{
	struct udp *u = tp->impl;

	pc_sip_transport_close(u->tcp);
	pc_timer_free(u->stun.timer);
	pc_watch_free(u->watch);
	if (u->fd >= 0)
		close(u->fd);
	free(u);
}

static int udp_open(struct pc_sip_transport *tp)
{
	struct pc_addr local = *tp->config.local;
	struct udp *u = calloc(1, sizeof *u);
	const int on = 1;

	if (!u)
		return -ENOMEM;
	u->fd = pc_addr_bind(&local, SOCK_DGRAM);
	if (u->fd < 0) {
		int rc = u->fd;

		free(u);
		return rc;
	}
	if (local.sa.sa_family == AF_INET6)
		setsockopt(u->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
	else
		setsockopt(u->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
	tp->identity.transport = "UDP";
	tp->identity.local = local;
	tp->impl = u;
	u->watch = pc_watch_new(tp->tool->loop, u->fd, PC_READ, on_ready, tp);
	if (!u->watch) {
		udp_close(tp);
		return -ENOMEM;
	}
	pc_sip_switch_open(tp, &local);
	if (tp->config.listen)
		pc_tool_listening(tp->tool, "udp", &local);
	return 0;
}

const struct pc_sip_transport_ops pc_sip_udp_ops = { udp_open, udp_close,
						     udp_send, NULL };
