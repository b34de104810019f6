/*
 * Sound without its digits: they are heard (dtmf.h), told, and taken out. A
 * digit is known for one 40 ms after it has begun, so what comes out is
 * PC_DTMF_CUT_MS old: by then its beginning can be taken out as well, and what
 * is said right behind its end be left in.
 *
 *	pc_dtmf_cut_init(&cut, 8000);
 *	pc_dtmf_cut(&cut, pcm, 160, on_digit, arg);
 */
#ifndef PC_MEDIA_DTMF_CUT_H
#define PC_MEDIA_DTMF_CUT_H

#include "media/dtmf.h"

enum { PC_DTMF_CUT_MS = 55 };

struct pc_dtmf_cut {
	struct pc_dtmf dtmf;
	pc_dtmf_fn *fn;
	void *arg;
	bool on;       /* a digit is */
	uint64_t from; /* the first of its samples ... */
	uint64_t n;    /* ... of these, that were taken in */
	int16_t line[48000 / 1000 * PC_DTMF_CUT_MS]; /* the last of them */
};

/* rate_hz: at most 48000. */
void pc_dtmf_cut_init(struct pc_dtmf_cut *c, unsigned rate_hz);

/* n mono samples in, and as many older ones out, in their place. */
void pc_dtmf_cut(struct pc_dtmf_cut *c, int16_t *pcm, size_t n, pc_dtmf_fn *fn,
		 void *arg);

#endif
