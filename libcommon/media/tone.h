/*
 * A sine to send down the line.
 *
 *	struct pc_tone t;
 *	pc_tone_init(&t, 997, -12, 8000);
 *	pc_tone_make(&t, pcm, 160);
 */
#ifndef PC_MEDIA_TONE_H
#define PC_MEDIA_TONE_H

#include <stddef.h>
#include <stdint.h>

struct pc_tone {
	double phase, step; /* in turns */
	double amplitude;
};

/* dbfs: 0 is a full-scale sine. */
void pc_tone_init(struct pc_tone *t, double hz, double dbfs, unsigned rate_hz);
void pc_tone_make(struct pc_tone *t, int16_t *pcm, size_t n);

#endif
