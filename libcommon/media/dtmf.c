/* Digits as tones; see dtmf.h. */
#include "media/dtmf.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum {
	LOOK_MS = 20,
	BEGIN_LOOKS = 2, /* alike, before it is a digit */
	END_MISSES = 2,
};

static const double frequency[8] = {
	697, 770, 852, 941, 1209, 1336, 1477, 1633
};
static const char digits[] = "123A456B789C*0#D";

/* As powers: the weaker tone, twist either way, other tones, other sound. */
static const double LEAST = 1e-4 * 1e-1; /* -36 dBm0 or so, of full scale */
static const double TWIST = 10;          /* 10 dB */
static const double OTHERS = 6.3;        /* 8 dB above the next in its group */
static const double SHARE = 0.7;         /* of all the energy */

void pc_dtmf_init(struct pc_dtmf *d, unsigned rate_hz)
{
	memset(d, 0, sizeof(*d));
	d->rate_hz = rate_hz;
	d->block = (size_t)rate_hz * LOOK_MS / 1000;
	for (int i = 0; i < 8; i++)
		d->turn[i] = 2 * cos(2 * M_PI * frequency[i] / rate_hz);
}

/* Goertzel's: the power at each frequency, a full-scale sine being 1. */
static void powers(const struct pc_dtmf *d, double power[8])
{
	double n = (double)d->block;

	for (int i = 0; i < 8; i++)
		power[i] = 4 / (n * n) *
			   (d->s1[i] * d->s1[i] + d->s2[i] * d->s2[i] -
			    d->turn[i] * d->s1[i] * d->s2[i]);
}

/* The strongest of four, if it stands out. */
static int strongest(const double *power)
{
	int top = 0;

	for (int i = 1; i < 4; i++)
		if (power[i] > power[top])
			top = i;
	for (int i = 0; i < 4; i++)
		if (i != top && power[i] * OTHERS > power[top])
			return -1;
	return top;
}

static char found(const struct pc_dtmf *d)
{
	double power[8], all = 2 * d->energy / (double)d->block, low, high;
	int row, column;

	powers(d, power);
	row = strongest(power);
	column = strongest(power + 4);
	if (row < 0 || column < 0)
		return '\0';
	low = power[row];
	high = power[4 + column];
	if (low < LEAST || high < LEAST || low > high * TWIST ||
	    high > low * TWIST || low + high < SHARE * all)
		return '\0';
	return digits[row * 4 + column];
}

static void look(struct pc_dtmf *d, pc_dtmf_fn *fn, void *arg)
{
	char digit = found(d);

	if (d->digit && digit != d->digit && ++d->misses >= END_MISSES) {
		fn(arg, d->digit, d->looks * LOOK_MS);
		d->digit = '\0';
	} else if (d->digit) {
		d->looks++;
		if (digit == d->digit)
			d->misses = 0;
	}
	if (!d->digit && digit && digit == d->maybe) {
		d->digit = digit;
		d->looks = BEGIN_LOOKS;
		d->misses = 0;
		fn(arg, digit, 0);
	}
	d->maybe = digit;
}

void pc_dtmf_hear(struct pc_dtmf *d, const int16_t *pcm, size_t n,
		  pc_dtmf_fn *fn, void *arg)
{
	for (size_t k = 0; k < n; k++) {
		double x = pcm[k] / 32768.0;

		d->energy += x * x;
		for (int i = 0; i < 8; i++) {
			double s = x + d->turn[i] * d->s1[i] - d->s2[i];

			d->s2[i] = d->s1[i];
			d->s1[i] = s;
		}
		if (++d->at < d->block)
			continue;
		look(d, fn, arg);
		d->at = 0;
		d->energy = 0;
		memset(d->s1, 0, sizeof(d->s1));
		memset(d->s2, 0, sizeof(d->s2));
	}
}

bool pc_dtmf_sounds(const struct pc_dtmf *d)
{
	return d->digit || d->maybe;
}

bool pc_dtmf_tones(char digit, double *low_hz, double *high_hz)
{
	const char *at = digit ? strchr(digits, toupper(digit)) : NULL;

	if (!at)
		return false;
	*low_hz = frequency[(at - digits) / 4];
	*high_hz = frequency[4 + (at - digits) % 4];
	return true;
}
