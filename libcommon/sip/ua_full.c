/*
 * A bound for server transactions. One that is answered stays for 32 s, to
 * answer what is sent again (RFC 3261 17.2: timers H and J); whoever sends ten
 * thousand requests a second would have us keep 320,000. So when there are
 * PC_SIP_SERVERS_MAX, the oldest that was refused goes before its time, else
 * the oldest that was answered: what is sent again then is a new request, and
 * is refused again. That way a flood never keeps the requests of a call out.
 */
#include "sip/ua_private.h"

/* Nothing is left to do for it but to wait. */
static bool over(const struct pc_sip_server *s)
{
	return s->done && osip_fifo_size(s->tr->transactionff) == 0;
}

bool pc_sip_server_room(struct pc_sip_ua *ua)
{
	struct pc_sip_server *s, *refused = NULL, *answered = NULL;
	unsigned n = 0;

	LIST_FOREACH(s, &ua->servers, link) /* the newest come first */
	{
		n++;
		if (over(s) && s->refused)
			refused = s;
		else if (over(s))
			answered = s;
	}
	if (n < PC_SIP_SERVERS_MAX)
		return true;
	if (!refused && !answered)
		return false;
	pc_sip_server_end(refused ? refused : answered);
	return true;
}
