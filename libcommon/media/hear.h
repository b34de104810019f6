/*
 * What is in this sound? The dominant frequency, the level, and how much of
 * the energy is at that frequency: enough to tell that the tone sent at one
 * end of a call is the tone that came out at the other.
 *
 * Welch's method: Hann windows of about a quarter of a second, half
 * overlapped, power spectra added; the peak is refined by a parabola through
 * the logarithms of its three bins. Accurate to about 0.5 Hz.
 *
 *	struct pc_hear *h = pc_hear_new(8000);
 *	pc_hear_add(h, pcm, n);
 *	pc_hear_result(h, &heard);      heard.hz, heard.dbfs, heard.ratio
 */
#ifndef PC_MEDIA_HEAR_H
#define PC_MEDIA_HEAR_H

#include <stddef.h>
#include <stdint.h>

struct pc_hear;

struct pc_heard {
	double hz;    /* the dominant frequency, 0 in silence */
	double dbfs;  /* level; 0 is a full-scale sine (AES17); at least -100 */
	double ratio; /* energy at hz to all energy, 0 to 1 */
	size_t samples;
};

struct pc_hear *pc_hear_new(unsigned rate_hz); /* NULL: out of memory */
void pc_hear_free(struct pc_hear *h);

/* Take n mono samples. Allocates nothing. */
void pc_hear_add(struct pc_hear *h, const int16_t *pcm, size_t n);

/* What was heard since the last call; begins anew. */
void pc_hear_result(struct pc_hear *h, struct pc_heard *heard);

#endif
