/* a=crypto lines: those of RFC 4568, what must be refused, and the choice. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/sdes.h"

static const char key30[] = "PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

/* RFC 4568 section 6.1 and appendix examples. */
START_TEST(test_rfc4568)
{
	struct pc_sdes l;

	ck_assert_int_eq(pc_sdes_parse(&l, "1 AES_CM_128_HMAC_SHA1_80 "
					   "inline:PS1uQCVeeCFCanVmcjkpPywjNWhc"
					   "YD0mXXtxaVBR|2^20|1:32"),
			 0);
	ck_assert_uint_eq(l.tag, 1);
	ck_assert_int_eq(l.profile, PC_SRTP_AES128_CM_SHA1_80);
	ck_assert_uint_eq(l.mki_len, 32);
	ck_assert_uint_eq(l.mki[31], 1);
}
END_TEST

START_TEST(test_mki_and_lifetime)
{
	struct pc_sdes l;
	char text[200];

	snprintf(text, sizeof(text),
		 "2 aes_cm_128_hmac_sha1_32 inline:%s|2^31|258:4 WSH=64 KDR=0 "
		 "-X=1",
		 key30);
	ck_assert_int_eq(pc_sdes_parse(&l, text), 0);
	ck_assert_int_eq(l.profile, PC_SRTP_AES128_CM_SHA1_32);
	ck_assert_uint_eq(l.mki_len, 4);
	ck_assert_mem_eq(l.mki, "\0\0\1\2", 4);
	ck_assert_uint_eq(l.key[0], 0x3d);
	ck_assert_uint_eq(l.key[29], 0x51);
	snprintf(text, sizeof(text),
		 "3 AES_CM_128_HMAC_SHA1_80 inline:%s|3:1;inline:%s|4:1", key30,
		 key30);
	ck_assert_int_eq(pc_sdes_parse(&l, text), 0);
	ck_assert_uint_eq(l.mki[0], 3);
}
END_TEST

START_TEST(test_refused)
{
	static const struct {
		const char *line;
		int rc;
	} bad[] = {
		{ "", -EBADMSG },
		{ "1", -EBADMSG },
		{ "x AES_CM_128_HMAC_SHA1_80 inline:", -EBADMSG },
		{ "-1 AES_CM_128_HMAC_SHA1_80 inline:", -EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 ", -ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:", -EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 inline:abcd", -EBADMSG },
		{ "1 AES_CM_128_HMAC_SHA1_80 "
		  "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVB!",
		  -EBADMSG },
		{ "1 F8_128_HMAC_SHA1_80 inline:abcd", -ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 "
		  "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR "
		  "UNENCRYPTED_SRTP",
		  -ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 "
		  "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR KDR=4",
		  -ENOTSUP },
		{ "1 AES_CM_128_HMAC_SHA1_80 "
		  "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|1:200",
		  -EBADMSG },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pc_sdes l;

		ck_assert_msg(pc_sdes_parse(&l, bad[i].line) == bad[i].rc, "%s",
			      bad[i].line);
	}
}
END_TEST

/* What we write, we read; with and without the padding of base64. */
START_TEST(test_round_trip)
{
	static const enum pc_srtp_profile profiles[] = {
		PC_SRTP_AES128_CM_SHA1_80, PC_SRTP_AES128_CM_SHA1_32,
		PC_SRTP_AES256_CM_SHA1_80, PC_SRTP_AES256_CM_SHA1_32,
		PC_SRTP_AEAD_AES_128_GCM,  PC_SRTP_AEAD_AES_256_GCM,
	};

	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		char text[PC_SDES_TEXT], *pad;
		struct pc_sdes a, b;

		ck_assert_int_eq(pc_sdes_new(&a, 7, profiles[i]), 0);
		pc_sdes_text(&a, text);
		ck_assert_int_eq(pc_sdes_parse(&b, text), 0);
		ck_assert_uint_eq(b.tag, 7);
		ck_assert_int_eq(b.profile, profiles[i]);
		ck_assert_mem_eq(a.key, b.key, sizeof(a.key));
		pad = strchr(text, '=');
		if (pad)
			*pad = '\0';
		ck_assert_int_eq(pc_sdes_parse(&b, text), 0);
		ck_assert_mem_eq(a.key, b.key, sizeof(a.key));
	}
}
END_TEST

START_TEST(test_choice)
{
	struct pc_sdes_list mine = { .n = 2 }, theirs = { .n = 2 };
	struct pc_srtp_keys keys;

	pc_sdes_new(&mine.line[0], 1, PC_SRTP_AEAD_AES_128_GCM);
	pc_sdes_new(&mine.line[1], 2, PC_SRTP_AES128_CM_SHA1_80);
	pc_sdes_new(&theirs.line[0], 1, PC_SRTP_AES128_CM_SHA1_80);
	pc_sdes_new(&theirs.line[1], 3, PC_SRTP_AEAD_AES_128_GCM);
	/* the same suites, but no line that is of one tag and suite */
	ck_assert_int_eq(pc_sdes_choose(&mine, &theirs, &keys), -ENOENT);
	theirs.line[0].tag = 2;
	ck_assert_int_eq(pc_sdes_choose(&mine, &theirs, &keys), 0);
	ck_assert_int_eq(keys.profile, PC_SRTP_AES128_CM_SHA1_80);
	ck_assert_mem_eq(keys.in, theirs.line[0].key, 30);
	ck_assert_mem_eq(keys.out, mine.line[1].key, 30);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("SDES");
	TCase *t = tcase_create("sdes");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_rfc4568);
	tcase_add_test(t, test_mki_and_lifetime);
	tcase_add_test(t, test_refused);
	tcase_add_test(t, test_round_trip);
	tcase_add_test(t, test_choice);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
