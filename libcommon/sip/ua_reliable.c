/*
 * Reliable provisional responses, the sender's side (RFC 3262 section 3):
 * numbered, and sent again until their PRACK comes, for 64*T1. IST knows
 * nothing of it: to it they are provisional responses like any other.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "sip/extension.h"
#include "sip/ua_private.h"

/* 3: the first is from 1 to 2^31 - 1, so that no wrap can come. */
static uint32_t first_rseq(void)
{
	uint32_t n = 0;

	while (getrandom(&n, sizeof(n), 0) != sizeof(n))
		;
	return n % 0x40000000u + 1;
}

void pc_sip_reliable_free(struct pc_sip_server *s)
{
	osip_message_free(s->reliable);
	osip_free(s->reliable_text);
	s->reliable = NULL;
	s->reliable_text = NULL;
}

static int keep(struct pc_sip_server *s, osip_message_t *response)
{
	if (osip_message_clone(response, &s->reliable) != 0)
		return -ENOMEM;
	s->reliable_text = pc_sip_text(s->reliable, &s->reliable_len);
	return s->reliable_text ? 0 : -ENOMEM;
}

int pc_sip_ua_respond_reliably(struct pc_sip_server *s,
			       osip_message_t *response)
{
	uint64_t now = pc_now_ms();
	char rseq[16];
	int rc = s->done ? -EALREADY : s->reliable ? -EBUSY : 0;

	if (rc < 0) {
		osip_message_free(response);
		return rc;
	}
	s->rseq = s->rseq ? s->rseq + 1 : first_rseq();
	snprintf(rseq, sizeof(rseq), "%u", s->rseq);
	if (pc_sip_add(response, "Require", "100rel") < 0 ||
	    pc_sip_add(response, "RSeq", rseq) < 0 || keep(s, response) < 0) {
		pc_sip_reliable_free(s);
		osip_message_free(response);
		return -ENOMEM;
	}
	s->reliable_interval_ms = PC_SIP_T1_MS;
	s->reliable_next_ms = now + PC_SIP_T1_MS;
	s->reliable_end_ms = now + PC_SIP_64_T1_MS;
	return pc_sip_ua_respond(s, response);
}

static bool acknowledges(const struct pc_sip_server *s,
			 const osip_message_t *prack,
			 const struct pc_sip_rack *rack)
{
	const osip_message_t *r = s->reliable;

	return r && rack->rseq == s->rseq && rack->cseq == pc_sip_cseq(r) &&
	       strcmp(rack->method, r->cseq->method) == 0 &&
	       osip_call_id_match(r->call_id, prack->call_id) == 0 &&
	       strcmp(pc_sip_tag(r->to), pc_sip_tag(prack->to)) == 0 &&
	       strcmp(pc_sip_tag(r->from), pc_sip_tag(prack->from)) == 0;
}

struct pc_sip_server *pc_sip_ua_pracked(struct pc_sip_ua *ua,
					const osip_message_t *prack)
{
	struct pc_sip_rack rack;
	struct pc_sip_server *s;

	if (pc_sip_rack(prack, &rack) < 0)
		return NULL;
	LIST_FOREACH(s, &ua->servers, link)
	{
		if (!acknowledges(s, prack, &rack))
			continue;
		pc_sip_reliable_free(s);
		return s;
	}
	return NULL;
}

bool pc_sip_ua_reliable_pending(const struct pc_sip_server *s)
{
	return s->reliable != NULL;
}

static void again(struct pc_sip_server *s, uint64_t now_ms)
{
	char why[64];

	pc_sip_ua_send_text(s->ua, s->reliable_text, s->reliable_len, &s->back);
	s->reliable_interval_ms *= 2; /* without a bound: 64*T1 comes first */
	s->reliable_next_ms = now_ms + s->reliable_interval_ms;
	snprintf(why, sizeof(why), "no PRACK yet: %d sent again",
		 s->reliable->status_code);
	pc_trace_state(s->ua->tool, "100rel", "sent", "sent", why);
}

void pc_sip_reliable_run(struct pc_sip_ua *ua, uint64_t now_ms)
{
	struct pc_sip_server *s, *next;

	for (s = LIST_FIRST(&ua->servers); s; s = next) {
		next = LIST_NEXT(s, link);
		if (!s->reliable)
			continue;
		if (now_ms >= s->reliable_end_ms) {
			pc_sip_reliable_free(s);
			pc_sip_ua_reply(s, 504, "No PRACK", NULL, NULL, NULL);
			if (ua->config.unpracked)
				ua->config.unpracked(ua->config.arg, s);
		} else if (now_ms >= s->reliable_next_ms) {
			again(s, now_ms);
		}
	}
}

uint64_t pc_sip_reliable_deadline(const struct pc_sip_ua *ua)
{
	const struct pc_sip_server *s;
	uint64_t first = 0;

	LIST_FOREACH(s, &ua->servers, link)
	{
		uint64_t due = s->reliable_next_ms < s->reliable_end_ms
				       ? s->reliable_next_ms
				       : s->reliable_end_ms;

		if (s->reliable && (first == 0 || due < first))
			first = due;
	}
	return first;
}
