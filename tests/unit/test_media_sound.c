/*
 * Tones, the ear that judges them, and what changes their sample rate.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/hear.h"
#include "media/resample.h"
#include "media/tone.h"

enum { SECOND_MAX = 48000 };

static int16_t pcm[SECOND_MAX], out[SECOND_MAX + 64];

static struct pc_heard hear(const int16_t *sound, size_t n, unsigned rate_hz)
{
	struct pc_hear *h = pc_hear_new(rate_hz);
	struct pc_heard heard;

	ck_assert_ptr_nonnull(h);
	pc_hear_add(h, sound, n);
	pc_hear_result(h, &heard);
	ck_assert_uint_eq(heard.samples, n);
	pc_hear_free(h);
	return heard;
}

static void sine(double hz, double dbfs, unsigned rate_hz)
{
	struct pc_tone t;

	pc_tone_init(&t, hz, dbfs, rate_hz);
	/* in pieces: the phase goes on */
	for (unsigned i = 0; i + rate_hz / 100 <= rate_hz; i += rate_hz / 100)
		pc_tone_make(&t, pcm + i, rate_hz / 100);
}

/* The tone against its definition. */
START_TEST(test_tone)
{
	sine(1000, 0, 8000);
	for (int i = 0; i < 8000; i++)
		ck_assert_int_le(abs(pcm[i] - (int)lrint(32767 * sin(M_PI / 4 *
								     (i % 8)))),
				 1);
}
END_TEST

START_TEST(test_hear)
{
	static const unsigned rates[] = { 8000, 16000, 44100, 48000 };
	static const double tones[] = { 100.5, 440, 997, 1234.56, 3399 };

	for (int r = 0; r < 4; r++)
		for (int i = 0; i < 5; i++) {
			struct pc_heard h;

			sine(tones[i], -20, rates[r]);
			h = hear(pcm, rates[r], rates[r]);
			ck_assert_double_eq_tol(h.hz, tones[i], 0.5);
			ck_assert_double_eq_tol(h.dbfs, -20, 0.1);
			ck_assert_double_gt(h.ratio, 0.999);
		}
}
END_TEST

START_TEST(test_hear_silence)
{
	struct pc_heard h;

	memset(pcm, 0, sizeof(pcm));
	h = hear(pcm, 8000, 8000);
	ck_assert(h.hz == 0);
	ck_assert(h.dbfs == -100);
	h = hear(pcm, 0, 8000);
	ck_assert(h.dbfs == -100);
	sine(440, -6, 8000);
	h = hear(pcm, 100, 8000); /* less than a window */
	ck_assert_double_eq_tol(h.dbfs, -6, 1);
	ck_assert(isfinite(h.hz) && isfinite(h.ratio));
}
END_TEST

/* Noise and DC are no tone: the ratio says so. */
START_TEST(test_hear_noise)
{
	uint32_t random = 1;
	struct pc_heard h;

	for (int i = 0; i < 8000; i++) {
		random = random * 1664525 + 1013904223;
		pcm[i] = (int16_t)(random >> 16) / 4;
	}
	h = hear(pcm, 8000, 8000);
	ck_assert_double_lt(h.ratio, 0.3);
	for (int i = 0; i < 8000; i++)
		pcm[i] = 5000;
	h = hear(pcm, 8000, 8000);
	ck_assert(isfinite(h.hz) && isfinite(h.ratio));
	ck_assert_double_lt(h.ratio, 1.0001);
}
END_TEST

static const unsigned pairs[][2] = {
	{ 8000, 48000 },  { 48000, 8000 },  { 44100, 8000 },  { 8000, 44100 },
	{ 16000, 48000 }, { 11025, 16000 }, { 22050, 48000 }, { 48000, 44100 },
	{ 16000, 16000 }, { 47999, 8000 },
};
enum { N_PAIRS = sizeof(pairs) / sizeof(pairs[0]) };

/* Convert pcm in pieces of uneven size; returns how many came out. */
static size_t convert(unsigned from, unsigned to)
{
	struct pc_resampler *r = pc_resampler_new(from, to);
	size_t made = 0, piece = 1;

	ck_assert_ptr_nonnull(r);
	for (size_t at = 0; at < from; at += piece) {
		size_t max, n;

		piece = at % 701 + 1;
		if (piece > from - at)
			piece = from - at;
		max = PC_RESAMPLE_MAX(piece, from, to);
		ck_assert_uint_le(made + max, sizeof(out) / sizeof(out[0]));
		n = pc_resample(r, pcm + at, piece, out + made, max);
		ck_assert_uint_le(n, max);
		made += n;
	}
	pc_resampler_free(r);
	return made;
}

/* A second stays a second, a tone the same tone at the same level. */
START_TEST(test_resample)
{
	static const double tones[] = { 300, 997, 3300 };
	unsigned from = pairs[_i][0], to = pairs[_i][1];

	for (int i = 0; i < 3; i++) {
		struct pc_heard h;
		size_t n;

		sine(tones[i], -10, from);
		n = convert(from, to);
		ck_assert_uint_ge(n + 1, to);
		ck_assert_uint_le(n, to + 1);
		h = hear(out + 500, n - 500, to); /* the filter has filled */
		ck_assert_msg(fabs(h.hz - tones[i]) < 0.5 &&
				      fabs(h.dbfs + 10) < 0.2 &&
				      h.ratio > 0.999,
			      "%.1f Hz, %.2f dBFS, ratio %.4f", h.hz, h.dbfs,
			      h.ratio);
	}
}
END_TEST

/* What the lower rate cannot carry must not come back as another tone. */
START_TEST(test_no_alias)
{
	struct pc_heard h;
	size_t n;

	sine(5000, 0, 48000);
	n = convert(48000, 8000);
	h = hear(out + 100, n - 100, 8000);
	ck_assert_double_lt(h.dbfs, -60);
	sine(15000, 0, 44100);
	n = convert(44100, 16000);
	h = hear(out + 100, n - 100, 16000);
	ck_assert_double_lt(h.dbfs, -60);
	/* nor an image going up */
	sine(1000, 0, 8000);
	n = convert(8000, 48000);
	h = hear(out + 500, n - 500, 48000);
	ck_assert_double_gt(h.ratio, 0.9999);
}
END_TEST

/* The telephone's band, 300 to 3400 Hz, and not a little above it. */
START_TEST(test_band_edge)
{
	struct pc_heard h;
	size_t n;

	sine(3400, -10, 48000);
	n = convert(48000, 8000);
	h = hear(out + 200, n - 200, 8000);
	ck_assert_double_eq_tol(h.dbfs, -10, 0.2);
	sine(4200, 0, 48000);
	n = convert(48000, 8000);
	h = hear(out + 200, n - 200, 8000);
	ck_assert_double_lt(h.dbfs, -70);
}
END_TEST

/* Full scale: clipped, not wrapped round. */
START_TEST(test_resample_clips)
{
	size_t n;

	for (int i = 0; i < 8000; i++)
		pcm[i] = i / 40 % 2 ? INT16_MAX : INT16_MIN;
	n = convert(8000, 48000);
	for (size_t i = 1; i < n; i++)
		ck_assert_int_lt(abs(out[i] - out[i - 1]), 40000);
}
END_TEST

START_TEST(test_resample_bad)
{
	ck_assert_ptr_null(pc_resampler_new(0, 8000));
	ck_assert_ptr_null(pc_resampler_new(8000, 0));
	pc_resampler_free(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sound");
	TCase *t = tcase_create("tone, hear, resample");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_tone);
	tcase_add_test(t, test_hear);
	tcase_add_test(t, test_hear_silence);
	tcase_add_test(t, test_hear_noise);
	tcase_add_loop_test(t, test_resample, 0, N_PAIRS);
	tcase_add_test(t, test_no_alias);
	tcase_add_test(t, test_band_edge);
	tcase_add_test(t, test_resample_clips);
	tcase_add_test(t, test_resample_bad);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
