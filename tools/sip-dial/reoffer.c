/*
 * They change the session: re-INVITE (RFC 3261 14.2), UPDATE (RFC 3311), an
 * offer in a PRACK (RFC 3262 5). What changes nothing but directions or an
 * address is answered at once; anything else is for whoever reads the events.
 */
#include "call.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

bool reoffer_pending(const struct call *c)
{
	return c->reoffer.tr != NULL || c->reoffer.late;
}

/* 14.2: come again in 0 to 10 s. */
static void come_again(struct pc_sip_server *tr)
{
	unsigned char n = 0;
	char text[8];

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		n = 1;
	snprintf(text, sizeof(text), "%d", n % 11);
	pc_sip_ua_reply(tr, 500, "Another offer is under way", NULL,
			"Retry-After", text);
}

static void tell_changed(struct call *c, const osip_message_t *m,
			 enum session_change change, const char *sdp)
{
	pc_event(c->tool, "changed", "by=%s what=%s method=%s sdp=%s", "them",
		 session_change_name(change), m->sip_method, sdp);
}

/* 200 to it, with our description: now their Contact counts, too (12.2). */
static void accept_it(struct call *c, struct pc_sip_server *tr)
{
	pc_sip_dialog_refresh(c->dialog, pc_sip_server_request(tr));
	request_ok(c, tr, c->local_sdp.data, c->local_sdp.len);
}

/* Only directions or an address are new: our description stays, or mirrors. */
static void answer_alone(struct call *c, struct pc_sip_server *tr,
			 const osip_message_t *m, enum session_change change)
{
	const char *before = session_direction(c), *now, *body;
	struct pc_buf sdp = { 0 };
	size_t len;
	int rc;

	body = pc_sip_body(m, SDP_TYPE, &len);
	rc = session_take(c, &sdp, body, len, "their offer");
	if (rc == 0 && change == SESSION_CODECS)
		rc = session_narrow(c, body, len);
	if (rc >= 0)
		rc = session_answer(c, body, len, rc > 0);
	if (rc < 0) {
		pc_buf_fini(&sdp);
		pc_sip_ua_reply(tr, 500, NULL, NULL, NULL, NULL);
		return;
	}
	pc_buf_fini(&c->remote_sdp);
	c->remote_sdp = sdp;
	accept_it(c, tr);
	now = session_direction(c);
	if (strcmp(before, now) != 0)
		pc_event(c->tool, "hold", "by=%s direction=%s", "them", now);
	if (strcmp(before, now) != 0 || change != SESSION_SAME)
		tell_changed(c, m, change, sdp.data);
}

static void no(struct pc_sip_server *tr, const char *warning)
{
	pc_sip_ua_reply(tr, 488, NULL, NULL, "Warning", warning);
}

static void on_wait(void *arg)
{
	struct call *c = arg;

	pc_tool_error(c->tool, "their new offer: no command answer within %g s",
		      c->cfg->reoffer_wait_ms / 1000.0);
	reoffer_refuse(c, 488, NULL);
}

/* The reader of our events has to say what to answer. */
static void ask(struct call *c, struct pc_sip_server *tr,
		const osip_message_t *m, enum session_change change)
{
	struct reoffer *o = &c->reoffer;
	bool wanted = c->cfg->common.control && c->cfg->reoffer_wait_ms > 0;
	const char *body;
	size_t len;

	if (!o->wait)
		o->wait = pc_timer_new(c->tool->loop, on_wait, c);
	body = pc_sip_body(m, SDP_TYPE, &len);
	if (change == SESSION_BROKEN ||
	    session_take(c, &o->sdp, body, len, "their offer") < 0 ||
	    !o->wait) {
		no(tr, "399 pipecall \"the SDP does not parse\"");
		return;
	}
	pc_event(c->tool, "reoffer", "method=%s answer=%s sdp=%s",
		 m->sip_method, wanted ? "wanted" : "refused", o->sdp.data);
	if (!wanted) {
		no(tr, "399 pipecall \"the session stays as it is\"");
		return;
	}
	o->tr = tr;
	pc_timer_set(o->wait, c->cfg->reoffer_wait_ms);
	if (MSG_IS_INVITE(m)) /* or they would send it again */
		pc_sip_ua_reply(tr, 100, NULL, NULL, NULL, NULL);
}

/* Whose turn it is (RFC 3311 5.2, RFC 3261 14.2): true: it has been refused. */
static bool not_now(struct call *c, const struct branch *b,
		    struct pc_sip_server *tr, bool invite, bool offers)
{
	bool ours = modify_pending(c) || c->reoffer.late ||
		    (c->state == CALL_UP && c->late_offer && !c->acked) ||
		    (c->state != CALL_UP && !b->agreed &&
		     c->cfg->answer == c->late_offer);

	if (!offers && !invite)
		return false;
	if (c->reoffer.tr) {
		come_again(tr);
		return true;
	}
	if (ours || (invite && c->state != CALL_UP)) {
		pc_event(c->tool, "glare", "by=%s status=%d", "them", 491);
		pc_sip_ua_reply(tr, 491, NULL, NULL, NULL, NULL);
		return true;
	}
	if (c->state != CALL_UP && !b->agreed) { /* theirs in the INVITE */
		come_again(tr);
		return true;
	}
	return false;
}

void reoffer_received(struct call *c, struct branch *b,
		      struct pc_sip_server *tr, osip_message_t *m)
{
	enum session_change change;
	const char *body;
	size_t len;

	body = pc_sip_body(m, SDP_TYPE, &len);
	if (not_now(c, b, tr, MSG_IS_INVITE(m), body != NULL) ||
	    expiry_refuses(c, tr, m))
		return;
	branch_choose(c, b);
	branch_learn(b, m);
	if (!body && MSG_IS_INVITE(m)) { /* we offer what we have (14.2) */
		c->reoffer.late = true;
		c->reoffer.cseq = pc_sip_cseq(m);
		accept_it(c, tr);
	} else if (!body) {
		pc_sip_dialog_refresh(b->dialog, m);
		request_ok(c, tr, NULL, 0);
	} else {
		change = session_change(c, body, len);
		if (change < SESSION_MEDIA)
			answer_alone(c, tr, m, change);
		else
			ask(c, tr, m, change);
	}
}

static void finish(struct call *c)
{
	c->reoffer.tr = NULL;
	pc_timer_cancel(c->reoffer.wait);
}

int reoffer_answer(struct call *c, const char *sdp, size_t len)
{
	struct reoffer *o = &c->reoffer;
	struct pc_sip_server *tr = o->tr;
	struct pc_buf ours = { 0 };
	int rc = session_take(c, &ours, sdp, len, "answer");

	if (rc == 0)
		rc = session_follow(c, &ours);
	if (rc < 0) {
		pc_buf_fini(&ours);
		return rc; /* a better one may come */
	}
	finish(c);
	pc_buf_fini(&c->local_sdp);
	c->local_sdp = ours;
	pc_buf_clear(&c->base_sdp);
	pc_buf_add(&c->base_sdp, ours.data, ours.len);
	pc_buf_fini(&c->remote_sdp);
	c->remote_sdp = o->sdp;
	o->sdp = (struct pc_buf){ 0 };
	tell_changed(c, pc_sip_server_request(tr), SESSION_MEDIA,
		     c->remote_sdp.data);
	accept_it(c, tr);
	return 0;
}

void reoffer_refuse(struct call *c, int code, const char *reason)
{
	struct pc_sip_server *tr = c->reoffer.tr;

	if (!tr)
		return;
	finish(c);
	pc_event(c->tool, "refused", "by=%s what=%s method=%s status=%d", "us",
		 "offer", pc_sip_server_request(tr)->sip_method, code);
	pc_sip_ua_reply(tr, code, reason, NULL, NULL, NULL);
}

bool reoffer_cancelled(struct call *c, const struct pc_sip_server *tr)
{
	if (!tr || tr != c->reoffer.tr)
		return false;
	reoffer_refuse(c, 487, NULL);
	return true;
}

bool reoffer_acked(struct call *c, const osip_message_t *ack)
{
	struct pc_buf sdp = { 0 };
	const char *body;
	size_t len;

	if (!c->reoffer.late || c->reoffer.cseq != pc_sip_cseq(ack))
		return false;
	c->reoffer.late = false;
	body = pc_sip_body(ack, SDP_TYPE, &len);
	if (!body) {
		pc_tool_error(c->tool, "the ACK has no answer to our offer");
		return true;
	}
	if (session_take(c, &sdp, body, len, "their answer in ACK") < 0)
		return true;
	if (session_change(c, body, len) != SESSION_SAME)
		pc_event(c->tool, "changed", "by=%s what=%s method=%s sdp=%s",
			 "them", "answer", "ACK", sdp.data);
	pc_buf_fini(&c->remote_sdp);
	c->remote_sdp = sdp;
	return true;
}
