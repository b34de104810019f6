/* A sip-dial's end of the line: SIP over a sip-register's transport. */
#include "sip/transport_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sip/line.h"

#define HELLO_MS   2000
#define HELLOS_MAX 16
#define ASKED_MAX  16
#define ROUTES_MAX 8

struct asked {
	int id; /* 0: free */
	pc_sip_authorized_fn *fn;
	void *arg;
};

struct line {
	struct pc_line_conn *conn;
	char *aor, *contact, *host, *routes[ROUTES_MAX];
	size_t n_routes;
	bool greeted;
	struct asked asked[ASKED_MAX];
	int last_id;
};

static void forget_routes(struct line *l)
{
	while (l->n_routes > 0)
		free(l->routes[--l->n_routes]);
}

static void take_routes(struct pc_sip_transport *tp, const json_t *list)
{
	struct line *l = tp->impl;

	forget_routes(l);
	for (size_t i = 0; i < json_array_size(list) && i < ROUTES_MAX; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (text && (l->routes[l->n_routes] = strdup(text)))
			l->n_routes++;
	}
	tp->identity.routes = (const char *const *)l->routes;
	tp->identity.n_routes = l->n_routes;
}

static int take_hello(struct pc_sip_transport *tp, json_t *head)
{
	const char *transport = pc_json_str(head, "transport");
	const char *local = pc_json_str(head, "local");
	const char *proxy = pc_json_str(head, "proxy");
	const char *contact = pc_json_str(head, "contact");
	const char *aor = pc_json_str(head, "aor");
	struct pc_sip_identity *id = &tp->identity;
	const char *host = pc_json_str(head, "host");
	struct line *l = tp->impl;
	enum pc_sip_transport_kind kind;

	if (!transport || !pc_sip_transport_kind_of(&kind, transport) ||
	    !local || pc_addr_parse(&id->local, local, 0) < 0)
		return -EBADMSG;
	id->transport = pc_sip_transport_word(kind);
	id->reliable = json_is_true(json_object_get(head, "reliable"));
	id->registered = json_is_true(json_object_get(head, "registered"));
	id->proxy.len = 0;
	if (proxy && pc_addr_parse(&id->proxy, proxy, 5060) < 0)
		return -EBADMSG;
	free(l->contact);
	free(l->aor);
	free(l->host);
	id->host = l->host = host ? strdup(host) : NULL;
	id->contact = l->contact = contact ? strdup(contact) : NULL;
	id->aor = l->aor = aor ? strdup(aor) : NULL;
	take_routes(tp, json_object_get(head, "routes"));
	l->greeted = true;
	return 0;
}

static void take_received(struct pc_sip_transport *tp,
			  const struct pc_line_packet *p)
{
	const char *from = pc_json_str(p->head, "from");
	const char *local = pc_json_str(p->head, "local");
	struct pc_addr f, l;

	if (!from || pc_addr_parse(&f, from, 0) < 0)
		return;
	if (!local || pc_addr_parse(&l, local, 0) < 0)
		l = tp->identity.local;
	pc_sip_transport_in(tp, p->body, p->len, &f, &l);
}

static void take_unreachable(struct pc_sip_transport *tp, json_t *head)
{
	const char *to = pc_json_str(head, "to");
	json_t *err = json_object_get(head, "errno");
	struct pc_addr addr;

	if (to && pc_addr_parse(&addr, to, 0) == 0)
		pc_sip_transport_unreachable(
			tp, err ? (int)json_integer_value(err) : EHOSTUNREACH,
			&addr);
}

static void take_authorized(struct line *l, json_t *head)
{
	json_int_t id = json_integer_value(json_object_get(head, "id"));
	const char *value = pc_json_str(head, "value");
	const char *header = pc_json_str(head, "header");
	const char *error = pc_json_str(head, "error");
	struct asked a;

	for (int i = 0; i < ASKED_MAX; i++) {
		if (id == 0 || l->asked[i].id != id)
			continue;
		a = l->asked[i];
		l->asked[i].id = 0;
		if (value && header)
			a.fn(a.arg, header, value);
		else
			a.fn(a.arg, error ? error : "no credentials", NULL);
		return;
	}
}

static void on_packet(void *arg, const struct pc_line_packet *p)
{
	struct pc_sip_transport *tp = arg;

	pc_sip_transport_enter(tp);
	if (!strcmp(p->type, "received"))
		take_received(tp, p);
	else if (!strcmp(p->type, "authorized"))
		take_authorized(tp->impl, p->head);
	else if (!strcmp(p->type, "unreachable"))
		take_unreachable(tp, p->head);
	else if (!strcmp(p->type, "hello"))
		take_hello(tp, p->head);
	else if (!strcmp(p->type, "refused"))
		pc_sip_transport_closed(tp, ENOENT,
					pc_json_str(p->head, "why"));
	pc_sip_transport_leave(tp);
}

static void on_end(void *arg, int err)
{
	struct pc_sip_transport *tp = arg;

	pc_sip_transport_enter(tp);
	pc_sip_transport_closed(
		tp, err,
		err == EBADMSG ? "the line broke its protocol"
			       : "the line is gone (sip-register ended)");
	pc_sip_transport_leave(tp);
}

/* The next packet, a hello. 1: it answers our "as"; 0: it does not; -errno. */
static int await_hello(struct pc_sip_transport *tp, int fd)
{
	char buf[PC_LINE_HEAD_MAX + 2];
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	struct pc_line_packet p;
	ssize_t n;
	int rc;

	if (poll(&pfd, 1, HELLO_MS) <= 0)
		return -ETIMEDOUT;
	n = recv(fd, buf, sizeof buf - 1, 0);
	if (n <= 0)
		return n < 0 ? -errno : -ECONNREFUSED;
	buf[n] = '\0';
	if (pc_line_decode(&p, buf, (size_t)n) < 0)
		return -EBADMSG;
	rc = strcmp(p.type, "hello") ? -EBADMSG : take_hello(tp, p.head);
	if (rc == 0)
		rc = pc_json_str(p.head, "as") != NULL;
	json_decref(p.head);
	return rc;
}

static int say_as(const struct pc_sip_transport *tp, int fd)
{
	struct pc_buf packet = { 0 };
	int rc = pc_line_encode(
		&packet,
		pc_json_fields("type=%s uri=%s", "as", tp->config.line_as),
		NULL, 0);

	if (rc == 0 && send(fd, packet.data, packet.len, MSG_NOSIGNAL) < 0)
		rc = -errno;
	pc_buf_fini(&packet);
	return rc;
}

/*
 * Begin: who we are, from its hello; the first one is of the first account, and
 * may be said again before our own is. 0 or -errno.
 */
static int greet(struct pc_sip_transport *tp, int fd)
{
	int rc = await_hello(tp, fd);

	if (rc < 0 || !tp->config.line_as)
		return rc < 0 ? rc : 0;
	rc = say_as(tp, fd);
	for (int i = 0; rc == 0 && i < HELLOS_MAX; i++)
		rc = await_hello(tp, fd);
	return rc < 0 ? rc : rc == 1 ? 0 : -EBADMSG;
}

static void line_close(struct pc_sip_transport *tp)
{
	struct line *l = tp->impl;

	pc_line_conn_free(l->conn);
	free(l->aor);
	free(l->contact);
	free(l->host);
	forget_routes(l);
	free(l);
}

static int line_open(struct pc_sip_transport *tp)
{
	struct line *l;
	int fd = pc_line_connect(tp->config.line_path), rc;

	if (fd < 0)
		return fd;
	tp->impl = l = calloc(1, sizeof *l);
	if (!l) {
		close(fd);
		return -ENOMEM;
	}
	rc = greet(tp, fd);
	if (rc < 0) {
		close(fd);
		line_close(tp);
		return rc;
	}
	l->conn = pc_line_conn_new(tp->tool->loop, fd, on_packet, on_end, tp);
	if (!l->conn) {
		line_close(tp);
		return -ENOMEM;
	}
	return 0;
}

static int line_send(struct pc_sip_transport *tp, const char *data, size_t len,
		     const struct pc_addr *to)
{
	struct line *l = tp->impl;
	char text[PC_ADDR_TEXT];

	return pc_line_conn_send(
		l->conn,
		pc_json_fields("type=%s to=%s", "send", pc_addr_text(to, text)),
		data, len);
}

int pc_sip_transport_authorize(struct pc_sip_transport *tp, const char *method,
			       const char *uri, const char *response,
			       size_t len, pc_sip_authorized_fn *fn, void *arg)
{
	struct line *l = tp->impl;
	struct asked *a = NULL;

	if (tp->config.kind != PC_SIP_LINE)
		return -EOPNOTSUPP;
	for (int i = 0; i < ASKED_MAX && !a; i++)
		if (l->asked[i].id == 0)
			a = &l->asked[i];
	if (!a)
		return -EBUSY;
	*a = (struct asked){ ++l->last_id, fn, arg };
	return pc_line_conn_send(
		l->conn,
		pc_json_fields("type=%s id=%d method=%s uri=%s", "authorize",
			       a->id, method, uri),
		response, len);
}

int pc_sip_transport_take(struct pc_sip_transport *tp, const char *id)
{
	struct line *l = tp->impl;

	if (tp->config.kind != PC_SIP_LINE)
		return -EOPNOTSUPP;
	return pc_line_conn_send(
		l->conn, pc_json_fields("type=%s invite=%s", "take", id), NULL,
		0);
}

int pc_sip_transport_take_method(struct pc_sip_transport *tp,
				 const char *method)
{
	struct line *l = tp->impl;

	if (tp->config.kind != PC_SIP_LINE)
		return -EOPNOTSUPP;
	return pc_line_conn_send(
		l->conn, pc_json_fields("type=%s method=%s", "take", method),
		NULL, 0);
}

const struct pc_sip_transport_ops pc_sip_line_ops = { line_open, line_close,
						      line_send, NULL };
