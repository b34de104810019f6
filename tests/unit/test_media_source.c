/* What is known of a source (RFC 3550 A.1, A.3, A.8). */
#include <check.h>
#include <stdlib.h>

#include "media/source.h"

static struct pc_rtp_source source;

static enum pc_rtp_verdict take(uint32_t ssrc, unsigned seq)
{
	struct pc_rtp rtp = { .ssrc = ssrc, .seq = (uint16_t)seq };

	return pc_rtp_source_take(&source, &rtp);
}

static void begin(unsigned seq)
{
	source = (struct pc_rtp_source){ 0 };
	ck_assert_int_eq(pc_rtp_source_lost(&source), 0);
	ck_assert_int_eq(take(1, seq), PC_RTP_RESTART);
}

START_TEST(test_in_sequence_over_wraps)
{
	begin(65000);
	for (unsigned i = 1; i < 200000; i++)
		ck_assert_int_eq(take(1, 65000 + i), PC_RTP_NEXT);
	ck_assert_uint_eq(pc_rtp_source_highest(&source), 65000 + 199999);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 0);
	ck_assert_uint_eq(source.total, 200000);
}
END_TEST

START_TEST(test_loss)
{
	begin(65530);
	for (unsigned i = 1; i < 100; i++)
		if (i % 4 != 0)
			ck_assert_int_eq(take(1, 65530 + i), PC_RTP_NEXT);
	ck_assert_uint_eq(source.gap, 0);
	ck_assert_int_eq(take(1, 65530 + 110), PC_RTP_NEXT);
	ck_assert_uint_eq(source.gap, 10);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 24 + 10);
	/* A.3: of 111 expected 34 */
	ck_assert_uint_eq(pc_rtp_source_fraction(&source), 34 * 256 / 111);
	ck_assert_uint_eq(pc_rtp_source_fraction(&source), 0);
	take(1, 65530 + 112);
	ck_assert_uint_eq(pc_rtp_source_fraction(&source), 128);
	/* late ones make it negative: a fraction of 0 */
	take(1, 65530 + 113);
	take(1, 65530 + 111);
	take(1, 65530 + 109);
	ck_assert_uint_eq(pc_rtp_source_fraction(&source), 0);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 33);
}
END_TEST

START_TEST(test_late_and_duplicate)
{
	begin(10);
	ck_assert_int_eq(take(1, 10), PC_RTP_DUPLICATE);
	ck_assert_int_eq(take(1, 13), PC_RTP_NEXT);
	ck_assert_int_eq(take(1, 12), PC_RTP_LATE);
	ck_assert_int_eq(take(1, 12), PC_RTP_DUPLICATE);
	ck_assert_int_eq(take(1, 11), PC_RTP_LATE);
	ck_assert_int_eq(take(1, 13), PC_RTP_DUPLICATE);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 0);
	/* before a jump of more than the window all is too old to tell */
	ck_assert_int_eq(take(1, 13 + 2999), PC_RTP_NEXT);
	ck_assert_int_eq(take(1, 13 + 2999 - 63), PC_RTP_LATE);
	ck_assert_int_eq(take(1, 13 + 2999 - 64), PC_RTP_DUPLICATE);
	ck_assert_int_eq(take(1, 13 + 2999 - 63), PC_RTP_DUPLICATE);
}
END_TEST

/* A.1: MAX_MISORDER. A delayed burst of old packets is no new beginning. */
START_TEST(test_old_burst)
{
	begin(1000);
	for (unsigned i = 1; i <= 99; i++)
		take(1, 1000 + i);
	for (unsigned i = 0; i < 99; i++)
		ck_assert_int_eq(take(1, 1000 + i), PC_RTP_DUPLICATE);
	ck_assert_uint_eq(pc_rtp_source_highest(&source), 1099);
}
END_TEST

/* A.1: a jump counts when the next packet follows it. */
START_TEST(test_jump)
{
	begin(1);
	ck_assert_int_eq(take(1, 30000), PC_RTP_STRAY);
	ck_assert_int_eq(take(1, 2), PC_RTP_NEXT);
	ck_assert_int_eq(take(1, 30001), PC_RTP_STRAY);
	ck_assert_int_eq(take(1, 40000), PC_RTP_STRAY);
	ck_assert_int_eq(take(1, 40001), PC_RTP_RESTART);
	ck_assert_int_eq(take(1, 40002), PC_RTP_NEXT);
	ck_assert_int_eq(take(1, 40003 + 3000), PC_RTP_STRAY);
	ck_assert_int_eq(take(1, 40002 + 2999), PC_RTP_NEXT);
	begin(1);
	ck_assert_int_eq(take(1, 65535), PC_RTP_LATE); /* a wrap behind */
	ck_assert_int_eq(take(1, 60000), PC_RTP_STRAY);
	ck_assert_int_eq(take(1, 65535), PC_RTP_DUPLICATE);
	/* 65535 + 1 is 0 */
	ck_assert_int_eq(take(1, 35534), PC_RTP_STRAY);
}
END_TEST

START_TEST(test_jump_to_the_end)
{
	begin(30000);
	ck_assert_int_eq(take(1, 65535), PC_RTP_STRAY);
	ck_assert_int_eq(take(1, 0), PC_RTP_RESTART);
}
END_TEST

/* What one source lost stays counted when another follows. */
START_TEST(test_another_source)
{
	begin(1);
	take(1, 4);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 2);
	ck_assert_int_eq(take(2, 60000), PC_RTP_RESTART);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 2);
	take(2, 60002);
	ck_assert_int_eq(pc_rtp_source_lost(&source), 3);
	ck_assert_uint_eq(source.total, 4);
	ck_assert_uint_eq(source.lost_before, 2);
	ck_assert_uint_eq(pc_rtp_source_fraction(&source), 256 / 3);
}
END_TEST

/* A.8: J += (|D| - J) / 16; here D is 5 ms each time. */
START_TEST(test_jitter)
{
	uint32_t ts = UINT32_MAX - 500;
	uint64_t now = 1000000;
	double expect = 0;

	begin(1);
	pc_rtp_source_arrive(&source, ts, 8000, now);
	for (int i = 0; i < 100; i++) {
		ts += 160;
		now += i % 2 ? 15000 : 25000;
		pc_rtp_source_arrive(&source, ts, 8000, now);
		expect += (5000 - expect) / 16;
	}
	ck_assert_double_eq_tol(source.jitter_us, expect, 1);
	/* one instant in several packets, a jump of the clock: not jitter */
	pc_rtp_source_arrive(&source, ts, 8000, now + 9000);
	pc_rtp_source_arrive(&source, ts + 0x70000000, 8000, now + 20000);
	ck_assert_double_eq_tol(source.jitter_us, expect, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("source");
	TCase *t = tcase_create("source");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_in_sequence_over_wraps);
	tcase_add_test(t, test_loss);
	tcase_add_test(t, test_late_and_duplicate);
	tcase_add_test(t, test_old_burst);
	tcase_add_test(t, test_jump);
	tcase_add_test(t, test_jump_to_the_end);
	tcase_add_test(t, test_another_source);
	tcase_add_test(t, test_jitter);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
