/* Transport-wide feedback, read back by another reader; and how REMB moves. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "media/feedback.h"
#include "media/rate.h"
#include "media/wide.h"

enum { TOLD = 70000 };

static struct pc_wide w;
static uint8_t buf[PC_WIDE_MAX];
/* What was read: when each number came, in 250 us; -1: told that it has not. */
static int64_t when[65536];
static unsigned first, n_told;

static void setup(void)
{
	memset(&w, 0, sizeof(w));
}

static unsigned add(uint8_t symbol[TOLD], unsigned n, unsigned what,
		    unsigned times)
{
	while (times-- > 0 && n < n_told)
		symbol[n++] = (uint8_t)what;
	return n;
}

/* By the draft's 3.1 again, and in another way than it is written. */
static void read_back(size_t len)
{
	static uint8_t symbol[TOLD];
	struct pc_rtcp_reader r;
	struct pc_rtcp p;
	const uint8_t *at;
	unsigned n = 0;
	int64_t t;

	ck_assert_uint_le(len, sizeof(buf));
	pc_rtcp_begin(&r, buf, len);
	ck_assert_int_eq(pc_rtcp_next(&r, &p), 1);
	ck_assert_uint_eq(p.type, PC_RTCP_RR);
	ck_assert_int_eq(pc_rtcp_next(&r, &p), 1);
	ck_assert_uint_eq(p.type, PC_RTCP_RTPFB);
	ck_assert_uint_eq(p.count, 15);
	ck_assert_uint_eq(p.ssrc, 7);
	ck_assert_uint_eq(p.media_ssrc, 9);
	ck_assert_uint_ge(p.fci_len, 12);
	first = pc_get16(p.fci);
	n_told = pc_get16(p.fci + 2);
	t = (int64_t)(pc_get32(p.fci + 4) >> 8) * 256;
	for (at = p.fci + 8; n < n_told; at += 2) {
		unsigned c = pc_get16(at);

		if (!(c & 0x8000))
			n = add(symbol, n, c >> 13, c & 0x1fff);
		else if (c & 0x4000)
			for (int i = 12; i >= 0; i -= 2)
				n = add(symbol, n, c >> i & 3, 1);
		else
			for (int i = 13; i >= 0; i--)
				n = add(symbol, n, c >> i & 1, 1);
	}
	for (unsigned i = 0; i < n_told; i++) {
		uint16_t seq = (uint16_t)(first + i);

		ck_assert_uint_lt(symbol[i], 3);
		if (symbol[i] == 1)
			t += *at++;
		if (symbol[i] == 2) {
			t += (int16_t)pc_get16(at);
			at += 2;
		}
		when[seq] = symbol[i] ? t : -1;
	}
	ck_assert_uint_lt((size_t)(p.fci + p.fci_len - at), 4);
}

static void told(unsigned seq, uint64_t us)
{
	ck_assert_int_eq(when[seq & 0xffff], (int64_t)(us / 250));
}

START_TEST(test_numbers)
{
	uint8_t one[] = { 0x90, 96,   0,    1,    0,    0, 0, 0,    0,
			  0,    0,    9,    0xbe, 0xde, 0, 2, 0x30, 0xaa,
			  0,    0x51, 0x12, 0x34, 0,    0, 1 };
	uint8_t two[] = { 0x91, 96, 0, 1, 0,    0, 0,    0,    0, 0,
			  0,    9,  0, 0, 0,    8, 0x10, 0x00, 0, 2,
			  3,    1,  9, 0, 0x55, 2, 0x12, 0x34, 1 };

	ck_assert_int_eq(pc_wide_number(one, sizeof(one), 5), 0x1234);
	ck_assert_int_eq(pc_wide_number(one, sizeof(one), 3), -1); /* a byte */
	ck_assert_int_eq(pc_wide_number(one, sizeof(one), 4), -1);
	ck_assert_int_eq(pc_wide_number(two, sizeof(two), 0x55), 0x1234);
	for (size_t len = 0; len < 24; len++)
		ck_assert_int_eq(pc_wide_number(one, len, 5), -1);
	one[19] = 0x5f; /* longer than there is */
	ck_assert_int_eq(pc_wide_number(one, sizeof(one), 5), -1);
	one[0] = 0x80;
	ck_assert_int_eq(pc_wide_number(one, sizeof(one), 5), -1);
}
END_TEST

START_TEST(test_all_came)
{
	const uint64_t t0 = 123456789;

	ck_assert_uint_eq(pc_wide_write(&w, buf, 7, 9), 0);
	for (unsigned i = 0; i < 50; i++)
		pc_wide_take(&w, (uint16_t)(65530 + i), t0 + i * 1000);
	read_back(pc_wide_write(&w, buf, 7, 9));
	ck_assert_uint_eq(first, 65530);
	ck_assert_uint_eq(n_told, 50);
	for (unsigned i = 0; i < 50; i++)
		told(65530 + i, t0 + i * 1000);
	ck_assert_uint_eq(pc_wide_write(&w, buf, 7, 9), 0);
	ck_assert_uint_eq(buf[27], 0);
	pc_wide_take(&w, 44, t0 + 99000);
	read_back(pc_wide_write(&w, buf, 7, 9));
	ck_assert_uint_eq(buf[27], 1); /* counted */
	ck_assert_uint_eq(n_told, 1);
}
END_TEST

/* Lost, late, out of order, and so far apart that a byte does not do. */
START_TEST(test_some_came)
{
	const uint64_t t0 = 5000000;
	uint64_t came[300] = { 0 };
	unsigned seed = 1, last = 0;

	for (unsigned i = 0; i < 300; i++) {
		seed = seed * 1103515245 + 12345;
		if ((seed >> 16) % 3 == 0 && i > 0)
			continue;
		came[i] = t0 + i * 2000ull + (seed >> 8) % 150000;
		pc_wide_take(&w, (uint16_t)(100 + i), came[i]);
		last = i;
	}
	for (unsigned done = 0; done <= last; done += n_told) {
		read_back(pc_wide_write(&w, buf, 7, 9));
		ck_assert_uint_eq(first, 100 + done);
		ck_assert_uint_gt(n_told, 0);
	}
	for (unsigned i = 0; i <= last; i++) {
		if (came[i])
			told(100 + i, came[i]);
		else
			ck_assert_int_eq(when[100 + i], -1);
	}
	/* one that was told to be lost comes yet: it is told, with the rest */
	for (unsigned i = last; i > 0; i--) {
		if (came[i])
			continue;
		pc_wide_take(&w, (uint16_t)(100 + i), t0 + 900000);
		read_back(pc_wide_write(&w, buf, 7, 9));
		ck_assert_uint_eq(first, 100 + i);
		told(100 + i, t0 + 900000);
		break;
	}
}
END_TEST

START_TEST(test_pauses_and_jumps)
{
	pc_wide_take(&w, 1, 1000000);
	pc_wide_take(&w, 2, 60000000); /* a minute: not in one packet */
	read_back(pc_wide_write(&w, buf, 7, 9));
	ck_assert_uint_eq(n_told, 1);
	read_back(pc_wide_write(&w, buf, 7, 9));
	ck_assert_uint_eq(first, 2);
	told(2, 60000000);
	pc_wide_take(&w, 30000, 60100000); /* a browser that began anew */
	read_back(pc_wide_write(&w, buf, 7, 9));
	ck_assert_uint_eq(first, 30000);
	ck_assert_uint_eq(n_told, 1);
	pc_wide_take(&w, 30000, 60200000); /* twice: the first counts */
	ck_assert_uint_eq(pc_wide_write(&w, buf, 7, 9), 0);
}
END_TEST

static uint64_t seconds(struct pc_rate *r, unsigned n, struct pc_rate_seen seen)
{
	uint64_t bps = 0;

	while (n-- > 0)
		bps = pc_rate_step(r, &seen);
	return bps;
}

START_TEST(test_rate)
{
	struct pc_rate r;
	struct pc_rate_seen good = { .came_bps = 2000000 };
	struct pc_rate_seen bad = { .came_bps = 1000000, .loss_percent = 25 };
	struct pc_rate_seen far = { .came_bps = 2000000, .far_bps = 300000 };
	struct pc_rate_seen idle = { .came_bps = 100000 };
	struct pc_rate_seen some = { .came_bps = 900000, .loss_percent = 5 };

	pc_rate_init(&r, 2500000);
	ck_assert_uint_eq(seconds(&r, 20, idle), PC_RATE_START); /* no guess */
	ck_assert_uint_eq(seconds(&r, 30, good), 2500000);
	ck_assert_uint_eq(seconds(&r, 1, bad), 750000); /* what came through */
	ck_assert_uint_eq(seconds(&r, 10, some), 750000);
	ck_assert_uint_gt(seconds(&r, 1, good), 800000);
	ck_assert_uint_eq(seconds(&r, 1, far), 300000);
	ck_assert_uint_eq(seconds(&r, 100, bad), PC_RATE_MIN);
	pc_rate_init(&r, 200000);
	ck_assert_uint_eq(seconds(&r, 1, good), 200000);
}
END_TEST

/* What one end tells, the other reads. */
START_TEST(test_remb)
{
	static const uint64_t bps[] = { 64000, 262143, 262144, 2500000,
					10000000000 };
	uint8_t remb[PC_FEEDBACK_MAX];

	for (int i = 0; i < 5; i++) {
		struct pc_rtcp_reader r;
		struct pc_rtcp p;

		pc_rtcp_begin(&r, remb, pc_feedback_remb(remb, 7, 9, bps[i]));
		ck_assert_int_eq(pc_rtcp_next(&r, &p), 1);
		ck_assert_uint_eq(pc_feedback_allowed(&p), 0);
		ck_assert_int_eq(pc_rtcp_next(&r, &p), 1);
		ck_assert_uint_le(pc_feedback_allowed(&p), bps[i]);
		ck_assert_uint_ge(pc_feedback_allowed(&p), bps[i] * 99 / 100);
		p.fci_len = 7;
		ck_assert_uint_eq(pc_feedback_allowed(&p), 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("media/wide");
	TCase *t = tcase_create("wide");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, test_numbers);
	tcase_add_test(t, test_all_came);
	tcase_add_test(t, test_some_came);
	tcase_add_test(t, test_pauses_and_jumps);
	tcase_add_test(t, test_rate);
	tcase_add_test(t, test_remb);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
