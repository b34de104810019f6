/*
 * G.722 at 64 kbit/s: 16 kHz speech in two bands, each an adaptive
 * differential coder (ITU-T G.722; RFC 3551 section 4.5.2, whose RTP clock is
 * 8000 although the samples are twice as many).
 *
 *	samples -> filter bank -+-> low band,  6 bits -+-> octet
 *	                        '-> high band, 2 bits -'
 *
 *	struct pc_g722 g;
 *	pc_g722_init(&g);
 *	n = pc_g722_encode(&g, pcm, 320, octets);       160 of them
 */
#ifndef PC_MEDIA_G722_H
#define PC_MEDIA_G722_H

#include <stddef.h>
#include <stdint.h>

struct pc_g722_band {
	int scale; /* of the quantizer; its logarithm */
	int log_scale;
	int guess; /* of the next sample: zeros and poles */
	int guess_zeros;
	int poles[2], zeros[6];
	int diffs[6]; /* quantized, the latest first */
	int sums[2];  /* diff + guess_zeros, of the latest two */
	int rebuilt[2];
};

/* One direction: an encoder or a decoder. */
struct pc_g722 {
	struct pc_g722_band low, high;
	int bank[24]; /* of the filter bank: the latest samples, or sums */
};

void pc_g722_init(struct pc_g722 *g);

/* n samples, an even number, into n / 2 octets; returns that. */
size_t pc_g722_encode(struct pc_g722 *g, const int16_t *pcm, size_t n,
		      uint8_t *octets);

/* n octets into 2 n samples; returns that. */
size_t pc_g722_decode(struct pc_g722 *g, const uint8_t *octets, size_t n,
		      int16_t *pcm);

#endif
