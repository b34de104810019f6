/*
 * Which address does this call's RTP come from? Signalling says one, and a
 * NAT may make it another (symmetric RTP, RFC 4961, RFC 7362). Learning from
 * any packet is how media is stolen and injected ("RTP bleed"), so here:
 *
 * - nothing is taken before signalling has described the other side;
 * - a packet from the described address settles it at once;
 * - another address has to send RUN packets in sequence, of one SSRC, over
 *   QUIET_US in which the present one is silent; a strange host more than a
 *   strange port. (By time as well, or a burst would do.)
 * - should the described address speak up soon after, it wins;
 * - then nothing is learned until signalling describes again;
 * - nor when it describes nobody: 0.0.0.0, or port 0.
 *
 *	pc_latch_arm(&latch, &described);
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
	PC_LATCH_REGRET = 50,  /* packets in which the described may win */
	PC_LATCH_REGRET_US = 1000000, /* and at least so long */
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
	struct pc_addr told;   /* by signalling */
	struct pc_addr remote; /* where to send, and what to take from */
	unsigned regret;       /* packets taken since another was learned */
	struct pc_addr candidate;
	unsigned run;      /* packets in sequence from candidate */
	uint64_t since_us; /* the first of them; or another was learned */
	uint32_t ssrc;
	uint16_t seq;
};

/*
 * Signalling has described the other side (again). An address learned before
 * stays when told is as before, until a better is learned.
 */
void pc_latch_arm(struct pc_latch *l, const struct pc_addr *told);

/* now_us is any monotonic time. */
enum pc_latch_verdict pc_latch_take(struct pc_latch *l,
				    const struct pc_addr *from,
				    const struct pc_rtp *rtp, uint64_t now_us);

#endif
