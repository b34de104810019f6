/*
 * How much a sender of video may send, for REMB, in the manner of the
 * loss-based half of Google's congestion control (draft-ietf-rmcat-gcc-02
 * section 6): up slowly while next to nothing is lost, and down to what came
 * through when much is. What is lost counts on both ways: to us, and on from us
 * as the far end reports it.
 *
 *	pc_rate_init(&r, 2500000);
 *	each second: bps = pc_rate_step(&r, &seen);
 */
#ifndef PC_MEDIA_RATE_H
#define PC_MEDIA_RATE_H

#include <stdint.h>

enum {
	PC_RATE_MIN = 64000, /* a small picture, now and then */
	PC_RATE_START = 1000000,
};

struct pc_rate {
	uint64_t bps, max_bps;
};

/* What was seen since the last step. */
struct pc_rate_seen {
	uint64_t came_bps;   /* how much came */
	double loss_percent; /* the worse of both ways; below 0: nobody says */
	uint64_t far_bps;    /* what the far end lets us send; 0: not said */
};

void pc_rate_init(struct pc_rate *r, uint64_t max_bps);

/* One second on: what may be sent now. */
uint64_t pc_rate_step(struct pc_rate *r, const struct pc_rate_seen *seen);

#endif
