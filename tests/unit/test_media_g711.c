/* PCMU and PCMA against ITU-T G.711 and two other implementations. */
#include <check.h>
#include <stdlib.h>

#include "g711_vectors.h"
#include "media/g711.h"

START_TEST(test_all_codes_decode)
{
	for (int c = 0; c < 256; c++) {
		ck_assert_int_eq(pc_ulaw_decode((uint8_t)c), ulaw_decoded[c]);
		ck_assert_int_eq(pc_alaw_decode((uint8_t)c), alaw_decoded[c]);
	}
}
END_TEST

/* ITU-T G.711 tables 1 and 2: the ends of the scale, and zero. */
START_TEST(test_known_values)
{
	ck_assert_int_eq(pc_ulaw_decode(0xff), 0);
	ck_assert_int_eq(pc_ulaw_decode(0x7f), 0);
	ck_assert_int_eq(pc_ulaw_decode(0x80), 32124); /* 8031 * 4 */
	ck_assert_int_eq(pc_ulaw_decode(0x00), -32124);
	ck_assert_int_eq(pc_alaw_decode(0xd5), 8); /* 1 * 8 */
	ck_assert_int_eq(pc_alaw_decode(0x55), -8);
	ck_assert_int_eq(pc_alaw_decode(0xaa), 32256); /* 4032 * 8 */
	ck_assert_int_eq(pc_alaw_decode(0x2a), -32256);
	ck_assert_uint_eq(pc_ulaw_encode(0), 0xff);
	ck_assert_uint_eq(pc_ulaw_encode(INT16_MAX), 0x80);
	ck_assert_uint_eq(pc_ulaw_encode(INT16_MIN), 0x00);
	ck_assert_uint_eq(pc_alaw_encode(0), 0xd5);
	ck_assert_uint_eq(pc_alaw_encode(-1), 0x55);
	ck_assert_uint_eq(pc_alaw_encode(INT16_MAX), 0xaa);
	ck_assert_uint_eq(pc_alaw_encode(INT16_MIN), 0x2a);
}
END_TEST

/*
 * Table 5 of G.711 (digital test sequence): a 1 kHz sine at 0 dBm0 is these
 * eight codes over and over; their levels must be those of such a sine.
 */
START_TEST(test_milliwatt)
{
	static const uint8_t ulaw[] = { 0x1e, 0x0b, 0x0b, 0x1e,
					0x9e, 0x8b, 0x8b, 0x9e };
	static const uint8_t alaw[] = { 0x34, 0x21, 0x21, 0x34,
					0xb4, 0xa1, 0xa1, 0xb4 };

	for (int i = 0; i < 8; i++) {
		int u = pc_ulaw_decode(ulaw[i]), a = pc_alaw_decode(alaw[i]);

		ck_assert_int_eq(u < 0, i < 4);
		ck_assert_int_eq(a < 0, i < 4);
		ck_assert_int_eq(abs(u - a) < 600, 1);
		ck_assert_uint_eq(pc_ulaw_encode((int16_t)u), ulaw[i]);
		ck_assert_uint_eq(pc_alaw_encode((int16_t)a), alaw[i]);
	}
}
END_TEST

START_TEST(test_round_trip)
{
	for (int c = 0; c < 256; c++) {
		/* Negative zero has no sample of its own. */
		int u = c == 0x7f ? 0xff : c;

		ck_assert_int_eq(pc_ulaw_encode(ulaw_decoded[c]), u);
		ck_assert_int_eq(pc_alaw_encode(alaw_decoded[c]), c);
	}
}
END_TEST

/* Half a step, which is 1/33 of the lowest level of a segment or less. */
static void check_near(int s, int decoded)
{
	ck_assert_msg(abs(decoded - s) <= abs(decoded) / 32 + 8, "%d became %d",
		      s, decoded);
}

START_TEST(test_every_sample)
{
	int u_before = INT16_MIN, a_before = INT16_MIN;

	for (int s = INT16_MIN; s <= INT16_MAX; s++) {
		int u = pc_ulaw_decode(pc_ulaw_encode((int16_t)s));
		int a = pc_alaw_decode(pc_alaw_encode((int16_t)s));

		ck_assert_int_ge(u, u_before);
		ck_assert_int_ge(a, a_before);
		u_before = u;
		a_before = a;
		check_near(s, u);
		check_near(s, a);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("G.711");
	TCase *t = tcase_create("codes");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_all_codes_decode);
	tcase_add_test(t, test_known_values);
	tcase_add_test(t, test_milliwatt);
	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_every_sample);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
