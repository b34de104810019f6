/* The caller: what comes back from the INVITE (RFC 3261 13.2.2). */
#include "beside.h"

#include <errno.h>
#include <string.h>

/* Up at the other side, and not wanted here: BYE at once. */
static void end_answered(struct call *c, const char *why, int status)
{
	c->state = CALL_UP;
	c->up_ms = pc_now_ms();
	call_hangup(c, why, status);
}

/* The description that the user waits for goes out, once. */
static int print(struct call *c)
{
	if (c->printed)
		return 0;
	c->printed = true;
	return pc_tool_product(c->tool, c->remote_sdp.data, c->remote_sdp.len);
}

static void go_up(struct call *c, int print_rc)
{
	c->acked = true;
	c->branch->agreed = true;
	call_up(c); /* who hears of it finds the product */
	if (print_rc < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
	else if (!expect_met(c))
		call_hangup(c, "another answer was expected", PC_EXIT_NO);
}

static bool take_description(struct call *c, const osip_message_t *m)
{
	const char *sdp, *wrong = NULL;
	size_t len;

	if (c->branch->agreed) /* in a reliable response: this one is no news */
		return true;
	sdp = pc_sip_body(m, SDP_TYPE, &len);
	if (!sdp) {
		pc_tool_error(c->tool, "%s: 200 without an SDP %s", c->uri,
			      c->late_offer ? "offer" : "answer");
		wrong = "no SDP in 200";
	} else if (session_take(c, &c->remote_sdp, sdp, len,
				c->late_offer ? "the offer" : "the answer") <
		   0) {
		wrong = "a broken SDP in 200";
	}
	if (wrong)
		end_answered(c, wrong, PC_EXIT_PROTOCOL);
	return !wrong;
}

void caller_answer(struct call *c)
{
	struct branch *b;

	if (c->local_sdp.len == 0)
		return;
	if (c->ack_due) {
		c->ack_due = false;
		ack_send(c, c->dialog, c->taken, &c->local_sdp);
		go_up(c, 0);
		return;
	}
	LIST_FOREACH(b, &c->branches, link)
	{
		if (b->offer_rseq == 0)
			continue;
		b->agreed = reliable_prack(c, b, b->offer_rseq, b->offer_cseq,
					   &c->local_sdp) == 0;
		b->offer_rseq = 0;
	}
}

/* Their offer came as late as in the 2xx: ours, the answer, is awaited. */
static void answer_2xx(struct call *c, osip_message_t *m)
{
	int rc;

	pc_event(c->tool, "offered", "status=%d tag=%s sdp=%s", m->status_code,
		 c->dialog->remote_tag, c->remote_sdp.data);
	c->ack_due = true;
	c->state = CALL_UP;
	c->up_ms = pc_now_ms();
	rc = print(c);
	if (rc < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
	else
		caller_answer(c);
}

static void on_success(struct call *c, struct pc_sip_client *tr,
		       const struct pc_sip_response *r)
{
	const osip_message_t *request = pc_sip_client_request(tr);
	struct branch *b = early_branch(c, request, r->message);
	int rc = b ? pc_sip_dialog_confirm(b->dialog, r->message) : -EBADMSG;
	bool ending = c->state == CALL_ENDING;

	osip_message_free(c->taken);
	if (osip_message_clone(request, &c->taken) != 0)
		c->taken = NULL;
	if (rc < 0 || !c->taken) {
		pc_tool_error(c->tool, "%s: 200 without a usable Contact",
			      c->uri);
		call_over(c, PC_EXIT_PROTOCOL);
		return;
	}
	branch_choose(c, b);
	branch_learn(b, r->message);
	branch_state(c, b, "Confirmed", "received a 2xx");
	expiry_accepted(c, r->message);
	if (ending || !c->late_offer || b->agreed)
		ack_send(c, b->dialog, request, NULL);
	else
		c->ack_due = true; /* also when it is ended at once */
	if (ending) {              /* our CANCEL was late (9.1) */
		end_answered(c, "answered after we hung up", c->status);
	} else if (take_description(c, r->message)) {
		pc_event(c->tool, "answered",
			 "status=%d reason=%s tag=%s sdp=%s headers=%p",
			 r->status, r->reason, b->dialog->remote_tag,
			 c->remote_sdp.data, (void *)headers_of(c, r->message));
		if (c->ack_due)
			answer_2xx(c, r->message);
		else
			go_up(c, print(c));
	}
}

/* --- no ------------------------------------------------------------------ */

int caller_status(const struct call *c, const struct pc_sip_response *r)
{
	if (!r->message && r->err == EKEYREJECTED)
		return PC_EXIT_NOPERM;
	if (!r->message && r->err == EPROTO)
		return PC_EXIT_PROTOCOL;
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
	call_over(c, caller_status(c, r));
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

	if (replaces_response(c, tr, r))
		return;
	if (r->status < 200) {
		early_response(c, tr, r);
		second_progress(c, r->status, r->reason);
		return;
	}
	c->invite = NULL;
	if (!ending && r->status >= 300 &&
	    way_next(c, pc_sip_client_request(tr), r, caller_invite))
		return;
	if (!ending && r->message)
		expect_final(c, r->status, r->reason);
	if (r->status < 300 && r->message) {
		on_success(c, tr, r);
	} else if (ending) {
		pc_event(c->tool, "cancelled", "by=%s status=%d", "us",
			 r->status);
		call_over(c, c->status);
	} else if ((r->status == 401 || r->status == 407) && r->message &&
		   auth_wanted(&c->tries, r->message)) {
		auth_answer(c, pc_sip_client_request(tr), r->message, ++c->cseq,
			    invite_again, NULL);
	} else if (r->status == 422 && r->message &&
		   expiry_raise(c, r->message)) {
		if (caller_repeat(c) < 0)
			call_over(c, PC_EXIT_IO);
	} else if (!follow_next(c, r)) {
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
	struct branch *b;

	(void)from;
	if (!in_this_call(c, response) || ack_again(c, response) || !c->taken ||
	    pc_sip_cseq(response) != pc_sip_cseq(c->taken) ||
	    strcmp(pc_sip_tag(response->to), c->dialog->remote_tag) == 0)
		return; /* the last: our answer, in the ACK, is not there yet */
	b = early_branch(c, c->taken, response);
	if (!b || pc_sip_dialog_confirm(b->dialog, response) < 0)
		return;
	branch_state(c, b, "Confirmed", "received a 2xx of another branch");
	pc_event(c->tool, "forked", "remote_tag=%s remote_target=%s",
		 b->dialog->remote_tag, b->dialog->target);
	if (ack_send(c, b->dialog, c->taken, NULL) == 0)
		call_bye_fork(c, b->dialog);
}
