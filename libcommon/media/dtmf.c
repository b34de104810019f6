/* Digits as tones; see dtmf.h. */
#include "media/dtmf.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum {
	HOP_MS = 5,
	BEGIN_LOOKS = 6, /* alike, before it is a digit */
	END_MISSES = 8,  /* a gap of 20 ms does not part a digit */
};

static const double frequency[8] = {
	697, 770, 852, 941, 1209, 1336, 1477, 1633
};
static const char digits[] = "123A456B789C*0#D";

/* As powers: the weaker tone, twist either way, other tones, other sound. */
static const double LEAST = 1e-4 * 1e-1; /* -36 dBm0 or so, of full scale */
static const double TWIST = 10;          /* 10 dB */
static const double OTHERS = 6.3;        /* 8 dB above the next in its group */
static const double SHARE = 0.6;         /* of all the energy */

void pc_dtmf_init(struct pc_dtmf *d, unsigned rate_hz)
{
	memset(d, 0, sizeof(*d));
	d->rate_hz = rate_hz;
	d->hop = (size_t)rate_hz * HOP_MS / 1000;
	for (int i = 0; i < 8; i++) {
		double turn = 2 * M_PI * frequency[i] / rate_hz;

		d->turn[i] = 2 * cos(turn);
		d->sine[i] = sin(turn);
		d->hop_cos[i] = cos(turn * (double)d->hop);
		d->hop_sin[i] = sin(turn * (double)d->hop);
	}
}

/* Goertzel's filters have taken a hop in: what it adds to a look. */
static void end_hop(struct pc_dtmf *d)
{
	struct pc_dtmf_hop *h = &d->hops[d->n_hops++ % PC_DTMF_LOOK];

	h->energy = d->energy;
	for (int i = 0; i < 8; i++) {
		h->re[i] = d->s1[i] - d->turn[i] / 2 * d->s2[i];
		h->im[i] = d->sine[i] * d->s2[i];
	}
	d->at = 0;
	d->energy = 0;
	memset(d->s1, 0, sizeof(d->s1));
	memset(d->s2, 0, sizeof(d->s2));
}

/*
 * The power at each frequency in the last hops, a full-scale sine being 1; and
 * of all. Each hop's phase is that at its end: one before is turned by a hop.
 */
static double powers(const struct pc_dtmf *d, float power[8])
{
	double n = (double)(d->hop * PC_DTMF_LOOK), energy = 0;

	for (unsigned k = 0; k < PC_DTMF_LOOK; k++)
		energy += d->hops[k].energy;
	for (int i = 0; i < 8; i++) {
		double re = 0, im = 0;

		for (unsigned k = 0; k < PC_DTMF_LOOK; k++) {
			const struct pc_dtmf_hop *h =
				&d->hops[(d->n_hops + k) % PC_DTMF_LOOK];
			double turned = re * d->hop_cos[i] - im * d->hop_sin[i];

			im = re * d->hop_sin[i] + im * d->hop_cos[i] + h->im[i];
			re = turned + h->re[i];
		}
		power[i] = (float)(4 / (n * n) * (re * re + im * im));
	}
	return 2 * energy / n;
}

/* The strongest of four, if it stands out. */
static int strongest(const float *power)
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

static char found(const float power[8], double all)
{
	int row = strongest(power), column = strongest(power + 4);
	double low, high;

	if (row < 0 || column < 0)
		return '\0';
	low = power[row];
	high = power[4 + column];
	if (low < LEAST || high < LEAST || low > high * TWIST ||
	    high > low * TWIST || low + high < SHARE * all)
		return '\0';
	return digits[row * 4 + column];
}

/* How loud a digit's tones were, so many looks ago. */
static double level(const struct pc_dtmf *d, char digit, unsigned ago)
{
	const float *power = d->powers[(d->n_hops - 1 - ago) % PC_DTMF_HISTORY];
	long at = strchr(digits, digit) - digits;

	return sqrt(sqrt((double)power[at / 4] * power[4 + at % 4]));
}

/*
 * Where a digit began or ended, in samples. The level is in proportion to how
 * much of a look the digit fills, so it has half of it when its edge is in the
 * middle of the look.
 *   ago   a look that it filled; the edge is searched from there on
 *   step  into the past (1) or to the present (-1)
 */
static double edge(const struct pc_dtmf *d, char digit, unsigned ago, int step)
{
	double half = 0, last = level(d, digit, ago), now = last, part = 0;

	for (unsigned k = 0; k < BEGIN_LOOKS; k++)
		half = fmax(half,
			    level(d, digit, ago - (unsigned)step * k) / 2);
	half = fmin(half, last);
	for (unsigned n = 0; n < PC_DTMF_LOOK && now >= half && ago > 0; n++) {
		last = now;
		ago += (unsigned)step;
		now = level(d, digit, ago);
	}
	if (now < half)
		part = (last - half) / (last - now);
	return (double)d->hop * ((double)d->n_hops - ago + step * (1 - part) -
				 PC_DTMF_LOOK / 2.0);
}

static void look(struct pc_dtmf *d, pc_dtmf_fn *fn, void *arg)
{
	float *power = d->powers[(d->n_hops - 1) % PC_DTMF_HISTORY];
	double all = powers(d, power);
	char digit = found(power, all);

	d->alike = digit && digit == d->maybe ? d->alike + 1 : digit != '\0';
	d->maybe = digit;
	if (d->digit && digit == d->digit) {
		d->misses = 0;
	} else if (d->digit && ++d->misses >= END_MISSES) {
		double n = edge(d, d->digit, d->misses, -1) - d->began;

		fn(arg, d->digit, (unsigned)(n * 1000 / d->rate_hz + 0.5));
		d->digit = '\0';
	}
	if (!d->digit && d->alike >= BEGIN_LOOKS) {
		d->digit = digit;
		d->misses = 0;
		d->began = edge(d, digit, d->alike - 1, 1);
		fn(arg, digit, 0);
	}
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
		if (++d->at < d->hop)
			continue;
		end_hop(d);
		look(d, fn, arg);
	}
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
