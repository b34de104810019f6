#include "ws/conn.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define READ_MAX    65536 /* octets read ahead */
#define CAPTURE_MAX 16384 /* octets of one packet in --pcap */

enum state {
	OPEN,
	CLOSING, /* our Close is sent; the peer's may have come */
	LINGER,  /* both, or failed: our FIN is sent, waiting for theirs */
	OVER,    /* closed() is about to be called */
};

struct pc_ws_conn {
	struct pc_ws_conn_config cfg;
	struct bufferevent *bev;
	struct pc_ws_frames *frames;
	struct pc_addr local, remote;
	struct pc_timer *ping, *deadline;
	enum state state;
	bool heard;  /* something came since the last ping */
	bool paused; /* by the owner */
	bool failed; /* the peer broke the protocol: no Close is awaited */
	char why[128];
};

static void say_why(struct pc_ws_conn *c, const char *why)
{
	if (!c->why[0])
		snprintf(c->why, sizeof(c->why), "%s", why);
}

/* closed() is called from the loop: this may be deep in a callback. */
static void finish(struct pc_ws_conn *c, const char *why)
{
	if (c->state == OVER)
		return;
	say_why(c, why);
	c->state = OVER;
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	pc_timer_cancel(c->ping);
	pc_timer_set(c->deadline, 0);
}

static void on_deadline(void *arg)
{
	struct pc_ws_conn *c = arg;
	const struct pc_ws_close *close = pc_ws_frames_closing(c->frames);

	if (c->state != OVER) {
		finish(c, close->received ? "closed" : "no answer to Close");
		return;
	}
	c->cfg.closed(c->cfg.arg, close, c->why);
	pc_ws_conn_free(c);
}

/*
 * Both Closes are through, or the peer broke the protocol: section 7.1.1. A
 * client leaves it to the server to end the connection. Only our sending side
 * is shut, because closing a socket with unread input resets the connection
 * and may destroy our Close on its way.
 */
static void maybe_linger(struct pc_ws_conn *c)
{
	const struct pc_ws_close *close = pc_ws_frames_closing(c->frames);

	if (c->state != CLOSING ||
	    evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
		return;
	if (!c->failed && !(close->received && !c->cfg.client))
		return;
	c->state = LINGER;
	shutdown(bufferevent_getfd(c->bev), SHUT_WR);
}

/* The bytes as TCP might have cut them: an IP packet has a limit. */
static void capture(struct pc_ws_conn *c, bool out, const char *data,
		    size_t len)
{
	while (len) {
		size_t n = len < CAPTURE_MAX ? len : CAPTURE_MAX;

		pc_pcap_packet(c->cfg.tool, "tcp", out ? &c->local : &c->remote,
			       out ? &c->remote : &c->local, data, n, NULL);
		data += n;
		len -= n;
	}
}

/* Hand the frames made so far to the socket. */
static void flush(struct pc_ws_conn *c)
{
	struct pc_buf *out = pc_ws_frames_out(c->frames);

	if (out->oom) {
		finish(c, "out of memory");
		return;
	}
	if (!out->len)
		return;
	capture(c, true, out->data, out->len);
	if (bufferevent_write(c->bev, out->data, out->len) < 0)
		finish(c, "out of memory");
	pc_buf_clear(out);
}

/* Our Close has been made: see it out, within close_ms. */
static void enter_closing(struct pc_ws_conn *c)
{
	flush(c);
	if (c->state == OPEN) {
		c->state = CLOSING;
		pc_timer_cancel(c->ping);
		pc_timer_set(c->deadline, c->cfg.close_ms);
		bufferevent_enable(c->bev, EV_READ); /* their Close */
	}
	maybe_linger(c);
}

static void trace(struct pc_ws_conn *c, bool out, const char *text, size_t len)
{
	char summary[64];

	if (!pc_trace_wanted(c->cfg.tool) && !pc_log_enabled(PC_LOG_DEBUG))
		return;
	snprintf(summary, sizeof(summary), "text, %zu bytes", len);
	/* Without a transport: --pcap has the frames themselves. */
	pc_trace_message(c->cfg.tool, &(struct pc_trace_msg){
					      .protocol = "WebSocket",
					      .out = out,
					      .local = &c->local,
					      .remote = &c->remote,
					      .summary = summary,
					      .data = text,
					      .len = len,
					      .text = true,
				      });
}

static void on_message(void *arg, const char *text, size_t len)
{
	struct pc_ws_conn *c = arg;

	trace(c, false, text, len);
	if (c->state == OPEN)
		c->cfg.message(c->cfg.arg, text, len);
}

static void take(struct pc_ws_conn *c, const char *data, size_t len)
{
	const struct pc_ws_close *close = pc_ws_frames_closing(c->frames);
	int rc;

	c->heard = true;
	capture(c, false, data, len);
	rc = pc_ws_frames_feed(c->frames, data, len);
	if (rc == -EPROTO) {
		pc_tool_malformed(c->cfg.tool, "WebSocket", &c->remote,
				  close->reason);
		say_why(c, close->reason);
		c->failed = true;
	} else if (rc < 0) {
		finish(c, strerror(-rc));
	}
	if (close->sent || close->received)
		enter_closing(c);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct pc_ws_conn *c = arg;
	char chunk[16384];
	int n;

	while (c->state != OVER && !(c->state == OPEN && c->paused) &&
	       (n = evbuffer_remove(in, chunk, sizeof(chunk))) > 0) {
		if (c->state != LINGER)
			take(c, chunk, (size_t)n);
	}
	flush(c);
}

static void on_write(struct bufferevent *bev, void *arg)
{
	struct pc_ws_conn *c = arg;

	(void)bev;
	maybe_linger(c);
	if (c->state == OPEN && c->cfg.drained)
		c->cfg.drained(c->cfg.arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct pc_ws_conn *c = arg;
	const struct pc_ws_close *close = pc_ws_frames_closing(c->frames);

	(void)bev;
	if (close->received && close->sent)
		finish(c, "closed");
	else if (what & BEV_EVENT_ERROR)
		finish(c, strerror(EVUTIL_SOCKET_ERROR()));
	else
		finish(c, "connection ended without a Close");
}

static void on_ping(void *arg)
{
	struct pc_ws_conn *c = arg;

	/* While we do not read, its pong cannot be heard. */
	if (!c->heard && !c->paused) {
		finish(c, "no answer to ping");
		return;
	}
	c->heard = false;
	(void)pc_ws_frames_ping(c->frames);
	flush(c);
	if (c->state == OPEN)
		pc_timer_set(c->ping, c->cfg.ping_ms);
}

int pc_ws_conn_new(struct pc_ws_conn **conn,
		   const struct pc_ws_conn_config *cfg, struct bufferevent *bev)
{
	struct pc_ws_conn *c = calloc(1, sizeof(*c));
	int fd = bufferevent_getfd(bev), on = 1;

	if (!c)
		return -ENOMEM;
	c->cfg = *cfg;
	c->heard = true;
	c->ping = pc_timer_new(cfg->tool->loop, on_ping, c);
	c->deadline = pc_timer_new(cfg->tool->loop, on_deadline, c);
	if (!c->ping || !c->deadline ||
	    pc_ws_frames_new(&c->frames,
			     &(struct pc_ws_frames_config){
				     .client = cfg->client,
				     .message_max = cfg->message_max,
				     .message = on_message,
				     .arg = c,
			     }) < 0) {
		pc_ws_conn_free(c);
		return -ENOMEM;
	}
	(void)pc_addr_local(&c->local, fd);
	(void)pc_addr_remote(&c->remote, fd);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->bev = bev;
	bufferevent_setcb(bev, on_read, on_write, on_event, c);
	bufferevent_set_timeouts(bev, NULL, NULL);
	bufferevent_setwatermark(bev, EV_READ, 0, READ_MAX);
	bufferevent_setwatermark(bev, EV_WRITE, 0, 0);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	/* What came with the handshake is not announced again. */
	bufferevent_trigger(bev, EV_READ,
			    BEV_TRIG_IGNORE_WATERMARKS |
				    BEV_TRIG_DEFER_CALLBACKS);
	if (cfg->ping_ms)
		pc_timer_set(c->ping, cfg->ping_ms);
	*conn = c;
	return 0;
}

int pc_ws_conn_send(struct pc_ws_conn *c, const char *text, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	int rc;

	if (c->state != OPEN)
		return -EPIPE;
	if (evbuffer_get_length(out) + len > c->cfg.queue_max) {
		say_why(c, "does not read what is sent to it");
		pc_ws_conn_close(c, PC_WS_POLICY, "too slow");
		return -ENOBUFS;
	}
	rc = pc_ws_frames_text(c->frames, text, len);
	if (rc < 0)
		return rc;
	trace(c, true, text, len);
	flush(c);
	return 0;
}

bool pc_ws_conn_is_full(const struct pc_ws_conn *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev)) >
	       c->cfg.queue_max / 2;
}

void pc_ws_conn_pause(struct pc_ws_conn *c, bool pause)
{
	if (c->paused == pause || c->state != OPEN)
		return;
	c->paused = pause;
	if (pause) {
		bufferevent_disable(c->bev, EV_READ);
		return;
	}
	bufferevent_enable(c->bev, EV_READ);
	bufferevent_trigger(c->bev, EV_READ,
			    BEV_TRIG_IGNORE_WATERMARKS |
				    BEV_TRIG_DEFER_CALLBACKS);
}

void pc_ws_conn_close(struct pc_ws_conn *c, unsigned code, const char *reason)
{
	if (c->state != OPEN)
		return;
	pc_ws_frames_close(c->frames, code, reason);
	enter_closing(c);
}

const struct pc_addr *pc_ws_conn_local(const struct pc_ws_conn *c)
{
	return &c->local;
}

const struct pc_addr *pc_ws_conn_remote(const struct pc_ws_conn *c)
{
	return &c->remote;
}

void pc_ws_conn_free(struct pc_ws_conn *c)
{
	if (!c)
		return;
	pc_timer_free(c->ping);
	pc_timer_free(c->deadline);
	pc_ws_frames_free(c->frames);
	if (c->bev)
		bufferevent_free(c->bev);
	free(c);
}
