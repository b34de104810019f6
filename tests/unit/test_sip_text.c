/* libcommon/sip/text: SIP as text, cut, marked and answered. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/text.h"

/* RFC 3261 24.2, F1 of the session: as in the RFC, with one more Via. */
static const char invite[] =
	"INVITE sip:bob@biloxi.example.com SIP/2.0\r\n"
	"Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8\r\n"
	"v: SIP/2.0/UDP [2001:db8::9]:5070 ;branch=z9hG4bK2\r\n"
	"Max-Forwards: 70\r\n"
	"To: Bob <sip:bob@biloxi.example.com>\r\n"
	"From: \"Alice, \\\"A\\\" <x>\" <sip:alice@atlanta.example.com;a=b>\r\n"
	" ;tag=1928301774\r\n"
	"Call-ID: a84b4c76e66710\r\n"
	"CSeq: 314159 INVITE\r\n"
	"m: <sip:alice@pc33.atlanta.example.com>, <sip:2@x;x=\"y,z\">;q=0.1\r\n"
	"l: 4\r\n"
	"\r\n"
	"v=0\n";

#define GET(name) pc_sip_text_get(invite, sizeof invite - 1, name)
#define is(span, text)                                                         \
	ck_assert_msg(pc_sip_span_is(span, text), "%.*s is not %s",            \
		      (int)(span).len, (span).p, text)

START_TEST(start_lines)
{
	static const char *const bad[] = {
		"",
		"INVITE",
		"INVITE sip:x",
		"INVITE sip:x SIP/3.0",
		"INVITE  SIP/2.0",
		" INVITE sip:x SIP/2.0",
		"INV\"ITE sip:x SIP/2.0",
		"INVITE sip:x y SIP/2.0",
		"SIP/2.0 20 OK",
		"SIP/2.0 2000 OK",
		"SIP/2.0 099 OK",
		"SIP/2.0 799 OK",
		"SIP/2.0 2x0 OK",
		"GET / HTTP/1.1",
	};
	struct pc_sip_start s;

	ck_assert_int_eq(pc_sip_text_start(&s, invite, sizeof invite - 1), 0);
	ck_assert_int_eq(s.status, 0);
	is(s.method, "INVITE");
	is(s.uri, "sip:bob@biloxi.example.com");
	ck_assert_int_eq(pc_sip_text_start(&s, "SIP/2.0 180 Ringing\r\n", 21),
			 0);
	ck_assert_int_eq(s.status, 180);
	is(s.reason, "Ringing");
	ck_assert_int_eq(pc_sip_text_start(&s, "SIP/2.0 200", 11), 0);
	ck_assert_uint_eq(s.reason.len, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(pc_sip_text_start(&s, bad[i], strlen(bad[i])) ==
				      -EBADMSG,
			      "%s", bad[i]);
}
END_TEST

START_TEST(headers_by_long_and_compact_name)
{
	struct pc_sip_span v;
	size_t at = 0;

	is(GET("call-id"), "a84b4c76e66710");
	is(GET("Content-Length"), "4");
	ck_assert_ptr_null(GET("Subject").p);
	ck_assert_ptr_null(GET("v=0").p); /* the body has no headers */
	ck_assert(
		pc_sip_text_header(invite, sizeof invite - 1, "Via", &at, &v));
	ck_assert(
		pc_sip_text_header(invite, sizeof invite - 1, "Via", &at, &v));
	is(v, "SIP/2.0/UDP [2001:db8::9]:5070 ;branch=z9hG4bK2");
	ck_assert(
		!pc_sip_text_header(invite, sizeof invite - 1, "Via", &at, &v));
}
END_TEST

START_TEST(values_with_quotes_and_lists)
{
	struct pc_sip_span rest = GET("Contact"), one, param;

	ck_assert(pc_sip_text_param(GET("From"), "tag", &param));
	is(param, "1928301774");
	ck_assert(!pc_sip_text_param(GET("From"), "a", &param));
	is(pc_sip_text_uri(GET("From")), "sip:alice@atlanta.example.com;a=b");
	is(pc_sip_text_first(rest), "<sip:alice@pc33.atlanta.example.com>");
	ck_assert(pc_sip_text_next(&rest, &one));
	is(pc_sip_text_uri(one), "sip:alice@pc33.atlanta.example.com");
	ck_assert(pc_sip_text_next(&rest, &one));
	is(pc_sip_text_uri(one), "sip:2@x;x=\"y,z\"");
	ck_assert(pc_sip_text_param(one, "q", &param));
	is(param, "0.1");
	ck_assert(!pc_sip_text_next(&rest, &one));
	one = (struct pc_sip_span){ "sip:a@b;tag=1", 13 };
	is(pc_sip_text_uri(one), "sip:a@b");
}
END_TEST

START_TEST(frames)
{
	const size_t len = sizeof invite - 1;
	char two[2 * sizeof invite];

	ck_assert_int_eq(pc_sip_text_frame(invite, len, 65535), (ssize_t)len);
	for (size_t n = 0; n < len; n++)
		ck_assert_int_eq(pc_sip_text_frame(invite, n, 65535), 0);
	memcpy(two, invite, len);
	memcpy(two + len, invite, len);
	ck_assert_int_eq(pc_sip_text_frame(two, 2 * len, 65535), (ssize_t)len);
	ck_assert_int_eq(pc_sip_text_frame(invite, len, len - 1), -EMSGSIZE);
	is(pc_sip_text_body(invite, len), "v=0\n");
}
END_TEST

START_TEST(frames_that_are_none)
{
#define OPTIONS "OPTIONS sip:x SIP/2.0\r\n"
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
		{ "GET / HTTP/1.1\r\n", -EBADMSG },
		{ "\n", -EBADMSG },
		{ OPTIONS "\r\n", -EBADMSG },
		{ OPTIONS "Content-Length: \r\n\r\n", -EBADMSG },
		{ OPTIONS "Content-Length: -1\r\n\r\n", -EBADMSG },
		{ OPTIONS "Content-Length: 1x\r\n\r\n", -EBADMSG },
		{ OPTIONS "Content-Length: 4294967296\r\n\r\n", -EBADMSG },
		{ OPTIONS "Content-Length: 65535\r\n\r\n", -EMSGSIZE },
	};
	char endless[70000];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(pc_sip_text_frame(cases[i].text,
						strlen(cases[i].text),
						65535) == cases[i].rc,
			      "%s", cases[i].text);
	memset(endless, 'a', sizeof endless);
	for (size_t i = 0; OPTIONS[i]; i++)
		endless[i] = OPTIONS[i];
	ck_assert_int_eq(pc_sip_text_frame(endless, 60000, 65535), 0);
	ck_assert_int_eq(pc_sip_text_frame(endless, sizeof endless, 65535),
			 -EMSGSIZE);
}
END_TEST

static void mark(struct pc_buf *out, const char *via, const char *from)
{
	struct pc_buf in = { 0 };
	struct pc_addr addr;

	pc_addr_parse(&addr, from, 0);
	pc_buf_printf(&in, OPTIONS "Via: %s\r\nTo: x\r\n\r\n", via);
	pc_buf_clear(out);
	ck_assert_int_eq(pc_sip_text_received(out, in.data, in.len, &addr), 0);
	pc_buf_fini(&in);
}

/* RFC 3581 section 7, and what RFC 3261 18.2.1 asks for without rport. */
START_TEST(received_and_rport)
{
	static const struct {
		const char *via, *from, *result;
	} cases[] = {
		{ "SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff",
		  "192.0.2.1:9988",
		  "SIP/2.0/UDP 10.1.1.1:4540;branch=z9hG4bKkjshdyff"
		  ";received=192.0.2.1;rport=9988" },
		{ "SIP/2.0/UDP 192.0.2.1;branch=1", "192.0.2.1:9",
		  "SIP/2.0/UDP 192.0.2.1;branch=1" },
		{ "SIP/2.0/UDP 192.0.2.1:5060;rport;branch=1", "192.0.2.1:5060",
		  "SIP/2.0/UDP 192.0.2.1:5060;branch=1"
		  ";received=192.0.2.1;rport=5060" },
		{ "SIP / 2.0 / UDP  host.example ;branch=1, SIP/2.0/UDP b",
		  "192.0.2.1:9",
		  "SIP / 2.0 / UDP  host.example ;branch=1"
		  ";received=192.0.2.1, SIP/2.0/UDP b" },
		{ "SIP/2.0/TCP [2001:db8::1]:5060;branch=1",
		  "[2001:db8::1]:7777",
		  "SIP/2.0/TCP [2001:db8::1]:5060;branch=1" },
		{ "SIP/2.0/UDP a;received=6.6.6.6;rport=6;branch=1",
		  "192.0.2.1:9",
		  "SIP/2.0/UDP a;branch=1;received=192.0.2.1;rport=9" },
	};
	struct pc_buf out = { 0 };
	struct pc_addr addr;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		mark(&out, cases[i].via, cases[i].from);
		is(pc_sip_text_get(out.data, out.len, "Via"), cases[i].result);
		is(pc_sip_text_get(out.data, out.len, "To"), "x");
	}
	pc_addr_parse(&addr, "192.0.2.1:9", 0);
	ck_assert_int_eq(pc_sip_text_received(&out, OPTIONS "\r\n",
					      strlen(OPTIONS) + 2, &addr),
			 -EBADMSG);
	pc_buf_fini(&out);
}
END_TEST

START_TEST(where_responses_go)
{
	static const struct {
		const char *via;
		bool reliable;
		const char *back;
	} cases[] = {
		{ "SIP/2.0/UDP 10.0.0.1:4540;rport", false, "192.0.2.1:9988" },
		{ "SIP/2.0/UDP 10.0.0.1:4540", false, "192.0.2.1:4540" },
		{ "SIP/2.0/UDP host", false, "192.0.2.1:5060" },
		{ "SIP/2.0/UDP [::1]:4540", false, "192.0.2.1:4540" },
		{ "SIP/2.0/TCP 10.0.0.1:4540", true, "192.0.2.1:9988" },
	};
	char text[PC_ADDR_TEXT], message[200];
	struct pc_addr from, back;

	pc_addr_parse(&from, "192.0.2.1:9988", 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(message, sizeof message, OPTIONS "Via: %s\r\n\r\n",
			 cases[i].via);
		pc_sip_text_back(&back, message, strlen(message), &from,
				 cases[i].reliable);
		ck_assert_str_eq(pc_addr_text(&back, text), cases[i].back);
	}
}
END_TEST

START_TEST(replies)
{
	struct pc_buf out = { 0 };
	size_t at = 0;
	struct pc_sip_span v;

	pc_sip_text_reply(&out, invite, sizeof invite - 1, 480, "Gone", "t1",
			  "Retry-After: 5\r\n");
	ck_assert_int_eq(pc_sip_text_frame(out.data, out.len, 65535),
			 (ssize_t)out.len);
	ck_assert_int_eq(strncmp(out.data, "SIP/2.0 480 Gone\r\n", 18), 0);
	is(pc_sip_text_get(out.data, out.len, "To"),
	   "Bob <sip:bob@biloxi.example.com>;tag=t1");
	is(pc_sip_text_get(out.data, out.len, "CSeq"), "314159 INVITE");
	is(pc_sip_text_get(out.data, out.len, "Retry-After"), "5");
	for (int i = 0; i < 2; i++)
		ck_assert(
			pc_sip_text_header(out.data, out.len, "Via", &at, &v));
	pc_buf_clear(&out);
	pc_sip_text_reply(&out, invite, sizeof invite - 1, 100, "Trying", NULL,
			  NULL);
	is(pc_sip_text_get(out.data, out.len, "To"),
	   "Bob <sip:bob@biloxi.example.com>");
	pc_buf_fini(&out);
}
END_TEST

START_TEST(summaries)
{
	static const char response[] =
		"SIP/2.0 180 Ring\aing\r\nCSeq: 1 INVITE\r\n\r\n";
	struct pc_buf out = { 0 };

	pc_sip_text_summary(&out, invite, sizeof invite - 1);
	ck_assert_str_eq(out.data, "INVITE sip:bob@biloxi.example.com");
	pc_buf_clear(&out);
	pc_sip_text_summary(&out, response, sizeof response - 1);
	ck_assert_str_eq(out.data, "180 Ring\\x07ing (INVITE)");
	pc_buf_fini(&out);
}
END_TEST

/* Whatever is cut out of a message is read within its bounds (sanitizers). */
START_TEST(every_prefix_is_survived)
{
	struct pc_addr from;
	struct pc_sip_span v;

	pc_addr_parse(&from, "192.0.2.1:9", 0);
	for (size_t n = 0; n < sizeof invite; n++) {
		struct pc_buf out = { 0 };
		char *cut = malloc(n + 1);
		size_t at = 0;

		memcpy(cut, invite, n);
		cut[n] = '\0';
		pc_sip_text_received(&out, cut, n, &from);
		pc_sip_text_reply(&out, cut, n, 200, "OK", "t", NULL);
		pc_sip_text_summary(&out, cut, n);
		pc_sip_text_body(cut, n);
		while (pc_sip_text_header(cut, n, "From", &at, &v)) {
			pc_sip_text_param(v, "tag", &v);
			pc_sip_text_uri(v);
		}
		pc_buf_fini(&out);
		free(cut);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip text");
	TCase *tc = tcase_create("text");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_add_test(tc, start_lines);
	tcase_add_test(tc, headers_by_long_and_compact_name);
	tcase_add_test(tc, values_with_quotes_and_lists);
	tcase_add_test(tc, frames);
	tcase_add_test(tc, frames_that_are_none);
	tcase_add_test(tc, received_and_rport);
	tcase_add_test(tc, where_responses_go);
	tcase_add_test(tc, replies);
	tcase_add_test(tc, summaries);
	tcase_add_test(tc, every_prefix_is_survived);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
