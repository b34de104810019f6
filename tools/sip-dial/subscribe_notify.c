/* The NOTIFYs of our subscription (RFC 6665 4.1.3). */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RETRY_S 30

/* Ours, in its order: then it has not been answered yet. */
static bool in_subscription(struct call *c, struct pc_sip_server *tr,
			    osip_message_t *m)
{
	struct ask *a = c->ask;
	char *id = NULL;
	bool ours = osip_call_id_to_str(m->call_id, &id) == 0 &&
		    strcmp(id, c->call_id) == 0 &&
		    strcmp(pc_sip_tag(m->to), c->tag) == 0;

	osip_free(id);
	if (ours && !a->dialog && c->invite && /* faster than the 200 */
	    pc_sip_dialog_uas(&a->dialog, m, c->tag) == 0)
		a->dialog->local_cseq = a->cseq;
	if (!ours || !a->dialog || !pc_sip_dialog_match(a->dialog, m)) {
		pc_sip_ua_reply(tr, 481, NULL, NULL, NULL, NULL);
		return false;
	}
	if (pc_sip_dialog_cseq(a->dialog, m) < 0) {
		pc_sip_ua_reply(tr, 500, "CSeq goes backwards", NULL, NULL,
				NULL);
		return false;
	}
	pc_sip_dialog_refresh(a->dialog, m);
	return true;
}

/* 4.1.3: what a subscription ended for. Seconds until the next, or -1. */
static long after_end(const char *state)
{
	char reason[32] = "", after[16] = "";
	bool told;

	headers_param(state, "reason", reason, sizeof(reason));
	told = headers_param(state, "retry-after", after, sizeof(after)) &&
	       strspn(after, "0123456789") > 0;
	if (!strcasecmp(reason, "rejected") ||
	    !strcasecmp(reason, "noresource") ||
	    !strcasecmp(reason, "invariant"))
		return -1;
	if (told)
		return strtol(after, NULL, 10);
	if (!strcasecmp(reason, "deactivated") ||
	    !strcasecmp(reason, "timeout"))
		return 0;
	return RETRY_S; /* probation, giveup, and what is not known */
}

static void terminated(struct call *c, const char *state)
{
	struct ask *a = c->ask;
	char reason[32] = "";
	bool refer = strcmp(c->cfg->method, "REFER") == 0;
	long after = after_end(state);

	headers_param(state, "reason", reason, sizeof(reason));
	pc_timer_cancel(a->timer);
	if (c->state == CALL_ENDING) {
		ask_over(c, c->status);
	} else if (refer) {
		ask_over(c, a->referred >= 200 && a->referred < 300
				    ? PC_EXIT_OK
				    : PC_EXIT_NO);
	} else if (c->cfg->expires_s == 0 ||
		   strcasecmp(reason, "invariant") == 0) {
		ask_over(c, PC_EXIT_OK); /* all there is to hear was heard */
	} else if (after >= 0) {
		subscribe_lost(c, (unsigned)after);
	} else {
		pc_warnx("%s: the subscription was ended: %s", c->uri, reason);
		ask_over(c, PC_EXIT_NO);
	}
}

static void tell(struct call *c, osip_message_t *m, const char *state)
{
	char word[24], expires[16], reason[32], after[16];
	const char *e =
		headers_param(state, "expires", expires, sizeof(expires));
	const char *r = headers_param(state, "reason", reason, sizeof(reason));
	const char *a =
		headers_param(state, "retry-after", after, sizeof(after));
	json_t *fields;
	char *type = beside_type(m);

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(state, "; \t"),
		 state);
	fields = pc_json_fields("package=%s state=%s", subscribe_package(c),
				word);
	if (e)
		pc_json_add(fields, "expires=%ld", strtol(e, NULL, 10));
	pc_json_add(fields, "reason=%s", r);
	if (a)
		pc_json_add(fields, "retry_after=%ld", strtol(a, NULL, 10));
	pc_event(c->tool, "notify",
		 "package=%s state=%s reason=%s type=%s body=%p headers=%p",
		 subscribe_package(c), word, r, type, (void *)ask_body(m),
		 (void *)headers_of(c, m));
	osip_free(type);
	if (c->state < CALL_ENDING)
		ask_print_request(c, m, fields);
	else /* the last one of a subscription that we ended */
		json_decref(fields);
}

static void note_sipfrag(struct call *c, const osip_message_t *m)
{
	size_t len;
	const char *body = pc_sip_body(m, "message/sipfrag", &len);

	if (body && len > 11 && strncasecmp(body, "SIP/2.0 ", 8) == 0)
		c->ask->referred = atoi(body + 8);
}

static void notified(struct call *c, osip_message_t *m, const char *state)
{
	struct ask *a = c->ask;
	char expires[16];

	pc_timer_cancel(a->bound);
	a->received++;
	note_sipfrag(c, m);
	tell(c, m, state);
	if (c->state == CALL_OVER)
		return;
	if (c->state == CALL_CALLING)
		c->state = CALL_UP;
	if (strncasecmp(state, "terminated", 10) == 0) {
		terminated(c, state);
		return;
	}
	if (c->state != CALL_UP)
		return;
	if (headers_param(state, "expires", expires, sizeof(expires)) &&
	    strcmp(c->cfg->method, "SUBSCRIBE") == 0 && c->cfg->expires_s)
		pc_timer_set(a->timer, subscribe_refresh_ms((unsigned)strtoul(
					       expires, NULL, 10)));
	if (c->cfg->count && a->received >= c->cfg->count)
		ask_hangup(c, "enough", PC_EXIT_OK);
	else if (c->cfg->expires_s == 0 && !c->cfg->refer_to)
		ask_over(c, PC_EXIT_OK);
}

void subscribe_notified(struct call *c, struct pc_sip_server *tr,
			osip_message_t *m)
{
	char *event = headers_value(m, "Event");
	char *state = headers_value(m, "Subscription-State");

	if (!in_subscription(c, tr, m)) {
		; /* it was answered there */
	} else if (!event || !subscribe_is(event, subscribe_package(c))) {
		pc_sip_ua_reply(tr, 489, "Bad Event", NULL, "Allow-Events",
				subscribe_package(c));
	} else if (!state) { /* 4.1.3 */
		pc_sip_ua_reply(tr, 400, "No Subscription-State", NULL, NULL,
				NULL);
	} else {
		pc_sip_ua_reply(tr, 200, NULL, NULL, NULL, NULL);
		notified(c, m, state);
	}
	free(event);
	free(state);
}
