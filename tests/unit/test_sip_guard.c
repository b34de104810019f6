/* libcommon/sip/guard: what is SIP, letter by letter, and what it is told. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/guard.h"

#define VIA  "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"
#define ENDS "From: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\n"
#define REST "Call-ID: c\r\nCSeq: 1 OPTIONS\r\n"

static struct pc_sip_span span(const char *text)
{
	return (struct pc_sip_span){ text, strlen(text) };
}

/* 25.1, and what the field sends that is not in it. */
START_TEST(addresses)
{
	static const char *const good[] = {
		"sip:a@b",
		"<sip:a@b>",
		"<sip:a@b>;tag=1;x;y=\"; ,\" ; z = [2001:db8::1]",
		"\"A \\\" <x>, B\" <sip:a@b;lr?x=y>",
		"A B C<sip:a@b>",
		"M\xc3\xbcller (home) <sip:a@b>",
		"\r\n <tel:+1;phone-context=x>",
		"<urn:service:sos>",
		"sip:a;b=%40c@d;tag=1",
		"<SIP:a:b@[2001:db8::1]:5060;lr;x=y?z=1>",
	};
	static const char *const bad[] = {
		"",
		"<>",
		"<a@b>",
		"< sip:a@b>",
		"<sip:a@b >",
		"<sip:a@b",
		"\"A <sip:a@b>",
		"\"A\" sip:a@b",
		"\"A\\",
		"A, B <sip:a@b>",
		"<sip:a@b>;",
		"<sip:a@b>;;x",
		"<sip:a@b>;x=",
		"<sip:a@b>;x=\"y",
		"<sip:a@b> x",
		"<sip:a%4@b>",
		"<sipx:a@b>",
		"<sip:@b>",
		"<sip:a@>",
		"<sip:a@b:>",
		"<sip:a@b:65536>",
		"<sip:a@[::1>",
		"<sip:a@b;>",
		"<sip:a@b;;lr>",
		"<sip:a@b;x=>",
		"<sip:a@b/c>",
		"<sip:a%zz@b>",
		"<sip:a\x01@b>",
		"sip:a@b?x=y",
		"<sip:a@b>, <sip:c@d>",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(!pc_sip_guard_address(span(good[i]), false),
			      "%s: %s", good[i],
			      pc_sip_guard_address(span(good[i]), false));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(pc_sip_guard_address(span(bad[i]), false) != NULL,
			      "%s", bad[i]);
	ck_assert_ptr_null(
		pc_sip_guard_address(span("<sip:a@b>, sip:c@d;q=1"), true));
	ck_assert_ptr_nonnull(pc_sip_guard_address(span("<sip:a@b>,"), true));
}
END_TEST

START_TEST(vias)
{
	static const char *const good[] = {
		"SIP/2.0/UDP h",
		"SIP / 2.0 / TCP  [2001:db8::1] : 5060 ;branch=1;rport",
		"SIP/2.0/UDP a;x,SIP/2.0/UNKNOWN b_c.d:1;y=\"z\"",
		"SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks",
	};
	static const char *const bad[] = {
		"",
		"SIP/2.0",
		"SIP/2.0/UDP",
		"SIP/2.0/UDP ;branch=1",
		"SIP/2.0/UDP h;;",
		"SIP/2.0/UDP h:",
		"SIP/2.0/UDP h:65536",
		"SIP/2.0/UDP h:x",
		"SIP/2.0/UDP h,",
		"SIP/2.0/UDP h h",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(!pc_sip_guard_via(span(good[i])), "%s: %s",
			      good[i], pc_sip_guard_via(span(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(pc_sip_guard_via(span(bad[i])) != NULL, "%s",
			      bad[i]);
}
END_TEST

static const struct {
	const char *text;
	int status; /* 0: good; -1: dropped */
	const char *why;
} messages[] = {
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "\r\n", 0, NULL },
	{ "OPTIONS tel:1 SIP/2.0\r\n" VIA ENDS REST "\r\n", 0, NULL },
	{ "OPTIONS sip:a?b@c SIP/2.0\r\n" VIA ENDS REST "\r\n", 0, NULL },
	{ "SIP/2.0 200 OK\r\n" VIA ENDS REST "\r\n", 0, NULL },
	{ "SIP/2.0 200 \r\n" VIA ENDS REST "l: 3\r\n\r\nabcd", 0, NULL },
	{ "hello", -1, "not SIP" },
	{ "OPTIONS sip:b SIP/2.0\r\n" ENDS REST "\r\n", -1, "no Via" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST, 400, "no end of headers" },
	{ "ACK sip:b SIP/2.0\r\n" VIA ENDS REST "\r\n", -1,
	  "CSeq names another method" },
	{ "SIP/2.0 200 OK\r\n" VIA VIA ENDS REST "\r\n", -1,
	  "a response with more than one Via" },
	{ "SIP/2.0 4294967301 OK\r\n" VIA ENDS REST "\r\n", -1, "not SIP" },
	{ "OPTIONS  sip:b SIP/2.0\r\n" VIA ENDS REST "\r\n", 400,
	  "a broken request line" },
	{ "OPTIONS sip:b SIP/3.0\r\n" VIA ENDS REST "\r\n", 505,
	  "another version of SIP" },
	{ "OPTIONS x:b SIP/2.0\r\n" VIA ENDS REST "\r\n", 416,
	  "an unknown scheme" },
	{ "OPTIONS sip:b?x=y SIP/2.0\r\n" VIA ENDS REST "\r\n", 400,
	  "headers in the Request-URI" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS "f: sip:c\r\n" REST "\r\n", 400,
	  "more than one From" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "l: 1\r\n\r\n", 400,
	  "shorter than its Content-Length" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "l: -1\r\n\r\n", 400,
	  "a wrong Content-Length" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "m: *\r\n\r\n", 0, NULL },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "m: x\r\n\r\n", 400,
	  "not a URI" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "Max-Forwards: 256\r\n\r\n",
	  400, "a Max-Forwards that is not from 0 to 255" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST
	  "c: multipart/mixed;boundary=q\r\n\r\n--q\r\nc: a/b\r\n\r\n"
	  "Content-Type: c/d\r\n--q\r\nContent-Type: e/f\r\n\r\n--q--",
	  0, NULL },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST
	  "c: multipart/mixed;boundary=q\r\n\r\n--q\r\nc: a/b\r\n"
	  "Content-Type: c/d\r\n\r\n--q--",
	  400, "more than one Content-Type of a part" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA "To: <sip:a>\r\n" REST "\r\n", 400,
	  "no From" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS
	  "Call-ID: c\r\nCSeq: 2147483648 OPTIONS\r\n\r\n",
	  400, "a CSeq that is no number below 2**31" },
	{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS
	  "Call-ID: c\r\nCSeq: 2147483647 OPTIONS\r\n\r\n",
	  0, NULL },
};

START_TEST(whole_messages)
{
	struct pc_sip_verdict v;
	struct pc_buf out = { 0 };
	char first[64];

	pc_sip_guard(&v, messages[_i].text, strlen(messages[_i].text));
	ck_assert_msg(v.good == (messages[_i].status == 0), "%s: %s",
		      messages[_i].text, v.why);
	ck_assert_int_eq(v.status,
			 messages[_i].status > 0 ? messages[_i].status : 0);
	if (messages[_i].why)
		ck_assert_str_eq(v.why, messages[_i].why);
	if (!v.status)
		return;
	pc_sip_guard_refusal(&out, &v, messages[_i].text,
			     strlen(messages[_i].text));
	snprintf(first, sizeof(first), "SIP/2.0 %d ", v.status);
	ck_assert_int_eq(strncmp(out.data, first, strlen(first)), 0);
	ck_assert_ptr_nonnull(strstr(out.data, v.why));
	ck_assert_int_eq(pc_sip_text_frame(out.data, out.len, 65535),
			 (ssize_t)out.len);
	pc_buf_fini(&out);
}
END_TEST

/* A NUL in a quoted pair is SIP; whoever asks for more than 501 gets 400. */
START_TEST(a_nul)
{
	static const char unknown[] =
		"FOO sip:b SIP/2.0\r\n" VIA "From: \"\\\0\" <sip:a>;tag=1\r\n"
		"To: <sip:b@b>\r\n"
		"Call-ID: c\r\nCSeq: 1 FOO\r\n\r\n";
	static const char known[] = "OPTIONS sip:b SIP/2.0\r\n" VIA
				    "From: \"\\\0\" <sip:a>;tag=1\r\n"
				    "To: <sip:b@b>\r\n" REST "\r\n";
	struct pc_sip_verdict v;
	struct pc_buf out = { 0 };

	pc_sip_guard(&v, unknown, sizeof(unknown) - 1);
	ck_assert_int_eq(v.status, 501);
	pc_sip_guard_refusal(&out, &v, unknown, sizeof(unknown) - 1);
	ck_assert_ptr_nonnull(
		memmem(out.data, out.len, "\"\\\0\" <sip:a>", 12));
	pc_buf_fini(&out);
	pc_sip_guard(&v, known, sizeof(known) - 1);
	ck_assert_int_eq(v.status, 400);
}
END_TEST

/* 8.2.7: what keeps no state gives the same tag to the same request. */
START_TEST(the_same_tag)
{
	static const char text[] =
		"OPTIONS x:b SIP/2.0\r\n" VIA ENDS REST "\r\n";
	struct pc_buf a = { 0 }, b = { 0 };
	struct pc_sip_verdict v;

	pc_sip_guard(&v, text, sizeof(text) - 1);
	pc_sip_guard_refusal(&a, &v, text, sizeof(text) - 1);
	pc_sip_guard_refusal(&b, &v, text, sizeof(text) - 1);
	ck_assert_str_eq(a.data, b.data);
	pc_buf_fini(&a);
	pc_buf_fini(&b);
}
END_TEST

START_TEST(streams)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 0 },
		{ "OPTIONS sip:b SIP/7.0\r\n", 0 }, /* its Via is not there */
		{ "OPTIONS sip:b SIP/7.0\r\n" VIA ENDS REST "\r\n", 505 },
		{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "\r\n", 400 },
		{ "OPTIONS sip:b SIP/2.0\r\n" VIA ENDS REST "l: -1\r\n\r\n",
		  400 },
	};
	struct pc_sip_verdict v;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		pc_sip_guard_stream(&v, cases[i].text, strlen(cases[i].text));
		ck_assert(!v.good);
		ck_assert_int_eq(v.status, cases[i].status);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_guard");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, addresses);
	tcase_add_test(tc, vias);
	tcase_add_loop_test(tc, whole_messages, 0,
			    sizeof(messages) / sizeof(*messages));
	tcase_add_test(tc, a_nul);
	tcase_add_test(tc, the_same_tag);
	tcase_add_test(tc, streams);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
