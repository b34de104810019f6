/* SIP over TCP (RFC 3261 18.1.1, 18.3; keep-alives of RFC 5626 3.5.1). */
#include "sip/transport_private.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "sip/text.h"

#define CONNECTIONS_MAX 128
#define OUT_MAX         (512u << 10) /* bytes that wait for one connection */
#define CONNECT_MS      10000

struct tcp {
	int fd; /* listens */
	struct pc_watch *watch;
	LIST_HEAD(conns, conn) conns;
	unsigned n;
};

struct conn {
	LIST_ENTRY(conn) link;
	struct pc_sip_transport *tp;
	int fd;
	struct pc_watch *watch;
	struct pc_timer *timer; /* while connecting */
	struct pc_addr remote, local;
	struct pc_buf in, out;
	bool connecting;
};

static void conn_free(struct conn *c)
{
	struct tcp *t = c->tp->impl;

	LIST_REMOVE(c, link);
	t->n--;
	pc_watch_free(c->watch);
	pc_timer_free(c->timer);
	if (c->fd >= 0)
		close(c->fd);
	pc_buf_fini(&c->in);
	pc_buf_fini(&c->out);
	free(c);
}

/* The connection is over: tell whoever waits for it. */
static void conn_end(struct conn *c, int err)
{
	struct pc_sip_transport *tp = c->tp;
	struct pc_addr remote = c->remote;
	bool unsent = c->connecting || c->out.len > 0;

	conn_free(c);
	if (unsent)
		pc_sip_transport_unreachable(tp, err, &remote);
	else if (((struct tcp *)tp->impl)->n == 0)
		pc_sip_transport_closed(
			tp, err,
			err == ECONNRESET ? "connection closed by the peer"
					  : strerror(err));
}

/* Write what waits. 0, or -errno when the connection is broken. */
static int conn_flush(struct conn *c)
{
	ssize_t n;

	while (c->out.len > 0) {
		n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n < 0)
			break;
		pc_buf_consume(&c->out, (size_t)n);
	}
	pc_watch_set(c->watch, PC_READ | (c->out.len > 0 ? PC_WRITE : 0));
	return 0;
}

/* CRLF CRLF is a ping, answered with CRLF; a lone CRLF is a pong. */
static void take_keepalives(struct conn *c)
{
	for (;;) {
		if (c->in.len >= 4 && !memcmp(c->in.data, "\r\n\r\n", 4)) {
			pc_buf_consume(&c->in, 4);
			pc_buf_adds(&c->out, "\r\n");
		} else if (c->in.len >= 3 && !memcmp(c->in.data, "\r\n", 2) &&
			   c->in.data[2] != '\r') {
			pc_buf_consume(&c->in, 2);
		} else {
			return;
		}
	}
}

/* Deliver each whole message. 0, or -errno when this is no SIP. */
static int conn_messages(struct conn *c)
{
	struct pc_sip_transport *tp = c->tp;
	ssize_t n;
	char after;

	while (!tp->closing) {
		take_keepalives(c);
		if (c->in.len == 0 || c->in.data[0] == '\r')
			return 0;
		n = pc_sip_text_frame(c->in.data, c->in.len,
				      PC_SIP_MESSAGE_MAX);
		if (n <= 0)
			return (int)n;
		after = c->in.data[n];
		c->in.data[n] = '\0';
		pc_sip_transport_in(tp, c->in.data, (size_t)n, &c->remote,
				    &c->local);
		c->in.data[n] = after;
		pc_buf_consume(&c->in, (size_t)n);
	}
	return 0;
}

/* It ends, but is told what was wrong with what it sent. */
static void conn_refuse(struct conn *c, int rc)
{
	struct pc_sip_verdict v;

	pc_sip_guard_stream(&v, c->in.data, c->in.len);
	if (rc == -EMSGSIZE)
		v.why = "a message longer than 64 KiB";
	pc_sip_transport_refuse(c->tp, &v, c->in.data, c->in.len, &c->remote,
				&c->local);
}

/* 0, or -errno: the connection ends. */
static int conn_read(struct conn *c)
{
	char chunk[16384];
	ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
	int rc;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	pc_buf_add(&c->in, chunk, (size_t)n);
	if (c->in.oom)
		return -ENOMEM;
	rc = conn_messages(c);
	if (rc < 0) /* where its next message begins nobody knows (18.3) */
		conn_refuse(c, rc);
	return rc;
}

static int conn_connected(struct conn *c)
{
	int err = 0;
	socklen_t len = sizeof err;

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err)
		return -err;
	c->connecting = false;
	pc_timer_free(c->timer);
	c->timer = NULL;
	pc_addr_local(&c->local, c->fd);
	return 0;
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct conn *c = arg;
	struct pc_sip_transport *tp = c->tp;
	int rc = 0;

	(void)fd;
	pc_sip_transport_enter(tp);
	if (c->connecting)
		rc = conn_connected(c);
	else if (what & PC_READ)
		rc = conn_read(c);
	if (rc == 0 && c->watch)
		rc = conn_flush(c);
	if (rc < 0)
		conn_end(c, -rc);
	pc_sip_transport_leave(tp);
}

static void on_connect_timeout(void *arg)
{
	struct conn *c = arg;
	struct pc_sip_transport *tp = c->tp;

	pc_sip_transport_enter(tp);
	conn_end(c, ETIMEDOUT);
	pc_sip_transport_leave(tp);
}

static struct conn *conn_new(struct pc_sip_transport *tp, int fd,
			     const struct pc_addr *remote, bool connecting)
{
	struct tcp *t = tp->impl;
	struct conn *c = t->n < CONNECTIONS_MAX ? calloc(1, sizeof *c) : NULL;
	const int on = 1;

	if (!c) {
		close(fd);
		return NULL;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	c->tp = tp;
	c->fd = fd;
	c->remote = *remote;
	c->local = tp->identity.local;
	c->connecting = connecting;
	c->watch = pc_watch_new(tp->tool->loop, fd,
				connecting ? PC_WRITE : PC_READ, on_ready, c);
	LIST_INSERT_HEAD(&t->conns, c, link);
	t->n++;
	return c;
}

static void on_accept(int fd, unsigned what, void *arg)
{
	struct pc_sip_transport *tp = arg;
	struct pc_addr remote = { .len = sizeof remote.ss };
	struct conn *c;
	int conn = accept4(fd, &remote.sa, &remote.len,
			   SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (conn < 0)
		return;
	c = conn_new(tp, conn, &remote, false);
	if (c)
		pc_addr_local(&c->local, conn);
	else
		pc_tool_error(tp->tool, "too many TCP connections (%d)",
			      CONNECTIONS_MAX);
}

/* Open a connection to to. 0 or -errno. */
static int tcp_connect(struct pc_sip_transport *tp, const struct pc_addr *to,
		       struct conn **out)
{
	struct pc_addr bound = tp->identity.local;
	struct conn *c;
	int fd = socket(to->sa.sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	pc_addr_set_port(&bound, 0);
	if (bound.sa.sa_family == to->sa.sa_family &&
	    bind(fd, &bound.sa, bound.len) < 0)
		goto err;
	if (connect(fd, &to->sa, to->len) < 0 && errno != EINPROGRESS)
		goto err;
	c = conn_new(tp, fd, to, true);
	if (!c)
		return -ENOBUFS;
	c->timer = pc_timer_new(tp->tool->loop, on_connect_timeout, c);
	pc_timer_set(c->timer, CONNECT_MS);
	*out = c;
	return 0;
err:;
	int rc = -errno;

	close(fd);
	return rc;
}

static int tcp_send(struct pc_sip_transport *tp, const char *data, size_t len,
		    const struct pc_addr *to)
{
	struct tcp *t = tp->impl;
	struct conn *c;
	int rc;

	LIST_FOREACH(c, &t->conns, link)
	if (pc_addr_equal(&c->remote, to))
		break;
	if (!c) {
		rc = tcp_connect(tp, to, &c);
		if (rc < 0)
			return rc;
	}
	if (c->out.len + len > OUT_MAX)
		return -ENOBUFS;
	pc_buf_add(&c->out, data, len);
	if (c->out.oom)
		return -ENOMEM;
	/* A broken connection shows when the loop next looks at it. */
	if (!c->connecting && conn_flush(c) < 0)
		pc_watch_set(c->watch, PC_READ | PC_WRITE);
	return 0;
}

static void tcp_close(struct pc_sip_transport *tp)
{
	struct tcp *t = tp->impl;
	struct conn *c, *next;

	for (c = LIST_FIRST(&t->conns); c; c = next) {
		next = LIST_NEXT(c, link);
		if (!c->connecting)
			conn_flush(c);
		conn_free(c);
	}
	pc_watch_free(t->watch);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

static int tcp_open(struct pc_sip_transport *tp)
{
	struct pc_addr local = *tp->config.local;
	struct tcp *t = calloc(1, sizeof *t);

	if (!t)
		return -ENOMEM;
	t->fd = pc_addr_bind(&local, SOCK_STREAM);
	if (t->fd < 0) {
		int rc = t->fd;

		free(t);
		return rc;
	}
	tp->identity.transport = "TCP";
	tp->identity.reliable = true;
	tp->identity.local = local;
	tp->impl = t;
	t->watch = pc_watch_new(tp->tool->loop, t->fd, PC_READ, on_accept, tp);
	if (!t->watch) {
		tcp_close(tp);
		return -ENOMEM;
	}
	if (tp->config.listen)
		pc_tool_listening(tp->tool, "tcp", &local);
	return 0;
}

const struct pc_sip_transport_ops pc_sip_tcp_ops = { tcp_open, tcp_close,
						     tcp_send };
