/*
 * Run the machines, and tell --trace what they did and why, in the words of
 * RFC 3261 17 (figures 5 to 8) and RFC 6026.
 */
#include "sip/ua_private.h"

#include <osip2/osip_time.h>
#include <stdio.h>

static const char *const machines[] = { "ICT", "IST", "NICT", "NIST" };

/* NULL: it has none yet. */
static const char *state_name(state_t state)
{
	static const char *const names[] = {
		[ICT_CALLING] = "Calling",
		[ICT_PROCEEDING] = "Proceeding",
		[ICT_COMPLETED] = "Completed",
		[ICT_TERMINATED] = "Terminated",
		[IST_PROCEEDING] = "Proceeding",
		[IST_COMPLETED] = "Completed",
		[IST_CONFIRMED] = "Confirmed",
		[IST_TERMINATED] = "Terminated",
		[NICT_TRYING] = "Trying",
		[NICT_PROCEEDING] = "Proceeding",
		[NICT_COMPLETED] = "Completed",
		[NICT_TERMINATED] = "Terminated",
		[NIST_TRYING] = "Trying",
		[NIST_PROCEEDING] = "Proceeding",
		[NIST_COMPLETED] = "Completed",
		[NIST_TERMINATED] = "Terminated",
	};

	return (size_t)state < sizeof(names) / sizeof(*names) ? names[state]
							      : NULL;
}

/* As in type_t; 0: it is no timer. */
static char timer_name(const osip_event_t *evt)
{
	return evt->type <= TIMEOUT_J ? "ABDEFKGHIJ"[evt->type] : 0;
}

/* "timer A fired", "sent INVITE sip:bob@b", "received 180 Ringing (INVITE)" */
static void why(const osip_event_t *evt, char *text, size_t size)
{
	char summary[128];

	if (timer_name(evt))
		snprintf(text, size, "timer %c fired", timer_name(evt));
	else if (evt->sip)
		snprintf(text, size, "%s %s",
			 EVT_IS_INCOMINGMSG(evt) ? "received" : "sent",
			 pc_sip_summary(evt->sip, summary, sizeof(summary)));
	else
		snprintf(text, size, "event %d", (int)evt->type);
}

struct pc_sip_due {
	json_t *all; /* name -> seconds from now */
	const char *first;
	double first_s;
};

static void add_due(struct pc_sip_due *due, const char *name, double seconds)
{
	seconds = seconds < 0 ? 0 : (double)(long)(seconds * 1000 + 0.5) / 1000;
	json_object_set_new(due->all, name, json_real(seconds));
	if (due->first && due->first_s <= seconds)
		return;
	due->first = name;
	due->first_s = seconds;
}

/* What runs in this state; osip2 leaves the others as they were. */
static void timers_of(struct pc_sip_due *due, const osip_transaction_t *tr)
{
	const osip_ict_t *ict = tr->ict_context;
	const osip_ist_t *ist = tr->ist_context;
	const osip_nict_t *nict = tr->nict_context;
	const osip_nist_t *nist = tr->nist_context;
	const struct {
		const char *name;
		state_t state;
		const struct timeval *due;
	} timers[] = {
		{ "A", ICT_CALLING, ict ? &ict->timer_a_start : NULL },
		{ "B", ICT_CALLING, ict ? &ict->timer_b_start : NULL },
		{ "D", ICT_COMPLETED, ict ? &ict->timer_d_start : NULL },
		{ "E", NICT_TRYING, nict ? &nict->timer_e_start : NULL },
		{ "E", NICT_PROCEEDING, nict ? &nict->timer_e_start : NULL },
		{ "F", NICT_TRYING, nict ? &nict->timer_f_start : NULL },
		{ "F", NICT_PROCEEDING, nict ? &nict->timer_f_start : NULL },
		{ "K", NICT_COMPLETED, nict ? &nict->timer_k_start : NULL },
		{ "G", IST_COMPLETED, ist ? &ist->timer_g_start : NULL },
		{ "H", IST_COMPLETED, ist ? &ist->timer_h_start : NULL },
		{ "I", IST_CONFIRMED, ist ? &ist->timer_i_start : NULL },
		{ "J", NIST_COMPLETED, nist ? &nist->timer_j_start : NULL },
	};
	struct timeval now;

	osip_gettimeofday(&now, NULL);
	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++)
		if (timers[i].due && timers[i].state == tr->state &&
		    timers[i].due->tv_sec != -1)
			add_due(due, timers[i].name,
				(double)(timers[i].due->tv_sec - now.tv_sec) +
					(double)(timers[i].due->tv_usec -
						 now.tv_usec) /
						1e6);
}

/* Whose it is, what fired, and what will. msg: a request, or its response. */
static json_t *details(const osip_message_t *msg, const char *fired,
		       const struct pc_sip_due *due)
{
	const osip_call_id_t *id = msg->call_id;
	json_t *o = pc_json_fields("method=%s cseq=%u branch=%s timer=%s "
				   "next=%s",
				   msg->cseq->method, pc_sip_cseq(msg),
				   pc_sip_branch(msg), fired, due->first);
	char text[300];

	snprintf(text, sizeof(text), "%s%s%s", id->number, id->host ? "@" : "",
		 id->host ? id->host : "");
	pc_json_add(o, "call_id=%s", text);
	if (due->first)
		pc_json_add(o, "next_seconds=%f timers=%p", due->first_s,
			    (void *)due->all);
	else
		json_decref(due->all);
	return o;
}

static void tell(struct pc_sip_ua *ua, const osip_transaction_t *tr,
		 const osip_message_t *request, state_t before, state_t after,
		 const char *text, const char *fired)
{
	struct pc_sip_due due = { .all = json_object() };

	timers_of(&due, tr);
	pc_trace_state_with(ua->tool, machines[tr->ctx_type],
			    state_name(before),
			    state_name(after) ? state_name(after) : "none",
			    text, details(request, fired, &due));
}

/* Where a server's machine begins: told at once, before what we do then. */
static state_t first_state(const osip_transaction_t *tr)
{
	return tr->state == IST_PRE_PROCEEDING ? IST_PROCEEDING
	       : tr->state == NIST_PRE_TRYING  ? NIST_TRYING
					       : tr->state;
}

/* After a 2xx IST is Accepted: ua_accepted.c goes on with it, and tells. */
static bool accepted(const osip_transaction_t *tr)
{
	return tr->ctx_type == IST && tr->state == IST_TERMINATED &&
	       tr->last_response && MSG_IS_STATUS_2XX(tr->last_response);
}

void pc_sip_ua_step(struct pc_sip_ua *ua, osip_transaction_t *tr,
		    osip_event_t *evt)
{
	char fired[2] = { timer_name(evt), '\0' }, text[160];
	state_t before = first_state(tr);

	if (!pc_trace_wanted(ua->tool)) {
		osip_transaction_execute(tr, evt);
		return;
	}
	why(evt, text, sizeof(text));
	if (before != tr->state)
		tell(ua, tr, evt->sip, tr->state, before, text, NULL);
	osip_transaction_execute(tr, evt); /* frees evt */
	if (tr->orig_request && !accepted(tr) &&
	    (tr->state != before || fired[0]))
		tell(ua, tr, tr->orig_request, before, tr->state, text,
		     fired[0] ? fired : NULL);
}

void pc_sip_accepted_trace(const struct pc_sip_ua *ua,
			   const struct pc_sip_accepted *a, const char *from,
			   const char *to, const char *text, const char *fired)
{
	struct pc_sip_due due = { .all = json_object() };
	uint64_t now = pc_now_ms();

	if (!pc_trace_wanted(ua->tool)) {
		json_decref(due.all);
		return;
	}
	if (a->next_ms)
		add_due(&due, "2xx", ((double)a->next_ms - (double)now) / 1000);
	if (a->end_ms > now)
		add_due(&due, "L", ((double)a->end_ms - (double)now) / 1000);
	pc_trace_state_with(ua->tool, "IST", from, to, text,
			    details(a->response, fired, &due));
}
