/*
 * The jitter buffer of sound: jitter, drift, loss and silence, and what is
 * heard of them, judged by frequency and level.
 */
#include <check.h>
#include <stdlib.h>

#include "media/hear.h"
#include "media/playout.h"
#include "media/tone.h"

enum { RATE = 48000, FRAME = RATE / 50 };

static struct pc_playout p;
static struct pc_tone tone;
static struct pc_hear *hear;
static int16_t pcm[2 * FRAME];
static unsigned pulled, silent;

static void begin(void)
{
	ck_assert_int_eq(pc_playout_init(&p, RATE), 0);
	pc_tone_init(&tone, 200, -12, RATE);
	hear = pc_hear_new(RATE);
	pulled = silent = 0;
}

static struct pc_heard end(void)
{
	struct pc_heard h;

	pc_hear_result(hear, &h);
	pc_hear_free(hear);
	pc_playout_fini(&p);
	return h;
}

static void push(size_t n)
{
	pc_tone_make(&tone, pcm, n);
	pc_playout_push(&p, pcm, NULL, n);
}

static void pull(void)
{
	pulled++;
	if (!pc_playout_pull(&p, pcm, NULL, FRAME))
		silent++;
	else if (pulled % 1000 < 250) /* a part is enough to judge by */
		pc_hear_add(hear, pcm, FRAME);
}

START_TEST(test_steady)
{
	struct pc_heard h;

	begin();
	for (int i = 0; i < 500; i++) {
		push(FRAME);
		pull();
	}
	ck_assert_uint_le(silent, 1); /* it begins with 40 ms in hand */
	ck_assert_uint_eq(p.late, 0);
	ck_assert_uint_le(p.n, RATE * 40 / 1000);
	h = end();
	ck_assert_double_eq_tol(h.hz, 200, 0.5);
	ck_assert_double_eq_tol(h.dbfs, -12, 0.2);
	ck_assert_double_gt(h.ratio, 0.99);
}
END_TEST

/* Three minutes of a clock that is 300 ppm fast, or slow. */
START_TEST(test_drift)
{
	double owed = 0;
	size_t most = 0;
	struct pc_heard h;

	begin();
	for (int i = 0; i < 9000; i++) {
		size_t n;

		owed += FRAME * (_i ? 1 - 300e-6 : 1 + 300e-6);
		n = (size_t)owed;
		owed -= (double)n;
		push(n);
		pull();
		if (p.n > most)
			most = p.n;
	}
	ck_assert_uint_le(silent, 2);
	ck_assert_msg(p.late <= 2, "%lu late", p.late);
	ck_assert_msg(most < RATE * 80 / 1000, "%zu", most);
	ck_assert_uint_gt(_i ? p.grown + p.late : p.trimmed, 3);
	h = end();
	ck_assert_double_eq_tol(h.hz, 200, 0.5);
	ck_assert_double_gt(h.ratio, 0.98);
}
END_TEST

/*
 * Frames come 0 to 100 ms late, in order: it learns to wait for them, and
 * forgets when they are on time again.
 */
START_TEST(test_jitter)
{
	unsigned long late = 0;
	int sent = 0, pause = 0;
	size_t then;

	begin();
	srand(1);
	for (int i = 0; i < 3000; i++) {
		if (pause == 0)
			for (; sent <= i; sent++)
				push(FRAME);
		pause = pause > 0 ? pause - 1 : i % 7 == 0 ? rand() % 5 : 0;
		pull();
		if (i == 500)
			late = p.late;
	}
	ck_assert_msg(p.late - late < 60, "%lu late", p.late - late);
	then = p.n;
	ck_assert_uint_gt(then, 0);
	for (int i = 0; i < 3000; i++) {
		push(FRAME);
		pull();
	}
	ck_assert_uint_lt(p.n, RATE * 60 / 1000);
	end();
}
END_TEST

/* A pause of the source is silence, and its return is heard. */
START_TEST(test_pause)
{
	struct pc_heard h;

	begin();
	for (int i = 0; i < 50; i++) {
		push(FRAME);
		pull();
	}
	for (int i = 0; i < 50; i++)
		pull();
	ck_assert_uint_gt(silent, 40);
	pc_hear_result(hear, &h);
	silent = 0;
	for (int i = 0; i < 50; i++) {
		push(FRAME);
		pull();
	}
	ck_assert_uint_le(silent, 2);
	h = end();
	ck_assert_double_eq_tol(h.hz, 200, 0.5);
	ck_assert_double_eq_tol(h.dbfs, -12, 0.5);
}
END_TEST

/* A second that was held up comes at once: its delay is not kept. */
START_TEST(test_stall)
{
	begin();
	for (int i = 0; i < 50; i++) {
		push(FRAME);
		pull();
	}
	for (int i = 0; i < 50; i++)
		pull();
	for (int i = 0; i < 25; i++)
		push(FRAME);
	pull();
	for (int i = 0; i < 25; i++) /* a pull can come between */
		push(FRAME);
	silent = 0;
	pull();
	ck_assert_uint_eq(silent, 0);
	ck_assert_uint_le(p.n, RATE * 40 / 1000);
	for (int i = 0; i < 50; i++) {
		push(FRAME);
		pull();
	}
	ck_assert_uint_eq(silent, 0);
	ck_assert_uint_le(p.n, RATE * 60 / 1000);
	end();
}
END_TEST

/* Much delay is not kept for long, whatever it came by, and nothing is heard. */
START_TEST(test_much)
{
	struct pc_heard h;

	begin();
	for (int i = 0; i < 50; i++) {
		push(FRAME);
		pull();
	}
	for (int i = 0; i < 20; i++)
		push(FRAME);
	ck_assert_uint_gt(p.n, RATE * 400 / 1000);
	for (int i = 0; i < 150; i++) {
		push(FRAME);
		pull();
	}
	ck_assert_msg(p.n < RATE * 100 / 1000, "%zu", p.n);
	ck_assert_uint_le(silent, 1);
	h = end();
	ck_assert_double_eq_tol(h.hz, 200, 0.5);
	ck_assert_double_gt(h.ratio, 0.98);
}
END_TEST

START_TEST(test_overflow)
{
	begin();
	for (int i = 0; i < 100; i++)
		push(FRAME);
	ck_assert_uint_le(p.n, RATE * PC_PLAYOUT_MAX_MS / 1000);
	pull();
	ck_assert_uint_eq(silent, 0);
	end();
}
END_TEST

/*
 * Both channels, the right one of which is silent, so that the side is the
 * middle: it stays so whatever is made up, put in, or taken out.
 */
START_TEST(test_side)
{
	static int16_t side[FRAME];
	struct pc_heard h;

	begin();
	push(FRAME); /* mono as yet */
	for (int i = 0; i < 3000; i++) {
		size_t n = i < 1500 ? FRAME + 8 : FRAME - 8;

		pc_tone_make(&tone, pcm, n);
		if (i % 400 != 399) /* this one is lost */
			pc_playout_push(&p, pcm, pcm, n);
		if (!pc_playout_pull(&p, pcm, side, FRAME))
			continue;
		if (i > 5)
			ck_assert_mem_eq(pcm, side, sizeof(side));
		pc_hear_add(hear, side, FRAME);
	}
	ck_assert_uint_gt(p.trimmed, 3);
	ck_assert_uint_gt(p.grown, 3);
	ck_assert_uint_gt(p.late, 0);
	h = end();
	ck_assert_double_eq_tol(h.hz, 200, 0.5);
	ck_assert_double_eq_tol(h.dbfs, -12, 0.5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("playout");
	TCase *t = tcase_create("playout");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_steady);
	tcase_add_loop_test(t, test_drift, 0, 2);
	tcase_add_test(t, test_jitter);
	tcase_add_test(t, test_pause);
	tcase_add_test(t, test_overflow);
	tcase_add_test(t, test_stall);
	tcase_add_test(t, test_much);
	tcase_add_test(t, test_side);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
