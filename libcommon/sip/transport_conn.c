/* One connection of a stream transport; see transport_conn.h. */
#include "sip/transport_conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sip/text.h"

#define INCOMING_MAX    128
#define CONNECTIONS_MAX 256          /* with those of our own making */
#define OUT_MAX         (512u << 10) /* bytes that wait for one connection */
#define OPEN_MS         10000        /* for TCP and all handshakes */
#define PONG_MS         10000        /* RFC 5626 4.4.1 */

static void conn_free(struct conn *c)
{
	struct stream *s = c->tp->impl;

	LIST_REMOVE(c, link);
	s->n--;
	pc_watch_free(c->watch);
	pc_timer_free(c->timer);
	close(c->fd);
	pc_sip_tls_free(c->tls);
	pc_sip_ws_free(c->ws);
	pc_buf_fini(&c->in);
	pc_buf_fini(&c->waiting);
	pc_buf_fini(&c->out);
	free(c);
}

/* Why, in words: the layer that failed knows best. */
static void note_why(struct conn *c, int err)
{
	const char *why = c->tls ? pc_sip_tls_why(c->tls) : "";

	if (!*why && c->ws)
		why = pc_sip_ws_why(c->ws);
	if (!*why)
		why = err == ECONNRESET ? "connection closed by the peer"
		      : err == EPROTO   ? "what comes from there is not SIP"
		      : err == ETIMEDOUT && c->state == CONN_OPEN
			      ? "no answer to the keep-alive"
			      : strerror(err);
	pc_sip_transport_note(c->tp, err, why);
}

/* The connection is over: tell whoever waits for it. */
static void conn_end(struct conn *c, int err)
{
	struct pc_sip_transport *tp = c->tp;
	struct stream *s = tp->impl;
	struct pc_addr remote = c->remote;
	bool was_open = c->state == CONN_OPEN, incoming = c->incoming;
	bool unsent = !was_open || c->out.len > 0;
	struct pc_buf waiting = c->waiting;

	c->waiting = (struct pc_buf){ 0 };
	note_why(c, err);
	conn_free(c);
	if (incoming && !was_open)
		pc_tool_malformed(tp->tool, tp->identity.transport, &remote,
				  pc_sip_transport_why(tp, err));
	else if (!was_open && tp->config.unsent && waiting.len > 0)
		tp->config.unsent(tp->config.arg, err, waiting.data,
				  waiting.len, &remote);
	else if (unsent)
		pc_sip_transport_unreachable(tp, err, &remote);
	else if (s->n == 0)
		pc_sip_transport_closed(tp, err, pc_sip_transport_why(tp, err));
	pc_buf_fini(&waiting);
}

/* ---- out ---- */

/* Write what waits. 0, or -errno when the connection is broken. */
static int conn_flush(struct conn *c)
{
	ssize_t n;

	if (c->tls)
		pc_sip_tls_take(c->tls, &c->out);
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

/* What the WebSocket layer or a message has for the layer below. */
static int put_below(struct conn *c, const char *data, size_t len)
{
	if (c->tls)
		return pc_sip_tls_write(c->tls, data, len);
	pc_buf_add(&c->out, data, len);
	return c->out.oom ? -ENOMEM : 0;
}

static int put_ws(struct conn *c)
{
	struct pc_buf *out = pc_sip_ws_out(c->ws);
	int rc = out->oom ? -ENOMEM : put_below(c, out->data, out->len);

	pc_buf_clear(out);
	return rc;
}

static int put_message(struct conn *c, const char *data, size_t len)
{
	int rc;

	if (!c->ws)
		return put_below(c, data, len);
	rc = pc_sip_ws_send(c->ws, data, len);
	return rc < 0 ? rc : put_ws(c);
}

/* Everything that waited for the handshakes, message by message. */
static int put_waiting(struct conn *c)
{
	size_t at = 0;
	int rc = 0;

	while (rc == 0 && at < c->waiting.len) {
		ssize_t n = pc_sip_text_frame(c->waiting.data + at,
					      c->waiting.len - at,
					      PC_SIP_MESSAGE_MAX);

		if (n <= 0) /* of our own making, and no message: as it is */
			n = (ssize_t)(c->waiting.len - at);
		rc = put_message(c, c->waiting.data + at, (size_t)n);
		at += (size_t)n;
	}
	pc_buf_fini(&c->waiting);
	return rc;
}

int pc_sip_conn_send(struct conn *c, const char *data, size_t len)
{
	int rc = 0;

	if (c->out.len + c->waiting.len + len > OUT_MAX)
		return -ENOBUFS;
	if (c->state != CONN_OPEN) {
		pc_buf_add(&c->waiting, data, len);
		return c->waiting.oom ? -ENOMEM : 0;
	}
	rc = put_message(c, data, len);
	if (rc == -ENOMEM)
		return rc;
	/* A broken connection shows when the loop next looks at it. */
	if (rc < 0 || conn_flush(c) < 0)
		pc_watch_set(c->watch, PC_READ | PC_WRITE);
	return 0;
}

int pc_sip_conn_ping(struct conn *c, bool must)
{
	int rc;

	if (c->state != CONN_OPEN)
		return 0;
	if (c->ws) {
		rc = pc_sip_ws_ping(c->ws);
		if (rc == 0)
			rc = put_ws(c);
	} else {
		rc = put_below(c, "\r\n\r\n", 4);
	}
	if ((must || c->ponged || c->ws) && !c->pinged)
		pc_timer_set(c->timer, PONG_MS);
	c->pinged = true;
	if (rc < 0 || conn_flush(c) < 0)
		pc_watch_set(c->watch, PC_READ | PC_WRITE);
	return rc;
}

static void on_pong(void *arg)
{
	struct conn *c = arg;

	if (c->pinged) {
		c->ponged = true;
		pc_trace_state(c->tp->tool, "keep-alive", "waiting", "answered",
			       "pong");
	}
	c->pinged = false;
	if (c->state == CONN_OPEN)
		pc_timer_cancel(c->timer);
}

/* ---- in ---- */

/* CRLF CRLF is a ping, answered with CRLF; a lone CRLF is a pong. */
static void take_keepalives(struct conn *c)
{
	for (;;) {
		if (c->in.len >= 4 && !memcmp(c->in.data, "\r\n\r\n", 4)) {
			pc_buf_consume(&c->in, 4);
			put_below(c, "\r\n", 2);
		} else if (c->in.len >= 2 && !memcmp(c->in.data, "\r\n", 2) &&
			   (c->in.len == 2 ? c->pinged
					   : c->in.data[2] != '\r')) {
			pc_buf_consume(&c->in, 2);
			on_pong(c);
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
		c->heard = true;
		after = c->in.data[n];
		c->in.data[n] = '\0';
		pc_sip_transport_in(tp, c->in.data, (size_t)n, &c->remote,
				    &c->local);
		c->in.data[n] = after;
		pc_buf_consume(&c->in, (size_t)n);
	}
	return 0;
}

static void on_ws_message(void *arg, const char *data, size_t len)
{
	struct conn *c = arg;

	if (c->tp->closing)
		return;
	c->heard = true;
	if (len == 4 && !memcmp(data, "\r\n\r\n", 4))
		pc_sip_ws_send(c->ws, "\r\n", 2);
	else if (len == 2 && !memcmp(data, "\r\n", 2))
		on_pong(c);
	else
		pc_sip_transport_in(c->tp, data, len, &c->remote, &c->local);
}

static void conn_opened(struct conn *c)
{
	char text[PC_ADDR_TEXT], tls[80] = "";

	c->state = CONN_OPEN;
	pc_timer_cancel(c->timer);
	if (c->tls)
		pc_sip_tls_describe(c->tls, tls + 1, sizeof tls - 1);
	tls[0] = c->tls ? ' ' : '\0';
	pc_verbose("%s %s %s%s", c->tp->identity.transport,
		   c->incoming ? "from" : "to", pc_addr_text(&c->remote, text),
		   tls);
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

/* Whether the handshakes are done; then what waited goes out. */
static int go_on(struct conn *c)
{
	int rc = 0;

	if (c->state != CONN_SHAKING || (c->tls && !pc_sip_tls_ready(c->tls)))
		return 0;
	if (c->ws)
		rc = put_ws(c);
	if (rc < 0 || (c->ws && !pc_sip_ws_ready(c->ws)))
		return rc;
	conn_opened(c);
	return put_waiting(c);
}

static int take_text(struct conn *c, const char *data, size_t len)
{
	int rc;

	if (c->ws) {
		rc = pc_sip_ws_feed(c->ws, data, len);
		return rc < 0 ? rc : put_ws(c);
	}
	pc_buf_add(&c->in, data, len);
	if (c->in.oom)
		return -ENOMEM;
	rc = conn_messages(c);
	if (rc == 0 || c->tp->closing)
		return 0;
	/* where its next message begins nobody knows (18.3) */
	conn_refuse(c, rc);
	return -EPROTO;
}

static int take_tls(struct conn *c, const char *data, size_t len)
{
	struct pc_buf plain = { 0 };
	int rc = pc_sip_tls_feed(c->tls, data, len, &plain), end = rc;

	if (rc == 0 || rc == -ECONNRESET) /* what came before the goodbye */
		rc = go_on(c);
	if (rc == 0 && plain.len > 0)
		rc = take_text(c, plain.data, plain.len);
	pc_buf_fini(&plain);
	return rc < 0 ? rc : end;
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
	rc = c->tls ? take_tls(c, chunk, (size_t)n)
		    : take_text(c, chunk, (size_t)n);
	return rc < 0 || c->tp->closing ? rc : go_on(c);
}

static int conn_connected(struct conn *c)
{
	int err = 0;
	socklen_t len = sizeof err;

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (err)
		return -err;
	c->state = CONN_SHAKING;
	pc_addr_local(&c->local, c->fd);
	if (c->tls && pc_sip_tls_start(c->tls) < 0)
		return -EPROTO;
	return go_on(c);
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct conn *c = arg;
	struct pc_sip_transport *tp = c->tp;
	int rc = 0;

	(void)fd;
	pc_sip_transport_enter(tp);
	if (c->state == CONN_CONNECTING)
		rc = conn_connected(c);
	else if (what & PC_READ)
		rc = conn_read(c);
	if (rc == 0)
		rc = conn_flush(c);
	else if (c->tls)
		conn_flush(c); /* the alert that says what was wrong */
	if (rc < 0)
		conn_end(c, -rc);
	pc_sip_transport_leave(tp);
}

static void on_timeout(void *arg)
{
	struct conn *c = arg;
	struct pc_sip_transport *tp = c->tp;

	pc_sip_transport_enter(tp);
	conn_end(c, ETIMEDOUT);
	pc_sip_transport_leave(tp);
}

/* ---- beginning and end ---- */

static int add_layers(struct conn *c)
{
	struct stream *s = c->tp->impl;
	const struct pc_sip_transport_config *cfg = &c->tp->config;
	bool http = cfg->kind == PC_SIP_WS || cfg->kind == PC_SIP_WSS;
	char ip[PC_ADDR_TEXT];
	int rc = 0;

	if (s->tls)
		rc = pc_sip_tls_new(
			&c->tls, s->tls,
			pc_sip_transport_name(c->tp, &c->remote, ip),
			c->incoming ? PC_SIP_TLS_SERVER
			: http      ? PC_SIP_TLS_HTTPS
				    : PC_SIP_TLS_CLIENT);
	if (rc == 0 && http)
		rc = pc_sip_ws_new(&c->ws,
				   &(struct pc_sip_ws_config){
					   .url = cfg->ws_url,
					   .message_max = PC_SIP_MESSAGE_MAX,
					   .message = on_ws_message,
					   .pong = on_pong,
					   .arg = c });
	return rc;
}

/*
 * Room for one more that comes in: in place of the oldest by which no message
 * has come. Who holds connections open and says nothing must not keep out who
 * has something to say. False: all have been of use.
 */
static bool make_room(struct stream *s)
{
	struct conn *c, *mute = NULL;
	unsigned n = 0;

	LIST_FOREACH(c, &s->conns, link)
	{
		n += c->incoming;
		if (c->incoming && !c->heard)
			mute = c; /* the list is newest first */
	}
	if (n < INCOMING_MAX)
		return true;
	if (mute)
		conn_free(mute);
	return mute;
}

struct conn *pc_sip_conn_new(struct pc_sip_transport *tp, int fd,
			     const struct pc_addr *remote, bool connecting)
{
	struct stream *s = tp->impl;
	bool room = s->n < CONNECTIONS_MAX && (connecting || make_room(s));
	struct conn *c = room ? calloc(1, sizeof *c) : NULL;
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
	c->incoming = !connecting;
	c->state = connecting ? CONN_CONNECTING : CONN_SHAKING;
	LIST_INSERT_HEAD(&s->conns, c, link);
	s->n++;
	c->watch = pc_watch_new(tp->tool->loop, fd,
				connecting ? PC_WRITE : PC_READ, on_ready, c);
	c->timer = pc_timer_new(tp->tool->loop, on_timeout, c);
	if (!c->watch || !c->timer || add_layers(c) < 0) {
		conn_free(c);
		return NULL;
	}
	pc_timer_set(c->timer, OPEN_MS);
	if (c->incoming) {
		pc_addr_local(&c->local, fd);
		go_on(c);
	}
	return c;
}

void pc_sip_conn_close(struct conn *c)
{
	if (c->state == CONN_OPEN && c->ws) {
		pc_sip_ws_goodbye(c->ws);
		put_ws(c);
	}
	if (c->tls)
		pc_sip_tls_goodbye(c->tls);
	if (c->state != CONN_CONNECTING)
		conn_flush(c);
	conn_free(c);
}
