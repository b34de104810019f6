/*
 * The caller before the answer: provisional responses, the early dialogs of a
 * fork, early media, reliable or not (RFC 3261 13.2.2.1, RFC 3262).
 */
#include "call.h"

#include <string.h>

struct branch *early_branch(struct call *c, const osip_message_t *invite,
			    const osip_message_t *response)
{
	const char *tag = pc_sip_tag(response->to);
	struct branch *b = branch_tagged(c, tag);
	struct pc_sip_dialog *d;

	if (b || pc_sip_dialog_uac(&d, invite, response) < 0)
		return b;
	return branch_new(c, d);
}

static bool same_text(const struct pc_buf *a, const struct pc_buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* The first one is the product, if that is what the user wants. */
static void print(struct call *c, const struct pc_buf *sdp, bool wanted)
{
	if (!wanted || c->printed)
		return;
	c->printed = true;
	if (pc_tool_product(c->tool, sdp->data, sdp->len) < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
}

/*
 * A reliable one is the answer, or to an INVITE without SDP the offer; one
 * that is not is a preview of the answer in the 200 (13.2.1).
 */
static void take_sdp(struct call *c, struct branch *b, const osip_message_t *m,
		     uint32_t rseq)
{
	bool offers = c->late_offer && rseq;
	struct pc_buf sdp = { 0 };
	const char *body;
	size_t len;

	body = pc_sip_body(m, SDP_TYPE, &len);
	if (!body || session_take(c, &sdp, body, len, "early SDP") < 0)
		goto out;
	if (rseq && !b->agreed) {
		branch_choose(c, b);
		pc_buf_clear(&c->remote_sdp);
		pc_buf_add(&c->remote_sdp, sdp.data, sdp.len);
		b->agreed = !offers;
		if (offers) {
			b->offer_rseq = rseq;
			b->offer_cseq = pc_sip_cseq(m);
		}
	} else if (same_text(&sdp, &b->early)) {
		goto out; /* sent again */
	}
	pc_event(c->tool, offers ? "offered" : "early",
		 "status=%d tag=%s reliable=%c sdp=%s", m->status_code,
		 pc_sip_tag(m->to), rseq != 0, sdp.data);
	print(c, &sdp, c->cfg->early || offers);
	pc_buf_fini(&b->early);
	b->early = sdp;
	return;
out:
	pc_buf_fini(&sdp);
}

static void tell(struct call *c, const struct pc_sip_response *r, bool reliable)
{
	const char *event = r->status == 100   ? "trying"
			    : r->status == 180 ? "ringing"
					       : "progress";
	const char *tag = pc_sip_tag(r->message->to);

	pc_event(c->tool, event,
		 "status=%d reason=%s tag=%s reliable=%c headers=%p", r->status,
		 r->reason, *tag ? tag : NULL, reliable,
		 (void *)headers_of(c, r->message));
	pc_verbose("%d %s", r->status, r->reason);
}

void early_response(struct call *c, struct pc_sip_client *tr,
		    const struct pc_sip_response *r)
{
	const osip_message_t *m = r->message;
	struct branch *b = NULL;
	uint32_t rseq = 0;

	if (r->status > 100 && pc_sip_tag(m->to)[0])
		b = early_branch(c, pc_sip_client_request(tr), m);
	if (b && reliable_is(m, &rseq) && !reliable_take(b, rseq))
		return;
	tell(c, r, rseq != 0);
	if (b)
		branch_state(c, b, r->status == 199 ? "Terminated" : "Early",
			     "received a provisional response");
	if (!b || r->status == 199) /* RFC 6228: that branch is no more */
		return;
	branch_learn(b, m);
	if (c->state == CALL_CALLING) {
		if (!modify_pending(c) && !reoffer_pending(c))
			branch_choose(c, b);
		take_sdp(c, b, m, rseq);
	}
	if (b->offer_rseq)
		caller_answer(c);
	else if (rseq)
		reliable_prack(c, b, rseq, pc_sip_cseq(m), NULL);
}
