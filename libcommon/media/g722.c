/* G.722; see g722.h. Block numbers are those of the recommendation. */
#include "media/g722.h"

#include <stdbool.h>
#include <string.h>

/* Quantizer levels: what a code of 6, 4, and of the high band 2 bits means. */
static const int16_t level6[64] = {
	-136,   -136,   -136,   -136,   -24808, -21904, -19008, -16704,
	-14984, -13512, -12280, -11192, -10232, -9360,  -8576,  -7856,
	-7192,  -6576,  -6000,  -5456,  -4944,  -4464,  -4008,  -3576,
	-3168,  -2776,  -2400,  -2032,  -1688,  -1360,  -1040,  -728,
	24808,  21904,  19008,  16704,  14984,  13512,  12280,  11192,
	10232,  9360,   8576,   7856,   7192,   6576,   6000,   5456,
	4944,   4464,   4008,   3576,   3168,   2776,   2400,   2032,
	1688,   1360,   1040,   728,    432,    136,    -432,   -136,
};
static const int16_t level4[16] = {
	0,     -20456, -12896, -8968, -6288, -4240, -2584, -1200,
	20456, 12896,  8968,   6288,  4240,  2584,  1200,  0,
};
static const int16_t level2[4] = { -7408, -1616, 7408, 1616 };

/* How the logarithm of the scale moves, by code. */
static const int16_t move_low[16] = {
	-60,  3042, 1198, 538, 334, 172, 58,  -30,
	3042, 1198, 538,  334, 172, 58,  -30, -60,
};
static const int16_t move_high[4] = { 798, -214, 798, -214 };

/* 2048 * 2^(i / 32) */
static const int16_t power[32] = {
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543,
	2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
	3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
};

/* Decision levels of the low band's encoder, and the codes between them. */
static const int16_t decide[30] = {
	0,    35,   72,   110,  150,  190,  233,  276,  323,  370,
	422,  473,  530,  587,  650,  714,  786,  858,  940,  1023,
	1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
};

static const int16_t bank_filter[12] = { 3,    -11,  12,  32,   -210, 951,
					 3876, -805, 362, -156, 53,   -11 };

static int limit(int v, int least, int most)
{
	return v < least ? least : v > most ? most : v;
}

static int sat(int v)
{
	return limit(v, -32768, 32767);
}

static bool same_sign(int a, int b)
{
	return (a < 0) == (b < 0);
}

void pc_g722_init(struct pc_g722 *g)
{
	memset(g, 0, sizeof(*g));
	g->low.scale = 32;
	g->high.scale = 8;
}

/* Block 3: the quantizer's scale follows the codes. */
static void adapt_scale(struct pc_g722_band *b, int move, int most, int shift)
{
	int by;

	b->log_scale = limit((b->log_scale * 127 >> 7) + move, 0, most);
	by = shift - (b->log_scale >> 11);
	b->scale = power[b->log_scale >> 6 & 31];
	b->scale = (by < 0 ? b->scale << -by : b->scale >> by) << 2;
}

/* Block 4, UPPOL2 and UPPOL1. */
static void adapt_poles(struct pc_g722_band *b, int sum)
{
	int a1 = b->poles[0], a2 = b->poles[1];
	bool one = same_sign(sum, b->sums[0]), two = same_sign(sum, b->sums[1]);
	int v = sat(a1 * 4);

	v = one ? -v : v;
	v = (v > 32767 ? 32767 : v) >> 7;
	v += (two ? 128 : -128) + (a2 * 32512 >> 15);
	b->poles[1] = limit(v, -12288, 12288);
	v = sat((one ? 192 : -192) + (a1 * 32640 >> 15));
	b->poles[0] = limit(v, -(15360 - b->poles[1]), 15360 - b->poles[1]);
}

/* Block 4: take the quantized difference in, and guess the next sample. */
static void adapt(struct pc_g722_band *b, int diff)
{
	int rebuilt = sat(b->guess + diff), sum = sat(b->guess_zeros + diff);
	int by = diff == 0 ? 0 : 128, zeros = 0;

	adapt_poles(b, sum);
	for (int i = 0; i < 6; i++)
		b->zeros[i] = sat((same_sign(diff, b->diffs[i]) ? by : -by) +
				  (b->zeros[i] * 32640 >> 15));
	memmove(b->diffs + 1, b->diffs, 5 * sizeof(b->diffs[0]));
	b->diffs[0] = diff;
	b->sums[1] = b->sums[0];
	b->sums[0] = sum;
	b->rebuilt[1] = b->rebuilt[0];
	b->rebuilt[0] = rebuilt;
	for (int i = 5; i >= 0; i--)
		zeros += b->zeros[i] * sat(2 * b->diffs[i]) >> 15;
	b->guess_zeros = sat(zeros);
	b->guess = sat(sat((b->poles[0] * sat(2 * rebuilt) >> 15) +
			   (b->poles[1] * sat(2 * b->rebuilt[1]) >> 15)) +
		       b->guess_zeros);
}

static void low_adapt(struct pc_g722_band *b, int code4)
{
	int diff = b->scale * level4[code4] >> 15;

	adapt_scale(b, move_low[code4], 18432, 8);
	adapt(b, diff);
}

static void high_adapt(struct pc_g722_band *b, int code)
{
	int diff = b->scale * level2[code] >> 15;

	adapt_scale(b, move_high[code], 22528, 10);
	adapt(b, diff);
}

/* Block 1L: the distance to the guess, on the scale, as a code of 6 bits. */
static int low_code(const struct pc_g722_band *b, int sample)
{
	int off = sat(sample - b->guess), size = off >= 0 ? off : ~off, i;

	for (i = 1; i < 30; i++)
		if (size < decide[i] * b->scale >> 12)
			break;
	if (off >= 0)
		return 62 - i;
	return i < 3 ? 64 - i : 34 - i;
}

static int high_code(const struct pc_g722_band *b, int sample)
{
	int off = sat(sample - b->guess), size = off >= 0 ? off : ~off;
	bool far = size >= 564 * b->scale >> 12;

	if (off >= 0)
		return far ? 2 : 3;
	return far ? 0 : 1;
}

/* Both halves of the filter bank, over the 24 latest. */
static void bank(const int *x, int *even, int *odd)
{
	*even = *odd = 0;
	for (int i = 0; i < 12; i++) {
		*odd += x[2 * i] * bank_filter[i];
		*even += x[2 * i + 1] * bank_filter[11 - i];
	}
}

size_t pc_g722_encode(struct pc_g722 *g, const int16_t *pcm, size_t n,
		      uint8_t *octets)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		int even, odd, low, high;

		memmove(g->bank, g->bank + 2, 22 * sizeof(g->bank[0]));
		g->bank[22] = pcm[i];
		g->bank[23] = pcm[i + 1];
		bank(g->bank, &even, &odd);
		low = low_code(&g->low, (even + odd) >> 14);
		low_adapt(&g->low, low >> 2);
		high = high_code(&g->high, (even - odd) >> 14);
		high_adapt(&g->high, high);
		octets[i / 2] = (uint8_t)(high << 6 | low);
	}
	return n / 2;
}

size_t pc_g722_decode(struct pc_g722 *g, const uint8_t *octets, size_t n,
		      int16_t *pcm)
{
	for (size_t i = 0; i < n; i++) {
		int code = octets[i] & 63, even, odd, low, high;

		low = g->low.guess + (g->low.scale * level6[code] >> 15);
		low = limit(low, -16384, 16383);
		low_adapt(&g->low, code >> 2);
		code = octets[i] >> 6;
		high = g->high.guess + (g->high.scale * level2[code] >> 15);
		high = limit(high, -16384, 16383);
		high_adapt(&g->high, code);
		memmove(g->bank, g->bank + 2, 22 * sizeof(g->bank[0]));
		g->bank[22] = low + high;
		g->bank[23] = low - high;
		bank(g->bank, &even, &odd);
		pcm[2 * i] = (int16_t)sat(even >> 11);
		pcm[2 * i + 1] = (int16_t)sat(odd >> 11);
	}
	return 2 * n;
}
