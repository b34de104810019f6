/*
 * STUN messages that are broken, odd or hostile (RFC 8489 sections 5, 6.3,
 * 14).
 */
#include <check.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "stun/build.h"
#include "stun/explain.h"
#include "stun/integrity.h"
#include "stun_vectors.h"

static const uint8_t id[PC_STUN_ID] = "twelve bytes";
static struct pc_stun_msg msg;
static struct pc_stun_build b;
static uint8_t buf[65536];

static void begin(void)
{
	pc_stun_build_init(&b, buf, sizeof(buf), PC_STUN_REQUEST,
			   PC_STUN_BINDING, id);
}

static int decode(void)
{
	return pc_stun_decode(&msg, buf, (size_t)pc_stun_build_end(&b));
}

START_TEST(test_every_length_cut_short)
{
	for (size_t len = 0; len < sizeof(request); len++) {
		int rc = pc_stun_decode(&msg, request, len);

		ck_assert_int_eq(rc, len < PC_STUN_HEADER ? -EINVAL : -EBADMSG);
	}
}
END_TEST

START_TEST(test_not_stun)
{
	uint8_t copy[sizeof(request)];

	memcpy(copy, request, sizeof(copy));
	copy[0] = 0x80; /* RTP */
	ck_assert_int_eq(pc_stun_decode(&msg, copy, sizeof(copy)), -EINVAL);
	memcpy(copy, request, sizeof(copy));
	copy[4] ^= 1; /* RFC 3489: no cookie */
	ck_assert_int_eq(pc_stun_decode(&msg, copy, sizeof(copy)), -EINVAL);
}
END_TEST

START_TEST(test_bytes_after_the_message)
{
	uint8_t copy[sizeof(request) + 4] = { 0 };

	memcpy(copy, request, sizeof(request));
	ck_assert_int_eq(pc_stun_decode(&msg, copy, sizeof(copy)), -EBADMSG);
}
END_TEST

START_TEST(test_attribute_longer_than_the_message)
{
	begin();
	pc_stun_put_u32(&b, PC_STUN_PRIORITY, 1);
	buf[23] = 5;
	ck_assert_int_eq(decode(), -EBADMSG);
	buf[22] = 0xff;
	buf[23] = 0xff;
	ck_assert_int_eq(decode(), -EBADMSG);
}
END_TEST

START_TEST(test_too_many_attributes)
{
	begin();
	for (int i = 0; i <= PC_STUN_ATTRS_MAX; i++)
		pc_stun_put(&b, 0x8055, "", 0);
	ck_assert_int_eq(decode(), -E2BIG);
	ck_assert_uint_eq(msg.n_attrs, PC_STUN_ATTRS_MAX);
}
END_TEST

/* Section 14.5: what stands behind MESSAGE-INTEGRITY is not protected. */
START_TEST(test_attributes_behind_the_integrity_are_ignored)
{
	begin();
	pc_stun_put_integrity(&b, "key", 3);
	pc_stun_put_text(&b, PC_STUN_USERNAME, "mallory");
	pc_stun_put_fingerprint(&b);
	ck_assert_int_eq(decode(), 0);
	ck_assert_ptr_null(pc_stun_find(&msg, PC_STUN_USERNAME));
	ck_assert_int_eq(pc_stun_check_integrity(&msg, "key", 3), 0);
	ck_assert_int_eq(pc_stun_check_fingerprint(&msg), 0);
}
END_TEST

START_TEST(test_both_integrities)
{
	begin();
	pc_stun_put_integrity(&b, "key", 3);
	pc_stun_put_integrity_sha256(&b, "key", 3);
	pc_stun_put_fingerprint(&b);
	ck_assert_int_eq(decode(), 0);
	ck_assert_int_eq(pc_stun_check_integrity(&msg, "key", 3), 0);
	ck_assert_int_eq(pc_stun_check_integrity_sha256(&msg, "key", 3), 0);
	ck_assert_int_eq(pc_stun_check_integrity_sha256(&msg, "k", 1),
			 -EBADMSG);
}
END_TEST

START_TEST(test_fingerprint_must_be_last)
{
	begin();
	pc_stun_put_fingerprint(&b);
	pc_stun_put_u32(&b, PC_STUN_PRIORITY, 1);
	ck_assert_int_eq(decode(), -EBADMSG);
}
END_TEST

START_TEST(test_integrity_of_wrong_length)
{
	begin();
	pc_stun_put(&b, PC_STUN_MESSAGE_INTEGRITY, "short", 5);
	ck_assert_int_eq(decode(), 0);
	ck_assert_int_eq(pc_stun_check_integrity(&msg, "key", 3), -EBADMSG);
}
END_TEST

START_TEST(test_class_and_method_bits)
{
	static const uint16_t methods[] = { 1, 0x00f, 0x010, 0x080, 0xfff };

	for (unsigned c = 0; c < 4; c++) {
		for (unsigned m = 0; m < 5; m++) {
			pc_stun_build_init(&b, buf, sizeof(buf),
					   (enum pc_stun_class)c, methods[m],
					   id);
			ck_assert_int_eq(decode(), 0);
			ck_assert_uint_eq(msg.class, c);
			ck_assert_uint_eq(msg.method, methods[m]);
			ck_assert_int_eq(buf[0] & 0xc0, 0);
		}
	}
}
END_TEST

static void round_trip(const char *text, uint16_t type)
{
	char got[PC_ADDR_TEXT];
	struct pc_addr addr;

	pc_addr_parse(&addr, text, 0);
	begin();
	pc_stun_put_addr(&b, type, &addr);
	ck_assert_int_eq(decode(), 0);
	memset(&addr, 0, sizeof(addr));
	ck_assert_int_eq(pc_stun_address(&msg, &msg.attrs[0], &addr), 0);
	ck_assert_str_eq(pc_addr_text(&addr, got), text);
}

START_TEST(test_addresses_round_trip)
{
	round_trip("192.0.2.7:1", PC_STUN_MAPPED_ADDRESS);
	round_trip("192.0.2.7:65535", PC_STUN_XOR_MAPPED_ADDRESS);
	round_trip("[2001:db8::7]:3478", PC_STUN_MAPPED_ADDRESS);
	round_trip("[2001:db8::7]:3478", PC_STUN_XOR_MAPPED_ADDRESS);
	round_trip("[2001:db8::7]:3478", PC_STUN_OTHER_ADDRESS);
}
END_TEST

START_TEST(test_broken_addresses)
{
	static const uint8_t family9[8] = { 0, 9 };
	static const uint8_t v6_of_8[8] = { 0, 2 };
	struct pc_addr addr;

	begin();
	pc_stun_put(&b, PC_STUN_XOR_MAPPED_ADDRESS, family9, 8);
	ck_assert_int_eq(decode(), 0);
	ck_assert_int_eq(pc_stun_mapped(&msg, &addr), -EBADMSG);
	begin();
	pc_stun_put(&b, PC_STUN_XOR_MAPPED_ADDRESS, v6_of_8, 8);
	ck_assert_int_eq(decode(), 0);
	ck_assert_int_eq(pc_stun_mapped(&msg, &addr), -EBADMSG);
	begin();
	pc_stun_put(&b, PC_STUN_MAPPED_ADDRESS, "", 0);
	ck_assert_int_eq(decode(), 0);
	ck_assert_int_eq(pc_stun_mapped(&msg, &addr), -EBADMSG);
	begin();
	ck_assert_int_eq(decode(), 0);
	ck_assert_int_eq(pc_stun_mapped(&msg, &addr), -ENOENT);
}
END_TEST

START_TEST(test_error_code)
{
	static const uint8_t broken[][4] = { { 0, 0, 2, 0 },
					     { 0, 0, 7, 0 },
					     { 0, 0, 4, 100 } };
	const char *reason;
	size_t len;

	begin();
	pc_stun_put_error(&b, 487, "Role Conflict");
	ck_assert_int_eq(decode(), 0);
	ck_assert_uint_eq(pc_stun_error(&msg, &reason, &len), 487);
	ck_assert_uint_eq(len, 13);
	ck_assert_mem_eq(reason, "Role Conflict", 13);
	for (int i = 0; i < 3; i++) {
		begin();
		pc_stun_put(&b, PC_STUN_ERROR_CODE, broken[i], 4);
		ck_assert_int_eq(decode(), 0);
		ck_assert_uint_eq(pc_stun_error(&msg, NULL, NULL), 0);
	}
	begin();
	pc_stun_put(&b, PC_STUN_ERROR_CODE, "", 0);
	ck_assert_int_eq(decode(), 0);
	ck_assert_uint_eq(pc_stun_error(&msg, NULL, NULL), 0);
}
END_TEST

START_TEST(test_unknown_required)
{
	begin();
	pc_stun_put(&b, 0xc0de, "", 0);
	pc_stun_put(&b, 0x7abc, "", 0);
	ck_assert_int_eq(decode(), 0);
	ck_assert_uint_eq(pc_stun_unknown_required(&msg), 0x7abc);
}
END_TEST

START_TEST(test_build_into_too_little)
{
	for (size_t cap = 0; cap < 64; cap++) {
		uint8_t *exact = malloc(cap ? cap : 1);

		pc_stun_build_init(&b, exact, cap, PC_STUN_REQUEST,
				   PC_STUN_BINDING, id);
		pc_stun_put_text(&b, PC_STUN_SOFTWARE, "pipecall");
		pc_stun_put_integrity(&b, "key", 3);
		pc_stun_put_fingerprint(&b);
		ck_assert_int_eq(pc_stun_build_end(&b), -ENOBUFS);
		free(exact);
	}
}
END_TEST

START_TEST(test_explain_takes_anything)
{
	struct pc_buf out = { 0 };
	uint8_t *exact;

	for (size_t len = 0; len < sizeof(request); len++) {
		exact = malloc(len ? len : 1);
		memcpy(exact, request, len);
		pc_buf_clear(&out);
		pc_stun_explain(&out, exact, len, NULL);
		pc_stun_summary(&out, exact, len);
		ck_assert_uint_gt(out.len, 0);
		free(exact);
	}
	pc_buf_fini(&out);
}
END_TEST

START_TEST(test_explain_shows_no_control_characters)
{
	struct pc_buf out = { 0 };

	begin();
	pc_stun_put_text(&b, PC_STUN_SOFTWARE, "\033[31mred\r\n");
	pc_stun_put_error(&b, 400, "\033[0m");
	pc_stun_explain(&out, buf, (size_t)pc_stun_build_end(&b), NULL);
	ck_assert_ptr_null(strchr(out.data, '\033'));
	ck_assert_ptr_null(strchr(out.data, '\r'));
	pc_buf_fini(&out);
}
END_TEST

/* The same as OpenSSL's HMAC, with keys shorter and longer than a block. */
START_TEST(test_hmac)
{
	static const size_t lengths[] = { 0, 1, 20, 63, 64, 65, 200 };
	uint8_t key[200], ours[32], theirs[EVP_MAX_MD_SIZE];
	unsigned n;

	memset(key, 0xa5, sizeof(key));
	memcpy(buf, request, sizeof(request));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		for (int i256 = 0; i256 < 2; i256++) {
			pc_stun_hmac(ours, i256, buf, sizeof(request),
				     sizeof(request), key, lengths[i]);
			HMAC(i256 ? EVP_sha256() : EVP_sha1(), key,
			     (int)lengths[i], buf, sizeof(request), theirs, &n);
			ck_assert_mem_eq(ours, theirs, n);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("STUN codec");
	TCase *t = tcase_create("codec");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, test_every_length_cut_short);
	tcase_add_test(t, test_not_stun);
	tcase_add_test(t, test_bytes_after_the_message);
	tcase_add_test(t, test_attribute_longer_than_the_message);
	tcase_add_test(t, test_too_many_attributes);
	tcase_add_test(t, test_attributes_behind_the_integrity_are_ignored);
	tcase_add_test(t, test_both_integrities);
	tcase_add_test(t, test_fingerprint_must_be_last);
	tcase_add_test(t, test_integrity_of_wrong_length);
	tcase_add_test(t, test_class_and_method_bits);
	tcase_add_test(t, test_addresses_round_trip);
	tcase_add_test(t, test_broken_addresses);
	tcase_add_test(t, test_error_code);
	tcase_add_test(t, test_unknown_required);
	tcase_add_test(t, test_build_into_too_little);
	tcase_add_test(t, test_explain_takes_anything);
	tcase_add_test(t, test_explain_shows_no_control_characters);
	tcase_add_test(t, test_hmac);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
