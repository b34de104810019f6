/*
 * Which address does this call's RTP come from? Signalling says one, and a
 * NAT may make it another (symmetric RTP, RFC 4961, RFC 7362). Learning from
 * any packet is how media is stolen and injected ("RTP bleed"), so here:
 *
 * - nothing is taken before signalling has described the other side;
 * - the described address wins whenever a packet comes from it, and once one
 *   has, no other is learned until signalling says another address;
 * - another address has to send RUN packets in sequence, of one SSRC, over
 *   QUIET_US in which the present one is silent; a strange host more than a
 *   strange port (by time as well, or a burst would do), and a strange host
 *   only until RTCP comes from the described one;
 * - that happens once: the next is learned when signalling has given a reason,
 *   which is another address or another direction, and not the same again;
 * - never while the caller knows of no reason, as when the other side is not
 *   to send; nor when nobody is described: 0.0.0.0, or port 0.
 *
 *	pc_latch_arm(&latch, &described, may_send, direction);
 *	if (pc_latch_take(&latch, &from, &rtp, now_us) == PC_LATCH_DROP)
 *		return;
 *	send_to(&latch.remote);
 */
#ifndef PC_MEDIA_LATCH_H
#define PC_MEDIA_LATCH_H

#include "base/addr.h"
#include "media/rtp.h"

enum {
	PC_LATCH_RUN_PORT = 3, /* packets, same host and other port */
	PC_LATCH_RUN_HOST = 6, /* other host */
	PC_LATCH_QUIET_US = 80000,
};

enum pc_latch_verdict {
	PC_LATCH_DROP, /* not from the other side, as far as we know */
	PC_LATCH_TAKE,
	PC_LATCH_LEARNED, /* take it; remote has changed with it */
};

struct pc_latch {
	bool described;
	bool open;             /* may still learn */
	bool spoke;            /* told is where the other side is ... */
	bool host;             /* ... or its host is */
	bool learn;            /* as armed ... */
	unsigned why;          /* ... too */
	struct pc_addr told;   /* by signalling */
	struct pc_addr remote; /* where to send, and what to take from */
	struct pc_addr candidate;
	unsigned run;      /* packets in sequence from candidate */
	uint64_t since_us; /* the first of them */
	uint32_t ssrc;
	uint16_t seq;
};

/*
 * Signalling has described the other side (again). An address learned before
 * stays when told is as before.
 *   learn  is there a reason to expect packets?
 *   why    any number: another than last time is a reason to learn anew
 */
void pc_latch_arm(struct pc_latch *l, const struct pc_addr *told, bool learn,
		  unsigned why);

/*
 * RTCP has come from told's host. True: remote has changed, back to told, from
 * a strange host.
 */
bool pc_latch_host(struct pc_latch *l);

/* now_us is any monotonic time. */
enum pc_latch_verdict pc_latch_take(struct pc_latch *l,
				    const struct pc_addr *from,
				    const struct pc_rtp *rtp, uint64_t now_us);

#endif
