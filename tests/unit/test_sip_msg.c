/* libcommon/sip/msg: what is read from messages and what is built of them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/msg.h"

#define TOP "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKx;rport\r\n"
#define ENDS                                                                   \
	"From: \"A\" <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>\r\n"     \
	"Call-ID: c1\r\n"

static osip_message_t *parse(const char *text, int want)
{
	osip_message_t *m;
	const char *why = NULL;
	int rc;

	pc_sip_init();
	rc = pc_sip_parse(&m, text, strlen(text), &why);
	ck_assert_msg(rc == want, "%d (%s) for %s", rc, why, text);
	ck_assert_int_eq(rc == 0, why == NULL);
	return m;
}

START_TEST(whole)
{
	osip_message_t *m = parse("INVITE sip:b@b.example SIP/2.0\r\n" TOP ENDS
				  "CSeq: 17 INVITE\r\nX-A: one\r\nx-a: two\r\n"
				  "Content-Length: 0\r\n\r\n",
				  0);
	char text[64];

	ck_assert_str_eq(pc_sip_tag(m->from), "1");
	ck_assert_str_eq(pc_sip_tag(m->to), "");
	ck_assert_str_eq(pc_sip_branch(m), "z9hG4bKx");
	ck_assert_uint_eq(pc_sip_cseq(m), 17);
	ck_assert_str_eq(pc_sip_header(m, "X-a", 0), "one");
	ck_assert_str_eq(pc_sip_header(m, "X-A", 1), "two");
	ck_assert_ptr_null(pc_sip_header(m, "X-A", 2));
	ck_assert_str_eq(pc_sip_summary(m, text, sizeof(text)),
			 "INVITE sip:b@b.example");
	ck_assert_str_eq(pc_sip_summary(m, text, 10), "INVITE si");
	osip_message_free(m);
}
END_TEST

/* osip2 takes an address of less than seven characters for none. */
START_TEST(short_addresses)
{
	osip_message_t *m = parse("OPTIONS sip:x SIP/2.0\r\n" TOP
				  "From: \"<sip:q>\" <sip:y>;tag=1\r\n"
				  "To: \"a <b\" <SIP:x>\r\nCall-ID: c1\r\n"
				  "CSeq: 1 OPTIONS\r\nContact: <sip:z>\r\n"
				  "Content-Type: text/plain\r\n"
				  "Content-Length: 7\r\n\r\n<sip:x>",
				  0);
	osip_message_t *answer;
	osip_body_t *body = osip_list_get(&m->bodies, 0);
	size_t len;
	char *text;

	ck_assert_str_eq(m->to->url->host, "x");
	ck_assert_uint_eq(body->length, 7);
	ck_assert_str_eq(body->body, "<sip:x>");
	ck_assert_int_eq(pc_sip_response_new(&answer, m, 200, NULL, "t"), 0);
	text = pc_sip_text(answer, &len);
	ck_assert_ptr_nonnull(strstr(text, " <sip:y>;tag=1\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "To: \"a <b\" <SIP:x>;tag=t\r\n"));
	osip_free(text);
	osip_message_free(answer);
	text = pc_sip_text(m, &len);
	ck_assert_ptr_nonnull(strstr(text, "Contact: <sip:z>\r\n"));
	osip_free(text);
	osip_message_free(m);
}
END_TEST

START_TEST(broken)
{
	static const char *const bad[] = {
		"",
		"\r\n\r\n",
		"INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n\r\n",
		/* no Via; no From; no To; no Call-ID; no CSeq */
		"INVITE sip:b@b SIP/2.0\r\n" ENDS "CSeq: 1 INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP
		"To: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP
		"From: <sip:b@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP
		"From: <sip:b@b>\r\nTo: <sip:b@b>\r\nCSeq: 1 INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP ENDS "\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP ENDS "CSeq: INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP ENDS "CSeq: 1\r\n\r\n",
		/* 8.1.1.5: below 2**31 */
		"INVITE sip:b@b SIP/2.0\r\n" TOP ENDS
		"CSeq: 2147483648 INVITE\r\n\r\n",
		"INVITE sip:b@b SIP/2.0\r\n" TOP ENDS "CSeq: -1 INVITE\r\n\r\n",
		"SIP/2.0 99 Low\r\n" TOP ENDS "CSeq: 1 INVITE\r\n\r\n",
		"SIP/2.0 700 High\r\n" TOP ENDS "CSeq: 1 INVITE\r\n\r\n",
		"SIP/2.0 4294967501 Huge\r\n" TOP ENDS "CSeq: 1 INVITE\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_ptr_null(parse(bad[i], -EINVAL));
}
END_TEST

START_TEST(nul_in_headers)
{
	static const char text[] = "INVITE sip:b@b SIP/2.0\r\n" TOP ENDS
				   "CSeq: 1 INVITE\r\nX: \0\r\n\r\n";
	osip_message_t *m;
	const char *why;

	ck_assert_int_eq(pc_sip_parse(&m, text, sizeof(text) - 1, &why),
			 -EINVAL);
	ck_assert_ptr_null(m);
}
END_TEST

START_TEST(another_method)
{
	osip_message_t *m = parse("INVITE sip:b@b SIP/2.0\r\n" TOP ENDS
				  "CSeq: 1 OPTIONS\r\n\r\n",
				  -EBADMSG);

	ck_assert_ptr_nonnull(m);
	osip_message_free(m);
}
END_TEST

START_TEST(bodies)
{
	osip_message_t *m =
		parse("INVITE sip:b@b SIP/2.0\r\n" TOP ENDS
		      "CSeq: 1 INVITE\r\nContent-Type: Application/SDP\r\n"
		      "Content-Length: 5\r\n\r\nv=0\r\n",
		      0);
	const char *body;
	size_t len;

	body = pc_sip_body(m, "application/sdp", &len);
	ck_assert_ptr_nonnull(body);
	ck_assert_uint_eq(len, 5);
	ck_assert_ptr_null(pc_sip_body(m, "application/sd", &len));
	ck_assert_ptr_null(pc_sip_body(m, "application/sdpx", &len));
	osip_message_free(m);
}
END_TEST

START_TEST(multipart)
{
	osip_message_t *m =
		parse("INVITE sip:b@b SIP/2.0\r\n" TOP ENDS "CSeq: 1 INVITE\r\n"
		      "Content-Type: multipart/mixed; boundary=q\r\n"
		      "Content-Length: 103\r\n\r\n"
		      "--q\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
		      "--q\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
		      "--q--\r\n     ",
		      0);
	const char *body;
	size_t len;

	body = pc_sip_body(m, "application/sdp", &len);
	ck_assert_ptr_nonnull(body);
	ck_assert(len >= 3 && strncmp(body, "v=0", 3) == 0);
	osip_message_free(m);
}
END_TEST

START_TEST(requests)
{
	struct pc_sip_request req = { .method = "REGISTER",
				      .uri = "sip:pbx.example",
				      .from = "\"A\" <sip:a@pbx.example>;tag=x",
				      .to = "<sip:a@pbx.example>",
				      .call_id = "id@host",
				      .cseq = 7,
				      .contact = "<sip:a@192.0.2.1:5070>" };
	osip_message_t *m;
	char *text;
	size_t len;

	pc_sip_init();
	ck_assert_int_eq(pc_sip_request_new(&m, &req), 0);
	ck_assert_int_eq(pc_sip_add(m, "Expires", "60"), 0);
	text = pc_sip_text(m, &len);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(
		strncmp(text, "REGISTER sip:pbx.example SIP/2.0\r\n", 34), 0);
	ck_assert_ptr_nonnull(strstr(text, "\r\nMax-Forwards: 70\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nCSeq: 7 REGISTER\r\n"));
	ck_assert_ptr_nonnull(strstr(text, "\r\nExpires: 60\r\n"));
	osip_free(text);
	osip_message_free(m);
	req.uri = "nonsense";
	ck_assert_int_eq(pc_sip_request_new(&m, &req), -EINVAL);
	req.uri = "sip:pbx.example";
	req.from = "<";
	ck_assert_int_eq(pc_sip_request_new(&m, &req), -EINVAL);
}
END_TEST

/* 8.2.6.2, 12.1.1: what goes back as it came. */
START_TEST(responses)
{
	osip_message_t *m, *r;
	char *text;
	size_t len;

	m = parse("INVITE sip:b@b SIP/2.0\r\n" TOP
		  "Via: SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKy\r\n"
		  "Record-Route: <sip:p2;lr>\r\nRecord-Route: "
		  "<sip:p1;lr>\r\n" ENDS "CSeq: 1 INVITE\r\n\r\n",
		  0);
	ck_assert_int_eq(pc_sip_response_new(&r, m, 180, NULL, "mine"), 0);
	ck_assert_str_eq(r->reason_phrase, "Ringing");
	ck_assert_str_eq(pc_sip_tag(r->to), "mine");
	ck_assert_int_eq(osip_list_size(&r->vias), 2);
	ck_assert_int_eq(osip_list_size(&r->record_routes), 2);
	text = pc_sip_text(r, &len);
	ck_assert_ptr_nonnull(strstr(text, "SIP/2.0/TCP [2001:db8::1]"));
	osip_free(text);
	osip_message_free(r);
	ck_assert_int_eq(pc_sip_response_new(&r, m, 100, NULL, NULL), 0);
	ck_assert_str_eq(pc_sip_tag(r->to), "");
	ck_assert_int_eq(osip_list_size(&r->record_routes), 0);
	osip_message_free(r);
	osip_message_free(m);
}
END_TEST

/* 19.1.4: an escape that osip2 would take out or put in stays. */
START_TEST(uris_as_they_came)
{
	static const char *const uris[] = {
		"sip:a%2fb@h",
		"sip:sips%3Auser%40x@h;p=%61",
		"sip:a/b;c=d@h?x=%20",
		"sip:a@[2001:db8::1]:5070;lr",
		"tel:+1;phone-context=x",
	};
	osip_message_t *m, *r;
	char request[600], *text;
	osip_uri_t *uri;
	size_t len;

	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		snprintf(request, sizeof(request),
			 "INVITE sip:x@y SIP/2.0\r\n" TOP
			 "From: <%s>;tag=1\r\nTo: \"B\" <%s>\r\n"
			 "Call-ID: c\r\nCSeq: 1 INVITE\r\n"
			 "Record-Route: <%s>, <sip:z;lr>\r\n"
			 "Contact: <sip:%%3c@h>, <%s>;q=0.1\r\n\r\n",
			 uris[i], uris[i], uris[i], uris[i]);
		m = parse(request, 0);
		ck_assert_int_eq(pc_sip_response_new(&r, m, 180, NULL, "t"), 0);
		text = pc_sip_text(r, &len);
		snprintf(request, sizeof(request), "From: <%s>;tag=1\r\n",
			 uris[i]);
		ck_assert_ptr_nonnull(strstr(text, request));
		snprintf(request, sizeof(request), "To: \"B\" <%s>;tag=t\r\n",
			 uris[i]);
		ck_assert_ptr_nonnull(strstr(text, request));
		snprintf(request, sizeof(request), "Record-Route: <%s>\r\n",
			 uris[i]);
		ck_assert_ptr_nonnull(strstr(text, request));
		osip_free(text);
		osip_message_free(r);
		ck_assert_int_eq(
			osip_uri_to_str(((osip_contact_t *)osip_list_get(
						 &m->contacts, 1))
						->url,
					&text),
			0);
		ck_assert_str_eq(text, uris[i]);
		osip_free(text);
		osip_message_free(m);
		ck_assert_int_eq(pc_sip_uri_new(&uri, uris[i]), 0);
		ck_assert_int_eq(osip_uri_to_str(uri, &text), 0);
		ck_assert_str_eq(text, uris[i]);
		osip_free(text);
		osip_uri_free(uri);
	}
}
END_TEST

/* 19.1.5: a Request-URI without the headers that a Contact may have. */
START_TEST(bare_uris)
{
	static const char *const uris[][2] = {
		{ "sip:a?b@h;lr?x=y&z=1", "sip:a?b@h;lr" },
		{ "sip:h?x=y", "sip:h" },
		{ "sip:a%2f@h", "sip:a%2f@h" },
		{ "tel:+1?x", "tel:+1?x" },
	};
	osip_uri_t *uri;
	char *text;

	for (size_t i = 0; i < sizeof(uris) / sizeof(*uris); i++) {
		ck_assert_int_eq(pc_sip_uri_new(&uri, uris[i][0]), 0);
		pc_sip_uri_bare(uri);
		ck_assert_int_eq(osip_uri_to_str(uri, &text), 0);
		ck_assert_str_eq(text, uris[i][1]);
		ck_assert_int_eq(osip_list_size(&uri->url_headers), 0);
		osip_free(text);
		osip_uri_free(uri);
	}
}
END_TEST

START_TEST(escaped_users)
{
	char text[20];

	pc_sip_escape_user(text, sizeof(text), "a>\r\n\"b/");
	ck_assert_str_eq(text, "a%3E%0D%0A%22b/");
	pc_sip_escape_user(text, 6, "ab>>");
	ck_assert_str_eq(text, "ab%3E");
}
END_TEST

START_TEST(accepted_types)
{
	static const struct {
		const char *header;
		bool sdp;
	} cases[] = {
		{ "", true },
		{ "Accept: text/plain\r\n", false },
		{ "Accept: text/plain, Application/SDP;level=1\r\n", true },
		{ "Accept: text/plain\r\nAccept: application/*\r\n", true },
		{ "Accept: */*\r\n", true },
		{ "Accept: text/*\r\n", false },
	};
	char text[400];
	osip_message_t *m;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text),
			 "INVITE sip:b@b SIP/2.0\r\n" TOP ENDS
			 "CSeq: 1 INVITE\r\n%s\r\n",
			 cases[i].header);
		m = parse(text, 0);
		ck_assert_msg(pc_sip_accepts(m, "application/sdp") ==
				      cases[i].sdp,
			      "%s", cases[i].header);
		osip_message_free(m);
	}
}
END_TEST

START_TEST(addresses)
{
	static const struct {
		const char *uri, *addr;
	} good[] = {
		{ "sip:b@127.0.0.1", "127.0.0.1:5060" },
		{ "sip:b@127.0.0.1:5070", "127.0.0.1:5070" },
		{ "sip:b@[::1]:5070", "[::1]:5070" },
		{ "sip:b@example.invalid;maddr=127.0.0.2", "127.0.0.2:5060" },
	};
	static const char *const bad[] = { "sip:b@127.0.0.1:0",
					   "sip:b@127.0.0.1:65536",
					   "sip:b@127.0.0.1:5x",
					   "sip:b@nobody.invalid" };
	char text[PC_ADDR_TEXT];
	struct pc_addr a;
	osip_uri_t *uri;

	pc_sip_init();
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		osip_uri_init(&uri);
		ck_assert_int_eq(osip_uri_parse(uri, good[i].uri), 0);
		ck_assert_int_eq(pc_sip_uri_addr(&a, uri), 0);
		ck_assert_str_eq(pc_addr_text(&a, text), good[i].addr);
		osip_uri_free(uri);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		osip_uri_init(&uri);
		if (osip_uri_parse(uri, bad[i]) == 0)
			ck_assert_int_lt(pc_sip_uri_addr(&a, uri), 0);
		osip_uri_free(uri);
	}
}
END_TEST

START_TEST(tokens)
{
	char a[PC_SIP_TOKEN], b[PC_SIP_TOKEN];

	ck_assert_uint_eq(strlen(pc_sip_token(a)), PC_SIP_TOKEN - 2);
	ck_assert_str_ne(a, pc_sip_token(b));
	ck_assert_uint_eq(strspn(a, "abcdefghijklmnopqrstuvwxyz0123456789"),
			  strlen(a));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_msg");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, whole);
	tcase_add_test(tc, short_addresses);
	tcase_add_test(tc, broken);
	tcase_add_test(tc, nul_in_headers);
	tcase_add_test(tc, another_method);
	tcase_add_test(tc, bodies);
	tcase_add_test(tc, multipart);
	tcase_add_test(tc, requests);
	tcase_add_test(tc, responses);
	tcase_add_test(tc, uris_as_they_came);
	tcase_add_test(tc, bare_uris);
	tcase_add_test(tc, escaped_users);
	tcase_add_test(tc, accepted_types);
	tcase_add_test(tc, addresses);
	tcase_add_test(tc, tokens);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
