/* Which packets have been; see replay.h. */
#include "media/replay.h"

#include <errno.h>
#include <string.h>

int64_t pc_replay_index(const struct pc_replay *r, uint16_t seq)
{
	if (!r->started)
		return seq;
	return (int64_t)r->highest + (int16_t)(seq - (uint16_t)r->highest);
}

static uint64_t bit(uint64_t index)
{
	return 1ull << index % 64;
}

static unsigned word(uint64_t index)
{
	return (unsigned)(index % PC_REPLAY_WINDOW / 64);
}

int pc_replay_check(const struct pc_replay *r, int64_t index)
{
	uint64_t i = (uint64_t)index;

	if (index < 0)
		return -EALREADY;
	if (!r->started || i > r->highest)
		return 0;
	if (r->highest - i >= PC_REPLAY_WINDOW || r->seen[word(i)] & bit(i))
		return -EALREADY;
	return 0;
}

void pc_replay_take(struct pc_replay *r, int64_t index)
{
	uint64_t i = (uint64_t)index;

	if (!r->started || i > r->highest) {
		if (!r->started || i - r->highest >= PC_REPLAY_WINDOW)
			memset(r->seen, 0, sizeof(r->seen));
		else
			for (uint64_t j = r->highest + 1; j < i; j++)
				r->seen[word(j)] &= ~bit(j);
		r->highest = i;
		r->started = true;
	}
	r->seen[word(i)] |= bit(i);
}
