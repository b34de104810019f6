/*
 * The ACKs of 2xx responses: ours to send, and to send again for each
 * retransmission of the 2xx (RFC 3261 13.2.2.4).
 */
#include "call.h"

#include <errno.h>
#include <string.h>

/* 13.2.2.4: with the same credentials as the INVITE. */
static int copy_credentials(osip_message_t *ack, const osip_message_t *invite)
{
	typedef int clone(void *, void **);

	if (osip_list_clone(&invite->authorizations, &ack->authorizations,
			    (clone *)osip_authorization_clone) != 0 ||
	    osip_list_clone(&invite->proxy_authorizations,
			    &ack->proxy_authorizations,
			    (clone *)osip_proxy_authorization_clone) != 0)
		return -ENOMEM;
	return 0;
}

static int ack_new(osip_message_t **out, const struct pc_sip_dialog *d,
		   const osip_message_t *invite, const struct pc_buf *sdp)
{
	osip_message_t *ack;
	int rc = pc_sip_dialog_ack(d, &ack, pc_sip_cseq(invite));

	if (rc < 0)
		return rc;
	rc = copy_credentials(ack, invite);
	if (rc == 0 && sdp)
		rc = pc_sip_set_body(ack, SDP_TYPE, sdp->data, sdp->len);
	if (rc < 0) {
		osip_message_free(ack);
		return rc;
	}
	*out = ack;
	return 0;
}

static void failed(struct call *c, int rc)
{
	pc_tool_error(c->tool, "%s: ACK: %s", c->uri, strerror(-rc));
}

/* It is known where to; what it is, the slot has. */
static void send_now(struct call *c, void *arg, const struct pc_addr *to)
{
	struct sent_ack *slot = arg;
	int rc;

	if (!to)
		return;
	slot->to = *to;
	rc = pc_sip_ua_send_stateless(c->ua, slot->message, to);
	if (rc < 0)
		failed(c, rc);
}

int ack_send(struct call *c, const struct pc_sip_dialog *d,
	     const osip_message_t *invite, const struct pc_buf *sdp)
{
	struct sent_ack *slot = &c->acks[c->n_acks % ACKS_KEPT];
	osip_message_t *ack;
	int rc = ack_new(&ack, d, invite, sdp);

	if (rc == 0) {
		osip_message_free(slot->message);
		*slot = (struct sent_ack){ .message = ack, .dialog = d };
		c->n_acks++;
		rc = hop_find(c, d, send_now, slot);
	}
	if (rc < 0)
		failed(c, rc);
	return rc;
}

void acks_unreachable(struct call *c, const struct pc_addr *to)
{
	for (unsigned i = 0; i < ACKS_KEPT; i++) {
		struct sent_ack *sent = &c->acks[i];

		if (sent->message && sent->to.len &&
		    pc_addr_equal(&sent->to, to) &&
		    hop_next(c, sent->dialog, to))
			hop_find(c, sent->dialog, send_now, sent);
	}
}

bool ack_again(struct call *c, const osip_message_t *response)
{
	for (unsigned i = 0; i < ACKS_KEPT; i++) {
		struct sent_ack *sent = &c->acks[i];

		if (!sent->message ||
		    pc_sip_cseq(sent->message) != pc_sip_cseq(response) ||
		    strcmp(pc_sip_tag(sent->message->to),
			   pc_sip_tag(response->to)) != 0)
			continue;
		if (sent->to.len) /* else it waits for its way */
			hop_find(c, sent->dialog, send_now, sent);
		return true;
	}
	return false;
}
