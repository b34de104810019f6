/* libcommon/sip/line and the transport over it, against a line of our own. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sip/line.h"
#include "sip/transport.h"

#include "folder.h"
#include "own_tool.h"

#define SIP                                                                    \
	"BYE sip:x SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=1\r\nCall-ID: 1\r\n"   \
	"From: <sip:a>;tag=1\r\nTo: <sip:x>;tag=2\r\n"                         \
	"CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"

/* ---- packets ---- */

START_TEST(packets_come_back)
{
	struct pc_buf b = { 0 };
	struct pc_line_packet p;

	ck_assert_int_eq(pc_line_encode(&b,
					pc_json_fields("type=%s to=%s", "send",
						       "127.0.0.1:5060"),
					SIP, strlen(SIP)),
			 0);
	ck_assert_str_eq(b.data,
			 "{\"type\":\"send\",\"to\":\"127.0.0.1:5060\"}\n" SIP);
	ck_assert_int_eq(pc_line_decode(&p, b.data, b.len), 0);
	ck_assert_str_eq(p.type, "send");
	ck_assert_str_eq(pc_json_str(p.head, "to"), "127.0.0.1:5060");
	ck_assert_str_eq(p.body, SIP);
	ck_assert_uint_eq(p.len, strlen(SIP));
	json_decref(p.head);
	pc_buf_fini(&b);
	ck_assert_int_eq(pc_line_decode(&p, "{\"type\":\"take\"}\n", 16), 0);
	ck_assert_uint_eq(p.len, 0);
	json_decref(p.head);
}
END_TEST

START_TEST(packets_that_are_none)
{
	static const char *const bad[] = {
		"",
		"{\"type\":\"send\"}",
		"\n",
		"[]\n",
		"\"type\"\n",
		"{\"type\":1}\n",
		"{\"a\":\"b\"}\n",
		"{\n}\n",
	};
	static char endless[PC_LINE_HEAD_MAX + 100];
	struct pc_line_packet p;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(pc_line_decode(&p, bad[i], strlen(bad[i])) ==
				      -EBADMSG,
			      "%s", bad[i]);
	snprintf(endless, sizeof endless, "{\"type\":\"x\"}%*s\n",
		 (int)PC_LINE_HEAD_MAX, "");
	ck_assert_int_eq(pc_line_decode(&p, endless, strlen(endless)),
			 -EBADMSG);
}
END_TEST

/* ---- a connection ---- */

static unsigned n_packets, n_ends;
static int end_err;
static struct pc_line_conn *left, *right;

static void on_packet(void *arg, const struct pc_line_packet *p)
{
	json_int_t n = json_integer_value(json_object_get(p->head, "n"));

	(void)arg;
	ck_assert_int_eq(n, n_packets); /* in order, none lost */
	ck_assert_uint_eq(p->len, 60000);
	n_packets++;
}

static void on_end(void *arg, int err)
{
	struct pc_line_conn **c = arg;

	n_ends++;
	end_err = err;
	pc_line_conn_free(*c);
	*c = NULL;
	pc_loop_stop(tool.loop);
}

static void make_pair(int fds[2])
{
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	n_packets = n_ends = 0;
	left = pc_line_conn_new(tool.loop, fds[0], on_packet, on_end, &left);
}

static int send_numbered(struct pc_line_conn *c, int n)
{
	static char body[60000];

	return pc_line_conn_send(c,
				 pc_json_fields("type=%s n=%d", "received", n),
				 body, sizeof body);
}

START_TEST(what_a_slow_reader_leaves_waits_in_order)
{
	int fds[2];

	make_pair(fds);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(send_numbered(left, i), 0);
	right = pc_line_conn_new(tool.loop, fds[1], on_packet, on_end, &right);
	run_for(300);
	ck_assert_uint_eq(n_packets, 100);
	ck_assert_uint_eq(n_ends, 0);
	pc_line_conn_free(left);
	run_for(300);
	ck_assert_uint_eq(n_ends, 1);
	ck_assert_ptr_null(right);
}
END_TEST

START_TEST(who_never_reads_is_not_waited_for_without_end)
{
	int fds[2], i = 0;

	make_pair(fds);
	while (i < 5000 && send_numbered(left, i) == 0)
		i++;
	ck_assert_int_gt(i, 10);
	ck_assert_int_lt(i, 1000);
	pc_line_conn_free(left);
	close(fds[1]);
}
END_TEST

START_TEST(nonsense_ends_it)
{
	int fds[2];

	make_pair(fds);
	ck_assert_int_eq(send(fds[1], "nonsense", 8, 0), 8);
	run_for(300);
	ck_assert_uint_eq(n_ends, 1);
	ck_assert_int_eq(end_err, EBADMSG);
	close(fds[1]);
}
END_TEST

/* ---- the transport, with this test as the line ---- */

static int listener, peer = -1;
static char folder[FOLDER_MAX];
static struct sockaddr_un line = { .sun_family = AF_UNIX };
static struct pc_sip_transport *tp;
static unsigned n_received, n_closed, n_unreachable;
static char last[1000], header[100], value[100];

static void received(void *arg, const char *data, size_t len,
		     const struct pc_addr *from, const struct pc_addr *local)
{
	char text[PC_ADDR_TEXT];

	(void)arg, (void)len;
	n_received++;
	snprintf(last, sizeof last, "%s", data);
	ck_assert_str_eq(pc_addr_text(from, text), "192.0.2.1:5060");
	ck_assert_str_eq(pc_addr_text(local, text), "192.0.2.2:5070");
}

static void closed(void *arg, int err, const char *why)
{
	(void)arg, (void)why;
	end_err = err;
	n_closed++;
}

static void unreachable(void *arg, int err, const struct pc_addr *to)
{
	char text[PC_ADDR_TEXT];

	(void)arg;
	end_err = err;
	ck_assert_str_eq(pc_addr_text(to, text), "192.0.2.1:5060");
	n_unreachable++;
}

static void authorized(void *arg, const char *h, const char *v)
{
	(void)arg;
	snprintf(header, sizeof header, "%s", h);
	snprintf(value, sizeof value, "%s", v ? v : "(null)");
}

static void listen_at(void)
{
	make_folder(folder);
	ck_assert_int_lt(snprintf(line.sun_path, sizeof line.sun_path,
				  "%s/line", folder),
			 (int)sizeof line.sun_path);
	listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&line, sizeof line),
			 0);
	ck_assert_int_eq(listen(listener, 4), 0);
}

static char hello[] =
	"{\"type\":\"hello\",\"aor\":\"sip:u@d\",\"contact\":\"sip:u@h\","
	"\"transport\":\"tcp\",\"reliable\":true,"
	"\"local\":\"127.0.0.1:5070\",\"proxy\":\"127.0.0.1:5060\","
	"\"registered\":true}\n";

static char hello_as[] =
	"{\"type\":\"hello\",\"aor\":\"sip:v@d\",\"contact\":\"sip:v@h\","
	"\"transport\":\"tcp\",\"local\":\"127.0.0.1:5070\","
	"\"as\":\"sip:v@d\"}\n";

static void *greet(void *text)
{
	peer = accept(listener, NULL, NULL);
	send(peer, text, strlen(text), 0);
	return NULL;
}

/* A hello of the first account, asked or not; then that of who was asked for. */
static void *greet_as(void *text)
{
	ssize_t n;

	greet(text);
	n = recv(peer, last, sizeof last - 1, 0);
	last[n > 0 ? n : 0] = '\0';
	send(peer, text, strlen(text), 0);
	send(peer, hello_as, strlen(hello_as), 0);
	return NULL;
}

/* Open the transport, which waits until a thread of ours has said hello. */
static int open_as(char *text, const char *uri)
{
	struct pc_sip_transport_config config = { .kind = PC_SIP_LINE,
						  .line_path = line.sun_path,
						  .line_as = uri,
						  .received = received,
						  .closed = closed,
						  .unreachable = unreachable };
	pthread_t thread;
	int rc;

	n_received = n_closed = n_unreachable = 0;
	listen_at();
	ck_assert_int_eq(
		pthread_create(&thread, NULL, uri ? greet_as : greet, text), 0);
	rc = pc_sip_transport_open(&tp, &tool, &config);
	pthread_join(thread, NULL);
	unlink(line.sun_path);
	rmdir(folder);
	close(listener);
	return rc;
}

static int open_greeted(char *text)
{
	return open_as(text, NULL);
}

static void say(const char *packet)
{
	ck_assert_int_ge(send(peer, packet, strlen(packet), 0), 0);
	run_for(100);
}

/* What the dial sent, as text. */
static const char *asked(void)
{
	static char text[4096];
	ssize_t n;

	run_for(50);
	n = recv(peer, text, sizeof text - 1, MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(the_hello_is_the_identity)
{
	const struct pc_sip_identity *id;
	char text[PC_ADDR_TEXT];

	ck_assert_int_eq(open_greeted(hello), 0);
	id = pc_sip_transport_identity(tp);
	ck_assert_str_eq(id->transport, "TCP");
	ck_assert(id->reliable && id->registered);
	ck_assert_str_eq(id->aor, "sip:u@d");
	ck_assert_str_eq(id->contact, "sip:u@h");
	ck_assert_str_eq(pc_addr_text(&id->local, text), "127.0.0.1:5070");
	ck_assert_str_eq(pc_addr_text(&id->proxy, text), "127.0.0.1:5060");
	say("{\"type\":\"hello\",\"transport\":\"udp\",\"local\":"
	    "\"127.0.0.1:9\"}\n");
	ck_assert_str_eq(id->transport, "UDP");
	ck_assert_ptr_null(id->contact);
	ck_assert_uint_eq(id->proxy.len, 0);
	pc_sip_transport_close(tp);
	close(peer);
}
END_TEST

START_TEST(who_calls_is_who_is_asked_for)
{
	const struct pc_sip_identity *id;

	ck_assert_int_eq(open_as(hello, "sip:v@d"), 0);
	ck_assert_str_eq(last, "{\"type\":\"as\",\"uri\":\"sip:v@d\"}\n");
	id = pc_sip_transport_identity(tp);
	ck_assert_str_eq(id->contact, "sip:v@h");
	ck_assert_str_eq(id->aor, "sip:v@d");
	pc_sip_transport_close(tp);
	close(peer);
}
END_TEST

START_TEST(messages_both_ways)
{
	struct pc_addr to;

	ck_assert_int_eq(open_greeted(hello), 0);
	pc_addr_parse(&to, "192.0.2.1:5060", 0);
	ck_assert_int_eq(pc_sip_transport_send(tp, SIP, strlen(SIP), &to), 0);
	ck_assert_str_eq(asked(),
			 "{\"type\":\"send\",\"to\":\"192.0.2.1:5060\"}\n" SIP);
	say("{\"type\":\"received\",\"from\":\"192.0.2.1:5060\",\"local\":"
	    "\"192.0.2.2:5070\"}\n" SIP);
	ck_assert_uint_eq(n_received, 1);
	ck_assert_int_eq(strncmp(last, "BYE sip:x", 9), 0);
	say("{\"type\":\"received\",\"from\":\"192.0.2.1:5060\"}\nnot SIP");
	say("{\"type\":\"received\",\"from\":\"nowhere\"}\n" SIP);
	ck_assert_uint_eq(n_received, 1);
	say("{\"type\":\"unreachable\",\"to\":\"192.0.2.1:5060\","
	    "\"errno\":111}\n");
	ck_assert_uint_eq(n_unreachable, 1);
	ck_assert_int_eq(end_err, 111);
	ck_assert_uint_eq(n_closed, 0);
	pc_sip_transport_close(tp);
	close(peer);
}
END_TEST

START_TEST(questions_and_their_answers)
{
	ck_assert_int_eq(open_greeted(hello), 0);
	ck_assert_int_eq(pc_sip_transport_authorize(tp, "INVITE", "sip:x", SIP,
						    strlen(SIP), authorized,
						    NULL),
			 0);
	ck_assert_str_eq(asked(), "{\"type\":\"authorize\",\"id\":1,\"method\":"
				  "\"INVITE\",\"uri\":\"sip:x\"}\n" SIP);
	say("{\"type\":\"authorized\",\"id\":7,\"header\":\"H\",\"value\":"
	    "\"V\"}\n");
	ck_assert_str_eq(header, "");
	say("{\"type\":\"authorized\",\"id\":1,\"header\":\"H\",\"value\":"
	    "\"V\"}\n");
	ck_assert_str_eq(header, "H");
	ck_assert_str_eq(value, "V");
	pc_sip_transport_authorize(tp, "BYE", "sip:x", SIP, strlen(SIP),
				   authorized, NULL);
	say("{\"type\":\"authorized\",\"id\":2,\"error\":\"why\"}\n");
	ck_assert_str_eq(header, "why");
	ck_assert_str_eq(value, "(null)");
	ck_assert_int_eq(pc_sip_transport_take(tp, "i1"), 0);
	asked(); /* the second authorize */
	ck_assert_str_eq(asked(), "{\"type\":\"take\",\"invite\":\"i1\"}\n");
	say("{\"type\":\"refused\",\"what\":\"take\",\"why\":\"gone\"}\n");
	ck_assert_uint_eq(n_closed, 1);
	ck_assert_int_eq(end_err, ENOENT);
	pc_sip_transport_close(tp);
	close(peer);
}
END_TEST

START_TEST(the_line_is_gone)
{
	ck_assert_int_eq(open_greeted(hello), 0);
	close(peer);
	run_for(200);
	ck_assert_uint_eq(n_closed, 1);
	ck_assert_int_gt(end_err, 0);
	pc_sip_transport_close(tp);
}
END_TEST

START_TEST(no_hello)
{
	static char bad[][80] = {
		"nonsense",
		"{\"type\":\"received\"}\n",
		"{\"type\":\"hello\"}\n",
		"{\"type\":\"hello\",\"transport\":\"udp\",\"local\":\"x\"}\n",
	};

	ck_assert_int_eq(open_greeted(bad[_i]), -EBADMSG);
	close(peer);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip line");
	TCase *tc = tcase_create("line");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 20);
	tcase_add_checked_fixture(tc, own_tool_init, own_tool_fini);
	tcase_add_test(tc, packets_come_back);
	tcase_add_test(tc, packets_that_are_none);
	tcase_add_test(tc, what_a_slow_reader_leaves_waits_in_order);
	tcase_add_test(tc, who_never_reads_is_not_waited_for_without_end);
	tcase_add_test(tc, nonsense_ends_it);
	tcase_add_test(tc, the_hello_is_the_identity);
	tcase_add_test(tc, who_calls_is_who_is_asked_for);
	tcase_add_test(tc, messages_both_ways);
	tcase_add_test(tc, questions_and_their_answers);
	tcase_add_test(tc, the_line_is_gone);
	tcase_add_loop_test(tc, no_hello, 0, 4);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
