/*
 * Put packets back into their order before they are decoded, without delay
 * where there is nothing to put back: a packet that follows goes on at once;
 * one behind a hole waits, until the hole is filled or nothing that has been
 * seen of this path lets hope so. How long that is adapts: to how late the
 * late ones come, and down again while holes stay holes.
 *
 *	switch (pc_reorder_put(&r, &rtp, false, now)) {
 *	case PC_REORDER_NOW:  decode(&rtp);
 *	case PC_REORDER_HELD: break;
 *	case PC_REORDER_LATE: count it;
 *	}
 *	while (pc_reorder_next(&r, now, &rtp, &lost)) decode(&rtp);
 *	timer at pc_reorder_due(&r)
 */
#ifndef PC_MEDIA_REORDER_H
#define PC_MEDIA_REORDER_H

#include "media/rtp.h"

enum {
	PC_REORDER_SLOTS = 32,
	PC_REORDER_WAIT_MIN_US = 10000,
	PC_REORDER_WAIT_MAX_US = 160000,
};

enum pc_reorder_verdict {
	PC_REORDER_NOW,  /* it is the next: use it, then ask for more */
	PC_REORDER_HELD, /* copied, until its turn */
	PC_REORDER_LATE, /* its turn is over */
};

struct pc_reorder_slot;

struct pc_reorder {
	bool started;
	uint16_t next;      /* whose turn it is */
	unsigned held;      /* packets in slots */
	unsigned wait_us;   /* how long a hole is given */
	uint64_t hole_us;   /* since when next is missing; 0: it is not */
	uint64_t passed_us; /* when the last hole was given up */
	struct pc_reorder_slot *slots; /* by seq; made when first needed */
};

/*
 * A packet of the source, new (not a duplicate). An empty one (an event, say,
 * that went another way) only fills its place. A first packet begins; after
 * the source's restart, call pc_reorder_reset before.
 */
enum pc_reorder_verdict pc_reorder_put(struct pc_reorder *r,
				       const struct pc_rtp *rtp, bool empty,
				       uint64_t now_us);

/*
 * The next packet that need not wait any more; its payload borrows r, until
 * the next put.
 *   lost  receives how many before it never came
 * Returns false when there is none.
 */
bool pc_reorder_next(struct pc_reorder *r, uint64_t now_us, struct pc_rtp *rtp,
		     unsigned *lost);

/* When pc_reorder_next will have more although nothing came; 0: never. */
uint64_t pc_reorder_due(const struct pc_reorder *r);

void pc_reorder_reset(struct pc_reorder *r); /* forgets packets, not wait_us */
void pc_reorder_fini(struct pc_reorder *r);

#endif
