/*
 * A jitter buffer of decoded sound, for who must have 20 ms every 20 ms (a
 * mixer): frames are pushed as they come, and pulled by a clock. Its delay
 * adapts: an empty buffer is bridged by made-up sound, which is delay gained;
 * what was never needed in two seconds is taken out again, a pitch period at
 * a time, and much of it sooner; what comes at once after silence is cut. So are clocks that drift, either way.
 *
 *	pc_playout_push(&p, pcm, NULL, n);
 *	if (pc_playout_pull(&p, pcm, NULL, 960))
 *		add(pcm);
 *
 * Stereo is the middle, (left + right) / 2, which all of this goes by, and
 * beside it the side, (left - right) / 2.
 */
#ifndef PC_MEDIA_PLAYOUT_H
#define PC_MEDIA_PLAYOUT_H

#include <stdbool.h>

#include "media/conceal.h"

enum { PC_PLAYOUT_MAX_MS = 500 };

struct pc_playout {
	unsigned rate_hz;
	bool flowing;          /* else it fills, up to a start */
	size_t n, least;       /* samples; the least after a pull, lately */
	unsigned pulls;        /* since least was begun */
	unsigned fresh;        /* pulls left to catch up in, after silence */
	unsigned empty;        /* pulls in a row that found too little */
	unsigned long late;    /* such pulls in all */
	unsigned long trimmed; /* periods taken out, and put in */
	unsigned long grown;
	struct pc_conceal conceal;
	int16_t *pcm;                 /* PC_PLAYOUT_MAX_MS of them */
	struct pc_playout_side *side; /* NULL: all was mono as yet */
};

/* 0 or -ENOMEM. */
int pc_playout_init(struct pc_playout *p, unsigned rate_hz);
void pc_playout_fini(struct pc_playout *p);

/*
 * What does not fit pushes the oldest out. The first side that is not NULL
 * makes room for it; without memory it stays mono.
 */
void pc_playout_push(struct pc_playout *p, const int16_t *pcm,
		     const int16_t *side, size_t n);

/*
 * Take n samples, which is 10 to 40 ms. False: there is nothing, pcm is zeros.
 * side is filled in if p->side is there, and may be NULL if it is not.
 */
bool pc_playout_pull(struct pc_playout *p, int16_t *pcm, int16_t *side,
		     size_t n);

#endif
