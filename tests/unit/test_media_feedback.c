/* RTCP feedback there and back; and the score of a call. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "media/feedback.h"
#include "media/quality.h"

static uint8_t buf[PC_FEEDBACK_MAX];

/* The second packet of the compound; the first is an empty RR of ours. */
static struct pc_rtcp read_back(size_t len)
{
	struct pc_rtcp_reader r;
	struct pc_rtcp p;

	ck_assert_uint_le(len, sizeof(buf));
	pc_rtcp_begin(&r, buf, len);
	ck_assert_int_eq(pc_rtcp_next(&r, &p), 1);
	ck_assert_uint_eq(p.type, PC_RTCP_RR);
	ck_assert_uint_eq(p.ssrc, 7);
	ck_assert_int_eq(pc_rtcp_next(&r, &p), 1);
	ck_assert_uint_eq(p.ssrc, 7);
	return p;
}

START_TEST(test_pictures)
{
	struct pc_rtcp p = read_back(pc_feedback_pli(buf, 7, 9));

	ck_assert(pc_feedback_wants_picture(&p, 9));
	ck_assert(!pc_feedback_wants_picture(&p, 8));
	p = read_back(pc_feedback_fir(buf, 7, 9, 3));
	ck_assert_uint_eq(p.count, 4);
	ck_assert_uint_eq(p.fci[4], 3);
	ck_assert(pc_feedback_wants_picture(&p, 9));
	ck_assert(!pc_feedback_wants_picture(&p, 7));
	p.fci_len = 7; /* cut off: it asks for nothing */
	ck_assert(!pc_feedback_wants_picture(&p, 9));
}
END_TEST

START_TEST(test_nack)
{
	uint16_t seqs[PC_FEEDBACK_NACKS];
	static const unsigned counts[] = { 1, 2, 17 };

	for (int i = 0; i < 3; i++) {
		struct pc_rtcp p = read_back(
			pc_feedback_nack(buf, 7, 9, 65530, counts[i]));

		ck_assert_uint_eq(pc_feedback_nacked(&p, 9, seqs), counts[i]);
		for (unsigned k = 0; k < counts[i]; k++)
			ck_assert_uint_eq(seqs[k], (uint16_t)(65530 + k));
		ck_assert_uint_eq(pc_feedback_nacked(&p, 8, seqs), 0);
	}
}
END_TEST

/* More than the list holds is cut off, not written behind it. */
START_TEST(test_many_nacks)
{
	uint8_t fci[40];
	uint16_t seqs[PC_FEEDBACK_NACKS];
	struct pc_rtcp p = { .type = PC_RTCP_RTPFB,
			     .count = 1,
			     .media_ssrc = 9,
			     .fci = fci,
			     .fci_len = sizeof(fci) };

	memset(fci, 0xff, sizeof(fci));
	ck_assert_uint_eq(pc_feedback_nacked(&p, 9, seqs), PC_FEEDBACK_NACKS);
}
END_TEST

/* 2.5 Mbit/s in 18 bits and an exponent. */
START_TEST(test_remb)
{
	struct pc_rtcp p = read_back(pc_feedback_remb(buf, 7, 9, 2500000));
	uint32_t v, exponent;

	ck_assert_uint_eq(p.count, 15);
	ck_assert_mem_eq(p.fci, "REMB\1", 5);
	exponent = p.fci[5] >> 2;
	v = (uint32_t)(p.fci[5] & 3) << 16 | (uint32_t)p.fci[6] << 8 | p.fci[7];
	ck_assert_uint_ge(v << exponent, 2499900);
	ck_assert_uint_le(v << exponent, 2500000);
	ck_assert(!pc_feedback_wants_picture(&p, 9));
}
END_TEST

/* G.107: R = 93.2 is 4.41; G.113: G.711 at 5 and 10 % of random loss. */
START_TEST(test_mos)
{
	struct pc_quality g711 = pc_quality_of(PC_CODEC_PCMU);

	ck_assert_double_eq_tol(pc_mos(g711, 0, 0), 4.41, 0.01);
	ck_assert_double_eq_tol(pc_mos(g711, 5, 0), 3.92, 0.05);
	ck_assert_double_eq_tol(pc_mos(g711, 10, 0), 3.4, 0.1);
	ck_assert_double_lt(pc_mos(g711, 0, 400), 3.8);
	ck_assert_double_eq(pc_mos(g711, 100, 2000), 1);
	for (int loss = 0; loss < 100; loss++)
		ck_assert_double_ge(pc_mos(g711, loss, 50),
				    pc_mos(g711, loss + 1, 50));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("feedback");
	TCase *t = tcase_create("feedback");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_pictures);
	tcase_add_test(t, test_nack);
	tcase_add_test(t, test_many_nacks);
	tcase_add_test(t, test_remb);
	tcase_add_test(t, test_mos);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
