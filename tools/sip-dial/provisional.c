/*
 * The answerer's provisional responses: 180, or 183 with a description (early
 * media), reliable where the caller can do that (RFC 3262 section 3). One that
 * waits for its PRACK holds back the next one, and the 200.
 */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "sip/extension.h"

int provisional_begin(struct call *c, struct pc_sip_server *tr,
		      const osip_message_t *invite)
{
	const char *policy = c->cfg->reliable;

	c->all_reliable = pc_sip_lists(invite, "Require", "100rel");
	c->reliable = c->all_reliable ||
		      (pc_sip_lists(invite, "Supported", "100rel") &&
		       strcmp(policy, "off") != 0);
	if (c->reliable || strcmp(policy, "require") != 0)
		return 0;
	pc_sip_ua_reply(tr, 421, NULL, c->tag, "Require", "100rel");
	return -EPROTO;
}

bool provisional_settled(const struct call *c)
{
	bool unanswered = c->offered && !c->branch->agreed;

	return c->local_sdp.len > 0 && !unanswered && !c->held &&
	       !pc_sip_ua_reliable_pending(c->incoming);
}

void provisional_end(struct call *c)
{
	osip_message_free(c->held);
	c->held = NULL;
}

static int build(struct call *c, int code, const struct pc_buf *sdp,
		 osip_message_t **out)
{
	osip_message_t *m;
	int rc = pc_sip_response_new(&m, pc_sip_server_request(c->incoming),
				     code, NULL, c->tag);

	if (rc < 0)
		return rc;
	rc = pc_sip_add(m, "Contact", c->contact);
	if (rc == 0)
		rc = pc_sip_add(m, "Allow", PC_SIP_ALLOW);
	if (rc == 0 && sdp)
		rc = pc_sip_set_body(m, SDP_TYPE, sdp->data, sdp->len);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

static int send_now(struct call *c, osip_message_t *m)
{
	bool described = osip_list_size(&m->bodies) > 0;

	if (!c->all_reliable && !(c->reliable && described))
		return pc_sip_ua_respond(c->incoming, m);
	if (described && c->late_offer)
		c->offered = true; /* its answer comes in the PRACK */
	else if (described)
		c->branch->agreed = true;
	return pc_sip_ua_respond_reliably(c->incoming, m);
}

static int send_it(struct call *c, int code, const struct pc_buf *sdp)
{
	osip_message_t *m;
	int rc = build(c, code, sdp, &m);

	if (rc < 0)
		return rc;
	pc_event(c->tool, code == 180 ? "ringing" : "progress",
		 "status=%d reason=%s reliable=%c sdp=%s", code,
		 m->reason_phrase, c->all_reliable || (c->reliable && sdp),
		 sdp ? sdp->data : NULL);
	if (!pc_sip_ua_reliable_pending(c->incoming))
		return send_now(c, m);
	if (c->held && osip_list_size(&c->held->bodies) > 0) {
		osip_message_free(m); /* it matters more */
		return -EBUSY;
	}
	osip_message_free(c->held);
	c->held = m;
	return 0;
}

int provisional_ring(struct call *c)
{
	return send_it(c, 180, NULL);
}

int provisional_progress(struct call *c, int code, const char *sdp, size_t len)
{
	int rc;

	if (len == 0)
		return send_it(c, code, NULL);
	if (c->offered || c->branch->agreed) {
		pc_tool_error(c->tool, "progress: a reliable response has "
				       "described us already");
		return -EINVAL;
	}
	if (session_ours(c, sdp, len, "progress") < 0)
		return -EINVAL;
	rc = send_it(c, code, &c->local_sdp);
	if (rc < 0)
		pc_tool_error(c->tool, "progress: %s", strerror(-rc));
	return rc;
}

/* What we offered in a reliable response is answered in its PRACK. */
static void take_answer(struct call *c, struct pc_sip_server *tr,
			const char *sdp, size_t len)
{
	int status = PC_EXIT_OK;

	if (!sdp) {
		pc_tool_error(c->tool, "the PRACK has no answer to our offer");
		status = PC_EXIT_PROTOCOL;
	} else if (session_take(c, &c->remote_sdp, sdp, len,
				"the answer in PRACK") < 0) {
		status = PC_EXIT_PROTOCOL;
	}
	if (status == PC_EXIT_OK) {
		request_ok(c, tr, NULL, 0);
		c->branch->agreed = true;
		if (pc_tool_product(c->tool, c->remote_sdp.data,
				    c->remote_sdp.len) < 0)
			status = PC_EXIT_IO;
	} else {
		pc_sip_ua_reply(tr, 400, "No Answer", NULL, NULL, NULL);
	}
	if (status != PC_EXIT_OK) {
		answerer_refuse(c, 500, NULL);
		c->status = status;
	}
}

void provisional_pracked(struct call *c, struct pc_sip_server *tr,
			 osip_message_t *m)
{
	struct pc_sip_server *invite = pc_sip_ua_pracked(c->ua, m);
	osip_message_t *held = c->held;
	const char *sdp;
	size_t len;

	if (!invite || invite != c->incoming) {
		pc_sip_ua_reply(tr, 481, NULL, NULL, NULL, NULL);
		return;
	}
	sdp = pc_sip_body(m, SDP_TYPE, &len);
	if (c->offered && !c->branch->agreed)
		take_answer(c, tr, sdp, len);
	else if (sdp)
		reoffer_received(c, c->branch, tr, m);
	else
		request_ok(c, tr, NULL, 0);
	if (c->state != CALL_INCOMING)
		return;
	c->held = NULL;
	if (held)
		send_now(c, held);
	answerer_go_on(c);
}

void provisional_unpracked(void *arg, struct pc_sip_server *tr)
{
	struct call *c = arg;

	if (tr != c->incoming)
		return;
	provisional_end(c);
	c->incoming = NULL;
	pc_event(c->tool, "failed", "reason=%s", "no PRACK");
	pc_tool_error(c->tool, "the caller acknowledged no reliable response "
			       "of ours (PRACK)");
	call_over(c, PC_EXIT_NOANSWER);
}
