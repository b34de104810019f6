/* A call is up, and how it ends. */
#include "ask.h"

#include <errno.h>

void call_over(struct call *c, int status)
{
	c->state = CALL_OVER;
	branches_terminated(c, "the call is over");
	modify_stop(c);
	expiry_stop(c);
	reoffer_refuse(c, 487, NULL); /* 15.1.2 */
	c->status = status = expect_status(c, status);
	pc_timer_cancel(c->deadline);
	pc_tool_product_end(c->tool);
	if (pc_sip_ua_busy(c->ua) || hop_waiting(c))
		pc_timer_set(c->goodbye, GOODBYE_MS);
	else
		pc_tool_exit(c->tool, status);
}

/* Nothing is under way any more: then we may go. */
void call_idle(void *arg)
{
	struct call *c = arg;

	if (c->state == CALL_OVER && !hop_waiting(c))
		pc_tool_exit(c->tool, c->status);
}

void call_up(struct call *c)
{
	const struct pc_sip_dialog *d = c->dialog;

	c->state = CALL_UP;
	c->up_ms = pc_now_ms();
	pc_timer_cancel(c->deadline);
	pc_event(c->tool, "established",
		 "call_id=%s local_tag=%s remote_tag=%s remote_target=%s "
		 "routes=%d",
		 d->call_id, d->local_tag, d->remote_tag, d->target,
		 osip_list_size(&d->routes));
	pc_info("the call is up");
	second_up(c);
}

void call_ended(struct call *c, const char *by, const char *reason, int status,
		osip_message_t *bye)
{
	pc_event(c->tool, "ended",
		 "by=%s reason=%s seconds=%f cause=%p headers=%p", by, reason,
		 c->up_ms ? (double)(pc_now_ms() - c->up_ms) / 1000 : 0.0,
		 (void *)(bye ? headers_cause(bye) : NULL),
		 (void *)(bye ? headers_of(c, bye) : NULL));
	if (bye)
		branches_terminated(c, "received a BYE");
	pc_info("the call has ended (%s: %s)", by, reason);
	call_over(c, status);
}

static void on_bye_response(struct call *c, void *arg,
			    const osip_message_t *sent,
			    const struct pc_sip_response *r)
{
	(void)arg, (void)sent;
	if (r->status < 200 || c->state == CALL_OVER)
		return;
	if (r->status >= 300 && r->status != 481 && r->status != 408)
		pc_verbose("BYE: %d %s", r->status, r->reason);
	call_over(c, c->status);
}

/* 15.1.1: from the BYE on the session is over; so is what it was in. */
static void bye_sent(struct call *c, const struct pc_sip_dialog *d)
{
	struct branch *b;

	LIST_FOREACH(b, &c->branches, link)
	if (b->dialog == d)
		branch_state(c, b, "Terminated", "sent a BYE");
}

int call_bye(struct call *c, struct pc_sip_dialog *d)
{
	osip_message_t *bye;
	int rc = pc_sip_dialog_request(d, &bye, "BYE");

	bye_sent(c, d);
	if (rc == 0)
		headers_goodbye(c, bye);
	if (rc == 0 && !outgoing_send(c, d, bye, on_bye_response, NULL))
		rc = -EIO;
	return rc;
}

void call_bye_fork(struct call *c, struct pc_sip_dialog *d)
{
	osip_message_t *bye;

	bye_sent(c, d);
	if (pc_sip_dialog_request(d, &bye, "BYE") == 0)
		outgoing_send(c, d, bye, NULL, NULL);
}

static void hangup_up(struct call *c, const char *reason)
{
	pc_event(c->tool, "ended", "by=%s reason=%s seconds=%f", "us", reason,
		 (double)(pc_now_ms() - c->up_ms) / 1000);
	if (c->ack_due) { /* an answer to their offer will not come any more */
		c->ack_due = false;
		ack_send(c, c->dialog, c->taken, NULL);
	} else if (c->cfg->answer && !c->acked) {
		c->bye_pending = true;
		return;
	}
	if (call_bye(c, c->dialog) < 0)
		call_over(c, c->status);
}

void call_hangup(struct call *c, const char *reason, int status)
{
	enum call_state was = c->state;

	if (was >= CALL_ENDING)
		return;
	if (c->cfg->method) {
		ask_hangup(c, reason, status);
		return;
	}
	c->state = CALL_ENDING;
	c->status = status;
	second_hangup(c);
	reoffer_refuse(c, 487, NULL);
	pc_timer_cancel(c->deadline);
	pc_timer_set(c->goodbye, GOODBYE_MS);
	switch (was) {
	case CALL_CALLING: /* the INVITE's final response comes still */
		pc_event(c->tool, "cancelling", "reason=%s", reason);
		if (!c->invite)
			call_over(c, status);
		else
			pc_sip_ua_cancel(c->invite, c->reason);
		break;
	case CALL_INCOMING:
		answerer_refuse(c, 480, NULL);
		c->status = status;
		break;
	case CALL_UP:
		hangup_up(c, reason);
		break;
	default:
		call_over(c, status);
	}
}
