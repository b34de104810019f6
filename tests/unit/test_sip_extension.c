/* libcommon/sip/extension: option tags, RAck, Session-Expires. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/extension.h"

static osip_message_t *with(const char *headers)
{
	osip_message_t *m;
	const char *why;
	char text[1024];

	snprintf(text, sizeof(text),
		 "OPTIONS sip:b@b SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
		 "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\n"
		 "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n%s\r\n",
		 headers);
	pc_sip_init();
	ck_assert_int_eq(pc_sip_parse(&m, text, strlen(text), &why), 0);
	return m;
}

static bool lists(const char *headers, const char *header, const char *token)
{
	osip_message_t *m = with(headers);
	bool is = pc_sip_lists(m, header, token);

	osip_message_free(m);
	return is;
}

START_TEST(tokens)
{
	ck_assert(lists("Supported: timer,100rel\r\n", "Supported", "100rel"));
	ck_assert(lists("Supported: timer\r\nSupported: 100REL\r\n",
			"Supported", "100rel"));
	ck_assert(lists("k: timer , 100rel\r\n", "Supported", "100rel"));
	ck_assert(!lists("k: 100rel\r\n", "Require", "100rel"));
	ck_assert(!lists("Supported: 100relx, x100rel\r\n", "Supported",
			 "100rel"));
	ck_assert(!lists("", "Supported", "100rel"));
	ck_assert(!lists("Supported: \r\n", "Supported", "100rel"));
	ck_assert(lists("Allow: INVITE\r\nAllow: BYE, UPDATE\r\n", "Allow",
			"UPDATE"));
}
END_TEST

/* 8.2.2.3: Unsupported names those that are not known, and no others. */
START_TEST(unsupported)
{
	osip_message_t *m = with("Require: 100rel, foo\r\nRequire: bar\r\n");
	char *text = pc_sip_unsupported(m, "timer, 100rel");

	ck_assert_str_eq(text, "foo, bar");
	free(text);
	text = pc_sip_unsupported(m, NULL);
	ck_assert_str_eq(text, "100rel, foo, bar");
	free(text);
	ck_assert_ptr_null(pc_sip_unsupported(m, "bar, foo, 100REL"));
	osip_message_free(m);
	m = with("");
	ck_assert_ptr_null(pc_sip_unsupported(m, NULL));
	osip_message_free(m);
}
END_TEST

static int rack(const char *headers, struct pc_sip_rack *out)
{
	osip_message_t *m = with(headers);
	int rc = pc_sip_rack(m, out);

	osip_message_free(m);
	return rc;
}

/* RFC 3262 section 7.2's own example, and what is none. */
START_TEST(racks)
{
	struct pc_sip_rack r;

	ck_assert_int_eq(rack("RAck: 776656 1 INVITE\r\n", &r), 0);
	ck_assert_uint_eq(r.rseq, 776656);
	ck_assert_uint_eq(r.cseq, 1);
	ck_assert_str_eq(r.method, "INVITE");
	ck_assert_int_eq(rack("", &r), -ENOENT);
	ck_assert_int_eq(rack("RAck: 1 INVITE\r\n", &r), -EBADMSG);
	ck_assert_int_eq(rack("RAck: 1 1\r\n", &r), -EBADMSG);
	ck_assert_int_eq(rack("RAck: 1 1 AVERYLONGMETHODNAME\r\n", &r),
			 -EBADMSG);
	ck_assert_int_eq(rack("RAck: 4294967296 1 INVITE\r\n", &r), -EBADMSG);
	ck_assert_int_eq(rack("RAck: -1 1 INVITE\r\n", &r), -EBADMSG);
}
END_TEST

static int expires(const char *headers, uint32_t *seconds,
		   enum pc_sip_refresher *who)
{
	osip_message_t *m = with(headers);
	int rc = pc_sip_session_expires(m, seconds, who);

	osip_message_free(m);
	return rc;
}

START_TEST(session_expires)
{
	enum pc_sip_refresher who;
	uint32_t s;

	ck_assert_int_eq(expires("Session-Expires: 4000\r\n", &s, &who), 0);
	ck_assert_uint_eq(s, 4000);
	ck_assert_int_eq(who, PC_SIP_REFRESHER_NONE);
	ck_assert_int_eq(expires("x: 90;refresher=uac\r\n", &s, &who), 0);
	ck_assert_int_eq(who, PC_SIP_REFRESHER_UAC);
	ck_assert_int_eq(
		expires("Session-Expires: 90 ; Refresher = UAS\r\n", &s, &who),
		0);
	ck_assert_int_eq(who, PC_SIP_REFRESHER_UAS);
	ck_assert_int_eq(expires("Session-Expires: soon\r\n", &s, &who),
			 -EBADMSG);
	ck_assert_int_eq(expires("Session-Expires: 99999999999\r\n", &s, &who),
			 -EBADMSG);
	ck_assert_int_eq(expires("Session-Expires: 12x\r\n", &s, &who),
			 -EBADMSG);
	ck_assert_int_eq(expires("", &s, &who), -ENOENT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_extension");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, tokens);
	tcase_add_test(tc, unsupported);
	tcase_add_test(tc, racks);
	tcase_add_test(tc, session_expires);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
