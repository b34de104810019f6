/*
 * Which packets have been: the replay list of SRTP (RFC 3711 section 3.3.2),
 * and the index that a 16-bit sequence number stands for (section 3.3.1).
 *
 *	int64_t index = pc_replay_index(&list, seq);
 *	if (pc_replay_check(&list, index) == 0 && authentic(packet, index))
 *		pc_replay_take(&list, index);
 */
#ifndef PC_MEDIA_REPLAY_H
#define PC_MEDIA_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

enum { PC_REPLAY_WINDOW = 1024 }; /* packets back from the newest */

/* Zeroed, it has seen nothing. */
struct pc_replay {
	bool started;
	uint64_t highest;
	uint64_t seen[PC_REPLAY_WINDOW / 64]; /* bit [index % WINDOW] */
};

/*
 * The index (rollover counter, then sequence number) nearest to the highest
 * so far; below 0 when that is before the first packet of all.
 */
int64_t pc_replay_index(const struct pc_replay *r, uint16_t seq);

/* 0, or -EALREADY: it has been, or is too old to know. */
int pc_replay_check(const struct pc_replay *r, int64_t index);

/* It has been; only once pc_replay_check and the packet's tag allow it. */
void pc_replay_take(struct pc_replay *r, int64_t index);

#endif
