/*
 * An INVITE that takes the place of a call of ours (RFC 3891): an attended
 * transfer as it arrives, or a call picked up elsewhere.
 *
 *	A ========== us        a call
 *	C -- INVITE, Replaces: that call --> us
 *	C <------- 200 -------------------- us
 *	A <------- BYE -------------------- us
 */
#include "beside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/extension.h"
#include "sip/text.h"

struct replaces {
	char call_id[256], to_tag[128], from_tag[128];
	bool early_only;
};

/* "a84b4c76e66710@x;to-tag=1;from-tag=2" (RFC 3891 6.1). */
static int parse(struct replaces *r, const char *value)
{
	size_t n = strcspn(value, "; \t");
	char none[2];

	memset(r, 0, sizeof(*r));
	if (n == 0 || n >= sizeof(r->call_id) || strchr(value, ','))
		return -EBADMSG;
	memcpy(r->call_id, value, n);
	if (!headers_param(value, "to-tag", r->to_tag, sizeof(r->to_tag)) ||
	    !headers_param(value, "from-tag", r->from_tag, sizeof(r->from_tag)))
		return -EBADMSG;
	r->early_only = headers_param(value, "early-only", none, sizeof(none));
	return 0;
}

/* An early one of ours may be any branch of a fork. */
static bool is_ours(const struct call *c, const struct replaces *r)
{
	const struct branch *b = branch_tagged(c, r->from_tag);

	return b && (b == c->branch || c->state == CALL_CALLING) &&
	       strcmp(b->dialog->call_id, r->call_id) == 0 &&
	       strcmp(b->dialog->local_tag, r->to_tag) == 0;
}

static bool twice(osip_message_t *m)
{
	struct pc_sip_span value;
	size_t len, at = 0;
	char *text = pc_sip_text(m, &len);
	int n = 0;

	while (text && pc_sip_text_header(text, len, "Replaces", &at, &value))
		n++;
	osip_free(text);
	return n > 1;
}

/* What the new call gets, if anything; else the code it is refused with. */
static int answer_for(struct call *c, osip_message_t *m, struct pc_buf *sdp)
{
	const struct pc_buf *ours =
		c->base_sdp.len ? &c->base_sdp : &c->local_sdp;
	struct pc_sip_dialog *d;
	const char *offer;
	size_t len;
	int rc;

	if (!pc_sip_accepts(m, SDP_TYPE))
		return 406;
	if (pc_sip_lists(m, "Require", "100rel"))
		return 420; /* it is answered at once: there is no 1xx */
	if (pc_sip_dialog_uas(&d, m, "tag") < 0)
		return 400;
	pc_sip_dialog_free(d);
	offer = pc_sip_body(m, SDP_TYPE, &len);
	if (!offer) {
		pc_buf_add(sdp, ours->data, ours->len);
		return 0;
	}
	rc = fit_answer(sdp, ours, offer, len);
	return rc == 0 ? 0 : rc == -ENOMEM ? 500 : 488;
}

/* The call goes on as an answerer's, whose answer is given already. */
static void begin_anew(struct call *c, const struct pc_buf *sdp)
{
	struct beside *b = c->beside;

	b->replaced_cfg = *c->cfg;
	b->replaced_cfg.answer = b->replaced_cfg.no_ringing = true;
	b->replaced_cfg.reliable = "off";
	c->cfg = &b->replaced_cfg;
	c->acked = c->bye_pending = c->offered = false;
	c->printed |= c->state == CALL_UP;
	c->state = CALL_WAITING;
	c->answer_given = true;
	c->mask = DIRECTION_BOTH;
	pc_buf_clear(&c->base_sdp);
	pc_buf_add(&c->base_sdp, sdp->data, sdp->len);
}

/* 3: who still rings is told that it was answered elsewhere. */
static void cancel(struct call *c)
{
	c->beside->replaced = c->invite;
	pc_sip_ua_cancel(c->invite,
			 "SIP;cause=200;text=\"Call completed elsewhere\"");
	c->invite = NULL;
}

bool replaces_response(struct call *c, struct pc_sip_client *tr,
		       const struct pc_sip_response *r)
{
	const osip_message_t *invite;
	struct branch *b;

	if (tr != c->beside->replaced)
		return false;
	if (r->status < 200)
		return true;
	c->beside->replaced = NULL;
	invite = pc_sip_client_request(tr);
	if (r->status >= 300)
		return true;
	b = early_branch(c, invite, r->message); /* our CANCEL was late */
	if (b && pc_sip_dialog_confirm(b->dialog, r->message) == 0 &&
	    ack_send(c, b->dialog, invite, NULL) == 0)
		call_bye_fork(c, b->dialog);
	return true;
}

static void take(struct call *c, struct pc_sip_server *tr, osip_message_t *m,
		 const struct pc_addr *from)
{
	struct pc_sip_dialog *old = c->dialog;
	bool early = c->state == CALL_CALLING;
	struct pc_buf sdp = { 0 };
	int code = answer_for(c, m, &sdp);

	if (code) {
		pc_sip_ua_reply(tr, code, NULL, NULL, NULL, NULL);
		pc_buf_fini(&sdp);
		return;
	}
	pc_event(c->tool, "replaced",
		 "call_id=%s local_tag=%s remote_tag=%s seconds=%f early=%c",
		 old->call_id, old->local_tag, old->remote_tag,
		 early ? 0.0 : (double)(pc_now_ms() - c->up_ms) / 1000, early);
	if (early)
		cancel(c);
	begin_anew(c, &sdp);
	pc_buf_fini(&sdp);
	answerer_invite(c, tr, m, from);
	if (!early)
		call_bye_fork(c, old);
	if (c->state == CALL_WAITING) /* no memory for it, at the last */
		call_over(c, PC_EXIT_IO);
}

bool replaces_invite(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m, const struct pc_addr *from)
{
	char *value = headers_value(m, "Replaces");
	struct replaces r;
	int code = 0;

	if (!value)
		return false;
	if (twice(m) || parse(&r, value) < 0)
		code = 400; /* 3 */
	else if (!is_ours(c, &r))
		code = 481;
	else if (c->state >= CALL_ENDING)
		code = 603; /* it is over already */
	else if (c->state == CALL_CALLING ? !c->invite
					  : c->state != CALL_UP || !c->acked)
		code = 481; /* an early one, but not of ours to make */
	else if (r.early_only && c->state == CALL_UP)
		code = 486;
	else if (modify_pending(c) || reoffer_pending(c))
		code = 491;
	free(value);
	if (code)
		pc_sip_ua_reply(tr, code, NULL, NULL, NULL, NULL);
	else
		take(c, tr, m, from);
	return true;
}
