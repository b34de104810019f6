/*
 * --answer --method SUBSCRIBE: the other end of a subscription (RFC 6665 4.2).
 * Standard input is the state; the command `notify` changes it; everybody who
 * subscribed is told.
 */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBSCRIBERS_MAX 200
#define EXPIRES_MAX     3600u

struct subscriber {
	struct subscriber *next;
	struct call *c;
	struct pc_sip_dialog *dialog;
	char *event; /* as it was asked for, with its id */
	char contact[256];
	uint64_t end_ms;
	struct pc_timer *expiry;
	unsigned pending; /* NOTIFYs without their answer */
	bool gone;        /* its last NOTIFY is out */
};

/* --- NOTIFY ---------------------------------------------------------------- */

static unsigned seconds_left(const struct subscriber *s)
{
	uint64_t now = pc_now_ms();

	return s->end_ms > now ? (unsigned)((s->end_ms - now + 999) / 1000) : 0;
}

/* Out of the list; its dialog is needed until its NOTIFY is answered. */
static void forget(struct subscriber *s)
{
	struct subscriber **p = &s->c->ask->subscribers;

	while (*p && *p != s)
		p = &(*p)->next;
	if (*p)
		*p = s->next;
	pc_timer_free(s->expiry);
	pc_sip_dialog_free(s->dialog);
	free(s->event);
	free(s);
}

static void all_told(struct call *c)
{
	if (c->state == CALL_ENDING && !c->ask->subscribers)
		ask_over(c, c->status);
}

static void on_notified(struct call *c, void *arg, const osip_message_t *sent,
			const struct pc_sip_response *r)
{
	struct subscriber *s = arg;

	(void)sent;
	if (r->status < 200)
		return;
	s->pending--;
	if (r->status >= 300 && !s->gone) { /* 4.2.2: nobody is there */
		pc_event(c->tool, "unsubscribed", "remote=%s status=%d why=%s",
			 s->dialog->remote, r->status, r->reason);
		s->gone = true;
	}
	if (s->gone && s->pending == 0) {
		forget(s);
		all_told(c);
	}
}

static int fill(struct subscriber *s, osip_message_t *m, const char *end)
{
	const struct config *cfg = s->c->cfg;
	const struct pc_buf *body = &s->c->ask->body;
	char state[80];
	int rc = pc_sip_add(m, "Event", s->event);

	if (end)
		snprintf(state, sizeof(state), "terminated;%.60s", end);
	else
		snprintf(state, sizeof(state), "active;expires=%u",
			 seconds_left(s));
	if (rc == 0)
		rc = pc_sip_add(m, "Subscription-State", state);
	if (rc == 0)
		rc = pc_sip_add(m, "Contact", s->contact);
	if (rc == 0 && body->len)
		rc = pc_sip_set_body(m,
				     cfg->content_type
					     ? cfg->content_type
					     : subscribe_type(cfg->package),
				     body->data, body->len);
	return rc;
}

/* end: "reason=timeout": the last one; NULL: it goes on. */
static void notify(struct subscriber *s, const char *end)
{
	osip_message_t *m;

	if (s->gone)
		return;
	s->gone = end != NULL;
	if (pc_sip_dialog_request(s->dialog, &m, "NOTIFY") < 0)
		return;
	if (fill(s, m, end) < 0) {
		osip_message_free(m);
		return;
	}
	s->pending++;
	if (!outgoing_send(s->c, s->dialog, m, on_notified, s))
		s->pending--;
}

static void notify_all(struct call *c, const char *end)
{
	struct subscriber *s, *next;

	for (s = c->ask->subscribers; s; s = next) {
		next = s->next;
		notify(s, end);
		if (s->gone && s->pending == 0)
			forget(s);
	}
}

static void on_expiry(void *arg)
{
	struct subscriber *s = arg;

	pc_event(s->c->tool, "unsubscribed", "remote=%s why=%s",
		 s->dialog->remote, "timeout");
	notify(s, "reason=timeout");
	if (s->pending == 0) /* it could not be sent */
		forget(s);
}

/* --- SUBSCRIBE ---------------------------------------------------------------- */

static struct subscriber *find(struct call *c, const osip_message_t *m)
{
	struct subscriber *s = c->ask->subscribers;

	while (s && (s->gone || !pc_sip_dialog_match(s->dialog, m)))
		s = s->next;
	return s;
}

static struct subscriber *add(struct call *c, osip_message_t *m,
			      const struct pc_addr *from, const char *event)
{
	struct subscriber *s = calloc(1, sizeof(*s));
	char tag[PC_SIP_TOKEN];

	if (!s)
		return NULL;
	s->c = c;
	s->expiry = pc_timer_new(c->tool->loop, on_expiry, s);
	s->event = strdup(event);
	if (!s->expiry || !s->event ||
	    pc_sip_ua_contact(c->ua, m->req_uri->username, from, s->contact,
			      sizeof(s->contact)) < 0 ||
	    pc_sip_dialog_uas(&s->dialog, m, pc_sip_token(tag)) < 0) {
		pc_timer_free(s->expiry);
		free(s->event);
		free(s);
		return NULL;
	}
	s->next = c->ask->subscribers;
	c->ask->subscribers = s;
	return s;
}

static void accept_it(struct subscriber *s, struct pc_sip_server *tr,
		      unsigned expires_s)
{
	osip_message_t *m;
	char number[16];

	snprintf(number, sizeof(number), "%u", expires_s);
	if (pc_sip_response_new(&m, pc_sip_server_request(tr), 200, NULL,
				s->dialog->local_tag) < 0)
		return;
	if (pc_sip_add(m, "Contact", s->contact) < 0 ||
	    pc_sip_add(m, "Expires", number) < 0)
		osip_message_free(m);
	else
		pc_sip_ua_respond(tr, m);
	s->end_ms = pc_now_ms() + (uint64_t)expires_s * 1000;
	pc_event(s->c->tool, "subscriber",
		 "remote=%s remote_target=%s event_header=%s expires=%u",
		 s->dialog->remote, s->dialog->target, s->event, expires_s);
	if (expires_s) {
		pc_timer_set(s->expiry, (uint64_t)expires_s * 1000);
		notify(s, NULL);
	} else { /* 4.4.3: a fetch, or the end of it */
		pc_timer_cancel(s->expiry);
		notify(s, "reason=timeout");
	}
}

static unsigned count(const struct call *c)
{
	unsigned n = 0;

	for (const struct subscriber *s = c->ask->subscribers; s; s = s->next)
		n++;
	return n;
}

/* The code that it is refused with, or 0. */
static int refusal(struct call *c, osip_message_t *m, const char *event)
{
	const char *type = c->cfg->content_type
				   ? c->cfg->content_type
				   : subscribe_type(c->cfg->package);

	if (!event || !subscribe_is(event, c->cfg->package))
		return 489;
	if (osip_list_size(&m->accepts) > 0 && !pc_sip_accepts(m, type))
		return 406;
	if (c->state != CALL_WAITING || count(c) >= SUBSCRIBERS_MAX)
		return 480;
	return 0;
}

void notifier_subscribe(struct call *c, struct pc_sip_server *tr,
			osip_message_t *m, const struct pc_addr *from)
{
	unsigned expires_s = subscribe_seconds(m, "Expires", EXPIRES_MAX);
	bool tagged = pc_sip_tag(m->to)[0] != '\0';
	char *event = headers_value(m, "Event");
	struct subscriber *s = tagged ? find(c, m) : NULL;
	int code = tagged ? (s ? 0 : 481) : refusal(c, m, event);

	if (expires_s > EXPIRES_MAX)
		expires_s = EXPIRES_MAX;
	if (code) {
		pc_sip_ua_reply(tr, code, code == 489 ? "Bad Event" : NULL,
				NULL, "Allow-Events", c->cfg->package);
	} else if (s && pc_sip_dialog_cseq(s->dialog, m) < 0) {
		pc_sip_ua_reply(tr, 500, "CSeq goes backwards", NULL, NULL,
				NULL);
	} else {
		if (s)
			pc_sip_dialog_refresh(s->dialog, m);
		else
			s = add(c, m, from, event);
		if (s)
			accept_it(s, tr, expires_s);
		else
			pc_sip_ua_reply(tr, 400, "No usable Contact", NULL,
					NULL, NULL);
	}
	free(event);
}

/* --- commands, and the end ------------------------------------------------------ */

bool notifier_end(struct call *c)
{
	if (!c->ask->subscribers)
		return false;
	notify_all(c, "reason=noresource");
	return c->ask->subscribers != NULL;
}

static bool is_notifier(struct call *c, const char *name)
{
	if (c->cfg->method && c->cfg->answer &&
	    strcmp(c->cfg->method, "SUBSCRIBE") == 0)
		return true;
	pc_tool_error(c->tool, "%s: only with --answer --method SUBSCRIBE",
		      name);
	return false;
}

int notifier_notify(void *arg, const struct pc_command *cmd)
{
	const char *body =
		cmd->object ? pc_json_str(cmd->object, "body") : cmd->rest;
	struct call *c = arg;

	if (!is_notifier(c, "notify"))
		return -EINVAL;
	if (!body) {
		pc_tool_error(c->tool,
			      "notify: {\"command\":\"notify\",\"body\":...}");
		return -EINVAL;
	}
	pc_buf_clear(&c->ask->body);
	pc_buf_adds(&c->ask->body, body);
	notify_all(c, NULL);
	return 0;
}

/* The reasons of RFC 6665 4.2.2. */
int notifier_terminate(void *arg, const struct pc_command *cmd)
{
	static const char *const reasons[] = { "deactivated", "probation",
					       "rejected",    "timeout",
					       "giveup",      "noresource",
					       "invariant" };
	const char *reason = pc_command_arg(cmd, "reason", 0);
	const char *after = pc_command_arg(cmd, "retry_after", 1);
	struct call *c = arg;
	char end[80];

	if (!is_notifier(c, "terminate"))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (!reason || strcmp(reason, reasons[i]) != 0 ||
		    (after && (!*after || after[strspn(after, "0123456789")])))
			continue;
		snprintf(end, sizeof(end), "reason=%s%s%.10s", reason,
			 after ? ";retry-after=" : "", after ? after : "");
		notify_all(c, end);
		return 0;
	}
	pc_tool_error(c->tool, "terminate: REASON [SECONDS], with a reason of "
			       "RFC 6665 (deactivated, probation, rejected, "
			       "timeout, giveup, noresource, invariant)");
	return -EINVAL;
}
