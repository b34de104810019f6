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

enum {
	PC_DTMF_LOOK = 4,     /* hops that are looked at together: 20 ms */
	PC_DTMF_HISTORY = 16, /* looks that an edge is searched in */
};

/* What 5 ms of sound add to a look. */
struct pc_dtmf_hop {
	double re[8], im[8], energy;
};

struct pc_dtmf {
	unsigned rate_hz;
	size_t hop, at;          /* samples of a hop; taken in of this one */
	double turn[8], sine[8]; /* 2 cos(2 pi f / rate), sin: rows, columns */
	double hop_cos[8], hop_sin[8]; /* the same of a hop */
	double s1[8], s2[8];
	double energy;
	struct pc_dtmf_hop hops[PC_DTMF_LOOK];
	float powers[PC_DTMF_HISTORY][8]; /* of the last looks, one a hop */
	uint32_t n_hops;
	char digit; /* that is on; '\0': none */
	char maybe; /* what the last look found */
	unsigned alike, misses;
	double began; /* where, in samples */
};

void pc_dtmf_init(struct pc_dtmf *d, unsigned rate_hz);

/*
 * Take n mono samples in. A digit of 40 ms and more is found (Q.24), and its
 * duration to a few ms.
 */
void pc_dtmf_hear(struct pc_dtmf *d, const int16_t *pcm, size_t n,
		  pc_dtmf_fn *fn, void *arg);

/* The frequencies of a digit; false when it is none. */
bool pc_dtmf_tones(char digit, double *low_hz, double *high_hz);

#endif
