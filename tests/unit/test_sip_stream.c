/* libcommon/sip/transport: TCP on loopback, and what comes by it. */
#include "sip_ends.h"

static int connect_to(const struct end *e)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, &at(e)->sa, at(e)->len), 0);
	return fd;
}

static void write_text(int fd, const char *text)
{
	ck_assert_int_eq(pc_write_all(fd, text, strlen(text)), 0);
}

START_TEST(a_stream_is_cut)
{
	const char message[] = MESSAGE("4", "body");
	struct pc_buf all = { 0 };
	int fd;

	open_end(&b, PC_SIP_TCP, "127.0.0.1:0");
	b.want = 5;
	fd = connect_to(&b);
	pc_buf_adds(&all, "\r\n"); /* before a message: ignored (7.5) */
	for (int i = 0; i < 5; i++)
		pc_buf_adds(&all, message);
	for (size_t i = 0; i < all.len; i++) { /* byte by byte */
		ck_assert_int_eq(pc_write_all(fd, all.data + i, 1), 0);
		if (i % 97 == 0)
			run_for(1);
	}
	while (b.received < 5)
		run();
	ck_assert_str_eq(b.last + strlen(b.last) - 4, "body");
	pc_buf_fini(&all);
	close(fd);
}
END_TEST

START_TEST(pings_are_answered)
{
	char pong[8];
	int fd;

	open_end(&b, PC_SIP_TCP, "127.0.0.1:0");
	fd = connect_to(&b);
	write_text(fd, "\r\n\r\n\r\n\r\n");
	run_for(100);
	ck_assert_int_eq(recv(fd, pong, sizeof pong, MSG_DONTWAIT), 4);
	ck_assert_mem_eq(pong, "\r\n\r\n", 4);
	close(fd);
}
END_TEST

START_TEST(what_is_not_sip_ends_the_connection)
{
	static const char *const bad[] = {
		"GET / HTTP/1.1\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\n\r\n",
		"OPTIONS sip:x SIP/2.0\r\nContent-Length: 99999\r\n\r\n",
	};
	char byte;

	open_end(&b, PC_SIP_TCP, "127.0.0.1:0");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		int fd = connect_to(&b);

		write_text(fd, bad[i]);
		run();
		ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT), 0);
		ck_assert_uint_eq(b.closed, i + 1);
		close(fd);
	}
	ck_assert_uint_eq(b.received, 0);
}
END_TEST

START_TEST(the_end_of_a_connection_is_told_and_it_is_made_again)
{
	const char message[] = MESSAGE("0", "");
	struct pc_addr where;

	open_end(&a, PC_SIP_TCP, "127.0.0.1:0");
	open_end(&b, PC_SIP_TCP, "127.0.0.1:0");
	where = *at(&b);
	pc_sip_transport_send(a.tp, message, sizeof message - 1, &where);
	run();
	ck_assert_uint_eq(b.received, 1);
	pc_sip_transport_close(b.tp);
	run();
	ck_assert_uint_eq(a.closed, 1);
	ck_assert_int_eq(a.err, ECONNRESET);
	open_end(&b, PC_SIP_TCP, "127.0.0.1:0");
	pc_sip_transport_send(a.tp, message, sizeof message - 1, at(&b));
	run();
	ck_assert_uint_eq(b.received, 1);
}
END_TEST

START_TEST(large_messages_and_what_is_too_large)
{
	static char big[PC_SIP_MESSAGE_MAX + 2];
	const char head[] = MESSAGE("60000", "");
	size_t len = sizeof head - 1 + 60000;

	open_end(&a, PC_SIP_TCP, "127.0.0.1:0");
	open_end(&b, PC_SIP_TCP, "127.0.0.1:0");
	memset(big, 'x', sizeof big);
	memcpy(big, head, sizeof head - 1);
	b.want = 4;
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pc_sip_transport_send(a.tp, big, len, at(&b)),
				 0);
	run();
	ck_assert_uint_eq(b.received, 4);
	ck_assert_int_eq(pc_sip_transport_send(a.tp, big, sizeof big, at(&b)),
			 -EMSGSIZE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip stream");
	TCase *tc = tcase_create("stream");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, own_tool_init, teardown);
	tcase_add_test(tc, a_stream_is_cut);
	tcase_add_test(tc, pings_are_answered);
	tcase_add_test(tc, what_is_not_sip_ends_the_connection);
	tcase_add_test(tc,
		       the_end_of_a_connection_is_told_and_it_is_made_again);
	tcase_add_test(tc, large_messages_and_what_is_too_large);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
