/* The caller: what comes back from the INVITE (RFC 3261 13.2.2). */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An early dialog (12.1): what may come in it is then known. */
static void early_dialog(struct call *c, struct pc_sip_client *tr,
			 const osip_message_t *m)
{
	struct pc_sip_dialog *d;

	if (!pc_sip_tag(m->to)[0] ||
	    (c->dialog &&
	     strcmp(c->dialog->remote_tag, pc_sip_tag(m->to)) == 0))
		return;
	if (pc_sip_dialog_uac(&d, pc_sip_client_request(tr), m) < 0)
		return;
	pc_sip_dialog_free(c->dialog);
	c->dialog = d;
}

static void early_media(struct call *c, const osip_message_t *m)
{
	struct pc_buf sdp = { 0 };
	const char *body;
	size_t len;

	body = pc_sip_body(m, SDP_TYPE, &len);
	if (!body || session_take(c, &sdp, body, len, "early SDP") < 0)
		goto out;
	if (sdp.len == c->early_sdp.len &&
	    memcmp(sdp.data, c->early_sdp.data, sdp.len) == 0)
		goto out; /* sent again */
	pc_event(c->tool, "early", "status=%d tag=%s sdp=%s", m->status_code,
		 pc_sip_tag(m->to), sdp.data);
	if (c->cfg->early && c->early_sdp.len == 0 &&
	    pc_tool_product(c->tool, sdp.data, sdp.len) < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
	pc_buf_fini(&c->early_sdp);
	c->early_sdp = sdp;
	return;
out:
	pc_buf_fini(&sdp);
}

static void on_provisional(struct call *c, struct pc_sip_client *tr,
			   const struct pc_sip_response *r)
{
	const char *event = r->status == 100   ? "trying"
			    : r->status == 180 ? "ringing"
					       : "progress";

	pc_event(c->tool, event, "status=%d reason=%s headers=%p", r->status,
		 r->reason, (void *)headers_of(c, r->message));
	pc_verbose("%d %s", r->status, r->reason);
	if (r->status == 100 || c->state != CALL_CALLING)
		return;
	early_dialog(c, tr, r->message);
	early_media(c, r->message);
}

/* Up at the other side, and not wanted here: BYE at once. */
static void end_answered(struct call *c, const char *why, int status)
{
	c->state = CALL_UP;
	c->up_ms = pc_now_ms();
	call_hangup(c, why, status);
}

static void take_answer(struct call *c, osip_message_t *m)
{
	const char *sdp;
	size_t len;
	int rc = 0;

	sdp = pc_sip_body(m, SDP_TYPE, &len);
	if (!sdp) {
		pc_tool_error(c->tool, "%s: 200 without an SDP answer", c->uri);
		end_answered(c, "no answer in 200", PC_EXIT_PROTOCOL);
		return;
	}
	if (session_take(c, &c->remote_sdp, sdp, len, "the answer") < 0) {
		end_answered(c, "a broken answer in 200", PC_EXIT_PROTOCOL);
		return;
	}
	pc_event(c->tool, "answered", "status=%d reason=%s sdp=%s headers=%p",
		 m->status_code, m->reason_phrase, c->remote_sdp.data,
		 (void *)headers_of(c, m));
	if (!c->cfg->early || c->early_sdp.len == 0) /* else: printed then */
		rc = pc_tool_product(c->tool, c->remote_sdp.data,
				     c->remote_sdp.len);
	call_up(c); /* who hears of it finds the product */
	if (rc < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
	else if (!expect_met(c))
		call_hangup(c, "another answer was expected", PC_EXIT_NO);
}

static void on_success(struct call *c, struct pc_sip_client *tr,
		       const struct pc_sip_response *r)
{
	const osip_message_t *request = pc_sip_client_request(tr);
	struct pc_sip_dialog *d;

	if (pc_sip_dialog_uac(&d, request, r->message) < 0) {
		pc_tool_error(c->tool, "%s: 200 without a usable Contact",
			      c->uri);
		call_over(c, PC_EXIT_PROTOCOL);
		return;
	}
	pc_sip_dialog_free(c->dialog);
	c->dialog = d;
	osip_message_free(c->taken);
	if (osip_message_clone(request, &c->taken) != 0)
		c->taken = NULL;
	ack_send(c, d, request, NULL);
	if (c->state == CALL_ENDING) /* our CANCEL was late (9.1) */
		end_answered(c, "answered after we hung up", c->status);
	else
		take_answer(c, r->message);
}

/* --- no ------------------------------------------------------------------ */

static int status_of(const struct call *c, const struct pc_sip_response *r)
{
	if (r->status == 408 || !r->message)
		return PC_EXIT_NOANSWER;
	if (r->status == 401 || r->status == 407 ||
	    (r->status == 403 && c->authorized))
		return PC_EXIT_NOPERM;
	return PC_EXIT_NO;
}

static void on_refused(struct call *c, const struct pc_sip_response *r)
{
	const osip_contact_t *contact =
		r->message ? osip_list_get(&r->message->contacts, 0) : NULL;
	char *elsewhere = NULL;

	if (r->status >= 300 && r->status < 400 && contact && contact->url &&
	    osip_uri_to_str(contact->url, &elsewhere) != 0)
		elsewhere = NULL;
	if (!r->message) {
		pc_event(c->tool, "failed", "reason=%s",
			 r->err == ETIMEDOUT ? "no answer" : r->reason);
		pc_warnx("%s: %s", c->uri,
			 r->err == ETIMEDOUT ? "no answer at all: is the "
					       "address right?"
					     : r->reason);
	} else {
		pc_event(c->tool, "rejected",
			 "status=%d reason=%s contact=%s warning=%s "
			 "cause=%p headers=%p",
			 r->status, r->reason, elsewhere,
			 pc_sip_header(r->message, "Warning", 0),
			 (void *)headers_cause(r->message),
			 (void *)headers_of(c, r->message));
		pc_warnx("%s: %d %s%s%s", c->uri, r->status, r->reason,
			 elsewhere ? ": call " : "",
			 elsewhere ? elsewhere : "");
	}
	osip_free(elsewhere);
	call_over(c, status_of(c, r));
}

static void invite_again(struct call *c, osip_message_t *request, void *arg)
{
	(void)arg;
	c->invite = NULL;
	if (c->state >= CALL_ENDING) {
		osip_message_free(request);
		call_over(c, c->status);
	} else if (!request) {
		call_over(c, PC_EXIT_NOPERM);
	} else if (caller_invite(c, request) < 0) {
		call_over(c, PC_EXIT_IO);
	}
}

void caller_response(void *arg, struct pc_sip_client *tr,
		     const struct pc_sip_response *r)
{
	struct call *c = arg;
	bool ending = c->state >= CALL_ENDING;

	if (r->status < 200) {
		on_provisional(c, tr, r);
		return;
	}
	c->invite = NULL;
	if (!ending && r->message)
		expect_final(c, r->status, r->reason);
	if (r->status < 300) {
		on_success(c, tr, r);
	} else if (ending) {
		pc_event(c->tool, "cancelled", "by=%s status=%d", "us",
			 r->status);
		call_over(c, c->status);
	} else if ((r->status == 401 || r->status == 407) && r->message &&
		   auth_wanted(&c->tries, r->message)) {
		auth_answer(c, pc_sip_client_request(tr), r->message,
			    pc_sip_cseq(r->message) + 1, invite_again, NULL);
	} else {
		on_refused(c, r);
	}
}

static bool in_this_call(const struct call *c, const osip_message_t *response)
{
	char *id = NULL;
	bool same;

	if (osip_call_id_to_str(response->call_id, &id) != 0)
		return false;
	same = strcmp(id, c->call_id) == 0 &&
	       strcmp(pc_sip_tag(response->from), c->tag) == 0;
	osip_free(id);
	return same;
}

/* 13.2.2.4: a 2xx again, or from another branch of a fork. */
void caller_stray(void *arg, osip_message_t *response,
		  const struct pc_addr *from)
{
	struct call *c = arg;
	struct pc_sip_dialog *d;

	(void)from;
	if (!in_this_call(c, response) || ack_again(c, response) || !c->taken ||
	    pc_sip_cseq(response) != pc_sip_cseq(c->taken))
		return;
	if (pc_sip_dialog_uac(&d, c->taken, response) < 0)
		return;
	pc_event(c->tool, "forked", "remote_tag=%s remote_target=%s",
		 d->remote_tag, d->target);
	if (ack_send(c, d, c->taken, NULL) == 0)
		call_bye_fork(c, d);
	else
		pc_sip_dialog_free(d);
}
