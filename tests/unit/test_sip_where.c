/* libcommon/sip/where: what a person writes, and where that leads. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/where.h"

/* clang-format off */
static const struct {
	const char *text, *uri; /* uri NULL: it is refused, and said: */
	const char *why;
} meant[] = {
	{ "sip:bob@pbx.example", "sip:bob@pbx.example", NULL },
	{ "SIPS:bob@pbx.example", "SIPS:bob@pbx.example", NULL },
	{ "sip:pbx.example", "sip:pbx.example", NULL },
	{ "localhost", "sip:localhost", NULL },
	{ "localhost:5070", "sip:localhost:5070", NULL },
	{ "127.0.0.1:5070;transport=tcp",
	  "sip:127.0.0.1:5070;transport=tcp", NULL },
	{ "bob@localhost:5070", "sip:bob@localhost:5070", NULL },
	{ "+4930@pbx.example", "sip:+4930@pbx.example", NULL },
	{ "[::1]:5070", "sip:[::1]:5070", NULL },
	{ "bob@[::1]", "sip:bob@[::1]", NULL },
	{ "::1", "sip:[::1]", NULL },
	{ "2001:db8::5070", "sip:[2001:db8::5070]", NULL },
	{ "tel.example:5070", "sip:tel.example:5070", NULL },
	{ "", NULL, "no host" },
	{ "sip:", NULL, "no host" },
	{ "sip:bob@", NULL, "no host" },
	{ ":5070", NULL, "no host" },
	{ "@pbx", NULL, "no user" },
	{ "sip:[::1", NULL, "[ without ]" },
	{ "tel:+4930", NULL, "'tel:' is neither" },
	{ "tel:110", NULL, "'tel:' is neither" },
	{ "http://pbx/", NULL, "'http:' is neither" },
	{ "mailto:bob@pbx", NULL, "'mailto:' is neither" },
	{ "localhost:5070:1", NULL, "'localhost:' is neither" },
	{ "sip://bob@pbx", NULL, "no //" },
	{ "110", NULL, "sip:NUMBER@HOST" },
	{ "sip:+4930", NULL, "sip:NUMBER@HOST" },
	{ "<sip:bob@pbx>", NULL, "alone" },
	{ "sip:bob@pbx\r\nX: y", NULL, "no blanks" },
};
/* clang-format on */

START_TEST(a_uri_is_made_of_what_was_meant)
{
	char why[PC_SIP_WHY_MAX] = "", *uri = NULL;
	int rc = pc_sip_where_uri(&uri, meant[_i].text, why);

	if (meant[_i].uri) {
		ck_assert_int_eq(rc, 0);
		ck_assert_str_eq(uri, meant[_i].uri);
		free(uri);
	} else {
		ck_assert_int_eq(rc, -EINVAL);
		ck_assert_ptr_null(uri);
		ck_assert_ptr_nonnull(strstr(why, meant[_i].why));
	}
}
END_TEST

/* What is told of a scheme stays within its bounds, however long that is. */
START_TEST(a_long_scheme)
{
	char why[PC_SIP_WHY_MAX], text[600], *uri = NULL;

	memset(text, 'x', sizeof text - 1);
	text[500] = ':';
	text[sizeof text - 1] = '\0';
	ck_assert_int_eq(pc_sip_where_uri(&uri, text, why), -EINVAL);
	ck_assert_uint_eq(strlen(why), sizeof why - 1);
}
END_TEST

START_TEST(where_it_leads)
{
	struct pc_sip_where w;

	ck_assert_int_eq(pc_sip_where_parse(&w, "sips:bob@pbx.example"), 0);
	ck_assert_str_eq(w.host, "pbx.example");
	ck_assert(w.secure && w.any && w.port == 0);
	ck_assert_int_eq(pc_sip_where_parse(&w, "[::1]:5070"), 0);
	ck_assert_str_eq(w.host, "::1");
	ck_assert_uint_eq(w.port, 5070);
	ck_assert_int_eq(pc_sip_where_parse(&w, "sip:a;transport=tcp"), 0);
	ck_assert(!w.any && w.kind == PC_SIP_TCP);
	ck_assert_int_eq(pc_sip_where_parse(&w, "sip:a:0"), -ERANGE);
	ck_assert_int_eq(pc_sip_where_parse(&w, "pbx:65536"), -ERANGE);
	ck_assert_int_eq(pc_sip_where_parse(&w, "sip:a;transport=x"),
			 -EPROTONOSUPPORT);
	ck_assert_int_eq(pc_sip_where_parse(&w, "sips:a;transport=udp"),
			 -EPROTONOSUPPORT);
	ck_assert_int_eq(pc_sip_where_parse(&w, "sip:"), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip where");
	TCase *tc = tcase_create("where");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, a_uri_is_made_of_what_was_meant, 0,
			    sizeof(meant) / sizeof(*meant));
	tcase_add_test(tc, a_long_scheme);
	tcase_add_test(tc, where_it_leads);
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
