/* Packets back in order; see reorder.h. */
#include "media/reorder.h"

#include <stdlib.h>
#include <string.h>

enum {
	WAIT_FIRST_US = 40000,
	PACKET_MAX = 1500, /* what is larger (L16) has memory of its own */
	HEADROOM = PC_RTP_HEADER,
	MISORDER_MAX = 500,
};

struct pc_reorder_slot {
	bool used, empty;
	struct pc_rtp rtp;
	uint8_t buf[HEADROOM + PACKET_MAX];
	uint8_t *large; /* of large_max bytes behind the headroom; or NULL */
	size_t large_max;
};

void pc_reorder_reset(struct pc_reorder *r)
{
	r->started = false;
	r->held = 0;
	r->hole_us = r->passed_us = 0;
	for (unsigned i = 0; r->slots && i < PC_REORDER_SLOTS; i++)
		r->slots[i].used = false;
}

void pc_reorder_fini(struct pc_reorder *r)
{
	for (unsigned i = 0; r->slots && i < PC_REORDER_SLOTS; i++)
		free(r->slots[i].large);
	free(r->slots);
	memset(r, 0, sizeof(*r));
}

static struct pc_reorder_slot *slot(struct pc_reorder *r, uint16_t seq)
{
	return &r->slots[seq % PC_REORDER_SLOTS];
}

static unsigned clamp(uint64_t us)
{
	if (us < PC_REORDER_WAIT_MIN_US)
		return PC_REORDER_WAIT_MIN_US;
	return us > PC_REORDER_WAIT_MAX_US ? PC_REORDER_WAIT_MAX_US
					   : (unsigned)us;
}

/* A hole was filled after us, in time or not: be ready for such a one. */
static void learn_late(struct pc_reorder *r, uint64_t us)
{
	unsigned want = clamp(us + us / 4 + 5000);

	if (want > r->wait_us)
		r->wait_us = want;
}

/* A hole stays one: believe a little less in the next. */
static void learn_lost(struct pc_reorder *r)
{
	r->wait_us = clamp(r->wait_us - r->wait_us / 16);
}

/* Where so many bytes of payload can be kept; NULL: out of memory. */
static uint8_t *room(struct pc_reorder_slot *s, size_t len)
{
	uint8_t *large;

	if (len <= PACKET_MAX)
		return s->buf + HEADROOM;
	if (len > s->large_max) {
		large = realloc(s->large, HEADROOM + len);
		if (!large)
			return NULL;
		s->large = large;
		s->large_max = len;
	}
	return s->large + HEADROOM;
}

static bool hold(struct pc_reorder *r, const struct pc_rtp *rtp, bool empty)
{
	size_t len = empty ? 0 : rtp->payload_len;
	struct pc_reorder_slot *s;
	uint8_t *payload;

	if (!r->slots)
		r->slots = calloc(PC_REORDER_SLOTS, sizeof(*r->slots));
	if (!r->slots)
		return false;
	s = slot(r, rtp->seq);
	payload = room(s, len);
	if (!payload)
		return false;
	r->held += !s->used;
	s->used = true;
	s->empty = empty;
	s->rtp = *rtp;
	s->rtp.payload = payload;
	s->rtp.payload_len = len;
	memcpy(payload, rtp->payload, len);
	return true;
}

static void turn_over(struct pc_reorder *r, uint64_t now_us)
{
	if (r->hole_us)
		learn_late(r, now_us - r->hole_us);
	r->next++;
	r->hole_us = r->held ? now_us : 0;
}

enum pc_reorder_verdict pc_reorder_put(struct pc_reorder *r,
				       const struct pc_rtp *rtp, bool empty,
				       uint64_t now_us)
{
	int16_t ahead;

	if (!r->started) {
		r->started = true;
		r->next = rtp->seq;
		if (!r->wait_us)
			r->wait_us = WAIT_FIRST_US;
	}
	ahead = (int16_t)(rtp->seq - r->next);
	if (ahead < -MISORDER_MAX) { /* another sequence */
		pc_reorder_reset(r);
		return pc_reorder_put(r, rtp, empty, now_us);
	}
	if (ahead < 0) {
		if (r->passed_us)
			learn_late(r, now_us - r->passed_us + r->wait_us);
		return PC_REORDER_LATE;
	}
	if (ahead == 0) {
		turn_over(r, now_us);
		return empty ? PC_REORDER_HELD : PC_REORDER_NOW;
	}
	/* Too far ahead: what was held is given up for it. */
	if (ahead >= PC_REORDER_SLOTS || !hold(r, rtp, empty)) {
		pc_reorder_reset(r);
		r->started = true;
		r->next = rtp->seq + 1;
		return empty ? PC_REORDER_HELD : PC_REORDER_NOW;
	}
	if (!r->hole_us)
		r->hole_us = now_us;
	return PC_REORDER_HELD;
}

bool pc_reorder_next(struct pc_reorder *r, uint64_t now_us, struct pc_rtp *rtp,
		     unsigned *lost)
{
	unsigned missing = 0;

	while (r->held > 0) {
		struct pc_reorder_slot *s = slot(r, r->next);
		bool there = s->used && s->rtp.seq == r->next;

		if (!there) {
			if (missing == 0 && now_us < r->hole_us + r->wait_us)
				return false;
			if (missing++ == 0) {
				learn_lost(r);
				r->passed_us = now_us;
			}
			r->next++;
			continue;
		}
		s->used = false;
		r->held--;
		r->next++;
		r->hole_us = r->held ? now_us : 0;
		if (s->empty) {
			missing = 0;
			continue;
		}
		*rtp = s->rtp;
		*lost = missing;
		return true;
	}
	return false;
}

uint64_t pc_reorder_due(const struct pc_reorder *r)
{
	return r->held ? r->hole_us + r->wait_us : 0;
}
