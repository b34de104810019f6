/*
 * Digits as pairs of tones in the sound itself (ITU-T Q.23, Q.24):
 *
 *	      1209 1336 1477 1633 Hz
 *	 697    1    2    3    A
 *	 770    4    5    6    B
 *	 852    7    8    9    C
 *	 941    *    0    #    D
 *
 *	struct pc_dtmf d;
 *	pc_dtmf_init(&d, 8000);
 *	pc_dtmf_hear(&d, pcm, 160, on_digit, arg);
 */
#ifndef PC_MEDIA_DTMF_H
#define PC_MEDIA_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A digit has begun (duration_ms 0), or ended. */
typedef void pc_dtmf_fn(void *arg, char digit, unsigned duration_ms);

struct pc_dtmf {
	unsigned rate_hz;
	size_t block, at; /* samples of a look, and taken in of this one */
	double turn[8];   /* 2 cos(2 pi f / rate), rows then columns */
	double s1[8], s2[8];
	double energy;
	char digit; /* that is on; '\0': none */
	char maybe; /* what the last look found */
	unsigned looks, misses;
};

void pc_dtmf_init(struct pc_dtmf *d, unsigned rate_hz);

/* Take n mono samples in. A digit of 40 ms and more is found (Q.24). */
void pc_dtmf_hear(struct pc_dtmf *d, const int16_t *pcm, size_t n,
		  pc_dtmf_fn *fn, void *arg);

/* Is a digit on, or perhaps beginning? */
bool pc_dtmf_sounds(const struct pc_dtmf *d);

/* The frequencies of a digit; false when it is none. */
bool pc_dtmf_tones(char digit, double *low_hz, double *high_hz);

#endif
