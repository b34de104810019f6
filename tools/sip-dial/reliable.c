/*
 * Reliable provisional responses, the receiver's side (RFC 3262 section 4):
 * each is taken once and in order, and acknowledged with PRACK.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>

#include "sip/extension.h"

bool reliable_is(const osip_message_t *m, uint32_t *rseq)
{
	return m->status_code > 100 && m->status_code < 200 &&
	       pc_sip_lists(m, "Require", "100rel") &&
	       pc_sip_number(m, "RSeq", rseq) == 0 && *rseq > 0;
}

bool reliable_take(struct branch *b, uint32_t rseq)
{
	if (b->rseq != 0 && rseq != b->rseq + 1)
		return false; /* again, or one before it is missing */
	b->rseq = rseq;
	return true;
}

static void on_response(struct call *c, void *arg, const osip_message_t *sent,
			const struct pc_sip_response *r)
{
	(void)arg, (void)sent;
	if (r->status >= 300 && c->state < CALL_ENDING)
		pc_tool_error(c->tool, "PRACK: %d %s", r->status, r->reason);
}

int reliable_prack(struct call *c, struct branch *b, uint32_t rseq,
		   uint32_t cseq, const struct pc_buf *sdp)
{
	osip_message_t *m;
	char rack[48];
	int rc = pc_sip_dialog_request(b->dialog, &m, "PRACK");

	if (rc < 0)
		return rc;
	snprintf(rack, sizeof(rack), "%u %u INVITE", rseq, cseq);
	rc = pc_sip_add(m, "RAck", rack);
	if (rc == 0 && sdp)
		rc = pc_sip_set_body(m, SDP_TYPE, sdp->data, sdp->len);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	return outgoing_send(c, b->dialog, m, on_response, b) ? 0 : -EIO;
}
