#include "ws/http_conn.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ws/files.h"
#include "ws/handshake.h"
#include "ws/http_trace.h"

#define LINGER_MS 1000

struct pc_http_conn {
	struct pc_http_conn *next, **link; /* link: what points to us */
	struct pc_ws_server *server;
	struct bufferevent *bev;
	struct pc_timer *deadline;
	struct pc_addr local, remote;
	bool responding; /* until the answer is written */
	bool last;       /* close after this answer */
	bool lingering;  /* our FIN is sent; what comes is thrown away */
	bool ended;      /* the client will send no more */
};

struct answer {
	int status;
	const char *why;   /* the text of an error page */
	const char *allow; /* an extra field, or NULL */
	const struct pc_http_file *file;
};

void pc_http_conn_free(struct pc_http_conn *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	c->server->n_conns--;
	pc_timer_free(c->deadline);
	if (c->bev)
		bufferevent_free(c->bev);
	free(c);
}

static void trace(struct pc_http_conn *c, bool out, const char *head,
		  size_t len)
{
	pc_http_trace(c->server->cfg.tool, &c->local, &c->remote, out, head,
		      len);
}

static void add_date(struct pc_buf *head)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;

	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT",
		 gmtime_r(&now, &tm));
	pc_buf_printf(head, "Date: %s\r\n", text);
}

/* no-cache: ask again each time, and be told 304 (RFC 9111 5.2.2.4). */
static void encode_head(struct pc_buf *head, const struct pc_http_conn *c,
			const struct answer *a, size_t length)
{
	pc_buf_printf(head, "HTTP/1.1 %d %s\r\n", a->status,
		      pc_http_reason(a->status));
	add_date(head);
	pc_buf_printf(head, "Content-Type: %s\r\n",
		      a->file ? a->file->type : "text/plain; charset=utf-8");
	if (a->status != 304)
		pc_buf_printf(head, "Content-Length: %zu\r\n", length);
	if (a->file)
		pc_buf_printf(head, "ETag: %s\r\nCache-Control: no-cache\r\n",
			      a->file->etag);
	else
		pc_buf_adds(head, "Cache-Control: no-store\r\n");
	pc_buf_adds(head, "X-Content-Type-Options: nosniff\r\n");
	if (a->allow)
		pc_buf_printf(head, "%s\r\n", a->allow);
	pc_buf_printf(head, "Connection: %s\r\n\r\n",
		      c->last ? "close" : "keep-alive");
}

/* Send an answer; the file's descriptor goes to libevent (sendfile). */
static void respond(struct pc_http_conn *c, const struct answer *a, bool body)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct pc_buf head = { 0 };
	char text[256];
	int n = snprintf(text, sizeof(text), "%d %s: %s\n", a->status,
			 pc_http_reason(a->status), a->why ? a->why : "");
	bool ok;

	encode_head(&head, c, a, a->file ? (size_t)a->file->size : (size_t)n);
	c->responding = true;
	trace(c, true, head.data ? head.data : "", head.len);
	ok = !head.oom && evbuffer_add(out, head.data, head.len) == 0;
	if (body && !a->file)
		ok = ok && evbuffer_add(out, text, (size_t)n) == 0;
	if (ok && body && a->file && a->file->size > 0)
		ok = evbuffer_add_file(out, a->file->fd, 0, a->file->size) == 0;
	else if (a->file)
		close(a->file->fd);
	pc_buf_fini(&head);
	pc_timer_cancel(c->deadline);
	if (!ok)
		pc_http_conn_free(c);
}

static void refuse(struct pc_http_conn *c, int status, const char *why)
{
	c->last = true;
	respond(c, &(struct answer){ .status = status, .why = why }, true);
}

static void serve_file(struct pc_http_conn *c, const struct pc_http_head *req)
{
	bool get = pc_http_is(req->method, "GET");
	struct pc_http_file file;
	struct answer a = { .status = 200, .file = &file };
	int rc = c->server->www < 0 ? -ENOENT
				    : pc_http_file_open(&file, c->server->www,
							req->target);

	if (rc == -EMFILE || rc == -ENFILE) {
		refuse(c, 503, "too much to do");
	} else if (rc == -EBADMSG) {
		refuse(c, 400, "not a path");
	} else if (rc < 0) {
		a = (struct answer){ .status = 404, .why = "no such page" };
		respond(c, &a, get);
	} else {
		if (pc_http_has_token(req, "If-None-Match", file.etag)) {
			a.status = 304;
			get = false;
		}
		respond(c, &a, get);
	}
}

/* The request is a WebSocket's: hand the connection over. */
static void upgrade(struct pc_http_conn *c, const struct pc_http_head *req)
{
	struct pc_ws_server *s = c->server;
	struct bufferevent *bev = c->bev;
	struct pc_buf head = { 0 };

	pc_ws_response_encode(&head, req);
	trace(c, true, head.data ? head.data : "", head.len);
	if (head.oom || bufferevent_write(bev, head.data, head.len) < 0) {
		pc_buf_fini(&head);
		pc_http_conn_free(c);
		return;
	}
	pc_buf_fini(&head);
	c->bev = NULL;
	pc_http_conn_free(c);
	s->cfg.upgraded(s->cfg.arg, bev, req);
}

static void refuse_upgrade(struct pc_http_conn *c,
			   const struct pc_http_head *req, int status,
			   const char *why)
{
	struct pc_http_text o = pc_http_field(req, "Origin");
	json_t *origin = o.s ? pc_json_text(o.s, o.len) : NULL;
	char from[PC_ADDR_TEXT];

	pc_addr_text(&c->remote, from);
	pc_verbose("refused %s: %s", from, why);
	pc_event(c->server->cfg.tool, "refused",
		 "from=%s status=%d why=%s origin=%s", from, status, why,
		 json_string_value(origin));
	json_decref(origin);
	c->last = true;
	respond(c,
		&(struct answer){ .status = status,
				  .why = why,
				  .allow = status == 426
						   ? "Upgrade: websocket\r\n"
						     "Sec-WebSocket-Version: 13"
						   : NULL },
		true);
}

static bool is_websocket_path(const struct pc_http_conn *c,
			      struct pc_http_text target)
{
	const char *query = memchr(target.s, '?', target.len);

	if (query)
		target.len = (size_t)(query - target.s);
	return pc_http_is(target, c->server->cfg.path);
}

static void dispatch(struct pc_http_conn *c, const struct pc_http_head *req)
{
	const struct pc_ws_server_config *cfg = &c->server->cfg;
	const char *why;
	int status;

	c->last = !pc_http_keep_alive(req);
	if (is_websocket_path(c, req->target)) {
		status = pc_ws_request_check(req, &why);
		if (status == 101 &&
		    !pc_ws_origin_allowed(req, cfg->origins, cfg->n_origins)) {
			status = 403;
			why = "this Origin is not allowed (see --origin)";
		}
		if (status == 101)
			upgrade(c, req);
		else
			refuse_upgrade(c, req, status, why);
		return;
	}
	if (!pc_http_is(req->method, "GET") &&
	    !pc_http_is(req->method, "HEAD")) {
		c->last = true; /* its body is not read */
		respond(c,
			&(struct answer){ .status = 405,
					  .why = "GET and HEAD only",
					  .allow = "Allow: GET, HEAD" },
			true);
		return;
	}
	if (pc_http_has_body(req))
		refuse(c, 413, "a request with a body");
	else
		serve_file(c, req);
}

static void refuse_malformed(struct pc_http_conn *c, int rc)
{
	static const struct {
		int rc, status;
		const char *why;
	} table[] = {
		{ -EBADMSG, 400, "not a request" },
		{ -ENAMETOOLONG, 414, "the path is too long" },
		{ -EMSGSIZE, 431, "the header is too large" },
		{ -EPROTO, 505, "not HTTP/1.1" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].rc == rc) {
			pc_tool_malformed(c->server->cfg.tool, "HTTP",
					  &c->remote, table[i].why);
			refuse(c, table[i].status, table[i].why);
			return;
		}
}

/*
 * Serve the next request, if all of its head is there. Returns false when it
 * is not; after true, c may be gone.
 */
static bool next_request(struct pc_http_conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct pc_http_head head;
	char buf[PC_HTTP_HEAD_MAX];
	ssize_t n = evbuffer_copyout(in, buf, sizeof(buf));

	if (n <= 0)
		return false;
	n = pc_http_request_decode(&head, buf, (size_t)n);
	if (n == -EAGAIN)
		return false;
	if (n < 0) {
		refuse_malformed(c, (int)n);
		return true;
	}
	evbuffer_drain(in, (size_t)n);
	trace(c, false, buf, (size_t)n);
	dispatch(c, &head);
	return true;
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct pc_http_conn *c = arg;

	if (c->lingering)
		evbuffer_drain(in, evbuffer_get_length(in));
	else if (!c->responding) /* else its turn comes */
		(void)next_request(c);
}

/* The answer is on its way: the next request, or the end. */
static void on_write(struct bufferevent *bev, void *arg)
{
	struct pc_http_conn *c = arg;
	bool ended = c->ended;

	if (!c->responding)
		return;
	c->responding = false;
	if (c->last) {
		/* Unread input would reset the connection under the answer. */
		c->lingering = true;
		shutdown(bufferevent_getfd(bev), SHUT_WR);
		bufferevent_enable(bev, EV_READ);
		pc_timer_set(c->deadline, LINGER_MS);
		return;
	}
	pc_timer_set(c->deadline, c->server->cfg.timeout_ms);
	if (!next_request(c) && ended)
		pc_http_conn_free(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct pc_http_conn *c = arg;

	/* A client may shut its sending side and still want its answers. */
	if ((what & BEV_EVENT_EOF) && (what & BEV_EVENT_READING) &&
	    c->responding) {
		c->ended = true;
		bufferevent_disable(bev, EV_READ);
		return;
	}
	pc_http_conn_free(c);
}

static void on_deadline(void *arg)
{
	struct pc_http_conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (!c->lingering && evbuffer_get_length(in) > 0)
		refuse(c, 408, "half a request");
	else
		pc_http_conn_free(c);
}

void pc_http_conn_new(struct pc_ws_server *s, int fd)
{
	struct event_base *base = pc_loop_event_base(s->cfg.tool->loop);
	struct timeval stuck = { .tv_sec = s->cfg.timeout_ms / 1000,
				 .tv_usec = s->cfg.timeout_ms % 1000 * 1000 };
	struct pc_http_conn *c = NULL;

	if (s->n_conns < s->cfg.clients_max)
		c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->server = s;
	c->next = s->conns;
	c->link = &s->conns;
	if (c->next)
		c->next->link = &c->next;
	s->conns = c;
	s->n_conns++;
	c->deadline = pc_timer_new(s->cfg.tool->loop, on_deadline, c);
	c->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev)
		close(fd);
	if (!c->deadline || !c->bev) {
		pc_http_conn_free(c);
		return;
	}
	(void)pc_addr_local(&c->local, fd);
	(void)pc_addr_remote(&c->remote, fd);
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_set_timeouts(c->bev, NULL, &stuck);
	bufferevent_setwatermark(c->bev, EV_READ, 0, PC_HTTP_HEAD_MAX);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	pc_timer_set(c->deadline, s->cfg.timeout_ms);
}
