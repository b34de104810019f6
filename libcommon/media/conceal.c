/* Made-up sound; see conceal.h. */
#include "media/conceal.h"

#include <string.h>

enum {
	LOUD_MS = 10, /* before it gets softer */
	GONE_MS = 60,
	FADE_MS = 5, /* into what comes after */
};

void pc_conceal_init(struct pc_conceal *c, unsigned rate_hz)
{
	memset(c, 0, sizeof(*c));
	c->rate_hz = rate_hz;
}

/* From a at the beginning to b at the end of len. */
static int16_t blend(int a, int b, size_t at, size_t len)
{
	return (int16_t)((a * (int64_t)(len - at) + b * (int64_t)at) /
			 (int64_t)len);
}

/* How alike the last window is to the one a lag before: -1 to 1, squared. */
static double likeness(const int16_t *end, size_t window, size_t lag,
		       size_t step)
{
	double both = 0, then = 0;

	for (size_t i = 0; i < window; i += step) {
		double now = end[-1 - (ptrdiff_t)i];
		double past = end[-1 - (ptrdiff_t)(i + lag)];

		both += now * past;
		then += past * past;
	}
	return both <= 0 ? 0 : both * both / (then + 1);
}

size_t pc_pitch(const int16_t *pcm, size_t n, unsigned rate_hz)
{
	size_t least = rate_hz / PC_PITCH_MAX_HZ;
	size_t most = rate_hz / PC_PITCH_MIN_HZ;
	size_t window = rate_hz / 50,
	       step = rate_hz > 8000 ? rate_hz / 8000 : 1;
	const int16_t *end = pcm + n;
	size_t best = least, from, to;
	double top = -1;

	for (size_t lag = least; lag <= most; lag += step) {
		double like = likeness(end, window, lag, step);

		if (like > top) {
			top = like;
			best = lag;
		}
	}
	from = best > least + step ? best - step : least;
	to = best + step < most ? best + step : most;
	for (size_t lag = from, i = 0; step > 1 && lag <= to; lag++, i++) {
		double like = likeness(end, window, lag, step);

		if (i == 0 || like > top) {
			top = like;
			best = lag;
		}
	}
	return best;
}

/* One period, whose end flows into its beginning. */
static void begin(struct pc_conceal *c)
{
	size_t quarter;
	const int16_t *end = c->past + c->n;

	c->at = 0;
	c->period = 0;
	if (c->n < c->rate_hz / 25)
		return; /* too little has been heard */
	c->period = pc_pitch(c->past, c->n, c->rate_hz);
	quarter = c->period / 4;
	memcpy(c->cycle, end - c->period, c->period * sizeof(*c->cycle));
	for (size_t i = 0; i < quarter; i++)
		c->cycle[c->period - quarter + i] = blend(
			end[-(ptrdiff_t)quarter + (ptrdiff_t)i],
			end[-(ptrdiff_t)(c->period + quarter) + (ptrdiff_t)i],
			i, quarter);
}

static int16_t next(struct pc_conceal *c)
{
	size_t loud = c->rate_hz * LOUD_MS / 1000;
	size_t gone = c->rate_hz * GONE_MS / 1000;
	int v;

	if (c->period == 0 || c->made >= gone)
		return 0;
	v = c->cycle[c->at++ % c->period];
	if (c->made > loud)
		v = (int)(v * (int64_t)(gone - c->made) /
			  (int64_t)(gone - loud));
	c->made++;
	return (int16_t)v;
}

static void remember(struct pc_conceal *c, const int16_t *pcm, size_t n)
{
	size_t keep = c->rate_hz / 25;

	if (n > keep) {
		pcm += n - keep;
		n = keep;
	}
	if (c->n + n > keep) {
		size_t drop = c->n + n - keep;

		memmove(c->past, c->past + drop,
			(c->n - drop) * sizeof(*c->past));
		c->n -= drop;
	}
	memcpy(c->past + c->n, pcm, n * sizeof(*pcm));
	c->n += n;
}

void pc_conceal_heard(struct pc_conceal *c, int16_t *pcm, size_t n)
{
	size_t fade = c->rate_hz * FADE_MS / 1000;

	if (fade > n)
		fade = n;
	for (size_t i = 0; c->made > 0 && i < fade; i++)
		pcm[i] = blend(next(c), pcm[i], i, fade);
	c->made = 0;
	remember(c, pcm, n);
}

void pc_conceal_make(struct pc_conceal *c, int16_t *pcm, size_t n)
{
	if (c->made == 0)
		begin(c);
	for (size_t i = 0; i < n; i++)
		pcm[i] = next(c);
	if (c->made == 0)
		c->made = 1; /* also silence ends by a fade */
	remember(c, pcm, n);
}

static void take_out(int16_t *end, size_t period)
{
	int16_t *at = end - 2 * period;

	for (size_t i = 0; i < period; i++)
		at[i] = blend(at[i], at[i + period], i, period);
}

/* ... A B becomes ... A (from B to A) B */
static void put_in(int16_t *end, size_t period)
{
	memcpy(end, end - period, period * sizeof(*end));
	for (size_t i = 0; i < period; i++)
		end[(ptrdiff_t)i - (ptrdiff_t)period] =
			blend(end[i], end[(ptrdiff_t)i - 2 * (ptrdiff_t)period],
			      i, period);
}

size_t pc_pitch_shorter(int16_t *pcm, int16_t *side, size_t n, unsigned rate_hz)
{
	size_t period = pc_pitch(pcm, n, rate_hz);

	take_out(pcm + n, period);
	if (side)
		take_out(side + n, period);
	return n - period;
}

size_t pc_pitch_longer(int16_t *pcm, int16_t *side, size_t n, unsigned rate_hz)
{
	size_t period = pc_pitch(pcm, n, rate_hz);

	put_in(pcm + n, period);
	if (side)
		put_in(side + n, period);
	return n + period;
}
