/* The commands that answer a call or change its session. */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int not_incoming(struct call *c, const char *name)
{
	pc_tool_error(c->tool, "%s: no call waits for an answer", name);
	return -EINVAL;
}

int command_answer(void *arg, const struct pc_command *cmd)
{
	const char *sdp = pc_command_arg(cmd, "sdp", 0);
	struct call *c = arg;

	if (sdp && !*sdp)
		sdp = NULL;
	if (c->reoffer.tr && sdp)
		return reoffer_answer(c, sdp, strlen(sdp));
	if (c->cfg->answer && c->state <= CALL_INCOMING)
		return answerer_answer(c, sdp);
	if (!c->late_offer || c->cfg->answer || c->acked ||
	    c->state > CALL_UP || c->local_sdp.len > 0)
		return not_incoming(c, "answer");
	if (!sdp || session_ours(c, sdp, strlen(sdp), "answer") < 0)
		return -EINVAL;
	caller_answer(c);
	return 0;
}

int command_reject(void *arg, const struct pc_command *cmd)
{
	const char *code = pc_command_arg(cmd, "code", 0);
	const char *reason = pc_command_arg(cmd, "reason", 1);
	struct call *c = arg;
	long n = code ? strtol(code, NULL, 10) : c->reoffer.tr ? 488 : 603;

	if (c->state != CALL_INCOMING && !c->reoffer.tr)
		return not_incoming(c, "reject");
	if (n < 300 || n > 699 || (reason && strpbrk(reason, "\r\n"))) {
		pc_tool_error(c->tool, "reject: a code from 300 to 699, "
				       "please, and a reason of one line");
		return -EINVAL;
	}
	if (c->reoffer.tr)
		reoffer_refuse(c, (int)n, reason);
	else
		answerer_refuse(c, (int)n, reason);
	return 0;
}

int command_ringing(void *arg, const struct pc_command *cmd)
{
	struct call *c = arg;

	(void)cmd;
	return c->state == CALL_INCOMING ? provisional_ring(c)
					 : not_incoming(c, "ringing");
}

int command_progress(void *arg, const struct pc_command *cmd)
{
	const char *code = pc_command_arg(cmd, "code", 0);
	const char *sdp = pc_command_arg(cmd, "sdp", 1);
	struct call *c = arg;
	long n = code ? strtol(code, NULL, 10) : 183;

	if (c->state != CALL_INCOMING)
		return not_incoming(c, "progress");
	if (n < 101 || n > 199) {
		pc_tool_error(c->tool, "progress: a code from 101 to 199");
		return -EINVAL;
	}
	return provisional_progress(c, (int)n, sdp, sdp ? strlen(sdp) : 0);
}

/* Where an offer may go out: in a call, or (UPDATE) in an agreed early one. */
static bool may_offer(struct call *c, const char *name)
{
	bool early = c->state == CALL_CALLING || c->state == CALL_INCOMING;

	if (c->state == CALL_UP && !c->ack_due && c->branch->agreed)
		return true;
	if (early && c->branch && c->branch->agreed) {
		if (c->branch->peer_updates)
			return true;
		pc_tool_error(c->tool,
			      "%s: before the answer it takes UPDATE, which "
			      "the other side does not allow",
			      name);
		return false;
	}
	pc_tool_error(c->tool, "%s: no session has been agreed on yet", name);
	return false;
}

int command_offer(void *arg, const struct pc_command *cmd)
{
	const char *sdp = pc_command_arg(cmd, "sdp", 0);
	const char *method = pc_command_arg(cmd, "method", 1);
	struct pc_buf ours = { 0 };
	struct call *c = arg;
	int rc;

	if (!sdp || !*sdp ||
	    (method && strcmp(method, "UPDATE") && strcmp(method, "INVITE"))) {
		pc_tool_error(c->tool, "offer: {\"command\":\"offer\","
				       "\"sdp\":\"v=0...\"}, and perhaps "
				       "\"method\":\"INVITE\" or \"UPDATE\"");
		return -EINVAL;
	}
	if (!may_offer(c, "offer"))
		return -EINVAL;
	rc = session_take(c, &ours, sdp, strlen(sdp), "offer");
	if (rc == 0)
		rc = session_follow(c, &ours);
	if (rc == 0)
		rc = modify_start(c, "offer", &ours,
				  method && strcmp(method, "UPDATE") == 0,
				  DIRECTION_BOTH);
	pc_buf_fini(&ours);
	return rc;
}

static int direct(struct call *c, const char *what, int mask)
{
	struct pc_buf ours = { 0 };
	int rc;

	if (!may_offer(c, what))
		return -EINVAL;
	rc = session_direct(c, &ours, mask);
	if (rc >= 0)
		rc = modify_start(c, what, &ours, false, mask);
	else
		pc_tool_error(c->tool, "%s: %s", what, strerror(-rc));
	pc_buf_fini(&ours);
	return rc;
}

int command_hold(void *arg, const struct pc_command *cmd)
{
	const char *how = pc_command_arg(cmd, "direction", 0);
	struct call *c = arg;

	if (!how || strcmp(how, "on") == 0 || strcmp(how, "sendonly") == 0)
		return direct(c, "hold", DIRECTION_SEND);
	if (strcmp(how, "inactive") == 0)
		return direct(c, "hold", 0);
	if (strcmp(how, "off") == 0)
		return direct(c, "resume", DIRECTION_BOTH);
	pc_tool_error(c->tool, "hold: on (or sendonly), inactive, or off");
	return -EINVAL;
}

int command_resume(void *arg, const struct pc_command *cmd)
{
	(void)cmd;
	return direct(arg, "resume", DIRECTION_BOTH);
}
