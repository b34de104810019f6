/* libcommon/ws: HTTP heads, both handshakes, SHA-1, base64, URLs. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "ws/handshake.h"
#include "ws/http.h"
#include "ws/base64.h"

#define GET "GET /signal HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
#define UPGRADE                                                                \
	"Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"            \
	"Sec-WebSocket-Version: 13\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static ssize_t request(struct pc_http_head *head, const char *text)
{
	return pc_http_request_decode(head, text, strlen(text));
}

/* RFC 4648 section 10. */
START_TEST(base64_as_rfc4648)
{
	static const char *const pairs[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *plain = pairs[i][0], *coded = pairs[i][1];
		char text[16];
		uint8_t data[8];
		int n;

		pc_ws_base64(text, plain, strlen(plain));
		ck_assert_str_eq(text, coded);
		n = pc_ws_base64_decode(data, sizeof(data), coded,
					strlen(coded));
		ck_assert_int_eq(n, (int)strlen(plain));
		ck_assert_mem_eq(data, plain, (size_t)n);
	}
}
END_TEST

START_TEST(base64_refuses)
{
	uint8_t data[3];

	ck_assert_int_eq(pc_ws_base64_decode(data, 3, "Zm9", 3), -EINVAL);
	ck_assert_int_eq(pc_ws_base64_decode(data, 3, "Zm9vYg==", 8), -EINVAL);
	ck_assert_int_eq(pc_ws_base64_decode(data, 3, "Zm-v", 4), -EINVAL);
	ck_assert_int_eq(pc_ws_base64_decode(data, 3, "Z===", 4), -EINVAL);
	ck_assert_int_eq(pc_ws_base64_decode(data, 3, "Zg\0=", 4), -EINVAL);
}
END_TEST

/* RFC 6455 section 1.3. */
START_TEST(the_samples_key_and_accept)
{
	static const uint8_t nonce[] = "the sample nonce";
	char key[PC_WS_KEY], accept[PC_WS_ACCEPT];

	pc_ws_key(key, nonce);
	ck_assert_str_eq(key, "dGhlIHNhbXBsZSBub25jZQ==");
	pc_ws_accept(accept, (struct pc_http_text){ key, strlen(key) });
	ck_assert_str_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}
END_TEST

START_TEST(a_request_is_taken_apart)
{
	static const char text[] = "GET /a?b HTTP/1.1\r\nHost:x\r\n"
				   "Accept: a, b\r\nACCEPT:\t c \r\n\r\nrest";
	struct pc_http_head head;

	ck_assert_int_eq(request(&head, text), (int)(sizeof(text) - 1 - 4));
	ck_assert(pc_http_is(head.method, "GET"));
	ck_assert(pc_http_is(head.target, "/a?b"));
	ck_assert_int_eq(head.minor, 1);
	ck_assert_uint_eq(head.n_fields, 3);
	ck_assert(pc_http_is(pc_http_field(&head, "host"), "x"));
	ck_assert(pc_http_has_token(&head, "Accept", "B"));
	ck_assert(pc_http_has_token(&head, "Accept", "c"));
	ck_assert(!pc_http_has_token(&head, "Accept", "d"));
	ck_assert_ptr_null(pc_http_field(&head, "X").s);
	ck_assert(pc_http_keep_alive(&head));
	ck_assert(!pc_http_has_body(&head));
}
END_TEST

/* However it is cut, nothing is decided before its end is there. */
START_TEST(a_request_in_pieces)
{
	static const char text[] = GET UPGRADE KEY "\r\n";
	struct pc_http_head head;

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		ck_assert_int_eq(pc_http_request_decode(&head, text, n),
				 -EAGAIN);
	ck_assert_int_eq(request(&head, text), (int)sizeof(text) - 1);
}
END_TEST

START_TEST(line_ends_may_be_lf_alone)
{
	struct pc_http_head head;

	ck_assert_int_eq(request(&head, "GET / HTTP/1.0\n\n"), 16);
	ck_assert_int_eq(head.minor, 0);
	ck_assert(!pc_http_keep_alive(&head));
}
END_TEST

START_TEST(broken_requests_are_refused)
{
	static const char *const broken[] = {
		"\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", /* RFC 9112 3.2: no Host */
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
		"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\r\nHost: a\r\n\r\n",
		"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n",
		"GET / XTTP/1.1\r\nHost: a\r\n\r\n",
	};
	struct pc_http_head head;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		ck_assert_msg(request(&head, broken[i]) == -EBADMSG, "%s",
			      broken[i]);
	ck_assert_int_eq(request(&head, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
			 -EPROTO);
}
END_TEST

START_TEST(large_requests_are_refused)
{
	struct pc_http_head head;
	struct pc_buf b = { 0 };

	pc_buf_adds(&b, "GET /");
	while (b.len < PC_HTTP_TARGET_MAX + 100)
		pc_buf_adds(&b, "aaaaaaaaaaaaaaaa");
	ck_assert_int_eq(request(&head, b.data), -ENAMETOOLONG);
	pc_buf_adds(&b, " HTTP/1.1\r\n");
	ck_assert_int_eq(request(&head, b.data), -ENAMETOOLONG);

	pc_buf_clear(&b);
	pc_buf_adds(&b, GET);
	for (int i = 0; i < PC_HTTP_FIELDS_MAX; i++)
		pc_buf_printf(&b, "A%d: 1\r\n", i);
	ck_assert_int_eq(request(&head, b.data), -EMSGSIZE);

	pc_buf_clear(&b);
	pc_buf_adds(&b, GET "A: ");
	while (b.len < PC_HTTP_HEAD_MAX)
		pc_buf_adds(&b, "aaaaaaaaaaaaaaaa");
	ck_assert_int_eq(request(&head, b.data), -EMSGSIZE);
	pc_buf_adds(&b, "\r\n\r\n");
	ck_assert_int_eq(request(&head, b.data), -EMSGSIZE);
	pc_buf_fini(&b);
}
END_TEST

START_TEST(bodies_are_seen)
{
	struct pc_http_head head;

	request(&head, GET "Content-Length: 0\r\n\r\n");
	ck_assert(!pc_http_has_body(&head));
	request(&head, GET "Content-Length: 1\r\n\r\n");
	ck_assert(pc_http_has_body(&head));
	request(&head, GET "Transfer-Encoding: chunked\r\n\r\n");
	ck_assert(pc_http_has_body(&head));
}
END_TEST

/* RFC 6455 section 4.2.1: each thing the client must send. */
START_TEST(handshakes_that_lack_something)
{
	static const struct {
		const char *text;
		int status;
	} table[] = {
		{ GET UPGRADE KEY "\r\n", 101 },
		{ GET KEY "\r\n", 426 },
		{ GET UPGRADE "\r\n", 400 },
		{ GET UPGRADE KEY KEY "\r\n", 400 },
		{ GET UPGRADE "Sec-WebSocket-Key: dGhl\r\n\r\n", 400 },
		{ GET "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" KEY
		      "\r\n",
		  400 },
		{ GET "Upgrade: WebSocket\r\nConnection: UPGRADE\r\n"
		      "Sec-WebSocket-Version: 8\r\n" KEY "\r\n",
		  426 },
		{ "POST / HTTP/1.1\r\nHost: a\r\n" UPGRADE KEY "\r\n", 405 },
		{ "GET / HTTP/1.0\r\nHost: a\r\n" UPGRADE KEY "\r\n", 400 },
		{ GET UPGRADE KEY "Content-Length: 3\r\n\r\n", 400 },
	};
	struct pc_http_head head;
	const char *why;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		ck_assert_int_gt(request(&head, table[i].text), 0);
		ck_assert_int_eq(pc_ws_request_check(&head, &why),
				 table[i].status);
		ck_assert_int_eq(!why, table[i].status == 101);
	}
}
END_TEST

static int answer_is(const char *text)
{
	struct pc_http_head head;
	const char *why;
	int rc;

	ck_assert_int_gt(pc_http_response_decode(&head, text, strlen(text)), 0);
	rc = pc_ws_response_check(&head, "dGhlIHNhbXBsZSBub25jZQ==", NULL,
				  &why);
	ck_assert_int_eq(!why, rc == 0);
	return rc;
}

/* RFC 6455 section 4.1: what the client must insist on. */
START_TEST(answers_that_lack_something)
{
#define SWITCH "HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
	ck_assert_int_eq(answer_is(SWITCH ACCEPT "\r\n"), 0);
	ck_assert_int_eq(answer_is("HTTP/1.1 404\r\n\r\n"), -ECONNREFUSED);
	ck_assert_int_eq(answer_is(SWITCH "\r\n"), -EPROTO);
	ck_assert_int_eq(answer_is(SWITCH "Sec-WebSocket-Accept: x\r\n\r\n"),
			 -EPROTO);
	ck_assert_int_eq(
		answer_is("HTTP/1.1 101\r\nUpgrade: websocket\r\n" ACCEPT
			  "\r\n"),
		-EPROTO);
	ck_assert_int_eq(
		answer_is("HTTP/1.1 101\r\nConnection: Upgrade\r\n" ACCEPT
			  "\r\n"),
		-EPROTO);
	ck_assert_int_eq(
		answer_is(
			SWITCH ACCEPT
			"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
		-EPROTO);
	ck_assert_int_eq(
		answer_is(SWITCH ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n"),
		-EPROTO);
}
END_TEST

/* RFC 7118 section 4: a server of SIP says so, any other is none. */
START_TEST(a_subprotocol_must_be_taken)
{
	struct pc_http_head head;
	const char *why, *const texts[] = {
		SWITCH ACCEPT "Sec-WebSocket-Protocol: sip\r\n\r\n",
		SWITCH ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n",
		SWITCH ACCEPT "\r\n",
	};
	struct pc_buf req = { 0 };
	struct pc_ws_url url;

	for (int i = 0; i < 3; i++) {
		pc_http_response_decode(&head, texts[i], strlen(texts[i]));
		ck_assert_int_eq(
			pc_ws_response_check(
				&head, "dGhlIHNhbXBsZSBub25jZQ==", "sip", &why),
			i == 0 ? 0 : -EPROTO);
	}
	ck_assert_int_eq(pc_ws_url_parse(&url, "wss://a.example/sip"), 0);
	pc_ws_request_encode(&req, &url, "dGhlIHNhbXBsZSBub25jZQ==", NULL,
			     "sip");
	ck_assert_int_eq(request(&head, req.data), (int)req.len);
	ck_assert(pc_http_is(pc_http_field(&head, "Sec-WebSocket-Protocol"),
			     "sip"));
	pc_buf_fini(&req);
}
END_TEST

START_TEST(both_ends_agree)
{
	struct pc_buf req = { 0 }, res = { 0 };
	struct pc_http_head head;
	struct pc_ws_url url;
	const char *why;

	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://[::1]:9/x?y"), 0);
	pc_ws_request_encode(&req, &url, "dGhlIHNhbXBsZSBub25jZQ==", "null",
			     NULL);
	ck_assert_int_eq(request(&head, req.data), (int)req.len);
	ck_assert(pc_http_is(head.target, "/x?y"));
	ck_assert(pc_http_is(pc_http_field(&head, "Host"), "[::1]:9"));
	ck_assert(pc_http_is(pc_http_field(&head, "Origin"), "null"));
	ck_assert_int_eq(pc_ws_request_check(&head, &why), 101);
	pc_ws_response_encode(&res, &head);
	ck_assert_int_eq(answer_is(res.data), 0);
	pc_buf_fini(&req);
	pc_buf_fini(&res);
}
END_TEST

START_TEST(urls)
{
	struct pc_ws_url url;
	char longer[2000] = "ws://";

	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://a.example"), 0);
	ck_assert_str_eq(url.authority, "a.example");
	ck_assert_str_eq(url.host, "a.example:80");
	ck_assert_str_eq(url.path, "/");
	ck_assert_int_eq(pc_ws_url_parse(&url, "WS://[::1]?q"), 0);
	ck_assert_str_eq(url.host, "[::1]:80");
	ck_assert_str_eq(url.path, "/?q");
	ck_assert(!url.secure);
	ck_assert_int_eq(pc_ws_url_parse(&url, "wss://a"), 0);
	ck_assert(url.secure);
	ck_assert_str_eq(url.host, "a:443");
	ck_assert_int_eq(pc_ws_url_parse(&url, "http://a"), -EINVAL);
	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://"), -EINVAL);
	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://:80/"), -EINVAL);
	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://a/#f"), -EINVAL);
	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://a/ b"), -EINVAL);
	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://a/\r\nX: y"), -EINVAL);
	ck_assert_int_eq(pc_ws_url_parse(&url, "ws://u:p@a/"), -EINVAL);
	memset(longer + 5, 'a', sizeof(longer) - 6);
	ck_assert_int_eq(pc_ws_url_parse(&url, longer), -ENAMETOOLONG);
	longer[6] = '/';
	ck_assert_int_eq(pc_ws_url_parse(&url, longer), -ENAMETOOLONG);
}
END_TEST

static bool origin_allowed(const char *fields, const char *list)
{
	struct pc_http_head head;
	struct pc_buf b = { 0 };
	bool allowed;

	pc_buf_printf(&b, "GET / HTTP/1.1\r\n%s\r\n", fields);
	ck_assert_int_gt(request(&head, b.data), 0);
	allowed = pc_ws_origin_allowed(&head, &list, list != NULL);
	pc_buf_fini(&b);
	return allowed;
}

START_TEST(origins)
{
#define HOST "Host: 127.0.0.1:8080\r\n"
	ck_assert(origin_allowed(HOST, NULL));
	ck_assert(
		origin_allowed(HOST "Origin: http://127.0.0.1:8080\r\n", NULL));
	ck_assert(!origin_allowed(HOST "Origin: http://127.0.0.1\r\n", NULL));
	ck_assert(
		!origin_allowed(HOST "Origin: http://evil.example\r\n", NULL));
	ck_assert(!origin_allowed(HOST "Origin: https://127.0.0.1:8080\r\n",
				  NULL));
	ck_assert(!origin_allowed(HOST "Origin: null\r\n", NULL));
	ck_assert(!origin_allowed(HOST "Origin:\r\n", NULL));
	/* a name may have been pointed at us by others */
	ck_assert(!origin_allowed("Host: evil.example:8080\r\n"
				  "Origin: http://evil.example:8080\r\n",
				  NULL));
	ck_assert(origin_allowed("Host: localhost:1\r\n"
				 "Origin: http://localhost:1\r\n",
				 NULL));
	ck_assert(!origin_allowed("Host: localhost.evil:1\r\n"
				  "Origin: http://localhost.evil:1\r\n",
				  NULL));
	ck_assert(origin_allowed("Host: [::1]:1\r\n"
				 "Origin: http://[::1]:1\r\n",
				 NULL));
	ck_assert(origin_allowed(HOST "Origin: http://b\r\n", "http://b"));
	ck_assert(!origin_allowed(HOST "Origin: http://b.c\r\n", "http://b"));
	ck_assert(origin_allowed(HOST "Origin: http://b\r\n", "*"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ws handshake");
	TCase *tc = tcase_create("ws handshake");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, base64_as_rfc4648);
	tcase_add_test(tc, base64_refuses);
	tcase_add_test(tc, the_samples_key_and_accept);
	tcase_add_test(tc, a_request_is_taken_apart);
	tcase_add_test(tc, a_request_in_pieces);
	tcase_add_test(tc, line_ends_may_be_lf_alone);
	tcase_add_test(tc, broken_requests_are_refused);
	tcase_add_test(tc, large_requests_are_refused);
	tcase_add_test(tc, bodies_are_seen);
	tcase_add_test(tc, handshakes_that_lack_something);
	tcase_add_test(tc, answers_that_lack_something);
	tcase_add_test(tc, a_subprotocol_must_be_taken);
	tcase_add_test(tc, both_ends_agree);
	tcase_add_test(tc, urls);
	tcase_add_test(tc, origins);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
