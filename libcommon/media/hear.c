/* Dominant frequency and level; see hear.h. */
#include "media/hear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct pc_hear {
	unsigned rate_hz;
	size_t size;    /* of a window: a power of two */
	size_t filled;  /* of in */
	size_t windows; /* added to power */
	size_t samples;
	double squares; /* sum over samples */
	float *in;      /* size: the window being filled */
	float *hann;    /* size */
	float *re, *im; /* size: work space */
	float *turn;    /* size: cos, sin of -2 pi k / size, k < size / 2 */
	double *power;  /* size / 2 */
};

struct pc_hear *pc_hear_new(unsigned rate_hz)
{
	struct pc_hear *h = calloc(1, sizeof(*h));
	size_t n = 1024;

	if (!h)
		return NULL;
	while (n * 5 < rate_hz)
		n *= 2;
	h->rate_hz = rate_hz;
	h->size = n;
	h->in = calloc(n * 5, sizeof(float));
	h->power = calloc(n / 2, sizeof(double));
	if (!h->in || !h->power) {
		pc_hear_free(h);
		return NULL;
	}
	h->hann = h->in + n;
	h->re = h->in + 2 * n;
	h->im = h->in + 3 * n;
	h->turn = h->in + 4 * n;
	for (size_t i = 0; i < n; i++)
		h->hann[i] = 0.5 - 0.5 * cos(2 * M_PI * i / n);
	for (size_t k = 0; k < n / 2; k++) {
		h->turn[2 * k] = cos(2 * M_PI * k / n);
		h->turn[2 * k + 1] = -sin(2 * M_PI * k / n);
	}
	return h;
}

void pc_hear_free(struct pc_hear *h)
{
	if (!h)
		return;
	free(h->in);
	free(h->power);
	free(h);
}

/* Put re and im, which are size long, into bit-reversed order. */
static void bit_reverse(struct pc_hear *h)
{
	for (size_t i = 0, j = 0; i < h->size; i++) {
		if (i < j) {
			float re = h->re[i], im = h->im[i];

			h->re[i] = h->re[j];
			h->im[i] = h->im[j];
			h->re[j] = re;
			h->im[j] = im;
		}
		for (size_t bit = h->size / 2; bit > 0; bit /= 2) {
			j ^= bit;
			if (j & bit)
				break;
		}
	}
}

/* Cooley and Tukey's transform, radix 2, in place. */
static void transform(struct pc_hear *h)
{
	bit_reverse(h);
	for (size_t half = 1; half < h->size; half *= 2) {
		size_t step = h->size / (2 * half);

		for (size_t k = 0; k < half; k++) {
			float c = h->turn[2 * k * step];
			float s = h->turn[2 * k * step + 1];

			for (size_t a = k; a < h->size; a += 2 * half) {
				size_t b = a + half;
				float re = h->re[b] * c - h->im[b] * s;
				float im = h->re[b] * s + h->im[b] * c;

				h->re[b] = h->re[a] - re;
				h->im[b] = h->im[a] - im;
				h->re[a] += re;
				h->im[a] += im;
			}
		}
	}
}

static void add_window(struct pc_hear *h)
{
	for (size_t i = 0; i < h->size; i++)
		h->re[i] = h->in[i] * h->hann[i];
	memset(h->im, 0, h->size * sizeof(*h->im));
	transform(h);
	for (size_t k = 0; k < h->size / 2; k++)
		h->power[k] += (double)h->re[k] * h->re[k] +
			       (double)h->im[k] * h->im[k];
	h->windows++;
}

void pc_hear_add(struct pc_hear *h, const int16_t *pcm, size_t n)
{
	size_t half = h->size / 2;

	h->samples += n;
	for (size_t i = 0; i < n; i++) {
		h->squares += (double)pcm[i] * pcm[i];
		h->in[h->filled++] = pcm[i] / 32768.0f;
		if (h->filled < h->size)
			continue;
		add_window(h);
		memcpy(h->in, h->in + half, half * sizeof(*h->in));
		h->filled = half;
	}
}

/* Where the parabola through the logarithms of k-1, k, k+1 has its top. */
static double refine(const double *power, size_t k)
{
	double a = log(power[k - 1] + 1e-30);
	double b = log(power[k] + 1e-30);
	double c = log(power[k + 1] + 1e-30);
	double bend = a - 2 * b + c;

	return bend < 0 ? k + 0.5 * (a - c) / bend : k;
}

static void find_peak(struct pc_hear *h, struct pc_heard *heard)
{
	size_t end = h->size / 2, peak = 3;
	double total = 0, near = 0;

	/* Bins 0 to 2 are DC, and its skirt. */
	for (size_t k = 3; k < end - 1; k++) {
		total += h->power[k];
		if (h->power[k] > h->power[peak])
			peak = k;
	}
	for (size_t k = peak < 6 ? 3 : peak - 3; k <= peak + 3 && k < end - 1;
	     k++)
		near += h->power[k];
	heard->hz = refine(h->power, peak) * h->rate_hz / h->size;
	heard->ratio = total > 0 ? near / total : 0;
}

void pc_hear_result(struct pc_hear *h, struct pc_heard *heard)
{
	double mean;

	memset(heard, 0, sizeof(*heard));
	heard->samples = h->samples;
	heard->dbfs = -100;
	if (h->windows == 0 && h->filled > 0) { /* short: fill with silence */
		memset(h->in + h->filled, 0,
		       (h->size - h->filled) * sizeof(*h->in));
		add_window(h);
	}
	mean = h->samples ? h->squares / h->samples : 0;
	if (mean > 0)
		heard->dbfs = 10 * log10(2 * mean / (32768.0 * 32768.0));
	if (heard->dbfs <= -100)
		heard->dbfs = -100;
	else
		find_peak(h, heard);
	h->windows = h->samples = h->filled = 0;
	h->squares = 0;
	memset(h->power, 0, h->size / 2 * sizeof(*h->power));
}
