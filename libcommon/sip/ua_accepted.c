/*
 * The 2xx that we gave to INVITEs. IST ends with the 2xx, so its
 * retransmission (RFC 3261 13.3.1.4) and that of the INVITE (RFC 6026 7.1)
 * are cared for here, for 64*T1.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/ua_private.h"

int pc_sip_accepted_new(struct pc_sip_server *s, const osip_message_t *response)
{
	struct pc_sip_accepted *a = calloc(1, sizeof(*a));
	uint64_t now = pc_now_ms();

	if (!a)
		return -ENOMEM;
	if (osip_message_clone(response, &a->response) != 0) {
		free(a);
		return -ENOMEM;
	}
	a->text = pc_sip_text(a->response, &a->len);
	if (!a->text) {
		osip_message_free(a->response);
		free(a);
		return -ENOMEM;
	}
	a->to = s->back;
	a->interval_ms = PC_SIP_T1_MS;
	a->next_ms = now + a->interval_ms;
	a->end_ms = now + PC_SIP_64_T1_MS;
	LIST_INSERT_HEAD(&s->ua->accepted, a, link);
	pc_sip_accepted_trace(s->ua, a, "Proceeding", "Accepted", "sent a 2xx",
			      NULL);
	return 0;
}

void pc_sip_accepted_free(struct pc_sip_accepted *a)
{
	LIST_REMOVE(a, link);
	osip_message_free(a->response);
	osip_free(a->text);
	free(a);
}

static bool same_call(const osip_message_t *a, const osip_message_t *b)
{
	return osip_call_id_match(a->call_id, b->call_id) == 0 &&
	       strcmp(pc_sip_tag(a->from), pc_sip_tag(b->from)) == 0 &&
	       pc_sip_cseq(a) == pc_sip_cseq(b);
}

bool pc_sip_accepted_invite(struct pc_sip_ua *ua, const osip_message_t *invite)
{
	struct pc_sip_accepted *a;

	LIST_FOREACH(a, &ua->accepted, link)
	{
		if (!same_call(a->response, invite) ||
		    strcmp(pc_sip_branch(a->response), pc_sip_branch(invite)))
			continue;
		pc_sip_ua_send_text(ua, a->text, a->len, &a->to);
		return true;
	}
	return false;
}

bool pc_sip_accepted_merged(const struct pc_sip_ua *ua,
			    const osip_message_t *request)
{
	const struct pc_sip_accepted *a;

	if (!MSG_IS_INVITE(request))
		return false;
	LIST_FOREACH(a, &ua->accepted, link)
	if (same_call(a->response, request))
		return true;
	return false;
}

bool pc_sip_accepted_ack(struct pc_sip_ua *ua, const osip_message_t *ack)
{
	struct pc_sip_accepted *a;

	LIST_FOREACH(a, &ua->accepted, link)
	{
		if (!same_call(a->response, ack) ||
		    strcmp(pc_sip_tag(a->response->to), pc_sip_tag(ack->to)))
			continue;
		if (a->next_ms == 0)
			return false; /* again */
		a->next_ms = 0;
		pc_sip_accepted_trace(ua, a, "Accepted", "Accepted",
				      "received its ACK", NULL);
		return true;
	}
	return false;
}

void pc_sip_ua_stop_2xx(struct pc_sip_ua *ua, const char *call_id,
			const char *to_tag)
{
	struct pc_sip_accepted *a;

	LIST_FOREACH(a, &ua->accepted, link)
	if (strcmp(a->response->call_id->number, call_id) == 0 &&
	    strcmp(pc_sip_tag(a->response->to), to_tag) == 0)
		a->next_ms = 0;
}

static void expire(struct pc_sip_ua *ua, struct pc_sip_accepted *a)
{
	bool unacked = a->next_ms != 0;

	a->next_ms = 0;
	pc_sip_accepted_trace(ua, a, "Accepted", "Terminated", "timer L fired",
			      "L");
	if (unacked && ua->config.unacked)
		ua->config.unacked(ua->config.arg, a->response);
	pc_sip_accepted_free(a);
}

void pc_sip_accepted_run(struct pc_sip_ua *ua, uint64_t now_ms)
{
	struct pc_sip_accepted *a, *next;

	for (a = LIST_FIRST(&ua->accepted); a; a = next) {
		next = LIST_NEXT(a, link);
		if (now_ms >= a->end_ms) {
			expire(ua, a);
		} else if (a->next_ms && now_ms >= a->next_ms) {
			pc_sip_ua_send_text(ua, a->text, a->len, &a->to);
			a->interval_ms *= 2;
			if (a->interval_ms > PC_SIP_T2_MS)
				a->interval_ms = PC_SIP_T2_MS;
			a->next_ms = now_ms + a->interval_ms;
			pc_sip_accepted_trace(ua, a, "Accepted", "Accepted",
					      "no ACK yet: 2xx sent again",
					      "2xx");
		}
	}
}

uint64_t pc_sip_accepted_deadline(const struct pc_sip_ua *ua)
{
	const struct pc_sip_accepted *a;
	uint64_t first = 0;

	LIST_FOREACH(a, &ua->accepted, link)
	{
		uint64_t due = a->next_ms && a->next_ms < a->end_ms ? a->next_ms
								    : a->end_ms;

		if (first == 0 || due < first)
			first = due;
	}
	return first;
}
