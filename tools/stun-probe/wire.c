#include <errno.h>
#include <time.h>
#include <linux/errqueue.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/tool.h"
#include "wire_private.h"

static const char *const names[] = { [WIRE_UDP] = "udp",
				     [WIRE_TCP] = "tcp",
				     [WIRE_TLS] = "tls",
				     [WIRE_DTLS] = "dtls" };

const char *wire_name(enum wire_kind kind)
{
	return names[kind];
}

bool wire_is_reliable(enum wire_kind kind)
{
	return kind == WIRE_TCP || kind == WIRE_TLS;
}

bool wire_is_final(int error)
{
	return error != EAGAIN && error != EINTR && error != ENOBUFS;
}

/*
 * What ICMP said is kept with the address that was sent to (ip(7),
 * IP_RECVERR). One message at a time, because the callback may free the wire:
 * the loop comes back for the next.
 */
static void take_icmp(struct wire *w)
{
	char control[512];
	struct pc_addr to = { .len = sizeof(to.ss) };
	struct msghdr msg = { .msg_control = control,
			      .msg_controllen = sizeof(control),
			      .msg_name = &to.ss,
			      .msg_namelen = sizeof(to.ss) };

	if (recvmsg(w->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return;
	to.len = msg.msg_namelen;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c)) {
		struct sock_extended_err error;

		if (c->cmsg_type != IP_RECVERR && c->cmsg_type != IPV6_RECVERR)
			continue;
		memcpy(&error, CMSG_DATA(c), sizeof(error));
		w->cfg.end(w->cfg.arg, &to, (int)error.ee_errno,
			   strerror((int)error.ee_errno));
		break;
	}
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
	if (n >= 0 && w->dtls && pc_addr_equal(&from, &w->cfg.remote))
		wire_dtls_take(w, buf, (size_t)n);
	else if (n >= 0 && w->dtls)
		return; /* somebody else's */
	else if (n >= 0)
		w->cfg.message(w->cfg.arg, &from, buf, (size_t)n);
	else
		take_icmp(w);
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

static int open_udp(struct wire *w)
{
	int rc = open_socket(w);

	if (rc != 0)
		return rc;
	w->watch =
		pc_watch_new(w->cfg.tool->loop, w->fd, PC_READ, on_readable, w);
	if (!w->watch)
		return -ENOMEM;
	w->ready = w->cfg.kind == WIRE_UDP;
	return w->ready ? 0 : wire_dtls_open(w);
}

int wire_open(struct wire **out, const struct wire_cfg *cfg)
{
	struct wire *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return -ENOMEM;
	w->cfg = *cfg;
	w->fd = -1;
	rc = wire_is_reliable(cfg->kind) ? wire_stream_open(w) : open_udp(w);
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
	if (w->dtls)
		wire_dtls_free(w);
	wire_stream_free(w);
	pc_watch_free(w->watch);
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}

static int send_udp(struct wire *w, const struct pc_addr *to, const void *data,
		    size_t len)
{
	/* a failure may be of what was sent before, to somebody else */
	for (int try = 0; try < 2; try++)
		if (sendto(w->fd, data, len, 0, &to->sa, to->len) >= 0 ||
		    !wire_is_final(errno))
			return 0;
	return -errno;
}

int wire_send(struct wire *w, const struct pc_addr *to, const void *data,
	      size_t len)
{
	if (w->cfg.kind == WIRE_UDP)
		return send_udp(w, to, data, len);
	if (w->cfg.kind == WIRE_DTLS)
		return wire_dtls_send(w, data, len);
	return wire_stream_send(w, data, len);
}

bool wire_ready(const struct wire *w)
{
	return w->ready;
}

const char *wire_cipher(const struct wire *w)
{
	return *w->cipher ? w->cipher : NULL;
}

int wire_local(const struct wire *w, const struct pc_addr *to,
	       struct pc_addr *local)
{
	struct pc_addr towards;
	int rc;

	*local = w->cfg.local;
	if (!pc_addr_is_any(local))
		return 0;
	rc = pc_addr_towards(&towards, to);
	if (rc == 0) {
		pc_addr_set_port(&towards, pc_addr_port(local));
		*local = towards;
	}
	return rc == -EMFILE || rc == -ENFILE || rc == -ENOMEM ? rc : 0;
}

void wire_allow_fragments(struct wire *w)
{
	bool v6 = w->cfg.local.sa.sa_family == AF_INET6;
	const int dont = v6 ? IPV6_PMTUDISC_DONT : IP_PMTUDISC_DONT;

	setsockopt(w->fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		   v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &dont,
		   sizeof(dont));
}
