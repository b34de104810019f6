/* Sample rate conversion; see resample.h. */
#include "media/resample.h"

#include <math.h>
#include <stdlib.h>

enum { CROSSINGS = 48 }; /* zero crossings of the sinc on both sides */

struct pc_resampler {
	unsigned up, down; /* to : from, reduced */
	unsigned taps;     /* of each phase */
	unsigned phase;    /* of the next sample out, 0 to up - 1 */
	unsigned wait;     /* samples to take in before it */
	unsigned pos;      /* in past */
	float *filter;     /* up * taps */
	float *past;       /* 2 * taps: the latest taps, twice, no wrapping */
};

static unsigned gcd(unsigned a, unsigned b)
{
	return b == 0 ? a : gcd(b, a % b);
}

/* Blackman's window, -1 to 1. */
static double window(double x)
{
	return 0.42 + 0.5 * cos(M_PI * x) + 0.08 * cos(2 * M_PI * x);
}

static double sinc(double x)
{
	return fabs(x) < 1e-9 ? 1 : sin(M_PI * x) / (M_PI * x);
}

/*
 * Phase p, tap t weigh the input sample that lies t - taps / 2 + p / up
 * samples from the moment of the output.
 */
static void make_filter(struct pc_resampler *r)
{
	double cut = r->up < r->down ? (double)r->up / r->down : 1;

	cut *= 0.93; /* the edge of the filter lies below Nyquist's */
	for (unsigned p = 0; p < r->up; p++) {
		float *f = r->filter + (size_t)p * r->taps;
		double sum = 0, half = r->taps / 2.0;

		for (unsigned t = 0; t < r->taps; t++) {
			double x = t - (half - 1) - (double)p / r->up;
			double w = fabs(x) >= half ? 0 : window(x / half);

			f[t] = sinc(x * cut) * w;
			sum += f[t];
		}
		for (unsigned t = 0; t < r->taps; t++)
			f[t] /= sum; /* unity for DC in every phase */
	}
}

struct pc_resampler *pc_resampler_new(unsigned from_hz, unsigned to_hz)
{
	struct pc_resampler *r;
	unsigned g;

	if (from_hz == 0 || to_hz == 0)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	g = gcd(from_hz, to_hz);
	r->up = to_hz / g;
	r->down = from_hz / g;
	r->taps = CROSSINGS;
	if (r->down > r->up) /* a lower edge needs a longer filter */
		r->taps = (CROSSINGS * r->down / r->up + 2) & ~1u;
	r->filter = calloc((size_t)r->up * r->taps, sizeof(float));
	r->past = calloc(2 * (size_t)r->taps, sizeof(float));
	r->wait = 1;
	if (!r->filter || !r->past) {
		pc_resampler_free(r);
		return NULL;
	}
	make_filter(r);
	return r;
}

void pc_resampler_free(struct pc_resampler *r)
{
	if (!r)
		return;
	free(r->filter);
	free(r->past);
	free(r);
}

static int16_t one(const struct pc_resampler *r)
{
	const float *f = r->filter + (size_t)r->phase * r->taps;
	const float *x = r->past + r->pos;
	float sum = 0;

	for (unsigned t = 0; t < r->taps; t++)
		sum += f[t] * x[t];
	if (sum > 32767)
		return 32767;
	return sum < -32768 ? -32768 : (int16_t)lrintf(sum);
}

size_t pc_resample(struct pc_resampler *r, const int16_t *in, size_t n,
		   int16_t *out, size_t max)
{
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		r->past[r->pos] = r->past[r->pos + r->taps] = in[i];
		if (++r->pos == r->taps)
			r->pos = 0;
		for (r->wait--; r->wait == 0;) {
			if (made < max)
				out[made++] = one(r);
			r->phase += r->down;
			r->wait = r->phase / r->up;
			r->phase %= r->up;
		}
	}
	return made;
}
