/* Packets put back in order: what waits, how long, and what is given up. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/reorder.h"

static struct pc_reorder r;
static char got[400];

static void begin(void)
{
	pc_reorder_fini(&r);
	got[0] = '\0';
}

static void note(char mark, uint16_t seq, unsigned lost)
{
	size_t at = strlen(got);

	snprintf(got + at, sizeof(got) - at, "%.*s%c%u", (int)lost,
		 "----------", mark, seq);
}

static void drain(uint64_t now)
{
	struct pc_rtp rtp;
	unsigned lost;

	while (pc_reorder_next(&r, now, &rtp, &lost)) {
		ck_assert_uint_eq(rtp.payload_len, 2);
		ck_assert_uint_eq(rtp.payload[0], rtp.seq & 0xff);
		note(' ', rtp.seq, lost);
	}
}

static void put(uint16_t seq, uint64_t now)
{
	uint8_t payload[2] = { (uint8_t)seq, 1 };
	struct pc_rtp rtp = { .seq = seq,
			      .payload = payload,
			      .payload_len = 2 };

	switch (pc_reorder_put(&r, &rtp, false, now)) {
	case PC_REORDER_NOW:
		note(' ', seq, 0);
		break;
	case PC_REORDER_LATE:
		note('x', seq, 0);
		break;
	case PC_REORDER_HELD:
		break;
	}
	drain(now);
}

START_TEST(test_in_order_goes_at_once)
{
	begin();
	for (unsigned i = 0; i < 5; i++)
		put((uint16_t)(65533 + i), 1000 + i);
	ck_assert_str_eq(got, " 65533 65534 65535 0 1");
	ck_assert_ptr_null(r.slots);
	ck_assert_uint_eq(pc_reorder_due(&r), 0);
}
END_TEST

START_TEST(test_swapped)
{
	begin();
	put(65534, 1000);
	put(0, 2000);
	put(1, 3000);
	ck_assert_str_eq(got, " 65534");
	put(65535, 4000);
	ck_assert_str_eq(got, " 65534 65535 0 1");
}
END_TEST

START_TEST(test_lost)
{
	uint64_t due;

	begin();
	put(1, 1000);
	put(3, 21000);
	put(5, 31000);
	due = pc_reorder_due(&r);
	ck_assert_uint_gt(due, 21000);
	drain(due - 1);
	ck_assert_str_eq(got, " 1");
	drain(due);
	ck_assert_str_eq(got, " 1- 3");
	drain(due + PC_REORDER_WAIT_MAX_US);
	ck_assert_str_eq(got, " 1- 3- 5");
	ck_assert_uint_eq(pc_reorder_due(&r), 0);
	put(2, due + 1000000);
	ck_assert_str_eq(got, " 1- 3- 5x2");
}
END_TEST

/* It learns to wait for a path that reorders by 80 ms, and forgets. */
START_TEST(test_adapts)
{
	uint16_t seq = 1;
	uint64_t now = 1000;

	begin();
	put(seq++, now);
	for (int i = 0; i < 5; i++, seq += 2) {
		put(seq + 1, now += 20000);
		drain(now += 80000);
		put(seq, now);
	}
	ck_assert_uint_ge(r.wait_us, 80000);
	got[0] = '\0';
	put(seq + 1, now += 20000);
	drain(now += 80000);
	put(seq, now);
	ck_assert_ptr_null(strchr(got, 'x'));
	for (seq += 2; r.wait_us > PC_REORDER_WAIT_MIN_US; seq += 2) {
		put(seq + 1, now += 20000);
		drain(now += PC_REORDER_WAIT_MAX_US);
		ck_assert_uint_lt(now, 60000000);
	}
}
END_TEST

START_TEST(test_far_ahead)
{
	begin();
	put(1, 1000);
	put(3, 2000);
	put(1 + PC_REORDER_SLOTS + 1, 3000);
	ck_assert_str_eq(got, " 1 34");
	put(35, 4000);
	ck_assert_str_eq(got, " 1 34 35");
}
END_TEST

/* An event that went another way has its place, and is not lost. */
START_TEST(test_empty)
{
	struct pc_rtp event = { .seq = 3, .payload = (uint8_t *)got };

	begin();
	put(1, 1000);
	put(4, 2000);
	ck_assert_int_eq(pc_reorder_put(&r, &event, true, 2000),
			 PC_REORDER_HELD);
	put(2, 3000);
	ck_assert_str_eq(got, " 1 2 4");
	event.seq = 5;
	ck_assert_int_eq(pc_reorder_put(&r, &event, true, 4000),
			 PC_REORDER_HELD);
	put(6, 5000);
	ck_assert_str_eq(got, " 1 2 4 6");
}
END_TEST

/* 60 ms of L16 in stereo wait as others do. */
START_TEST(test_large)
{
	static uint8_t payload[11520];
	struct pc_rtp rtp = { .seq = 3, .payload = payload }, out;
	unsigned lost;

	begin();
	put(1, 1000);
	for (uint8_t i = 3; i < 6; i++, rtp.seq++) {
		rtp.payload_len = sizeof(payload) - (i == 3 ? 2000u : 0u);
		memset(payload, i, sizeof(payload));
		ck_assert_int_eq(pc_reorder_put(&r, &rtp, false, 2000),
				 PC_REORDER_HELD);
	}
	rtp.seq = 2;
	ck_assert_int_eq(pc_reorder_put(&r, &rtp, false, 3000), PC_REORDER_NOW);
	for (uint8_t i = 3; i < 6; i++) {
		ck_assert(pc_reorder_next(&r, 3000, &out, &lost));
		ck_assert_uint_eq(out.seq, i);
		ck_assert_uint_eq(lost, 0);
		ck_assert_uint_eq(out.payload_len,
				  sizeof(payload) - (i == 3 ? 2000u : 0u));
		ck_assert_uint_eq(out.payload[0], i);
		ck_assert_uint_eq(out.payload[out.payload_len - 1], i);
	}
	pc_reorder_fini(&r);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("reorder");
	TCase *t = tcase_create("reorder");
	SRunner *sr = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_in_order_goes_at_once);
	tcase_add_test(t, test_swapped);
	tcase_add_test(t, test_lost);
	tcase_add_test(t, test_adapts);
	tcase_add_test(t, test_far_ahead);
	tcase_add_test(t, test_empty);
	tcase_add_test(t, test_large);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
