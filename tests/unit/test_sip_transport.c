/* libcommon/sip/transport: UDP, and what goes wrong, on loopback. */
#include "sip_ends.h"

START_TEST(a_message_goes_and_is_marked)
{
	enum pc_sip_transport_kind kind = _i ? PC_SIP_TCP : PC_SIP_UDP;
	const char message[] = MESSAGE("4", "body");
	struct pc_addr seen;

	open_end(&a, kind, "127.0.0.1:0");
	open_end(&b, kind, "127.0.0.1:0");
	ck_assert_int_eq(pc_sip_transport_send(a.tp, message,
					       sizeof message - 1, at(&b)),
			 0);
	run();
	ck_assert_uint_eq(b.received, 1);
	ck_assert_ptr_nonnull(strstr(b.last, ";received=127.0.0.1;rport="));
	ck_assert_str_eq(b.last + strlen(b.last) - 4, "body");
	ck_assert_str_eq(pc_sip_transport_identity(a.tp)->transport,
			 _i ? "TCP" : "UDP");
	ck_assert_int_eq(pc_sip_transport_identity(a.tp)->reliable, _i);
	/* and back the same way */
	seen = b.from;
	pc_sip_transport_send(b.tp, message, sizeof message - 1, &seen);
	run();
	ck_assert_uint_eq(a.received, 1);
}
END_TEST

START_TEST(a_wildcard_address_is_made_concrete)
{
	struct pc_addr to, local;
	char text[PC_ADDR_TEXT];

	open_end(&a, PC_SIP_UDP, "0.0.0.0:0");
	pc_addr_parse(&to, "127.0.0.1:5060", 0);
	ck_assert_int_eq(pc_sip_transport_local(a.tp, &to, &local), 0);
	ck_assert_str_eq(pc_addr_ip(&local, text), "127.0.0.1");
	ck_assert_uint_eq(pc_addr_port(&local), pc_addr_port(at(&a)));
}
END_TEST

START_TEST(ipv6)
{
	const char message[] = MESSAGE("0", "");

	open_end(&a, _i ? PC_SIP_TCP : PC_SIP_UDP, "[::1]:0");
	open_end(&b, _i ? PC_SIP_TCP : PC_SIP_UDP, "[::1]:0");
	pc_sip_transport_send(a.tp, message, sizeof message - 1, at(&b));
	run();
	ck_assert_uint_eq(b.received, 1);
	ck_assert_ptr_nonnull(strstr(b.last, ";received=::1;rport="));
}
END_TEST

START_TEST(nobody_there)
{
	const char message[] = MESSAGE("0", "");
	struct pc_addr to;

	open_end(&a, _i ? PC_SIP_TCP : PC_SIP_UDP, "127.0.0.1:0");
	pc_addr_parse(&to, "127.0.0.1:1", 0);
	ck_assert_int_eq(
		pc_sip_transport_send(a.tp, message, sizeof message - 1, &to),
		0);
	ck_assert_uint_eq(a.unreachable, 0); /* never from within send */
	run();
	ck_assert_uint_eq(a.unreachable, 1);
	ck_assert_int_eq(a.err, ECONNREFUSED);
	ck_assert(pc_addr_equal(&a.dead, &to));
	/* and it goes on */
	open_end(&b, _i ? PC_SIP_TCP : PC_SIP_UDP, "127.0.0.1:0");
	pc_sip_transport_send(a.tp, message, sizeof message - 1, at(&b));
	run();
	ck_assert_uint_eq(b.received, 1);
}
END_TEST

START_TEST(a_used_port)
{
	struct pc_sip_transport *tp = NULL;

	open_end(&a, _i ? PC_SIP_TCP : PC_SIP_UDP, "127.0.0.1:0");
	ck_assert_int_eq(pc_sip_transport_open(
				 &tp, &tool,
				 &(struct pc_sip_transport_config){
					 .kind = _i ? PC_SIP_TCP : PC_SIP_UDP,
					 .local = at(&a),
					 .received = on_received }),
			 -EADDRINUSE);
	ck_assert_ptr_null(tp);
}
END_TEST

START_TEST(no_line_there)
{
	struct pc_sip_transport *tp = NULL;
	struct pc_sip_transport_config line = { .kind = PC_SIP_LINE,
						.line_path = "/no/such/line" };

	ck_assert_int_eq(pc_sip_transport_open(&tp, &tool, &line), -ENOENT);
	line.line_path = "/proc/self/exe";
	ck_assert_int_lt(pc_sip_transport_open(&tp, &tool, &line), 0);
	ck_assert_ptr_null(tp);
}
END_TEST

START_TEST(closed_from_within_a_callback)
{
	const char message[] = MESSAGE("0", "");
	const char two[] = MESSAGE("0", "") MESSAGE("0", "");
	const char *text = _i ? two : message;

	open_end(&a, _i ? PC_SIP_TCP : PC_SIP_UDP, "127.0.0.1:0");
	open_end(&b, _i ? PC_SIP_TCP : PC_SIP_UDP, "127.0.0.1:0");
	b.close_in_callback = true;
	pc_sip_transport_send(a.tp, text, strlen(text), at(&b));
	run();
	run_for(50);
	ck_assert_uint_eq(b.received, 1);
}
END_TEST

START_TEST(datagrams_that_are_no_message)
{
	static const char *const bad[] = {
		"hello",
		"\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\nVia: x\r\n",
		"OPTIONS sip:x SIP/2.0\r\n\r\n",
		MESSAGE("4", "bo"),
		MESSAGE("x", ""),
	};
	const char good[] = MESSAGE("0", "");

	open_end(&a, PC_SIP_UDP, "127.0.0.1:0");
	open_end(&b, PC_SIP_UDP, "127.0.0.1:0");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		pc_sip_transport_send(a.tp, bad[i], strlen(bad[i]), at(&b));
	pc_sip_transport_send(a.tp, good, sizeof good - 1, at(&b));
	run();
	ck_assert_uint_eq(b.received, 1);
}
END_TEST

/* ---- UDP, and TCP beside it ---- */

/* A request with so many bytes of body; its branch is of the time. */
static const char *request_of(size_t body, const char *method, int branch)
{
	static char text[4000];
	int n = snprintf(text, sizeof text,
			 "%s sip:x SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK%d;rport\r\n"
			 "From: <sip:a>;tag=1\r\nTo: <sip:x>\r\n"
			 "Call-ID: 1\r\nCSeq: 1 %s\r\n"
			 "Content-Length: %zu\r\n\r\n",
			 method, branch, method, body);

	memset(text + n, 'x', body);
	text[(size_t)n + body] = '\0';
	return text;
}

static void send_text(struct end *e, const char *text, const struct pc_addr *to)
{
	ck_assert_int_eq(pc_sip_transport_send(e->tp, text, strlen(text), to),
			 0);
}

/* RFC 3261 18.1.1, and 18.2.2 for the answer. */
START_TEST(a_large_request_goes_by_tcp)
{
	const char response[] =
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP "
		"127.0.0.1;branch=z9hG4bK1\r\n"
		"From: <sip:a>;tag=1\r\nTo: <sip:x>;tag=2\r\nCall-ID: 1\r\n"
		"CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";
	struct pc_addr seen;

	open_end(&a, PC_SIP_UDP, "127.0.0.1:0");
	open_end(&b, PC_SIP_UDP, "127.0.0.1:0");
	send_text(&a, request_of(2000, "INVITE", 1), at(&b));
	run();
	ck_assert_uint_eq(b.received, 1);
	ck_assert_ptr_nonnull(strstr(b.last, "Via: SIP/2.0/TCP 127.0.0.1;"));
	seen = b.from;
	/* the machine above knows nothing of TCP, and sends again */
	send_text(&a, request_of(2000, "INVITE", 1), at(&b));
	run_for(50);
	ck_assert_uint_eq(b.received, 1);
	send_text(&b, response, &seen);
	run();
	ck_assert_uint_eq(a.received, 1);
	/* what belongs to it takes the same way (9.1, 17.1.1.3) */
	send_text(&a, request_of(0, "CANCEL", 1), at(&b));
	run();
	ck_assert_ptr_nonnull(strstr(b.last, "CANCEL"));
	ck_assert_ptr_nonnull(strstr(b.last, "Via: SIP/2.0/TCP "));
	/* and what is small, as ever */
	send_text(&a, request_of(0, "OPTIONS", 2), at(&b));
	run();
	ck_assert_ptr_nonnull(strstr(b.last, "Via: SIP/2.0/UDP "));
}
END_TEST

START_TEST(a_large_request_goes_by_udp_where_there_is_no_tcp)
{
	struct pc_addr to;
	char text[4000];
	int fd;

	pc_addr_parse(&to, "127.0.0.1:0", 0);
	fd = pc_addr_bind(&to, SOCK_DGRAM);
	open_end(&a, PC_SIP_UDP, "127.0.0.1:0");
	for (int i = 0; i < 3; i++) { /* a new one, again, another */
		send_text(&a, request_of(2000, "INVITE", 1 + i / 2), &to);
		run_for(100);
		ck_assert_int_gt(recv(fd, text, sizeof text, MSG_DONTWAIT),
				 2000);
		ck_assert_ptr_nonnull(strstr(text, "Via: SIP/2.0/UDP "));
	}
	ck_assert_uint_eq(a.unreachable, 0);
	close(fd);
	/* nobody there at all: that is told once */
	send_text(&a, request_of(2000, "INVITE", 7), &to);
	run();
	ck_assert_uint_eq(a.unreachable, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip transport");
	TCase *tc = tcase_create("transport");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, own_tool_init, teardown);
	tcase_add_loop_test(tc, a_message_goes_and_is_marked, 0, 2);
	tcase_add_test(tc, a_wildcard_address_is_made_concrete);
	tcase_add_loop_test(tc, ipv6, 0, 2);
	tcase_add_loop_test(tc, nobody_there, 0, 2);
	tcase_add_loop_test(tc, a_used_port, 0, 2);
	tcase_add_test(tc, no_line_there);
	tcase_add_loop_test(tc, closed_from_within_a_callback, 0, 2);
	tcase_add_test(tc, datagrams_that_are_no_message);
	tcase_add_test(tc, a_large_request_goes_by_tcp);
	tcase_add_test(tc, a_large_request_goes_by_udp_where_there_is_no_tcp);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
