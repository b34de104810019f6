/*
 * SIP over streams: TCP (RFC 3261 18.1.1), TLS (26.3.1), WebSocket and its
 * secure form as a client (RFC 7118). Who is connected to whom.
 *
 * A TLS transport without a certificate cannot be called. It still has a
 * port of its own, and connects from that port: so who sends to its Contact
 * finds the connection that there is. A WebSocket client is reached by its
 * one connection alone: its name is made up, and all it says goes there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "sip/transport_conn.h"

static bool is_ws(const struct pc_sip_transport *tp)
{
	return tp->config.kind == PC_SIP_WS || tp->config.kind == PC_SIP_WSS;
}

static void on_accept(int fd, unsigned what, void *arg)
{
	struct pc_sip_transport *tp = arg;
	struct pc_addr remote = { .len = sizeof remote.ss };
	int conn = accept4(fd, &remote.sa, &remote.len,
			   SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (conn >= 0 && !pc_sip_conn_new(tp, conn, &remote, false))
		pc_tool_error(tp->tool, "too many connections");
}

/* A socket that will connect from port, or from any when that is 0. */
static int bound_socket(const struct pc_sip_transport *tp,
			const struct pc_addr *to, uint16_t port)
{
	struct pc_addr bound = tp->identity.local;
	const int on = 1;
	int rc, fd = socket(to->sa.sa_family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	pc_addr_set_port(&bound, port);
	if (port)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bound.sa.sa_family != to->sa.sa_family ||
	    bind(fd, &bound.sa, bound.len) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

static int start_connect(const struct pc_sip_transport *tp,
			 const struct pc_addr *to, uint16_t port)
{
	int fd = bound_socket(tp, to, port), rc;

	if (fd < 0)
		return fd;
	if (connect(fd, &to->sa, to->len) == 0 || errno == EINPROGRESS)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* Open a connection to to. 0 or -errno. */
static int stream_connect(struct pc_sip_transport *tp, const struct pc_addr *to,
			  struct conn **out)
{
	struct stream *s = tp->impl;
	bool reserved = s->fd >= 0 && !s->watch;
	int fd = -EADDRINUSE;

	if (reserved)
		fd = start_connect(tp, to, pc_addr_port(&tp->identity.local));
	/* the last connection from there may not be forgotten yet */
	if (fd == -EADDRINUSE || fd == -EADDRNOTAVAIL)
		fd = start_connect(tp, to, 0);
	if (fd < 0)
		return fd;
	*out = pc_sip_conn_new(tp, fd, to, true);
	return *out ? 0 : -ENOBUFS;
}

static struct conn *conn_to(struct pc_sip_transport *tp,
			    const struct pc_addr *to)
{
	struct stream *s = tp->impl;
	struct conn *c;

	LIST_FOREACH(c, &s->conns, link)
	if (pc_addr_equal(&c->remote, to))
		break;
	return c;
}

bool pc_sip_stream_to(struct pc_sip_transport *tp, const struct pc_addr *to)
{
	return conn_to(tp, to) != NULL;
}

static int stream_send(struct pc_sip_transport *tp, const char *data,
		       size_t len, const struct pc_addr *to)
{
	struct conn *c;
	int rc;

	if (is_ws(tp))
		to = &tp->config.server;
	c = conn_to(tp, to);
	if (!c) {
		rc = stream_connect(tp, to, &c);
		if (rc < 0)
			return rc;
	}
	return pc_sip_conn_send(c, data, len);
}

static int stream_ping(struct pc_sip_transport *tp, const struct pc_addr *to,
		       bool must)
{
	struct conn *c = conn_to(tp, is_ws(tp) ? &tp->config.server : to);

	return c ? pc_sip_conn_ping(c, must) : -ENOTCONN;
}

static void stream_close(struct pc_sip_transport *tp)
{
	struct stream *s = tp->impl;
	struct conn *c, *next;

	for (c = LIST_FIRST(&s->conns); c; c = next) {
		next = LIST_NEXT(c, link);
		pc_sip_conn_close(c);
	}
	pc_watch_free(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	pc_sip_tls_context_free(s->tls);
	free(s);
}

/* A port that we connect from, and do not listen at. */
static int reserve(struct pc_addr *local)
{
	const int on = 1;
	int rc, fd = socket(local->sa.sa_family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, &local->sa, local->len) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    pc_addr_local(local, fd) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* RFC 7118 5: a name of its own that cannot be looked up (RFC 2606). */
static int make_host(struct stream *s)
{
	uint64_t random;

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		return -EIO;
	snprintf(s->host, sizeof s->host, "%016llx.invalid",
		 (unsigned long long)random);
	return 0;
}

static int open_port(struct pc_sip_transport *tp, struct pc_addr *local)
{
	struct stream *s = tp->impl;
	bool listens = tp->config.kind == PC_SIP_TCP ||
		       (tp->config.kind == PC_SIP_TLS && tp->config.tls.cert);

	if (is_ws(tp))
		return make_host(s);
	s->fd = listens ? pc_addr_bind(local, SOCK_STREAM) : reserve(local);
	if (s->fd < 0)
		return s->fd;
	if (!listens)
		return 0;
	s->watch = pc_watch_new(tp->tool->loop, s->fd, PC_READ, on_accept, tp);
	return s->watch ? 0 : -ENOMEM;
}

static int open_tls(struct pc_sip_transport *tp)
{
	struct stream *s = tp->impl;
	char why[300];
	int rc;

	if (tp->config.kind != PC_SIP_TLS && tp->config.kind != PC_SIP_WSS)
		return 0;
	rc = pc_sip_tls_context_new(&s->tls, &tp->config.tls, why, sizeof why);
	if (rc < 0)
		pc_tool_error(tp->tool, "%s", why);
	return rc < 0 ? -EKEYREJECTED : 0;
}

static int stream_open(struct pc_sip_transport *tp)
{
	struct pc_addr local = *tp->config.local;
	struct stream *s = calloc(1, sizeof *s);
	int rc;

	if (!s)
		return -ENOMEM;
	s->fd = -1;
	tp->impl = s;
	rc = open_tls(tp);
	if (rc == 0)
		rc = open_port(tp, &local);
	if (rc < 0) {
		stream_close(tp);
		return rc;
	}
	tp->identity.transport = pc_sip_transport_word(tp->config.kind);
	tp->identity.reliable = true;
	tp->identity.local = local;
	tp->identity.host = s->host[0] ? s->host : NULL;
	tp->identity.flow = !s->watch;
	if (tp->config.listen && s->watch)
		pc_tool_listening(tp->tool, s->tls ? "tls" : "tcp", &local);
	return 0;
}

const struct pc_sip_transport_ops pc_sip_stream_ops = {
	stream_open, stream_close, stream_send, stream_ping
};
