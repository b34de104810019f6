/*
 * Change the sample rate of mono speech by any ratio of rates from 8 to
 * 48 kHz: a polyphase low-pass filter (windowed sinc, 48 zero crossings).
 * Of the lower Nyquist frequency: flat to 0.85, which is the 3400 Hz of
 * telephones, and below -70 dB from 1.05.
 *
 *	struct pc_resampler *r = pc_resampler_new(44100, 8000);
 *	n = pc_resample(r, in, 882, out, PC_RESAMPLE_MAX(882, 44100, 8000));
 */
#ifndef PC_MEDIA_RESAMPLE_H
#define PC_MEDIA_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

/* At most this many samples come out for n in. */
#define PC_RESAMPLE_MAX(n, from, to) ((n) * (size_t)(to) / (from) + 2)

struct pc_resampler;

/* Returns NULL when out of memory, or when a rate is 0. */
struct pc_resampler *pc_resampler_new(unsigned from_hz, unsigned to_hz);
void pc_resampler_free(struct pc_resampler *r); /* NULL is fine */

/*
 * Convert n samples; returns how many were written to out (at most max: the
 * rest would be lost, so give PC_RESAMPLE_MAX). Allocates nothing.
 */
size_t pc_resample(struct pc_resampler *r, const int16_t *in, size_t n,
		   int16_t *out, size_t max);

#endif
