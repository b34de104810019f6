/* The Unix socket of the line, and what sip-dials ask over it. */
#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "calls.h"
#include "loop/unix.h"

#define DIALS_MAX 1000u

struct dial {
	struct dial *next;
	struct app *app;
	struct pc_line_conn *conn;
	unsigned number; /* for events */
	bool taking;     /* waits for the next INVITE */
	char method[32]; /* takes every request of this, outside of calls */
	const struct account *account; /* whose contact it has been told */
	json_t *told;                  /* the last hello */
};

struct line_server {
	int fd;
	struct pc_watch *watch;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat made; /* to unlink only our own */
	struct dial *dials;
	unsigned n, last;
	bool unlinked;
};

static json_t *hello(const struct app *app, const struct account *a)
{
	const struct pc_sip_identity *id = pc_sip_transport_identity(app->tp);
	char local[PC_ADDR_TEXT], proxy[PC_ADDR_TEXT], via[PC_ADDR_TEXT + 20];
	struct pc_addr addr = id->local;

	if (app->proxy.len)
		pc_sip_transport_local(app->tp, &app->proxy, &addr);
	pc_addr_text(&addr, local);
	snprintf(via, sizeof via, "SIP/2.0/%s %s", id->transport,
		 id->host ? id->host : local);
	return pc_json_fields(
		"type=%s aor=%s contact=%s via=%s transport=%s reliable=%c "
		"local=%s host=%s routes=%p proxy=%s registered=%c",
		"hello", a->aor, a->contact[0] ? a->contact : NULL, via,
		id->transport, id->reliable, local, id->host,
		(void *)json_incref(a->routes),
		app->proxy.len ? pc_addr_text(&app->proxy, proxy) : NULL,
		a->registered);
}

/* Say hello, if it is not what was said before. */
static void greet(struct dial *d)
{
	json_t *now = hello(d->app, d->account);

	if (!now || (d->told && json_equal(now, d->told))) {
		json_decref(now);
		return;
	}
	json_decref(d->told);
	d->told = json_deep_copy(now); /* what is sent may be added to */
	pc_line_conn_send(d->conn, now, NULL, 0);
}

void dial_is_of(struct dial *d, const struct account *a)
{
	d->account = a;
	greet(d);
}

static void dial_free(struct dial *d)
{
	struct line_server *l = d->app->line;

	for (struct dial **p = &l->dials; *p; p = &(*p)->next) {
		if (*p == d) {
			*p = d->next;
			l->n--;
			break;
		}
	}
	pc_line_conn_free(d->conn);
	json_decref(d->told);
	free(d);
}

static void dial_gone(struct dial *d, const char *why)
{
	struct app *app = d->app;
	const char *ended = calls_abandon(app, d);

	pc_event(app->tool, "dial-gone", "dial=%u ended=%s why=%s", d->number,
		 ended, why);
	dial_free(d);
	app_ending_step(app);
}

static void on_end(void *arg, int err)
{
	struct dial *d = arg;

	if (err == EBADMSG)
		pc_tool_error(d->app->tool,
			      "line: dial %u broke the line's protocol",
			      d->number);
	dial_gone(d, err == ECONNRESET ? NULL : strerror(err));
}

static void do_send(struct dial *d, const struct pc_line_packet *p)
{
	const char *to = pc_json_str(p->head, "to");
	struct pc_addr addr;
	int rc = -EINVAL;

	if (to && pc_addr_parse(&addr, to, 5060) == 0)
		rc = calls_send(d->app, d, p->body, p->len, &addr);
	if (rc == 0)
		return;
	pc_line_conn_send(d->conn,
			  pc_json_fields("type=%s to=%s errno=%d why=%s",
					 "unreachable", to, -rc, strerror(-rc)),
			  NULL, 0);
}

/* Whose credentials: those of who calls, the From of what was challenged. */
static struct account *asked_for(struct app *app,
				 const struct pc_line_packet *p)
{
	struct account *a = account_of_uri(
		app, pc_sip_text_uri(pc_sip_text_get(p->body, p->len, "From")));

	return a ? a : app->accounts;
}

static void do_authorize(struct dial *d, const struct pc_line_packet *p)
{
	struct app *app = d->app;
	const char *method = pc_json_str(p->head, "method");
	const char *uri = pc_json_str(p->head, "uri"), *why = "bad question";
	struct account *a = asked_for(app, p);
	json_t *id = json_object_get(p->head, "id"), *head;
	struct pc_buf value = { 0 };
	int rc = -EINVAL;

	if (method && uri)
		rc = auth_answer(a, &a->lent, p->body, p->len, method, uri,
				 &value, &why);
	head = rc == 0 ? pc_json_fields("type=%s header=%s value=%s",
					"authorized", a->lent.header,
					value.data)
		       : pc_json_fields("type=%s error=%s", "authorized", why);
	if (id && head)
		json_object_set(head, "id", id);
	pc_line_conn_send(d->conn, head, NULL, 0);
	pc_event(app->tool, "authorized", "dial=%u method=%s error=%s aor=%s",
		 d->number, method, rc == 0 ? NULL : why, a->aor);
	pc_buf_fini(&value);
}

/* Who calls: that account's Contact and routes are the dial's from now on. */
static void do_as(struct dial *d, const struct pc_line_packet *p)
{
	const char *uri = pc_json_str(p->head, "uri");
	struct account *a = NULL;
	json_t *answer;

	if (uri)
		a = account_of_uri(d->app,
				   (struct pc_sip_span){ uri, strlen(uri) });
	if (a)
		d->account = a;
	json_decref(d->told);
	d->told = hello(d->app, d->account);
	answer = json_deep_copy(d->told);
	if (answer)
		json_object_set_new(answer, "as", json_string(uri ? uri : ""));
	pc_line_conn_send(d->conn, answer, NULL, 0);
}

static void do_take(struct dial *d, const struct pc_line_packet *p)
{
	const char *id = pc_json_str(p->head, "invite");
	const char *method = pc_json_str(p->head, "method");

	if (method) {
		snprintf(d->method, sizeof d->method, "%s", method);
		return;
	}
	if (calls_take(d->app, d, id))
		return;
	if (!id) {
		d->taking = true;
		return;
	}
	pc_line_conn_send(d->conn,
			  pc_json_fields("type=%s what=%s why=%s", "refused",
					 "take",
					 "this call was taken by another, or "
					 "the caller gave up"),
			  NULL, 0);
}

static void on_packet(void *arg, const struct pc_line_packet *p)
{
	struct dial *d = arg;

	if (!strcmp(p->type, "send"))
		do_send(d, p);
	else if (!strcmp(p->type, "authorize"))
		do_authorize(d, p);
	else if (!strcmp(p->type, "take"))
		do_take(d, p);
	else if (!strcmp(p->type, "as"))
		do_as(d, p);
	else
		pc_tool_malformed(d->app->tool, "line", NULL,
				  "an unknown type of packet");
}

static void on_accept(int fd, unsigned what, void *arg)
{
	struct app *app = arg;
	struct line_server *l = app->line;
	struct dial *d;
	int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (conn < 0)
		return;
	d = l->n < DIALS_MAX ? calloc(1, sizeof *d) : NULL;
	if (!d) {
		pc_tool_error(app->tool, "line: too many dials (%u)", l->n);
		close(conn);
		return;
	}
	d->app = app;
	d->account = app->accounts;
	d->number = ++l->last;
	d->conn = pc_line_conn_new(app->tool->loop, conn, on_packet, on_end, d);
	if (!d->conn) {
		free(d);
		return;
	}
	d->next = l->dials;
	l->dials = d;
	l->n++;
	pc_event(app->tool, "dial-connected", "dial=%u", d->number);
	greet(d);
}

int dial_deliver(struct dial *d, const char *data, size_t len,
		 const struct pc_addr *from, const struct pc_addr *local)
{
	char f[PC_ADDR_TEXT], l[PC_ADDR_TEXT];

	return pc_line_conn_send(
		d->conn,
		pc_json_fields("type=%s from=%s local=%s", "received",
			       pc_addr_text(from, f), pc_addr_text(local, l)),
		data, len);
}

struct dial *line_server_taker(struct app *app)
{
	struct dial *d = app->line ? app->line->dials : NULL, *oldest = NULL;

	for (; d; d = d->next)
		if (d->taking)
			oldest = d; /* the list is newest first */
	if (oldest)
		oldest->taking = false;
	return oldest;
}

struct dial *line_server_taker_of(struct app *app, struct pc_sip_span method)
{
	struct dial *d = app->line ? app->line->dials : NULL;

	while (d && !(d->method[0] && pc_sip_span_is(method, d->method)))
		d = d->next;
	return d;
}

void line_server_hello_all(struct app *app)
{
	if (!app->line)
		return;
	for (struct dial *d = app->line->dials; d; d = d->next)
		greet(d);
}

void line_server_unreachable(struct app *app, int err, const struct pc_addr *to)
{
	char text[PC_ADDR_TEXT];

	if (!app->line)
		return;
	for (struct dial *d = app->line->dials; d; d = d->next)
		pc_line_conn_send(
			d->conn,
			pc_json_fields("type=%s to=%s errno=%d why=%s",
				       "unreachable", pc_addr_text(to, text),
				       err, strerror(err)),
			NULL, 0);
}

/* ---- the socket file ---- */

/* The path, made absolute: children may start elsewhere. 0 or -errno. */
static int set_path(struct line_server *l, const char *path)
{
	char *cwd = NULL;
	int n;

	if (path[0] != '/') {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -errno;
	}
	n = snprintf(l->path, sizeof l->path, "%s%s%s", cwd ? cwd : "",
		     cwd ? "/" : "", path);
	free(cwd);
	return n >= (int)sizeof l->path ? -ENAMETOOLONG : 0;
}

static int listen_there(struct line_server *l)
{
	l->fd = pc_unix_listen(l->path);
	if (l->fd < 0)
		return l->fd;
	if (stat(l->path, &l->made) < 0) {
		int rc = -errno;

		close(l->fd);
		return rc;
	}
	return 0;
}

static const char *explain(int rc)
{
	return rc == -EADDRINUSE ? "another sip-register is using it"
				 : pc_unix_text(rc);
}

int line_server_start(struct app *app, const char *path, bool announced)
{
	struct line_server *l = calloc(1, sizeof *l);
	int rc = l ? set_path(l, path) : -ENOMEM;

	if (rc == 0)
		rc = listen_there(l);
	if (rc == 0) {
		app->line = l;
		l->watch = pc_watch_new(app->tool->loop, l->fd, PC_READ,
					on_accept, app);
		if (announced) {
			pc_info("line %s", l->path);
			pc_event(app->tool, "line", "path=%s", l->path);
		}
		return 0;
	}
	pc_tool_error(app->tool, "--line %s: %s", path, explain(rc));
	free(l);
	return rc;
}

const char *line_server_path(const struct app *app)
{
	return app->line ? app->line->path : "";
}

void line_server_unlink(struct app *app)
{
	struct line_server *l = app->line;
	struct stat st;

	if (!l || l->unlinked)
		return;
	l->unlinked = true;
	if (stat(l->path, &st) == 0 && st.st_ino == l->made.st_ino &&
	    st.st_dev == l->made.st_dev)
		unlink(l->path);
}

void line_server_stop(struct app *app)
{
	struct line_server *l = app->line;
	struct dial *d, *next;

	if (!l)
		return;
	pc_watch_set(l->watch, 0);
	line_server_unlink(app);
	for (d = l->dials; d; d = next) {
		next = d->next;
		dial_gone(d, "this sip-register ends");
	}
}
