/*
 * A description as a list of what it says, to be compared. Private to
 * libcommon/sdp.
 *
 *	struct pc_sdp_meaning m = { 0 };
 *	if (pc_sdp_meaning_read(&m, sdp) == 0)
 *		...m.v[i].what, m.v[i].value...
 *	pc_sdp_meaning_fini(&m);
 */
#ifndef PC_SDP_MEANING_H
#define PC_SDP_MEANING_H

#include "sdp/arena.h"
#include "sdp/sdp.h"

struct pc_sdp_says {
	int section; /* -1: the session */
	const char *what, *value;
	unsigned nth;   /* of those that say the same "what" of this section */
	unsigned place; /* in the description */
	bool member;    /* of a set: what and value together are the key */
};

struct pc_sdp_meaning {
	struct pc_sdp_says *v;
	unsigned n, cap;
	struct pc_sdp_arena *arena;
	bool oom;
};

/* 0 or -ENOMEM. */
int pc_sdp_meaning_read(struct pc_sdp_meaning *m, const struct pc_sdp *sdp);
void pc_sdp_meaning_fini(struct pc_sdp_meaning *m);

#endif
