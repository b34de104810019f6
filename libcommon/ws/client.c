#include "ws/client.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/http_trace.h"

struct pc_ws_client {
	struct pc_ws_client_config cfg;
	struct bufferevent *bev;
	struct pc_timer *deadline;
	struct pc_addr local, remote;
	char key[PC_WS_KEY];
};

static void done(struct pc_ws_client *c, int rc, int status, const char *why)
{
	struct bufferevent *bev = c->bev;

	pc_timer_cancel(c->deadline);
	c->bev = NULL;
	if (rc < 0) {
		bufferevent_free(bev);
		bev = NULL;
	}
	c->cfg.done(c->cfg.arg, bev, rc, status, why);
}

static void trace(struct pc_ws_client *c, bool out, const char *head,
		  size_t len)
{
	pc_http_trace(c->cfg.tool, &c->local, &c->remote, out, head, len);
}

static void send_request(struct pc_ws_client *c)
{
	struct pc_buf head = { 0 };
	uint8_t nonce[16];

	(void)pc_addr_local(&c->local, bufferevent_getfd(c->bev));
	if (getrandom(nonce, sizeof(nonce), 0) != sizeof(nonce)) {
		done(c, -EIO, 0, "no random numbers");
		return;
	}
	pc_ws_key(c->key, nonce);
	pc_ws_request_encode(&head, c->cfg.url, c->key, c->cfg.origin, NULL);
	if (head.oom || bufferevent_write(c->bev, head.data, head.len) < 0) {
		done(c, -ENOMEM, 0, "out of memory");
	} else {
		trace(c, true, head.data, head.len);
		bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	}
	pc_buf_fini(&head);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	int err = EVUTIL_SOCKET_ERROR();
	struct pc_ws_client *c = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		send_request(c);
	else if (what & BEV_EVENT_ERROR)
		done(c, err ? -err : -EIO, 0, strerror(err ? err : EIO));
	else
		done(c, -EPROTO, 0, "the server hung up during the handshake");
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct pc_ws_client *c = arg;
	char buf[PC_HTTP_HEAD_MAX], text[128];
	struct pc_http_head head;
	const char *why;
	ssize_t n = evbuffer_copyout(in, buf, sizeof(buf));
	int rc;

	n = pc_http_response_decode(&head, buf, (size_t)n);
	if (n == -EAGAIN)
		return;
	if (n < 0) {
		done(c, -EPROTO, 0, "the answer is not HTTP/1.1");
		return;
	}
	evbuffer_drain(in, (size_t)n);
	trace(c, false, buf, (size_t)n);
	rc = pc_ws_response_check(&head, c->key, NULL, &why);
	if (rc == -ECONNREFUSED) {
		snprintf(text, sizeof(text), "the server said %d %.*s",
			 head.status, (int)head.reason.len, head.reason.s);
		done(c, -EACCES, head.status, text);
		return;
	}
	done(c, rc, head.status, why);
}

static void on_deadline(void *arg)
{
	struct pc_ws_client *c = arg;

	done(c, -ETIMEDOUT, 0, "no answer in time (see --timeout)");
}

int pc_ws_client_start(struct pc_ws_client **client,
		       const struct pc_ws_client_config *cfg)
{
	struct event_base *base = pc_loop_event_base(cfg->tool->loop);
	struct pc_ws_client *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	c->cfg = *cfg;
	rc = pc_addr_resolve(&c->remote, cfg->url->host, 80);
	if (rc < 0)
		goto out;
	rc = -ENOMEM;
	c->deadline = pc_timer_new(cfg->tool->loop, on_deadline, c);
	c->bev = bufferevent_socket_new(
		base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (!c->deadline || !c->bev)
		goto out;
	bufferevent_setcb(c->bev, on_read, NULL, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, PC_HTTP_HEAD_MAX);
	pc_timer_set(c->deadline, cfg->timeout_ms);
	*client = c;
	if (bufferevent_socket_connect(c->bev, &c->remote.sa,
				       (int)c->remote.len) == 0)
		return 0;
	*client = NULL;
	rc = -errno;
out:
	pc_ws_client_free(c);
	return rc;
}

void pc_ws_client_free(struct pc_ws_client *c)
{
	if (!c)
		return;
	pc_timer_free(c->deadline);
	if (c->bev)
		bufferevent_free(c->bev);
	free(c);
}
