/* What the other side asks, before, in and out of a call. */
#include "ask.h"

#include <string.h>

static void reply(struct pc_sip_server *tr, int status)
{
	pc_sip_ua_reply(tr, status, NULL, NULL, NULL, NULL);
}

const char *call_supported(const struct config *cfg)
{
	return strcmp(cfg->reliable, "off") == 0 ? "timer, replaces, norefersub"
						 : "100rel, timer, "
						   "replaces, norefersub";
}

int call_capabilities(const struct call *c, osip_message_t *m, bool initial)
{
	const char *supported = call_supported(c->cfg);
	int rc = pc_sip_add(m, "Allow", PC_SIP_ALLOW);

	if (rc == 0)
		rc = pc_sip_add(m, "Accept", SDP_TYPE);
	if (rc == 0) /* in a call only what is of use there */
		rc = pc_sip_add(m, "Supported", initial ? supported : "timer");
	if (rc == 0 && MSG_IS_REQUEST(m))
		rc = expiry_request(c, m);
	if (rc == 0 && initial && MSG_IS_REQUEST(m) &&
	    strcmp(c->cfg->reliable, "require") == 0)
		rc = pc_sip_add(m, "Require", "100rel");
	return rc;
}

void request_ok(struct call *c, struct pc_sip_server *tr, const char *sdp,
		size_t len)
{
	char fresh[PC_SIP_TOKEN]; /* before a call (8.2.6.2: there is one) */
	osip_message_t *m;
	int rc = pc_sip_response_new(&m, pc_sip_server_request(tr), 200, NULL,
				     c->tag[0] ? c->tag : pc_sip_token(fresh));

	if (rc < 0)
		return;
	rc = call_capabilities(c, m, MSG_IS_OPTIONS(m));
	if (rc == 0 && c->contact[0])
		rc = pc_sip_add(m, "Contact", c->contact);
	if (rc == 0 && c->state == CALL_UP &&
	    (MSG_IS_RESPONSE_FOR(m, "INVITE") ||
	     MSG_IS_RESPONSE_FOR(m, "UPDATE")))
		rc = expiry_answer(c, pc_sip_server_request(tr), m);
	if (rc == 0 && sdp)
		rc = pc_sip_set_body(m, SDP_TYPE, sdp, len);
	if (rc == 0)
		pc_sip_ua_respond(tr, m);
	else
		osip_message_free(m);
}

static void on_options(struct call *c, struct pc_sip_server *tr,
		       osip_message_t *m)
{
	(void)m;
	request_ok(c, tr, NULL, 0);
}

static void on_cancel(struct call *c, struct pc_sip_server *tr,
		      osip_message_t *m)
{
	struct pc_sip_server *invite = pc_sip_ua_cancelled(c->ua, m);

	if (!invite) {
		reply(tr, 481);
		return;
	}
	pc_sip_ua_reply(tr, 200, NULL, c->tag, NULL, NULL);
	if (invite == c->incoming)
		answerer_cancelled(c, m);
	else
		reoffer_cancelled(c, invite);
}

static void on_bye(struct call *c, struct pc_sip_server *tr, osip_message_t *m)
{
	const char *reason = pc_sip_header(m, "Reason", 0);

	if (c->state == CALL_CALLING) { /* 15: not on an early dialog of ours */
		reply(tr, 481);
		return;
	}
	reply(tr, 200);
	if (branch_of(c, m) != c->branch) /* one that we did not take */
		return;
	if (c->state == CALL_INCOMING) {
		answerer_cancelled(c, m);
	} else if (c->state == CALL_UP) {
		pc_sip_ua_stop_2xx(c->ua, c->dialog->call_id,
				   c->dialog->local_tag);
		call_ended(c, "them", reason ? reason : "BYE", PC_EXIT_OK, m);
	} else {
		call_over(c, c->status); /* both hung up at once */
	}
}

static void on_offer(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m)
{
	reoffer_received(c, branch_of(c, m), tr, m);
}

typedef void handler(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m);

static const struct method {
	const char *name;
	bool needs_dialog;
	handler *fn; /* NULL: known, but not done here (405) */
} methods[] = {
	{ "INVITE", true, on_offer }, /* the first one is not for this table */
	{ "CANCEL", false, on_cancel },
	{ "BYE", true, on_bye },
	{ "OPTIONS", false, on_options },
	{ "INFO", true, info_received },
	{ "UPDATE", true, on_offer },
	{ "MESSAGE", false, message_received },
	{ "NOTIFY", true, notify_received },
	{ "PRACK", true, provisional_pracked },
	{ "PUBLISH", false, NULL },
	{ "REFER", true, referred_received },
	{ "REGISTER", false, NULL },
	{ "SUBSCRIBE", false, NULL },
};

static const struct method *find(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

/* 12.2.2: a To tag names a dialog, which must be ours and in order. */
static bool in_dialog(struct call *c, struct pc_sip_server *tr,
		      const osip_message_t *m)
{
	struct branch *b = branch_of(c, m);

	if (!b || c->state == CALL_OVER) {
		reply(tr, 481);
		return false;
	}
	if (pc_sip_dialog_cseq(b->dialog, m) < 0) {
		pc_sip_ua_reply(tr, 500, "CSeq goes backwards", NULL, NULL,
				NULL);
		return false;
	}
	return true;
}

void request_received(void *arg, struct pc_sip_server *tr, osip_message_t *m,
		      const struct pc_addr *from)
{
	const struct method *method = find(m->sip_method);
	bool tagged = pc_sip_tag(m->to)[0] != '\0';
	struct call *c = arg;

	if (c->cfg->method) {
		ask_received(c, tr, m, from);
		return;
	}
	if (!method || !method->fn) {
		pc_sip_ua_reply(tr, method ? 405 : 501, NULL, NULL, "Allow",
				PC_SIP_ALLOW);
		return;
	}
	if (MSG_IS_INVITE(m) && !tagged) {
		if (!replaces_invite(c, tr, m, from))
			answerer_invite(c, tr, m, from);
		return;
	}
	if (method->needs_dialog && !tagged) {
		reply(tr, 481);
		return;
	}
	if (tagged && !MSG_IS_CANCEL(m) && !in_dialog(c, tr, m))
		return;
	method->fn(c, tr, m);
}
