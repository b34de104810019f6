/* libcommon/sip/headers: a user's headers out, those worth showing in. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "sip/headers.h"

static const char bye[] =
	"BYE sip:bob@pbx SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
	"From: <sip:a@b>;tag=1\r\n"
	"t: <sip:c@d>;tag=2\r\n"
	"Call-ID: 1\r\n"
	"CSeq: 2 BYE\r\n"
	"X-Folded: one\r\n two\r\n"
	"reason: Q.850 ;cause=17 ;text=\"User \\\"busy\\\"; really, so\",\r\n"
	"\tSIP;cause=486\r\n"
	"P-Asserted-Identity: \"Bob\" <sip:bob@pbx>\r\n"
	"P-Asserted-Identity: <tel:+15551234>\r\n"
	"Reason: x;cause=1\r\n"
	"Content-Length: 12\r\n"
	"\r\n"
	"X-Body: no\r\n";

/* RFC 3326 2. */
START_TEST(reason_in)
{
	static const char plain[] = "BYE sip:b SIP/2.0\r\nReason: SIP\r\n\r\n";
	static const char none[] =
		"BYE sip:b SIP/2.0\r\nReason: ;cause\r\n\r\n";
	struct pc_sip_reason r;

	ck_assert(pc_sip_reason_of(&r, bye, sizeof(bye) - 1));
	ck_assert_str_eq(r.protocol, "Q.850");
	ck_assert_int_eq(r.cause, 17);
	ck_assert_str_eq(r.text, "User \"busy\"; really, so");
	ck_assert(pc_sip_reason_of(&r, plain, sizeof(plain) - 1));
	ck_assert_str_eq(r.protocol, "SIP");
	ck_assert_int_eq(r.cause, 0);
	ck_assert(!pc_sip_reason_of(&r, none, sizeof(none) - 1));
}
END_TEST

START_TEST(reason_out)
{
	static const char *const bad[] = { "",
					   "99",
					   "786",
					   "Normal",
					   "Q.850",
					   "Q.850;cause=0",
					   "SIP;cause=486\r\nX: y",
					   "SIP;cause=200;text=\"open",
					   "Q 850;cause=16" };
	char value[64];

	ck_assert_int_eq(pc_sip_reason_make(value, sizeof(value), "486"), 0);
	ck_assert_str_eq(value, "SIP;cause=486;text=\"Busy Here\"");
	ck_assert_int_eq(
		pc_sip_reason_make(value, sizeof(value), "Q.850;cause=16"), 0);
	ck_assert_str_eq(value, "Q.850;cause=16");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(pc_sip_reason_make(value, sizeof(value),
						 bad[i]) == -EINVAL,
			      "%s", bad[i]);
	ck_assert_int_eq(pc_sip_reason_make(value, 10, "486"), -ENAMETOOLONG);
}
END_TEST

START_TEST(shown)
{
	const char *more[] = { "X-Folded", "X-Body", "CSeq" };
	json_t *o = pc_sip_headers(bye, sizeof(bye) - 1, more, 3);

	ck_assert_str_eq(pc_json_str(o, "X-Folded"), "one two");
	ck_assert_str_eq(pc_json_str(o, "P-Asserted-Identity"),
			 "\"Bob\" <sip:bob@pbx>, <tel:+15551234>");
	ck_assert_str_eq(pc_json_str(o, "CSeq"), "2 BYE");
	ck_assert_ptr_null(pc_json_str(o, "X-Body"));
	ck_assert_ptr_null(pc_json_str(o, "Diversion"));
	json_decref(o);
	ck_assert_ptr_null(
		pc_sip_headers("BYE sip:b SIP/2.0\r\n\r\n", 21, NULL, 0));
}
END_TEST

static void count(void *arg, const char *name, const char *value, size_t len)
{
	json_object_set_new(arg, name, pc_json_text(value, len));
}

START_TEST(each)
{
	json_t *o = json_object();

	pc_sip_headers_each(bye, sizeof(bye) - 1, count, o);
	ck_assert_uint_eq(json_object_size(o), 3);
	ck_assert_str_eq(pc_json_str(o, "X-Folded"), "one two");
	ck_assert(strstr(pc_json_str(o, "Reason"), "SIP;cause=486, x;cause=1"));
	json_decref(o);
}
END_TEST

START_TEST(user_lines)
{
	static const char *const good[] = { "X-A: b", "X-A:b", "Subject: \"q",
					    "P-Asserted-Identity : <sip:a@b>",
					    "X-Empty:" };
	static const char *const bad[] = { "",
					   "X-A",
					   ": b",
					   "X A: b",
					   "X: a\r\nVia: b",
					   "via: x",
					   "l: 3",
					   "CONTENT-LENGTH: 3",
					   "X\x7f: a",
					   "Content-Type : a/b" };
	const char *why;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(pc_sip_header_valid(good[i], &why), "%s: %s",
			      good[i], why);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!pc_sip_header_valid(bad[i], &why), "%s", bad[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip_headers");
	TCase *t = tcase_create("all");
	SRunner *r;
	int failed;

	tcase_add_test(t, reason_in);
	tcase_add_test(t, reason_out);
	tcase_add_test(t, shown);
	tcase_add_test(t, each);
	tcase_add_test(t, user_lines);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
