/* Digits in sound: all of them found, with their durations, and no others. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/dtmf_cut.h"

static char got[64];
static unsigned last_ms;

static void on_digit(void *arg, char digit, unsigned ms)
{
	size_t n = strlen(got);

	(void)arg;
	last_ms = ms;
	if (ms > 0 && n + 1 < sizeof(got)) {
		got[n] = digit;
		got[n + 1] = '\0';
	}
}

static struct pc_dtmf d;
static unsigned rate;
static double phase[2];

static void begin(unsigned hz)
{
	rate = hz;
	pc_dtmf_init(&d, rate);
	got[0] = '\0';
}

/* So many ms of two tones, and noise. */
static void sound(unsigned ms, double low, double high, double a, double b,
		  double noise)
{
	for (unsigned i = 0; i < ms * rate / 1000; i++) {
		double v = a * sin(phase[0] += 2 * M_PI * low / rate) +
			   b * sin(phase[1] += 2 * M_PI * high / rate) +
			   noise * (rand() / (double)RAND_MAX * 2 - 1);
		int16_t x = (int16_t)(32767 * v);

		pc_dtmf_hear(&d, &x, 1, on_digit, NULL);
	}
}

START_TEST(test_all)
{
	static const unsigned rates[] = { 8000, 16000, 48000 };
	static const char all[] = "123A456B789C*0#D";
	static const double levels[] = { 0.4, 0.1, 0.02 };

	for (int r = 0; r < 3; r++)
		for (int l = 0; l < 3; l++) {
			begin(rates[r]);
			for (int i = 0; i < 16; i++) {
				double low, high;

				ck_assert(pc_dtmf_tones(all[i], &low, &high));
				sound(100, low, high, levels[l],
				      levels[l] * 0.7, levels[l] / 20);
				ck_assert_int_eq(d.digit, all[i]);
				sound(80, 0, 0, 0, 0, levels[l] / 20);
				ck_assert_uint_ge(last_ms, 96);
				ck_assert_uint_le(last_ms, 104);
			}
			ck_assert_str_eq(got, all);
		}
}
END_TEST

static void press(unsigned ms, double amplitude, double noise)
{
	sound(ms, 770, 1336, amplitude, amplitude, noise);
	sound(60, 0, 0, 0, 0, noise);
}

/* Wherever its edges are, and at 44100 Hz, where 5 ms are no whole samples. */
START_TEST(test_durations)
{
	static const unsigned rates[] = { 8000, 44100 };

	for (int r = 0; r < 2; r++)
		for (unsigned ms = 40; ms < 240; ms += 7) {
			begin(rates[r]);
			sound(ms % 19, 0, 0, 0, 0, 0.01);
			press(ms, 0.3, 0.01);
			ck_assert_str_eq(got, "5");
			ck_assert_uint_ge(last_ms, ms - 3);
			ck_assert_uint_le(last_ms, ms + 3);
		}
}
END_TEST

/* Q.24: one with a gap of 10 ms is one, two with a pause of 40 ms are two. */
START_TEST(test_gaps)
{
	begin(8000);
	sound(50, 770, 1336, 0.3, 0.3, 0);
	sound(10, 0, 0, 0, 0, 0);
	press(50, 0.3, 0);
	ck_assert_str_eq(got, "5");
	ck_assert_uint_ge(last_ms, 107);
	ck_assert_uint_le(last_ms, 113);
	for (int i = 0; i < 2; i++) {
		sound(50, 770, 1336, 0.3, 0.3, 0);
		sound(40, 0, 0, 0, 0, 0);
	}
	/* nor has one to be silent between two that differ */
	sound(60, 697, 1209, 0.3, 0.3, 0);
	sound(60, 941, 1209, 0.3, 0.3, 0);
	sound(60, 0, 0, 0, 0, 0);
	ck_assert_str_eq(got, "5551*");
	ck_assert_uint_ge(last_ms, 55);
	ck_assert_uint_le(last_ms, 65);
}
END_TEST

/* Off by 1.5 % is still one (Q.24); by 4 % it is none. */
START_TEST(test_off_frequency)
{
	begin(8000);
	sound(100, 770 * 1.015, 1336 * 0.985, 0.2, 0.2, 0);
	sound(100, 0, 0, 0, 0, 0);
	ck_assert_str_eq(got, "5");
	sound(100, 770 * 1.045, 1336 * 1.045, 0.2, 0.2, 0);
	sound(100, 0, 0, 0, 0, 0);
	ck_assert_str_eq(got, "5");
}
END_TEST

START_TEST(test_none)
{
	begin(8000);
	sound(100, 697, 1209, 0.3, 0.01, 0);  /* one tone, nearly */
	sound(1000, 0, 0, 0, 0, 0.5);         /* noise */
	sound(100, 440, 480, 0.3, 0.3, 0);    /* ringing */
	sound(15, 697, 1209, 0.3, 0.3, 0);    /* too short */
	sound(100, 697, 1209, 0.2, 0.2, 0.9); /* buried */
	sound(100, 0, 0, 0, 0, 0);
	ck_assert_str_eq(got, "");
	/* a voice: harmonics of a pitch that glides */
	for (int hz = 90; hz < 300; hz++) {
		double ph = 0;

		for (int i = 0; i < 160; i++) {
			double v = 0;
			int16_t x;

			ph += 2 * M_PI * hz / 8000;
			for (int h = 1; h < 12; h++)
				v += 0.1 / h * sin(h * ph);
			x = (int16_t)(v * 20000);
			pc_dtmf_hear(&d, &x, 1, on_digit, NULL);
		}
	}
	ck_assert_str_eq(got, "");
}
END_TEST

START_TEST(test_names)
{
	double a, b;

	ck_assert(pc_dtmf_tones('a', &a, &b));
	ck_assert_double_eq(b, 1633);
	ck_assert(!pc_dtmf_tones('E', &a, &b));
	ck_assert(!pc_dtmf_tones('\0', &a, &b));
}
END_TEST

/* Noise, with a digit of ms in it from at on; in and, through the cut, out. */
static size_t cut_one(unsigned hz, size_t at_sample, unsigned ms, int16_t *in,
		      int16_t *out)
{
	static struct pc_dtmf_cut c;
	size_t end = at_sample + (size_t)ms * hz / 1000, n = end + hz / 5;

	pc_dtmf_cut_init(&c, hz);
	for (size_t i = 0; i < n; i++) {
		double v = (rand() % 201 - 100) / 32768.0;
		bool on = i >= at_sample && i < end;

		in[i] = (int16_t)(32767 * v);
		if (on)
			in[i] += (int16_t)(6000 *
					   (sin(2 * M_PI * 770 * i / hz) +
					    sin(2 * M_PI * 1336 * i / hz)));
	}
	memcpy(out, in, n * sizeof(*in));
	for (size_t i = 0, step; i < n; i += step) { /* frames of any length */
		step = (size_t)rand() % (hz / 30) + 1;
		if (step > n - i)
			step = n - i;
		pc_dtmf_cut(&c, out + i, step, on_digit, NULL);
	}
	return n;
}

/* No tone comes through, not at its beginning either; but all beside it. */
START_TEST(test_cut_out)
{
	static const unsigned rates[] = { 8000, 16000, 44100, 48000 };
	static int16_t in[48000], out[48000];

	for (int k = 0; k < 200; k++) {
		unsigned hz = rates[k % 4], ms = 45 + (unsigned)rand() % 200;
		size_t late = (size_t)hz * PC_DTMF_CUT_MS / 1000;
		size_t at = hz / 5 + (size_t)rand() % (hz / 20);
		size_t end = at + (size_t)ms * hz / 1000, edge = hz / 100;
		size_t n;

		got[0] = '\0';
		n = cut_one(hz, at, ms, in, out);
		ck_assert_str_eq(got, "5");
		for (size_t i = 0; i + late < n; i++)
			if (i + edge < at || i >= end + edge)
				ck_assert_int_eq(out[i + late], in[i]);
			else
				ck_assert_int_lt(abs(out[i + late]), 1000);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("DTMF");
	TCase *t = tcase_create("dtmf");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_all);
	tcase_add_test(t, test_durations);
	tcase_add_test(t, test_gaps);
	tcase_add_test(t, test_off_frequency);
	tcase_add_test(t, test_none);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_cut_out);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
