/* Which message belongs to whose call, and the INVITEs nobody has taken. */
#include "calls.h"
#include "sip/headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list ---- */

static struct call *call_new(struct app *app, struct pc_sip_span call_id)
{
	struct call *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->app = app;
	c->call_id = pc_sip_span_dup(call_id);
	if (!c->call_id) {
		free(c);
		return NULL;
	}
	c->next = app->calls;
	app->calls = c;
	app->n_calls++;
	return c;
}

void call_free(struct call *c)
{
	char **texts[] = { &c->id,         &c->call_id, &c->local_tag,
			   &c->remote_tag, &c->invite,  &c->last,
			   &c->target,     &c->routes,  &c->from,
			   &c->to };

	for (struct call **p = &c->app->calls; *p; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			c->app->n_calls--;
			break;
		}
	}
	resend_stop(&c->resend);
	pc_timer_free(c->timer);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(*texts[i]);
	free(c);
}

static bool tag_is(const char *data, size_t len, const char *header,
		   const char *tag)
{
	char *theirs = follow_tag(data, len, header);
	bool same = theirs && tag && !strcmp(theirs, tag);

	free(theirs);
	return same;
}

/*
 * A call to ourselves through a proxy is two calls of one Call-ID: the tags
 * tell them apart. Our tag is From's in what we ask and To's in what we are
 * asked.
 */
static bool call_matches(const struct call *c, const char *data, size_t len,
			 bool response)
{
	if (c->incoming && !response)
		return tag_is(data, len, "From", c->remote_tag);
	return tag_is(data, len, response ? "From" : "To", c->local_tag);
}

static struct call *call_of_network(struct app *app, const char *data,
				    size_t len, bool response)
{
	struct pc_sip_span id = pc_sip_text_get(data, len, "Call-ID");
	struct call *c = app->calls;

	while (c && !((pc_sip_span_is(id, c->call_id)) &&
		      call_matches(c, data, len, response)))
		c = c->next;
	return c;
}

static struct call *call_of_dial(struct app *app, const struct dial *d,
				 struct pc_sip_span id)
{
	struct call *c = app->calls;

	while (c && !(c->owner == d && pc_sip_span_is(id, c->call_id)))
		c = c->next;
	return c;
}

/* ---- what dials send ---- */

int calls_send(struct app *app, struct dial *d, const char *data, size_t len,
	       const struct pc_addr *to)
{
	struct pc_sip_span id = pc_sip_text_get(data, len, "Call-ID");
	struct call *c = id.p ? call_of_dial(app, d, id) : NULL;
	struct pc_sip_start start;

	if (!id.p || pc_sip_text_start(&start, data, len) < 0)
		return -EBADMSG;
	if (!c && start.status == 0) {
		if (app->n_calls >= 10 * app->cfg->max_calls)
			return -ENOBUFS;
		c = call_new(app, id);
		if (!c)
			return -ENOMEM;
		c->owner = d;
		c->had_owner = true;
		c->local_tag = follow_tag(data, len, "From");
	}
	if (c)
		follow_sent(c, data, len, to);
	if (c && c->incoming && c->state == CALL_OTHER && start.status >= 200)
		call_free(c); /* a MESSAGE was answered: that is all of it */
	return pc_sip_transport_send(app->tp, data, len, to);
}

static void call_give(struct call *c, struct dial *d)
{
	c->owner = d;
	c->had_owner = true;
	c->state = CALL_TAKEN;
	pc_timer_free(c->timer);
	c->timer = NULL;
	pc_event(c->app->tool, "taken", "invite=%s", c->id);
	dial_is_of(d, c->account);
	dial_deliver(d, c->invite, c->invite_len, &c->peer, &c->local);
}

bool calls_take(struct app *app, struct dial *d, const char *id)
{
	struct call *c, *oldest = NULL;

	for (c = app->calls; c; c = c->next)
		if (c->state == CALL_WAITING && !c->owner && !c->ending &&
		    (!id || (c->id && !strcmp(c->id, id))))
			oldest = c; /* the list is newest first */
	if (oldest)
		call_give(oldest, d);
	return oldest != NULL;
}

const char *calls_abandon(struct app *app, struct dial *d)
{
	const char *ended = "nothing";
	struct call *c, *next;

	for (c = app->calls; c; c = next) {
		next = c->next;
		if (c->owner != d)
			continue;
		c->owner = NULL;
		ending_start(c);
		if (c->ended)
			ended = c->ended;
		if (c->state == CALL_OVER || c->state == CALL_OTHER)
			call_free(c);
	}
	return ended;
}

/* ---- what comes from the network ---- */

void calls_reply(struct app *app, const char *request, size_t len,
		 const struct pc_addr *from, int status, const char *reason,
		 const char *extra)
{
	struct pc_buf reply = { 0 };
	struct pc_addr to;
	char tag[PC_SIP_TOKEN];

	pc_sip_text_back(&to, request, len, from,
			 pc_sip_transport_identity(app->tp)->reliable);

	pc_sip_text_reply(&reply, request, len, status, reason,
			  status > 100 ? pc_sip_token(tag) : NULL, extra);
	if (!reply.oom)
		pc_sip_transport_send(app->tp, reply.data, reply.len, &to);
	pc_buf_fini(&reply);
}

/* Nobody took it in time. */
static void on_untaken(void *arg)
{
	struct call *c = arg;

	pc_timer_free(c->timer);
	c->timer = NULL;
	ending_refuse(c, 480, "Temporarily Unavailable");
}

/* An URI or a name as a field of an event: heap, printable. */
static char *text_of(struct pc_sip_span s)
{
	struct pc_buf b = { 0 };

	pc_buf_adds(&b, "");
	pc_buf_add_printable(&b, s.p ? s.p : "", s.len);
	return b.data;
}

static void say_invite(struct call *c, const struct pc_sip_start *start)
{
	struct pc_sip_span f =
		pc_sip_text_get(c->invite, c->invite_len, "From");
	struct pc_sip_span t = pc_sip_text_get(c->invite, c->invite_len, "To");
	char *from = text_of(pc_sip_text_uri(f)), source[PC_ADDR_TEXT];
	char *to = text_of(pc_sip_text_uri(t)), *uri = text_of(start->uri);

	pc_event(c->app->tool, "invite",
		 "invite=%s call_id=%s from=%s to=%s uri=%s source=%s "
		 "headers=%p account=%s",
		 c->id, c->call_id, from, to, uri,
		 pc_addr_text(&c->peer, source),
		 (void *)pc_sip_headers(c->invite, c->invite_len, NULL, 0),
		 c->account->aor);
	free(from);
	free(to);
	free(uri);
}

static bool param_is(struct pc_sip_span value, const char *name,
		     const char *text)
{
	struct pc_sip_span param;

	return text && pc_sip_text_param(value, name, &param) &&
	       pc_sip_span_is(param, text);
}

/* The dial whose call this INVITE is to replace (RFC 3891), or NULL. */
static struct dial *replaced_by(const struct app *app,
				struct pc_sip_span replaces)
{
	struct pc_sip_span id = replaces;
	const struct call *c = app->calls;

	for (id.len = 0;
	     id.len < replaces.len && !strchr("; \t\r\n", replaces.p[id.len]);)
		id.len++;
	while (c && !(c->owner && pc_sip_span_is(id, c->call_id) &&
		      param_is(replaces, "to-tag", c->local_tag) &&
		      param_is(replaces, "from-tag", c->remote_tag)))
		c = c->next;
	return c ? c->owner : NULL;
}

/* A new call: find someone for it. */
static void offer(struct call *c)
{
	struct app *app = c->app;
	struct pc_sip_span replaces =
		pc_sip_text_get(c->invite, c->invite_len, "Replaces");
	struct dial *d = replaces.p ? replaced_by(app, replaces)
				    : line_server_taker(app);

	if (replaces.p && !d) {
		ending_refuse(c, 481, "Call/Transaction Does Not Exist");
		return;
	}
	if (d) {
		call_give(c, d);
		return;
	}
	if (app->exec && exec_run(app, c) < 0) {
		ending_refuse(c, 500, "Server Internal Error");
		return;
	}
	if (!app->exec && !app->line) {
		ending_refuse(c, 480, "Temporarily Unavailable");
		return;
	}
	c->timer = pc_timer_new(app->tool->loop, on_untaken, c);
	if (c->timer)
		pc_timer_set(c->timer, app->cfg->take_ms);
}

/* The account: the Request-URI is its Contact, or To its AOR; or NULL. */
static const struct account *called(const struct app *app,
				    const struct pc_sip_start *start,
				    const char *data, size_t len)
{
	const struct account *a = account_of_uri(app, start->uri);

	if (a)
		return a;
	return account_of_uri(
		app, pc_sip_text_uri(pc_sip_text_get(data, len, "To")));
}

static void new_invite(struct app *app, const struct pc_sip_start *start,
		       const char *data, size_t len, const struct pc_addr *from,
		       const struct pc_addr *local)
{
	const struct account *a = called(app, start, data, len);
	struct call *c;
	char id[PC_SIP_TOKEN];

	if (!a) {
		calls_reply(app, data, len, from, 404, "Not Found", NULL);
		return;
	}
	if (app->tool->stopping) {
		calls_reply(app, data, len, from, 480,
			    "Temporarily Unavailable", NULL);
		return;
	}
	if (app->n_calls >= app->cfg->max_calls) {
		calls_reply(app, data, len, from, 486, "Busy Here", NULL);
		return;
	}
	c = call_new(app, pc_sip_text_get(data, len, "Call-ID"));
	if (!c)
		return;
	c->account = a;
	c->incoming = true;
	c->state = CALL_WAITING;
	c->id = strdup(pc_sip_token(id));
	c->remote_tag = follow_tag(data, len, "From");
	follow_keep(&c->invite, &c->invite_len, data, len);
	c->peer = *from;
	c->local = *local;
	if (!c->id || !c->remote_tag || !c->invite) {
		calls_reply(app, data, len, from, 400, "Bad Request", NULL);
		call_free(c);
		return;
	}
	follow_received(c, data, len, from);
	calls_reply(app, data, len, from, 100, "Trying", NULL);
	say_invite(c, start);
	offer(c);
}

/* A dial waits for what this is: it is its "call" until it is answered. */
static bool taken_by_method(struct app *app, const struct pc_sip_start *start,
			    const char *data, size_t len,
			    const struct pc_addr *from,
			    const struct pc_addr *local)
{
	struct dial *d = line_server_taker_of(app, start->method);
	struct call *c;

	if (!d || app->n_calls >= 10 * app->cfg->max_calls)
		return false;
	c = call_new(app, pc_sip_text_get(data, len, "Call-ID"));
	if (!c)
		return false;
	c->incoming = true;
	c->remote_tag = follow_tag(data, len, "From");
	c->owner = d;
	c->peer = *from;
	dial_deliver(d, data, len, from, local);
	return true;
}

#define ALLOW_HEADER "Allow: " PC_SIP_ALLOW "\r\n"

/* A request that belongs to no call. */
static void stray_request(struct app *app, const struct pc_sip_start *start,
			  const char *data, size_t len,
			  const struct pc_addr *from,
			  const struct pc_addr *local)
{
	static const char *const known[] = { "REGISTER", "SUBSCRIBE", "NOTIFY",
					     "MESSAGE",  "PUBLISH",   "REFER",
					     "INFO",     "UPDATE",    "PRACK" };
	struct pc_sip_span tag;
	bool in_dialog = pc_sip_text_param(pc_sip_text_get(data, len, "To"),
					   "tag", &tag);

	if (pc_sip_span_is(start->method, "ACK"))
		return;
	if (in_dialog || pc_sip_span_is(start->method, "BYE") ||
	    pc_sip_span_is(start->method, "CANCEL")) {
		calls_reply(app, data, len, from, 481,
			    "Call/Transaction Does Not Exist", NULL);
	} else if (pc_sip_span_is(start->method, "INVITE")) {
		new_invite(app, start, data, len, from, local);
	} else if (pc_sip_span_is(start->method, "OPTIONS")) {
		calls_reply(app, data, len, from, 200, "OK",
			    ALLOW_HEADER "Accept: application/sdp\r\n");
	} else if (!taken_by_method(app, start, data, len, from, local)) {
		bool is_known = false;

		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			is_known = is_known ||
				   pc_sip_span_is(start->method, known[i]);
		calls_reply(app, data, len, from, is_known ? 405 : 501,
			    is_known ? "Method Not Allowed" : "Not Implemented",
			    ALLOW_HEADER);
	}
}

/* For a call that waits to be taken. */
static void waiting_received(struct call *c, const struct pc_sip_start *start,
			     const char *data, size_t len,
			     const struct pc_addr *from)
{
	struct app *app = c->app;

	if (pc_sip_span_is(start->method, "INVITE")) {
		calls_reply(app, data, len, from, 100, "Trying", NULL);
	} else if (pc_sip_span_is(start->method, "CANCEL")) {
		calls_reply(app, data, len, from, 200, "OK", NULL);
		pc_event(app->tool, "cancelled", "invite=%s", c->id);
		exec_cancel(app, c);
		ending_refuse(c, 487, "Request Terminated");
	} else if (!pc_sip_span_is(start->method, "ACK")) {
		calls_reply(app, data, len, from, 481,
			    "Call/Transaction Does Not Exist", NULL);
	}
}

void calls_received(struct app *app, const char *data, size_t len,
		    const struct pc_addr *from, const struct pc_addr *local)
{
	struct pc_sip_start start;
	struct call *c;

	if (pc_sip_text_start(&start, data, len) < 0)
		return;
	c = call_of_network(app, data, len, start.status != 0);
	if (!c) {
		if (start.status == 0)
			stray_request(app, &start, data, len, from, local);
	} else if (c->owner) {
		follow_received(c, data, len, from);
		dial_deliver(c->owner, data, len, from, local);
	} else if (c->state == CALL_WAITING) {
		waiting_received(c, &start, data, len, from);
	} else {
		ending_received(c, data, len, from);
	}
}
