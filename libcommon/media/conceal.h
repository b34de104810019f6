/*
 * Sound for packets that never came, for coders that cannot make it up
 * themselves: the last pitch period again, joined without a click, softer
 * after 10 ms and gone after 60 (as ITU-T G.711 appendix I does it); and what
 * else needs a pitch: making a stretch of speech a period shorter or longer.
 *
 *	pc_conceal_heard(&c, pcm, n);     each frame that came; may smooth it
 *	pc_conceal_make(&c, pcm, n);      one that did not
 */
#ifndef PC_MEDIA_CONCEAL_H
#define PC_MEDIA_CONCEAL_H

#include <stddef.h>
#include <stdint.h>

enum {
	PC_PITCH_MIN_HZ = 66,            /* periods of 15 ms ... */
	PC_PITCH_MAX_HZ = 400,           /* ... to 2.5 */
	PC_CONCEAL_HISTORY = 48000 / 25, /* 40 ms at the highest rate */
};

struct pc_conceal {
	unsigned rate_hz;
	size_t n; /* of past */
	int16_t past[PC_CONCEAL_HISTORY];
	size_t period, at; /* in cycle */
	size_t made;       /* samples in a row; 0: nothing is concealed */
	int16_t cycle[48000 / PC_PITCH_MIN_HZ + 1];
};

void pc_conceal_init(struct pc_conceal *c, unsigned rate_hz);

/* n samples came. Its beginning is faded in if others were made up before. */
void pc_conceal_heard(struct pc_conceal *c, int16_t *pcm, size_t n);

/* Make up n samples. */
void pc_conceal_make(struct pc_conceal *c, int16_t *pcm, size_t n);

/*
 * The period at which the end of pcm repeats itself best, in samples; n is at
 * least 40 ms of them. Allocates nothing.
 */
size_t pc_pitch(const int16_t *pcm, size_t n, unsigned rate_hz);

/*
 * Take one period out of pcm, or put one in, so that it is not heard.
 *   side what goes with it and has to stay so, by the same period; or NULL
 *   n    samples, at least 40 ms; for _longer with room for 15 ms more
 * Returns how many there are now.
 */
size_t pc_pitch_shorter(int16_t *pcm, int16_t *side, size_t n,
			unsigned rate_hz);
size_t pc_pitch_longer(int16_t *pcm, int16_t *side, size_t n, unsigned rate_hz);

#endif
