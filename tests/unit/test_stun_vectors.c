/*
 * RFC 5769's STUN test vectors, and RFC 8489 appendix B.1.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stun/build.h"
#include "stun/explain.h"
#include "stun/integrity.h"
#include "stun_vectors.h"

static struct pc_stun_msg msg;

static void decode(const uint8_t *data, size_t len)
{
	ck_assert_int_eq(pc_stun_decode(&msg, data, len), 0);
}

static int short_term(void)
{
	return pc_stun_check_integrity(&msg, SHORT_TERM_PASSWORD,
				       strlen(SHORT_TERM_PASSWORD));
}

static void assert_text(uint16_t type, const char *want)
{
	const struct pc_stun_attr *a = pc_stun_find(&msg, type);

	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(a->len, strlen(want));
	ck_assert_mem_eq(a->value, want, a->len);
}

START_TEST(test_2_1_request)
{
	const struct pc_stun_attr *a;

	decode(request, sizeof(request));
	ck_assert_int_eq(msg.class, PC_STUN_REQUEST);
	ck_assert_uint_eq(msg.method, PC_STUN_BINDING);
	ck_assert_uint_eq(msg.n_attrs, 6);
	assert_text(PC_STUN_SOFTWARE, "STUN test client");
	assert_text(PC_STUN_USERNAME, "evtj:h6vY");
	a = pc_stun_find(&msg, PC_STUN_PRIORITY);
	ck_assert_mem_eq(a->value, "\x6e\x00\x01\xff", 4);
	ck_assert_int_eq(short_term(), 0);
	ck_assert_int_eq(pc_stun_check_fingerprint(&msg), 0);
	ck_assert_uint_eq(pc_stun_unknown_required(&msg), 0);
}
END_TEST

static void assert_response(const uint8_t *data, size_t len, const char *mapped)
{
	char text[PC_ADDR_TEXT];
	struct pc_addr addr;

	decode(data, len);
	ck_assert_int_eq(msg.class, PC_STUN_SUCCESS);
	assert_text(PC_STUN_SOFTWARE, "test vector");
	ck_assert_int_eq(pc_stun_mapped(&msg, &addr), 0);
	ck_assert_str_eq(pc_addr_text(&addr, text), mapped);
	ck_assert_int_eq(short_term(), 0);
	ck_assert_int_eq(pc_stun_check_fingerprint(&msg), 0);
}

START_TEST(test_2_2_ipv4)
{
	assert_response(response_v4, sizeof(response_v4), "192.0.2.1:32853");
}
END_TEST

START_TEST(test_2_3_ipv6)
{
	assert_response(response_v6, sizeof(response_v6),
			"[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}
END_TEST

START_TEST(test_2_4_long_term)
{
	uint8_t key[16];

	decode(long_term, sizeof(long_term));
	assert_text(PC_STUN_USERNAME, LONG_TERM_USER);
	assert_text(PC_STUN_REALM, LONG_TERM_REALM);
	assert_text(PC_STUN_NONCE, "f//499k954d6OL34oL9FSTvy64sA");
	pc_stun_long_term_key(key, LONG_TERM_USER, LONG_TERM_REALM,
			      LONG_TERM_PASSWORD);
	ck_assert_int_eq(pc_stun_check_integrity(&msg, key, sizeof(key)), 0);
	ck_assert_int_eq(pc_stun_check_fingerprint(&msg), -ENOENT);
}
END_TEST

START_TEST(test_b_1_sha256_and_userhash)
{
	uint8_t key[16], hash[32];
	const struct pc_stun_attr *a;

	decode(sha256, sizeof(sha256));
	pc_stun_userhash(hash, LONG_TERM_USER, LONG_TERM_REALM);
	a = pc_stun_find(&msg, PC_STUN_USERHASH);
	ck_assert_uint_eq(a->len, 32);
	ck_assert_mem_eq(a->value, hash, 32);
	pc_stun_long_term_key(key, LONG_TERM_USER, LONG_TERM_REALM,
			      LONG_TERM_PASSWORD);
	ck_assert_int_eq(pc_stun_check_integrity_sha256(&msg, key, 16), 0);
	ck_assert_int_eq(pc_stun_check_integrity(&msg, key, 16), -ENOENT);
}
END_TEST

/* Each bit matters: of the integrity-protected part, and of the checksum. */
START_TEST(test_a_flipped_bit_is_found)
{
	uint8_t copy[sizeof(request)];
	size_t integrity_end = sizeof(request) - 8;

	for (size_t bit = PC_STUN_HEADER * 8; bit < sizeof(copy) * 8; bit++) {
		memcpy(copy, request, sizeof(copy));
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (pc_stun_decode(&msg, copy, sizeof(copy)) != 0)
			continue; /* a length */
		if (bit / 8 < integrity_end)
			ck_assert_int_ne(short_term(), 0);
		ck_assert_int_ne(pc_stun_check_fingerprint(&msg), 0);
	}
}
END_TEST

START_TEST(test_a_wrong_password)
{
	decode(request, sizeof(request));
	ck_assert_int_eq(pc_stun_check_integrity(&msg, "wrong", 5), -EBADMSG);
}
END_TEST

/* 2.2 built from its parts, but for the padding, which may be anything. */
START_TEST(test_build_2_2)
{
	uint8_t buf[sizeof(response_v4)];
	struct pc_stun_build b;
	struct pc_addr addr;

	decode(response_v4, sizeof(response_v4));
	pc_stun_build_init(&b, buf, sizeof(buf), PC_STUN_SUCCESS,
			   PC_STUN_BINDING, msg.id);
	pc_stun_put_text(&b, PC_STUN_SOFTWARE, "test vector");
	buf[35] = ' '; /* the vector pads with a space */
	pc_addr_parse(&addr, "192.0.2.1:32853", 0);
	pc_stun_put_addr(&b, PC_STUN_XOR_MAPPED_ADDRESS, &addr);
	pc_stun_put_integrity(&b, SHORT_TERM_PASSWORD,
			      strlen(SHORT_TERM_PASSWORD));
	pc_stun_put_fingerprint(&b);
	ck_assert_int_eq(pc_stun_build_end(&b), sizeof(response_v4));
	ck_assert_mem_eq(buf, response_v4, sizeof(response_v4));
}
END_TEST

START_TEST(test_build_b_1)
{
	uint8_t buf[sizeof(sha256)], hash[32], key[16];
	struct pc_stun_build b;

	decode(sha256, sizeof(sha256));
	pc_stun_build_init(&b, buf, sizeof(buf), PC_STUN_REQUEST,
			   PC_STUN_BINDING, msg.id);
	pc_stun_userhash(hash, LONG_TERM_USER, LONG_TERM_REALM);
	pc_stun_put(&b, PC_STUN_USERHASH, hash, sizeof(hash));
	pc_stun_put_text(&b, PC_STUN_NONCE,
			 "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA");
	pc_stun_put_text(&b, PC_STUN_REALM, LONG_TERM_REALM);
	pc_stun_long_term_key(key, LONG_TERM_USER, LONG_TERM_REALM,
			      LONG_TERM_PASSWORD);
	pc_stun_put_integrity_sha256(&b, key, sizeof(key));
	ck_assert_int_eq(pc_stun_build_end(&b), sizeof(sha256));
	ck_assert_mem_eq(buf, sha256, sizeof(sha256));
}
END_TEST

START_TEST(test_explain_2_2)
{
	struct pc_buf out = { 0 };

	pc_stun_explain(&out, response_v4, sizeof(response_v4), NULL);
	ck_assert_ptr_nonnull(strstr(
		out.data,
		"   36  00 20 00 08              XOR-MAPPED-ADDRESS, 8 bytes"
		"  [RFC 8489 14.2]\n"
		"   40  00 01 a1 47 e1 12 a6 43  192.0.2.1:32853, XORed"));
	ck_assert_ptr_nonnull(strstr(out.data, "\"test vector\""));
	ck_assert_ptr_nonnull(strstr(out.data, "before: right"));
	pc_buf_clear(&out);
	pc_stun_summary(&out, response_v4, sizeof(response_v4));
	ck_assert_str_eq(out.data, "Binding success response, mapped to "
				   "192.0.2.1:32853");
	pc_buf_fini(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("STUN vectors (RFC 5769, RFC 8489 B.1)");
	TCase *t = tcase_create("vectors");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, test_2_1_request);
	tcase_add_test(t, test_2_2_ipv4);
	tcase_add_test(t, test_2_3_ipv6);
	tcase_add_test(t, test_2_4_long_term);
	tcase_add_test(t, test_b_1_sha256_and_userhash);
	tcase_add_test(t, test_a_flipped_bit_is_found);
	tcase_add_test(t, test_a_wrong_password);
	tcase_add_test(t, test_build_2_2);
	tcase_add_test(t, test_build_b_1);
	tcase_add_test(t, test_explain_2_2);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
