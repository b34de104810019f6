/* The answerer: their INVITE and what we say to it (RFC 3261 13.3). */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- the INVITE ---------------------------------------------------------- */

/* "Bob \"B\"" as it is written in the header -> Bob "B". */
static void display_name(const osip_from_t *from, char *name, size_t size)
{
	const char *p = from->displayname ? from->displayname : "";
	size_t n = strlen(p), used = 0;
	bool quoted = n >= 2 && p[0] == '"' && p[n - 1] == '"';

	for (size_t i = quoted; i < n - quoted && used + 1 < size; i++) {
		if (quoted && p[i] == '\\' && i + 1 < n - quoted)
			i++;
		name[used++] = p[i];
	}
	name[used] = '\0';
}

static void tell_incoming(struct call *c, osip_message_t *m,
			  const struct pc_addr *from)
{
	char name[128], source[PC_ADDR_TEXT];
	char *caller = NULL, *to = NULL, *uri = NULL;

	display_name(m->from, name, sizeof(name));
	osip_uri_to_str(m->from->url, &caller);
	osip_uri_to_str(m->to->url, &to);
	osip_uri_to_str(m->req_uri, &uri);
	pc_event(c->tool, "incoming",
		 "from=%s from_name=%s to=%s request_uri=%s call_id=%s "
		 "source=%s late_offer=%c sdp=%s headers=%p",
		 caller, name[0] ? name : NULL, to, uri, c->dialog->call_id,
		 pc_addr_text(from, source), c->late_offer,
		 c->late_offer ? NULL : c->remote_sdp.data,
		 (void *)headers_of(c, m));
	pc_info("call from %s%s%s", name, name[0] ? " " : "",
		caller ? caller : "?");
	osip_free(caller);
	osip_free(to);
	osip_free(uri);
}

/* Their offer is our product, and when that is out stdout is closed. */
static int take_offer(struct call *c, struct pc_sip_server *tr,
		      const osip_message_t *m)
{
	const char *sdp;
	size_t len;

	if (!pc_sip_accepts(m,
			    SDP_TYPE)) { /* 20.1: what we would answer with */
		pc_sip_ua_reply(tr, 406, NULL, c->tag, NULL, NULL);
		return -EBADMSG;
	}
	sdp = pc_sip_body(m, SDP_TYPE, &len);
	c->late_offer = !sdp;
	if (!sdp && osip_list_size(&m->bodies) > 0 &&
	    ((osip_body_t *)osip_list_get(&m->bodies, 0))->length > 0) {
		pc_sip_ua_reply(tr, 415, NULL, c->tag, "Accept", SDP_TYPE);
		return -EBADMSG;
	}
	if (!sdp)
		return 0;
	if (session_take(c, &c->remote_sdp, sdp, len, "their offer") < 0) {
		pc_sip_ua_reply(tr, 488, NULL, c->tag, "Warning",
				"399 pipecall \"the SDP does not parse\"");
		return -EBADMSG;
	}
	return 0;
}

static int take_dialog(struct call *c, struct pc_sip_server *tr,
		       const osip_message_t *m)
{
	struct pc_sip_dialog *d;
	struct branch *b;

	if (pc_sip_dialog_uas(&d, m, c->tag) < 0) {
		pc_sip_ua_reply(tr, 400, "No usable Contact", c->tag, NULL,
				NULL);
		return -EBADMSG;
	}
	b = branch_new(c, d);
	if (!b) {
		pc_sip_ua_reply(tr, 500, NULL, c->tag, NULL, NULL);
		return -ENOMEM;
	}
	pc_buf_add(&b->remote, c->remote_sdp.data, c->remote_sdp.len);
	branch_choose(c, b);
	branch_learn(b, m);
	branch_state(c, b, "Early", "received an INVITE");
	return 0;
}

void answerer_invite(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m, const struct pc_addr *from)
{
	if (!c->cfg->answer || c->state != CALL_WAITING) {
		pc_sip_ua_reply(tr, 486, NULL, NULL, NULL, NULL);
		return;
	}
	pc_sip_token(c->tag);
	if (expiry_refuses(c, tr, m) || provisional_begin(c, tr, m) < 0 ||
	    take_offer(c, tr, m) < 0 || take_dialog(c, tr, m) < 0)
		return;
	c->hop = *from;
	c->incoming = tr;
	c->state = CALL_INCOMING;
	snprintf(c->call_id, sizeof(c->call_id), "%s", c->dialog->call_id);
	if (pc_sip_ua_contact(c->ua, m->req_uri->username, from, c->contact,
			      sizeof(c->contact)) < 0)
		c->contact[0] = '\0';
	tell_incoming(c, m, from);
	pc_timer_set(c->deadline, c->cfg->common.timeout_ms);
	if (policy_refuses(c->cfg)) {
		policy_refuse(c);
		return;
	}
	if (c->cfg->no_ringing)
		pc_sip_ua_reply(tr, 100, NULL, NULL, NULL, NULL);
	else
		provisional_ring(c);
	if (!c->late_offer && !c->printed &&
	    pc_tool_product(c->tool, c->remote_sdp.data, c->remote_sdp.len) <
		    0) {
		answerer_refuse(c, 500, NULL);
		c->status = PC_EXIT_IO;
		return;
	}
	answerer_go_on(c);
}

/* --- our answer ----------------------------------------------------------- */

static int send_200(struct call *c)
{
	osip_message_t *m;
	int rc = pc_sip_response_new(&m, pc_sip_server_request(c->incoming),
				     200, NULL, c->tag);

	if (rc < 0)
		return rc;
	rc = pc_sip_add(m, "Contact", c->contact);
	if (rc == 0)
		rc = call_capabilities(c, m, true);
	if (rc == 0)
		rc = expiry_answer(c, pc_sip_server_request(c->incoming), m);
	if (rc == 0 && !c->branch->agreed)
		rc = pc_sip_set_body(m, SDP_TYPE, c->local_sdp.data,
				     c->local_sdp.len);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	return pc_sip_ua_respond(c->incoming, m);
}

/* Both are there, the call and our description: 200. */
void answerer_go_on(struct call *c)
{
	int rc;

	if (c->state != CALL_INCOMING || !c->answer_given ||
	    !provisional_settled(c) || policy_rings(c))
		return;
	rc = send_200(c);
	if (rc < 0) {
		pc_tool_error(c->tool, "200: %s", strerror(-rc));
		answerer_refuse(c, 500, NULL);
		c->status = PC_EXIT_IO;
		return;
	}
	provisional_end(c);
	branch_state(c, c->branch, "Confirmed", "sent a 2xx");
	c->branch->agreed |= !c->late_offer;
	c->incoming = NULL;
	c->state = CALL_UP;
	c->up_ms = pc_now_ms();
	pc_timer_cancel(c->deadline);
	pc_event(c->tool, "answered", "status=%d reason=%s", 200, "OK");
}

static void no_answer(struct call *c, int code, int status)
{
	if (c->state == CALL_WAITING) {
		pc_tool_exit(c->tool, status);
		return;
	}
	answerer_refuse(c, code, NULL);
	c->status = status;
}

/* stdin came to its end, or the command `answer` came. */
void answerer_input(void *arg, const char *sdp, size_t len)
{
	struct call *c = arg;

	if (c->state > CALL_INCOMING || c->answer_given)
		return;
	if (len == 0 && c->cfg->common.control)
		return; /* the command will bring it */
	if (len == 0) {
		pc_tool_error(c->tool, "stdin: no answer (give an SDP: "
				       "sip-dial --answer <answer.sdp)");
		no_answer(c, 488, PC_EXIT_NOINPUT);
	} else if (session_ours(c, sdp, len, "stdin: the answer") < 0) {
		no_answer(c, 500, PC_EXIT_DATA);
	} else {
		c->answer_given = true;
		answerer_go_on(c);
	}
}

static bool is_local(const struct call *c, const char *sdp)
{
	struct pc_buf copy = { 0 };
	bool is = session_copy(&copy, sdp, strlen(sdp)) == 0 &&
		  copy.len == c->local_sdp.len &&
		  memcmp(copy.data, c->local_sdp.data, copy.len) == 0;

	pc_buf_fini(&copy);
	return is;
}

int answerer_answer(struct call *c, const char *sdp)
{
	bool fixed = c->offered || (c->branch && c->branch->agreed);

	if (sdp && fixed && !is_local(c, sdp)) {
		pc_tool_error(c->tool, "answer: a reliable response has "
				       "described us already: answer without "
				       "sdp, and offer this when the call is "
				       "up");
		return -EINVAL;
	}
	if (sdp && !fixed && session_ours(c, sdp, strlen(sdp), "answer") < 0)
		return -EINVAL;
	if (c->local_sdp.len == 0) {
		pc_tool_error(c->tool, "answer: {\"command\":\"answer\","
				       "\"sdp\":\"v=0...\"}");
		return -EINVAL;
	}
	c->answer_given = true;
	answerer_go_on(c);
	return 0;
}

void answerer_refuse(struct call *c, int code, const char *reason)
{
	answerer_refuse_with(c, code, reason, NULL, NULL);
}

void answerer_refuse_with(struct call *c, int code, const char *reason,
			  const char *header, const char *value)
{
	struct pc_sip_server *tr = c->incoming;

	if (!tr)
		return;
	provisional_end(c);
	c->incoming = NULL;
	pc_sip_ua_reply(tr, code, reason, c->tag, header, value);
	pc_event(c->tool, "rejected", "by=%s status=%d reason=%s", "us", code,
		 reason ? reason : osip_message_get_reason(code));
	call_over(c, PC_EXIT_OK);
}

void answerer_cancelled(struct call *c, osip_message_t *m)
{
	struct pc_sip_server *tr = c->incoming;

	provisional_end(c);
	c->incoming = NULL;
	pc_sip_ua_reply(tr, 487, NULL, c->tag, NULL, NULL);
	pc_event(c->tool, "cancelled", "by=%s cause=%p headers=%p", "them",
		 (void *)headers_cause(m), (void *)headers_of(c, m));
	pc_info("the caller hung up");
	call_over(c, PC_EXIT_NO);
}

/* --- the ACK -------------------------------------------------------------- */

/* A late offer was answered in the ACK (13.2.1): that is the product. */
static int take_late_answer(struct call *c, const osip_message_t *ack)
{
	const char *sdp;
	size_t len;

	sdp = pc_sip_body(ack, SDP_TYPE, &len);
	if (!sdp) {
		pc_tool_error(c->tool, "the ACK has no answer to our offer");
		return PC_EXIT_PROTOCOL;
	}
	if (session_take(c, &c->remote_sdp, sdp, len, "the answer in ACK") < 0)
		return PC_EXIT_PROTOCOL;
	if (!c->printed &&
	    pc_tool_product(c->tool, c->remote_sdp.data, c->remote_sdp.len) < 0)
		return PC_EXIT_IO;
	return PC_EXIT_OK;
}

void answerer_acked(struct call *c, osip_message_t *ack)
{
	int status;

	if (c->acked || !c->dialog || !pc_sip_dialog_match(c->dialog, ack))
		return;
	c->acked = true;
	if (c->bye_pending) { /* 15: no BYE from the called before the ACK */
		c->bye_pending = false;
		if (call_bye(c, c->dialog) < 0)
			call_over(c, c->status);
		return;
	}
	if (c->state != CALL_UP)
		return;
	status = c->branch->agreed ? PC_EXIT_OK : take_late_answer(c, ack);
	c->branch->agreed = true;
	call_up(c); /* who hears of it finds the product */
	if (status != PC_EXIT_OK)
		call_hangup(c, "no answer in ACK", status);
}

void answerer_unacked(void *arg, osip_message_t *response)
{
	struct call *c = arg;

	(void)response;
	if (c->state != CALL_UP) /* of a re-INVITE it may be as well (14.2) */
		return;
	c->acked = true; /* 13.3.1.4: now a BYE may go */
	pc_tool_error(c->tool, "our 200 was not acknowledged");
	call_hangup(c, "no ACK", PC_EXIT_NOANSWER);
}

int answerer_start(struct call *c)
{
	const char *id = c->cfg->invite ? c->cfg->invite : getenv("SIP_INVITE");
	int rc = net_listen(c);

	c->acked = false;
	if (rc < 0 || !c->cfg->line)
		return rc;
	rc = pc_sip_transport_take(c->tp, id);
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: no call to take: %s", c->cfg->line,
			      strerror(-rc));
		pc_tool_exit(c->tool, PC_EXIT_IO);
	}
	return rc;
}
