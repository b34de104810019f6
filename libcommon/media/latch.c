/* Learning where RTP comes from; see latch.h. */
#include "media/latch.h"

static bool same_host(const struct pc_addr *a, const struct pc_addr *b)
{
	struct pc_addr x = *a;

	pc_addr_set_port(&x, pc_addr_port(b));
	return pc_addr_equal(&x, b);
}

void pc_latch_arm(struct pc_latch *l, const struct pc_addr *told, bool learn,
		  unsigned why)
{
	bool same = l->described && pc_addr_equal(&l->told, told);

	if (!same) {
		l->remote = *told;
		l->spoke = l->host = false;
		l->open = true;
	} else if (why != l->why) {
		l->open = true;
	}
	l->learn = learn && !l->spoke && pc_addr_port(told) != 0 &&
		   !pc_addr_is_any(told);
	l->open &= l->learn;
	l->described = true;
	l->told = *told;
	l->why = why;
	l->run = 0;
}

static enum pc_latch_verdict settle(struct pc_latch *l,
				    const struct pc_addr *from)
{
	bool same = pc_addr_equal(&l->remote, from);

	l->remote = *from;
	l->open = false;
	l->run = 0;
	return same ? PC_LATCH_TAKE : PC_LATCH_LEARNED;
}

/* A packet from neither the described nor the present address. */
static enum pc_latch_verdict consider(struct pc_latch *l,
				      const struct pc_addr *from,
				      const struct pc_rtp *rtp, uint64_t now_us)
{
	bool port_only = same_host(from, &l->told);
	unsigned need = port_only ? PC_LATCH_RUN_PORT : PC_LATCH_RUN_HOST;

	if (l->host && !port_only)
		return PC_LATCH_DROP;
	if (l->run > 0 && pc_addr_equal(&l->candidate, from) &&
	    l->ssrc == rtp->ssrc && (uint16_t)(l->seq + 1) == rtp->seq) {
		l->seq = rtp->seq;
		if (++l->run < need || now_us - l->since_us < PC_LATCH_QUIET_US)
			return PC_LATCH_DROP;
		return settle(l, from);
	}
	/* A stranger does not interrupt one from the right host. */
	if (l->run > 0 && !port_only && same_host(&l->candidate, &l->told))
		return PC_LATCH_DROP;
	l->candidate = *from;
	l->ssrc = rtp->ssrc;
	l->seq = rtp->seq;
	l->run = 1;
	l->since_us = now_us;
	return PC_LATCH_DROP;
}

bool pc_latch_host(struct pc_latch *l)
{
	bool strange = !same_host(&l->remote, &l->told);

	l->host = true;
	if (strange) {
		l->remote = l->told;
		l->open = l->learn; /* it may be on another port */
	}
	return strange;
}

enum pc_latch_verdict pc_latch_take(struct pc_latch *l,
				    const struct pc_addr *from,
				    const struct pc_rtp *rtp, uint64_t now_us)
{
	if (!l->described)
		return PC_LATCH_DROP;
	if (pc_addr_equal(from, &l->told)) {
		l->spoke = true;
		return settle(l, from);
	}
	if (pc_addr_equal(from, &l->remote)) {
		l->run = 0;
		return PC_LATCH_TAKE;
	}
	return l->open ? consider(l, from, rtp, now_us) : PC_LATCH_DROP;
}
