/* Run the machines, and tell --trace what they did and why. */
#include <stdio.h>
#include <string.h>

#include "sip/ua_private.h"

static const char *const machines[] = { "ICT", "IST", "NICT", "NIST" };

static const char *state_name(state_t state)
{
	static const char *const names[] = {
		[ICT_PRE_CALLING] = "none",
		[ICT_CALLING] = "calling",
		[ICT_PROCEEDING] = "proceeding",
		[ICT_COMPLETED] = "completed",
		[ICT_TERMINATED] = "terminated",
		[IST_PRE_PROCEEDING] = "none",
		[IST_PROCEEDING] = "proceeding",
		[IST_COMPLETED] = "completed",
		[IST_CONFIRMED] = "confirmed",
		[IST_TERMINATED] = "terminated",
		[NICT_PRE_TRYING] = "none",
		[NICT_TRYING] = "trying",
		[NICT_PROCEEDING] = "proceeding",
		[NICT_COMPLETED] = "completed",
		[NICT_TERMINATED] = "terminated",
		[NIST_PRE_TRYING] = "none",
		[NIST_TRYING] = "trying",
		[NIST_PROCEEDING] = "proceeding",
		[NIST_COMPLETED] = "completed",
		[NIST_TERMINATED] = "terminated",
	};

	return (size_t)state < sizeof(names) / sizeof(*names) ? names[state]
							      : "?";
}

/* "timer A fired", "sent INVITE sip:bob@b", "received 180 Ringing (INVITE)" */
static void why(const osip_event_t *evt, char *text, size_t size)
{
	static const char timers[] = "ABDEFKGHIJ"; /* as in type_t */
	char summary[128];

	if (evt->type <= TIMEOUT_J)
		snprintf(text, size, "timer %c fired", timers[evt->type]);
	else if (evt->sip)
		snprintf(text, size, "%s %s",
			 EVT_IS_INCOMINGMSG(evt) ? "received" : "sent",
			 pc_sip_summary(evt->sip, summary, sizeof(summary)));
	else
		snprintf(text, size, "event %d", (int)evt->type);
}

void pc_sip_ua_step(struct pc_sip_ua *ua, osip_transaction_t *tr,
		    osip_event_t *evt)
{
	bool wanted = pc_trace_wanted(ua->tool);
	bool timer = evt->type <= TIMEOUT_J;
	state_t before = tr->state;
	char text[160] = "";

	if (wanted)
		why(evt, text, sizeof(text));
	osip_transaction_execute(tr, evt); /* frees evt */
	if (wanted && (tr->state != before || timer))
		pc_trace_state(ua->tool, machines[tr->ctx_type],
			       state_name(before), state_name(tr->state), text);
}
