/* How much video may be sent; see rate.h. */
#include "media/rate.h"

static const double LOSS_LOW = 2, LOSS_HIGH = 10; /* percent */
static const double UP = 1.08;
/* More than is used is no more than a guess: what came, and so much more. */
static const double AHEAD = 1.5;

static uint64_t within(uint64_t bps, uint64_t max)
{
	return bps < PC_RATE_MIN ? PC_RATE_MIN : bps > max ? max : bps;
}

void pc_rate_init(struct pc_rate *r, uint64_t max_bps)
{
	r->max_bps = max_bps;
	r->bps = within(PC_RATE_START, max_bps);
}

uint64_t pc_rate_step(struct pc_rate *r, const struct pc_rate_seen *seen)
{
	double loss = seen->loss_percent, bps = (double)r->bps;
	uint64_t max = r->max_bps;

	if (loss > LOSS_HIGH) {
		if (seen->came_bps > 0 && seen->came_bps < r->bps)
			bps = (double)seen->came_bps;
		bps *= 1 - loss / 100;
	} else if (loss >= 0 && loss < LOSS_LOW &&
		   bps < AHEAD * (double)seen->came_bps) {
		bps = bps * UP + 1000;
	}
	if (seen->far_bps > 0 && seen->far_bps < max)
		max = seen->far_bps;
	r->bps = within((uint64_t)bps, max);
	return r->bps;
}
