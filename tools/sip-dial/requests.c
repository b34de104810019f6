/* What the other side asks, before, in and out of a call. */
#include "beside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void reply(struct pc_sip_server *tr, int status)
{
	pc_sip_ua_reply(tr, status, NULL, NULL, NULL, NULL);
}

/* 200 to what may refresh our target or describe us. */
static void reply_ok(struct call *c, struct pc_sip_server *tr, const char *sdp,
		     size_t len)
{
	osip_message_t *m;
	int rc = pc_sip_response_new(&m, pc_sip_server_request(tr), 200, NULL,
				     c->tag);

	if (rc < 0)
		return;
	rc = pc_sip_add(m, "Allow", PC_SIP_ALLOW);
	if (rc == 0)
		rc = pc_sip_add(m, "Accept", SDP_TYPE);
	if (rc == 0 && c->contact[0])
		rc = pc_sip_add(m, "Contact", c->contact);
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
	reply_ok(c, tr, NULL, 0);
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
}

static void on_bye(struct call *c, struct pc_sip_server *tr, osip_message_t *m)
{
	const char *reason = pc_sip_header(m, "Reason", 0);

	if (c->state == CALL_CALLING) { /* 15: not on an early dialog of ours */
		reply(tr, 481);
		return;
	}
	reply(tr, 200);
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

/* The directions may be new (hold); all else must be as it was. */
static void on_same_session(struct call *c, struct pc_sip_server *tr,
			    const char *sdp, size_t len)
{
	int rc = session_answer(c, sdp, len);

	if (rc < 0) {
		reply(tr, 500);
		return;
	}
	if (rc > 0)
		pc_event(c->tool, "hold", "by=%s direction=%s", "them",
			 session_direction(c));
	reply_ok(c, tr, c->local_sdp.data, c->local_sdp.len);
}

static void on_offer(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m)
{
	const char *sdp;
	size_t len;

	sdp = pc_sip_body(m, SDP_TYPE, &len);
	if (c->state != CALL_UP && (sdp || MSG_IS_INVITE(m))) {
		pc_sip_ua_reply(tr, 491, NULL, NULL, NULL, NULL);
		return;
	}
	if (!sdp && MSG_IS_INVITE(m)) { /* we offer what we have (14.2) */
		reply_ok(c, tr, c->local_sdp.data, c->local_sdp.len);
	} else if (!sdp) {
		reply_ok(c, tr, NULL, 0);
	} else if (session_same(c, sdp, len)) {
		on_same_session(c, tr, sdp, len);
	} else {
		pc_event(c->tool, "reoffer", "method=%s sdp=%p", m->sip_method,
			 pc_json_text(sdp, len));
		pc_sip_ua_reply(tr, 488, NULL, NULL, "Warning",
				"399 pipecall \"the session stays as it is\"");
		return;
	}
	pc_sip_dialog_refresh(c->dialog, m);
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
	{ "PRACK", false, NULL },
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
	if (!c->dialog || c->state == CALL_OVER ||
	    !pc_sip_dialog_match(c->dialog, m)) {
		reply(tr, 481);
		return false;
	}
	if (pc_sip_dialog_cseq(c->dialog, m) < 0) {
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

	if (!method || !method->fn) {
		pc_sip_ua_reply(tr, method ? 405 : 501, NULL, NULL, "Allow",
				PC_SIP_ALLOW);
		return;
	}
	if (MSG_IS_INVITE(m) && !tagged) {
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
