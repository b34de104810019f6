/*
 * SRTP and SRTCP (RFC 3711, RFC 7714): a test vector through our calls, and
 * everything that must be refused.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "media/srtp.h"

static const enum pc_srtp_profile profiles[] = {
	PC_SRTP_AES128_CM_SHA1_80, PC_SRTP_AEAD_AES_128_GCM,
	PC_SRTP_AES128_CM_SHA1_32, PC_SRTP_AEAD_AES_256_GCM,
	PC_SRTP_AES256_CM_SHA1_80, PC_SRTP_AES256_CM_SHA1_32,
};

/* What each adds to an RTP packet. */
static const int tags[] = { 10, 16, 4, 16, 10, 4 };

enum { N = sizeof(profiles) / sizeof(profiles[0]) };

static struct pc_srtp *alice, *bob;

static struct pc_srtp *make(enum pc_srtp_profile profile, uint8_t in,
			    uint8_t out)
{
	struct pc_srtp_keys keys = { .profile = profile };
	struct pc_srtp *s = NULL;

	memset(keys.in, in, sizeof(keys.in));
	memset(keys.out, out, sizeof(keys.out));
	ck_assert_int_eq(pc_srtp_new(&s, &keys), 0);
	return s;
}

static void begin(int i)
{
	alice = make(profiles[i], 1, 2);
	bob = make(profiles[i], 2, 1);
}

static void end(void)
{
	pc_srtp_free(alice);
	pc_srtp_free(bob);
}

/* An RTP packet of 20 bytes of payload; room for what protection adds. */
static uint8_t buf[32 + PC_SRTP_TRAILER_MAX];

static size_t rtp(unsigned seq)
{
	static const uint8_t header[] = { 0x80, 0, 0, 0, 0,    0,
					  0,    0, 0, 0, 0x12, 0x34 };

	memset(buf, 0xab, sizeof(buf));
	memcpy(buf, header, sizeof(header));
	buf[2] = (uint8_t)(seq >> 8);
	buf[3] = (uint8_t)seq;
	return 32;
}

static size_t rtcp(void)
{
	static const uint8_t rr[] = { 0x80, 201, 0, 1, 0, 0, 0x12, 0x34 };

	memcpy(buf, rr, sizeof(rr));
	return sizeof(rr);
}

START_TEST(test_both_ways)
{
	ssize_t n;

	begin(_i);
	for (unsigned seq = 65000; seq < 65000 + 2000; seq++) {
		n = pc_srtp_protect(alice, buf, rtp(seq & 0xffff));
		ck_assert_int_eq(n, 32 + tags[_i]);
		ck_assert_int_ne(buf[12] == 0xab && buf[13] == 0xab &&
					 buf[14] == 0xab && buf[15] == 0xab,
				 1);
		ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), 32);
		for (int i = 12; i < 32; i++)
			ck_assert_uint_eq(buf[i], 0xab);
	}
	n = pc_srtp_protect_rtcp(bob, buf, rtcp());
	ck_assert_int_eq(n, 8 + 4 + (tags[_i] == 16 ? 16 : 10));
	ck_assert_int_eq(pc_srtp_unprotect_rtcp(alice, buf, (size_t)n), 8);
	ck_assert_uint_eq(buf[1], 201);
	end();
}
END_TEST

START_TEST(test_wrong_key)
{
	struct pc_srtp *eve;
	ssize_t n;

	begin(_i);
	eve = make(profiles[_i], 3, 2);
	n = pc_srtp_protect(alice, buf, rtp(1));
	ck_assert_int_eq(pc_srtp_unprotect(eve, buf, (size_t)n), -EBADMSG);
	n = pc_srtp_protect_rtcp(alice, buf, rtcp());
	ck_assert_int_eq(pc_srtp_unprotect_rtcp(eve, buf, (size_t)n), -EBADMSG);
	/* what one sends does not come back to it (keyed apart) */
	n = pc_srtp_protect(alice, buf, rtp(2));
	ck_assert_int_eq(pc_srtp_unprotect(alice, buf, (size_t)n), -EBADMSG);
	pc_srtp_free(eve);
	end();
}
END_TEST

/* Any bit changed: refused, and the true packet still taken after it. */
START_TEST(test_tampered)
{
	uint8_t good[sizeof(buf)];
	ssize_t n, rc;

	begin(_i);
	n = pc_srtp_protect(alice, buf, rtp(7));
	memcpy(good, buf, (size_t)n);
	for (ssize_t bit = 0; bit < n * 8; bit += 3) {
		memcpy(buf, good, (size_t)n);
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		rc = pc_srtp_unprotect(bob, buf, (size_t)n);
		ck_assert_msg(rc < 0, "bit %zd: %zd", bit, rc);
	}
	memcpy(buf, good, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), 32);
	end();
}
END_TEST

START_TEST(test_tampered_rtcp)
{
	uint8_t good[sizeof(buf)];
	ssize_t n;

	begin(_i);
	n = pc_srtp_protect_rtcp(alice, buf, rtcp());
	memcpy(good, buf, (size_t)n);
	for (ssize_t bit = 0; bit < n * 8; bit++) {
		memcpy(buf, good, (size_t)n);
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_lt(pc_srtp_unprotect_rtcp(bob, buf, (size_t)n),
				 0);
	}
	memcpy(buf, good, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect_rtcp(bob, buf, (size_t)n), 8);
	end();
}
END_TEST

/* RFC 3711 3.3.2 */
START_TEST(test_replayed)
{
	uint8_t first[sizeof(buf)];
	ssize_t n;

	begin(_i);
	n = pc_srtp_protect(alice, buf, rtp(1));
	memcpy(first, buf, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), 32);
	memcpy(buf, first, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), -EALREADY);
	for (unsigned seq = 2; seq < 1100; seq++) {
		n = pc_srtp_protect(alice, buf, rtp(seq));
		ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), 32);
	}
	memcpy(buf, first, (size_t)n); /* older than the window */
	ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), -EALREADY);
	/* a number is not used twice for sending */
	ck_assert_int_eq(pc_srtp_protect(alice, buf, rtp(1099)), -EALREADY);
	end();
}
END_TEST

/* Cut to any length, in memory of just that length. */
START_TEST(test_truncated)
{
	uint8_t good[sizeof(buf)], *cut;
	ssize_t n;

	begin(_i);
	n = pc_srtp_protect(alice, buf, rtp(1));
	memcpy(good, buf, (size_t)n);
	for (int is_rtcp = 0; is_rtcp < 2; is_rtcp++)
		for (ssize_t len = 0; len < n; len++) {
			ssize_t rc;

			cut = malloc(len ? (size_t)len : 1);
			ck_assert_ptr_nonnull(cut);
			memcpy(cut, good, (size_t)len);
			rc = is_rtcp ? pc_srtp_unprotect_rtcp(bob, cut,
							      (size_t)len)
				     : pc_srtp_unprotect(bob, cut, (size_t)len);
			ck_assert_msg(rc < 0, "%zd bytes: %zd", len, rc);
			free(cut);
		}
	end();
}
END_TEST

/* Headers that lead outside, which are read before anything is checked. */
START_TEST(test_odd_headers)
{
	begin(_i);
	for (int b = 0; b < 256; b++) {
		uint8_t *odd = malloc(32);

		ck_assert_ptr_nonnull(odd);
		memset(odd, 0xff, 32);
		odd[0] = (uint8_t)b;
		ck_assert_int_lt(pc_srtp_unprotect(bob, odd, 32), 0);
		memset(odd, 0xff, 32);
		odd[0] = (uint8_t)b;
		ck_assert_int_lt(pc_srtp_unprotect_rtcp(bob, odd, 32), 0);
		free(odd);
	}
	end();
}
END_TEST

START_TEST(test_no_profile)
{
	struct pc_srtp_keys keys = { .profile = PC_SRTP_NONE };
	struct pc_srtp *s = NULL;

	ck_assert_int_eq(pc_srtp_new(&s, &keys), -ENOTSUP);
	ck_assert_ptr_null(s);
	pc_srtp_free(NULL);
}
END_TEST

/*
 * Key, salt, packet and result of libsrtp's own validation of AES-CM with
 * HMAC-SHA1-80 (srtp_validate in test/srtp_driver.c).
 */
START_TEST(test_vector_cm_sha1)
{
	static const uint8_t key[30] = { 0xe1, 0xf9, 0x7a, 0x0d, 0x3e, 0x01,
					 0x8b, 0xe0, 0xd6, 0x4f, 0xa3, 0x2c,
					 0x06, 0xde, 0x41, 0x39, 0x0e, 0xc6,
					 0x75, 0xad, 0x49, 0x8a, 0xfe, 0xeb,
					 0xb6, 0x96, 0x0b, 0x3a, 0xab, 0xe6 };
	static const uint8_t header[12] = {
		0x80, 0x0f, 0x12, 0x34, 0xde, 0xca,
		0xfb, 0xad, 0xca, 0xfe, 0xba, 0xbe
	};
	static const uint8_t result[38] = {
		0x80, 0x0f, 0x12, 0x34, 0xde, 0xca, 0xfb, 0xad, 0xca, 0xfe,
		0xba, 0xbe, 0x4e, 0x55, 0xdc, 0x4c, 0xe7, 0x99, 0x78, 0xd8,
		0x8c, 0xa4, 0xd2, 0x15, 0x94, 0x9d, 0x24, 0x02, 0xb7, 0x8d,
		0x6a, 0xcc, 0x99, 0xea, 0x17, 0x9b, 0x8d, 0xbb
	};
	struct pc_srtp_keys keys = { .profile = PC_SRTP_AES128_CM_SHA1_80 };
	struct pc_srtp *s = NULL;

	memcpy(keys.in, key, sizeof(key));
	memcpy(keys.out, key, sizeof(key));
	ck_assert_int_eq(pc_srtp_new(&s, &keys), 0);
	memset(buf, 0xab, 28);
	memcpy(buf, header, sizeof(header));
	ck_assert_int_eq(pc_srtp_protect(s, buf, 28), 38);
	ck_assert_mem_eq(buf, result, sizeof(result));
	ck_assert_int_eq(pc_srtp_unprotect(s, buf, 38), 28);
	ck_assert_uint_eq(buf[12], 0xab);
	pc_srtp_free(s);
}
END_TEST

/* RFC 3711 3.1: what is sent names its key; with another name it is refused. */
START_TEST(test_mki)
{
	struct pc_srtp_keys keys = { .profile = PC_SRTP_AES128_CM_SHA1_80,
				     .mki_in = { 1 },
				     .mki_in_len = 4 };
	struct pc_srtp *s = NULL;
	ssize_t n;

	memset(keys.in, 2, sizeof(keys.in));
	ck_assert_int_eq(pc_srtp_new(&s, &keys), 0);
	begin(0);
	n = pc_srtp_protect(alice, buf, rtp(1));
	memmove(buf + n - 10 + 4, buf + n - 10, 10);
	memcpy(buf + n - 10, keys.mki_in, 4);
	buf[n - 10]++;
	ck_assert_int_eq(pc_srtp_unprotect(s, buf, (size_t)n + 4), -EBADMSG);
	buf[n - 10]--;
	ck_assert_int_eq(pc_srtp_unprotect(s, buf, (size_t)n + 4), 32);
	pc_srtp_free(s);
	end();
}
END_TEST

/* The direction that keeps its key keeps what it knows of the past. */
START_TEST(test_rekey)
{
	struct pc_srtp_keys keys = { .profile = profiles[_i] };
	uint8_t first[sizeof(buf)];
	ssize_t n;

	begin(_i);
	n = pc_srtp_protect(alice, buf, rtp(1));
	memcpy(first, buf, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), 32);
	memset(keys.in, 2, sizeof(keys.in));
	memset(keys.out, 7, sizeof(keys.out));
	ck_assert_int_eq(pc_srtp_rekey(bob, &keys, false, true), 0);
	memcpy(buf, first, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(bob, buf, (size_t)n), -EALREADY);
	n = pc_srtp_protect(bob, buf, rtp(1));
	memcpy(first, buf, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(alice, buf, (size_t)n), -EBADMSG);
	memset(keys.in, 7, sizeof(keys.in));
	ck_assert_int_eq(pc_srtp_rekey(alice, &keys, true, false), 0);
	memcpy(buf, first, (size_t)n);
	ck_assert_int_eq(pc_srtp_unprotect(alice, buf, (size_t)n), 32);
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("SRTP");
	TCase *t = tcase_create("srtp");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_loop_test(t, test_both_ways, 0, N);
	tcase_add_loop_test(t, test_wrong_key, 0, N);
	tcase_add_loop_test(t, test_tampered, 0, N);
	tcase_add_loop_test(t, test_tampered_rtcp, 0, N);
	tcase_add_loop_test(t, test_replayed, 0, N);
	tcase_add_loop_test(t, test_truncated, 0, N);
	tcase_add_loop_test(t, test_odd_headers, 0, N);
	tcase_add_loop_test(t, test_rekey, 0, N);
	tcase_add_test(t, test_mki);
	tcase_add_test(t, test_no_profile);
	tcase_add_test(t, test_vector_cm_sha1);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
