/*
 * Whose RTP is taken: the address that signalling gave, and what may change
 * that (RFC 4961, RFC 7362; CVE-2025-53399 is what happens otherwise).
 */
#include <check.h>
#include <stdlib.h>

#include "media/latch.h"

static struct pc_latch latch;
static uint64_t now_us;

static struct pc_addr addr(const char *text)
{
	struct pc_addr a;

	ck_assert_int_eq(pc_addr_parse(&a, text, 0), 0);
	return a;
}

static void arm_as(const char *text, bool learn, unsigned why)
{
	struct pc_addr a = addr(text);

	pc_latch_arm(&latch, &a, learn, why);
}

static void arm(const char *text)
{
	arm_as(text, true, 0);
}

static void begin(const char *text)
{
	latch = (struct pc_latch){ 0 };
	now_us = 1000000;
	arm(text);
}

static enum pc_latch_verdict from(const char *text, uint32_t ssrc, uint16_t seq)
{
	struct pc_addr a = addr(text);
	struct pc_rtp rtp = { .ssrc = ssrc, .seq = seq };

	return pc_latch_take(&latch, &a, &rtp, now_us);
}

/* n packets in sequence, 20 ms apart; the last one's verdict. */
static enum pc_latch_verdict run(const char *text, uint16_t seq, unsigned n)
{
	enum pc_latch_verdict v = PC_LATCH_DROP;

	for (; n > 0; n--, now_us += 20000)
		v = from(text, 1, seq++);
	return v;
}

static void check_remote(const char *text)
{
	struct pc_addr a = addr(text);

	ck_assert(pc_addr_equal(&latch.remote, &a));
}

#define TOLD  "192.0.2.1:4000"
#define PORT  "192.0.2.1:4444"
#define OTHER "198.51.100.9:6000"
#define EVIL  "203.0.113.66:6666"

/* Nothing is learned, however much comes, before signalling has spoken. */
START_TEST(test_not_described)
{
	latch = (struct pc_latch){ 0 };
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	arm(TOLD);
	check_remote(TOLD);
	ck_assert_int_eq(from(TOLD, 1, 1), PC_LATCH_TAKE);
}
END_TEST

START_TEST(test_described_settles)
{
	begin(TOLD);
	ck_assert_int_eq(from(TOLD, 1, 1), PC_LATCH_TAKE);
	ck_assert_int_eq(run(PORT, 1, 1000), PC_LATCH_DROP);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	check_remote(TOLD);
}
END_TEST

/* A NAT: another port at once, another host a bit later. */
START_TEST(test_learns)
{
	begin(TOLD);
	ck_assert_int_eq(run(PORT, 65534, 4), PC_LATCH_DROP);
	ck_assert_int_eq(run(PORT, 2, 1), PC_LATCH_LEARNED);
	check_remote(PORT);
	ck_assert_int_eq(run(PORT, 3, 1), PC_LATCH_TAKE);
	begin(TOLD);
	ck_assert_int_eq(run(OTHER, 10, 5), PC_LATCH_DROP);
	ck_assert_int_eq(run(OTHER, 15, 1), PC_LATCH_LEARNED);
	check_remote(OTHER);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
}
END_TEST

/* Sprayed packets are no stream: other numbers, other SSRCs, other ports. */
START_TEST(test_spray)
{
	begin(TOLD);
	for (uint16_t i = 0; i < 1000; i++) {
		ck_assert_int_eq(from(EVIL, 1, (uint16_t)(i * 3)),
				 PC_LATCH_DROP);
		ck_assert_int_eq(from(EVIL, i, i), PC_LATCH_DROP);
		ck_assert_int_eq(from(EVIL, 7, 7), PC_LATCH_DROP);
		now_us += 20000;
	}
	check_remote(TOLD);
}
END_TEST

/* A burst between two packets of a silent-for-20-ms peer wins nothing. */
START_TEST(test_burst)
{
	begin(TOLD);
	for (uint16_t i = 0; i < 1000; i++)
		ck_assert_int_eq(from(EVIL, 1, i), PC_LATCH_DROP);
	check_remote(TOLD);
}
END_TEST

/* The described address may be late, however much: who was faster has to go. */
START_TEST(test_described_wins_later)
{
	begin(TOLD);
	ck_assert_int_eq(run(EVIL, 1, 6), PC_LATCH_LEARNED);
	run(EVIL, 7, 1000);
	ck_assert_int_eq(from(TOLD, 9, 9), PC_LATCH_LEARNED);
	check_remote(TOLD);
	ck_assert_int_eq(run(EVIL, 1007, 1000), PC_LATCH_DROP);
}
END_TEST

/* One is learned; then only signalling changes anything, with a reason. */
START_TEST(test_learns_once)
{
	begin(TOLD);
	ck_assert_int_eq(run(OTHER, 1, 6), PC_LATCH_LEARNED);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	arm(TOLD);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	check_remote(OTHER);
	ck_assert_int_eq(run(OTHER, 300, 1), PC_LATCH_TAKE);
	arm_as(TOLD, true, 1); /* resumed: the NAT may have forgotten it */
	check_remote(OTHER);   /* until a better is learned */
	ck_assert_int_eq(run(OTHER, 301, 1), PC_LATCH_TAKE);
	ck_assert_int_eq(run(PORT, 1, 5), PC_LATCH_LEARNED);
	check_remote(PORT);
}
END_TEST

/* Whom it was described as, it is: no direction is a reason to doubt it. */
START_TEST(test_described_has_spoken)
{
	begin(TOLD);
	ck_assert_int_eq(from(TOLD, 1, 1), PC_LATCH_TAKE);
	arm(TOLD);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	arm_as(TOLD, true, 1);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	check_remote(TOLD);
	arm(OTHER); /* transferred */
	check_remote(OTHER);
	ck_assert_int_eq(run(PORT, 1, 6), PC_LATCH_LEARNED);
}
END_TEST

/* No packets are expected, from the start or since a re-description. */
START_TEST(test_not_to_send)
{
	latch = (struct pc_latch){ 0 };
	arm_as(TOLD, false, 0);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	ck_assert_int_eq(run(PORT, 1, 1000), PC_LATCH_DROP);
	check_remote(TOLD);
	ck_assert_int_eq(from(TOLD, 1, 1), PC_LATCH_TAKE);
	begin(TOLD);
	arm_as(TOLD, false, 1);
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	arm_as(TOLD, true, 2);
	ck_assert_int_eq(run(OTHER, 1, 6), PC_LATCH_LEARNED);
	arm_as(TOLD, false, 1); /* who was learned stays, and is taken */
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	ck_assert_int_eq(run(OTHER, 7, 1), PC_LATCH_TAKE);
	check_remote(OTHER);
}
END_TEST

/* A reason to learn while the learned peer speaks: nobody cuts in. */
START_TEST(test_rearmed_under_attack)
{
	uint16_t evil = 0;

	begin(TOLD);
	ck_assert_int_eq(run(OTHER, 1, 6), PC_LATCH_LEARNED);
	arm_as(TOLD, true, 1);
	for (uint16_t i = 7; i < 500; i++) {
		ck_assert_int_eq(run(OTHER, i, 1), PC_LATCH_TAKE);
		for (int n = 0; n < 20; n++)
			ck_assert_int_eq(from(EVIL, 2, evil++), PC_LATCH_DROP);
	}
	check_remote(OTHER);
	/* It has gone: now another may be it. */
	ck_assert_int_eq(run(PORT, 1, 5), PC_LATCH_LEARNED);
}
END_TEST

START_TEST(test_described_elsewhere)
{
	begin(TOLD);
	ck_assert_int_eq(run(OTHER, 1, 6), PC_LATCH_LEARNED);
	arm("192.0.2.77:7000");
	check_remote("192.0.2.77:7000");
	ck_assert_int_eq(from(OTHER, 1, 7), PC_LATCH_DROP);
	ck_assert_int_eq(from("192.0.2.77:7000", 1, 7), PC_LATCH_TAKE);
}
END_TEST

/* The described host has sent RTCP: the other side is there, on some port. */
START_TEST(test_host_is_known)
{
	begin(TOLD);
	ck_assert(!pc_latch_host(&latch));
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	check_remote(TOLD);
	ck_assert_int_eq(run(PORT, 1, 5), PC_LATCH_LEARNED);
	ck_assert(!pc_latch_host(&latch));
	check_remote(PORT);
	begin(TOLD);
	ck_assert_int_eq(run(EVIL, 1, 6), PC_LATCH_LEARNED);
	ck_assert(pc_latch_host(&latch));
	check_remote(TOLD);
	ck_assert_int_eq(run(EVIL, 7, 1000), PC_LATCH_DROP);
	ck_assert_int_eq(run(PORT, 1, 5), PC_LATCH_LEARNED);
	arm(OTHER); /* of that host nothing is known */
	ck_assert_int_eq(run(TOLD, 1, 6), PC_LATCH_LEARNED);
}
END_TEST

/* A stranger in between does not set the right host back. */
START_TEST(test_stranger_interrupts)
{
	begin(TOLD);
	for (uint16_t i = 0; i < 4; i++) {
		ck_assert_int_eq(from(PORT, 1, i), PC_LATCH_DROP);
		ck_assert_int_eq(from(EVIL, 2, i), PC_LATCH_DROP);
		now_us += 20000;
	}
	ck_assert_int_eq(from(PORT, 1, 4), PC_LATCH_LEARNED);
	check_remote(PORT);
}
END_TEST

/* Hold by 0.0.0.0 (RFC 3264 8.4), and port 0: nobody is to be found. */
START_TEST(test_nobody_described)
{
	begin("0.0.0.0:4000");
	ck_assert_int_eq(run(EVIL, 1, 1000), PC_LATCH_DROP);
	arm("192.0.2.1:0");
	ck_assert_int_eq(run("192.0.2.1:9", 1, 1000), PC_LATCH_DROP);
	arm(TOLD);
	ck_assert_int_eq(from(TOLD, 1, 1), PC_LATCH_TAKE);
	arm("[::]:4000");
	ck_assert_int_eq(run("[2001:db8::1]:4000", 1, 1000), PC_LATCH_DROP);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("where RTP comes from");
	TCase *t = tcase_create("latch");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_not_described);
	tcase_add_test(t, test_described_settles);
	tcase_add_test(t, test_learns);
	tcase_add_test(t, test_spray);
	tcase_add_test(t, test_burst);
	tcase_add_test(t, test_described_wins_later);
	tcase_add_test(t, test_learns_once);
	tcase_add_test(t, test_described_has_spoken);
	tcase_add_test(t, test_not_to_send);
	tcase_add_test(t, test_rearmed_under_attack);
	tcase_add_test(t, test_described_elsewhere);
	tcase_add_test(t, test_host_is_known);
	tcase_add_test(t, test_stranger_interrupts);
	tcase_add_test(t, test_nobody_described);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
