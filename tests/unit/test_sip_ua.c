/* libcommon/sip/ua: two user agents, and raw datagrams, on loopback. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sip/extension.h"
#include "sip/ua.h"

#include "own_tool.h"

static struct end {
	struct pc_sip_ua *ua;
	struct pc_sip_transport *tp;
	struct pc_addr addr;
	int status, err, finals;    /* of what we asked */
	int requests, acks, strays; /* of what came */
	bool inside; /* in a call of ours: no callback may come */
	bool idle;
	struct pc_sip_server *held; /* an INVITE that waits */
	bool hold, reliable;
	uint32_t rseq; /* of what came reliably */
	int provisionals;
} a, b;

/* One at a time (RFC 3262 3). */
static void ring_reliably(struct end *e)
{
	for (int i = 0; i < 2; i++) {
		osip_message_t *m;

		ck_assert_int_eq(
			pc_sip_response_new(&m, pc_sip_server_request(e->held),
					    180, NULL, "t"),
			0);
		ck_assert_int_eq(pc_sip_ua_respond_reliably(e->held, m),
				 i ? -EBUSY : 0);
	}
	ck_assert(pc_sip_ua_reliable_pending(e->held));
}

static void on_request(void *arg, struct pc_sip_server *tr, osip_message_t *m,
		       const struct pc_addr *from)
{
	struct end *e = arg;

	(void)from;
	ck_assert(!e->inside);
	e->requests++;
	if (MSG_IS_CANCEL(m)) {
		struct pc_sip_server *invite = pc_sip_ua_cancelled(e->ua, m);

		ck_assert_ptr_eq(invite, e->held);
		pc_sip_ua_reply(tr, 200, NULL, "t", NULL, NULL);
		pc_sip_ua_reply(invite, 487, NULL, "t", NULL, NULL);
		e->held = NULL;
	} else if (strcmp(m->sip_method, "PRACK") == 0) {
		ck_assert_ptr_eq(pc_sip_ua_pracked(e->ua, m), e->held);
		ck_assert_ptr_null(pc_sip_ua_pracked(e->ua, m));
		ck_assert(!pc_sip_ua_reliable_pending(e->held));
		pc_sip_ua_reply(tr, 200, NULL, NULL, NULL, NULL);
		pc_sip_ua_reply(e->held, 486, NULL, "t", NULL, NULL);
	} else if (e->reliable) {
		e->held = tr;
		ring_reliably(e);
	} else if (e->hold) {
		e->held = tr;
		pc_sip_ua_reply(tr, 180, NULL, "t", NULL, NULL);
	} else {
		ck_assert_int_eq(
			pc_sip_ua_reply(tr, 200, NULL, "t", NULL, NULL), 0);
		ck_assert_int_eq(
			pc_sip_ua_reply(tr, 486, NULL, "t", NULL, NULL),
			-EALREADY);
	}
}

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *r)
{
	struct end *e = arg;

	(void)tr;
	ck_assert(!e->inside);
	e->status = r->status;
	e->err = r->err;
	e->finals += r->status >= 200;
	if (r->status < 200 && r->message) {
		e->provisionals++;
		pc_sip_number(r->message, "RSeq", &e->rseq);
	}
	if (r->status >= 180)
		pc_timer_set(deadline, 50); /* let the rest come */
}

static void on_ack(void *arg, osip_message_t *ack)
{
	struct end *e = arg;

	(void)ack;
	e->acks++;
}

static void on_stray(void *arg, osip_message_t *response,
		     const struct pc_addr *from)
{
	struct end *e = arg;

	(void)response, (void)from;
	e->strays++;
}

static void on_idle(void *arg)
{
	struct end *e = arg;

	e->idle = true;
}

static void open_end(struct end *e)
{
	memset(e, 0, sizeof(*e));
	e->ua = pc_sip_ua_new(&tool,
			      &(struct pc_sip_ua_config){ .request = on_request,
							  .ack = on_ack,
							  .stray = on_stray,
							  .idle = on_idle,
							  .arg = e });
	pc_addr_parse(&e->addr, "127.0.0.1:0", 0);
	ck_assert_int_eq(pc_sip_transport_open(
				 &e->tp, &tool,
				 &(struct pc_sip_transport_config){
					 .kind = PC_SIP_UDP,
					 .local = &e->addr,
					 .received = pc_sip_ua_received,
					 .unreachable = pc_sip_ua_unreachable,
					 .arg = e->ua }),
			 0);
	pc_sip_ua_set_transport(e->ua, e->tp);
	e->addr = pc_sip_transport_identity(e->tp)->local;
}

static void setup(void)
{
	own_tool_init();
	open_end(&a);
	open_end(&b);
}

static void teardown(void)
{
	pc_sip_ua_free(a.ua);
	pc_sip_ua_free(b.ua);
	pc_sip_transport_close(a.tp);
	pc_sip_transport_close(b.tp);
	own_tool_fini();
}

static struct pc_sip_client *ask(const char *method, const struct pc_addr *to)
{
	struct pc_sip_client *tr;
	osip_message_t *m;

	ck_assert_int_eq(
		pc_sip_request_new(&m,
				   &(struct pc_sip_request){
					   .method = method,
					   .uri = "sip:b@b.example",
					   .from = "<sip:a@a.example>;tag=f",
					   .to = "<sip:b@b.example>",
					   .call_id = "id",
					   .cseq = 1 }),
		0);
	a.inside = true;
	ck_assert_int_eq(pc_sip_ua_send(a.ua, m, to, on_response, &a, &tr), 0);
	a.inside = false;
	return tr;
}

START_TEST(options_200)
{
	ask("OPTIONS", &b.addr);
	ck_assert(pc_sip_ua_busy(a.ua));
	run_for(20000);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(a.finals, 1);
	ck_assert_int_eq(b.requests, 1);
	ck_assert(a.idle && b.idle && !pc_sip_ua_busy(a.ua));
}
END_TEST

/* 8.1.3.1: what cannot be sent is a 503 of our own. */
START_TEST(nobody_there)
{
	struct pc_addr dead = b.addr;
	int fd;

	pc_addr_set_port(&dead, 0);
	fd = pc_addr_bind(&dead, SOCK_DGRAM); /* a port that was just ours */
	ck_assert_int_ge(fd, 0);
	close(fd);
	ask("OPTIONS", &dead);
	run_for(20000);
	ck_assert_int_eq(a.status, 503);
	ck_assert_int_eq(a.err, ECONNREFUSED);
	ck_assert_int_eq(a.finals, 1);
}
END_TEST

START_TEST(all_fail_with_the_transport)
{
	ask("OPTIONS", &b.addr);
	ask("INVITE", &b.addr);
	pc_sip_ua_unreachable(a.ua, EPIPE, NULL);
	ck_assert_int_eq(a.finals, 2);
	ck_assert_int_eq(a.err, EPIPE);
	run_for(50);
	ck_assert(!pc_sip_ua_busy(a.ua));
}
END_TEST

/* 13.3.1.4: a 2xx is sent again until its ACK; both ends do their part. */
START_TEST(invite_200)
{
	struct pc_sip_client *tr = ask("INVITE", &b.addr);
	osip_message_t *ack;

	ck_assert_ptr_nonnull(tr);
	run_for(20000);
	ck_assert_int_eq(a.status, 200);
	ck_assert_int_eq(a.strays, 0);
	run_for(700); /* 500 ms later it comes again */
	ck_assert_int_eq(a.strays, 1);
	ck_assert_int_eq(
		pc_sip_request_new(&ack,
				   &(struct pc_sip_request){
					   .method = "ACK",
					   .uri = "sip:b@b.example",
					   .from = "<sip:a@a.example>;tag=f",
					   .to = "<sip:b@b.example>;tag=t",
					   .call_id = "id",
					   .cseq = 1 }),
		0);
	ck_assert_int_eq(pc_sip_ua_send_stateless(a.ua, ack, &b.addr), 0);
	ck_assert_int_eq(pc_sip_ua_send_stateless(a.ua, ack, &b.addr), 0);
	osip_message_free(ack);
	run_for(1300);
	ck_assert_int_eq(b.acks, 1); /* the second says nothing new */
	ck_assert_int_eq(a.strays, 1);
}
END_TEST

START_TEST(cancelled)
{
	struct pc_sip_client *tr;

	b.hold = true;
	tr = ask("INVITE", &b.addr);
	run_for(20000);
	ck_assert_int_eq(a.status, 180);
	ck_assert_int_eq(pc_sip_ua_cancel(tr, NULL), 0);
	ck_assert_int_eq(pc_sip_ua_cancel(tr, NULL), 0); /* once is enough */
	run_for(20000);
	ck_assert_int_eq(a.status, 487);
	ck_assert_int_eq(b.requests, 2);
	ck_assert(!pc_sip_ua_busy(b.ua)); /* our ACK came */
}
END_TEST

/* 9.1: before a provisional response there is nothing to cancel. */
START_TEST(cancel_waits)
{
	struct pc_sip_client *tr;

	b.hold = true;
	tr = ask("INVITE", &b.addr);
	ck_assert_int_eq(pc_sip_ua_cancel(tr, NULL), 0);
	ck_assert_int_eq(b.requests, 0);
	run_for(20000);
	run_for(200);
	ck_assert_int_eq(a.status, 487);
}
END_TEST

static void prack(uint32_t rseq)
{
	char value[32];
	osip_message_t *m;

	snprintf(value, sizeof(value), "%u 1 INVITE", rseq);
	ck_assert_int_eq(
		pc_sip_request_new(&m,
				   &(struct pc_sip_request){
					   .method = "PRACK",
					   .uri = "sip:b@b.example",
					   .from = "<sip:a@a.example>;tag=f",
					   .to = "<sip:b@b.example>;tag=t",
					   .call_id = "id",
					   .cseq = 2 }),
		0);
	ck_assert_int_eq(pc_sip_add(m, "RAck", value), 0);
	ck_assert_int_eq(pc_sip_ua_send(a.ua, m, &b.addr, NULL, NULL, NULL), 0);
}

/* RFC 3262 3: numbered, sent again until its PRACK, and then no more. */
START_TEST(reliable)
{
	int seen;

	b.reliable = true;
	ask("INVITE", &b.addr);
	run_for(20000);
	ck_assert_int_eq(a.status, 180);
	ck_assert_uint_gt(a.rseq, 0);
	ck_assert_uint_lt(a.rseq, 0x80000000u);
	run_for(700);
	seen = a.provisionals;
	ck_assert_int_ge(seen, 2); /* after 500 ms it came again */
	prack(a.rseq);
	run_for(20000);
	ck_assert_int_eq(a.status, 486);
	ck_assert_int_eq(a.finals, 1);
}
END_TEST

START_TEST(forgotten)
{
	pc_sip_client_forget(ask("OPTIONS", &b.addr));
	run_for(100);
	ck_assert_int_eq(a.finals, 0);
	ck_assert_int_eq(b.requests, 1);
}
END_TEST

/* --- raw requests to b ---------------------------------------------------- */

static const char *answer(const char *start, const char *branch,
			  const char *more)
{
	static char text[2048];
	struct pc_addr local;
	ssize_t n;
	int fd;

	pc_addr_parse(&local, "127.0.0.1:0", 0);
	fd = pc_addr_bind(&local, SOCK_DGRAM);
	snprintf(text, sizeof(text),
		 "%s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=%s;rport"
		 "\r\nFrom: <sip:x@x>;tag=x\r\nTo: <sip:y@y>\r\nCall-ID: raw"
		 "\r\n%s\r\n",
		 start, branch, more);
	sendto(fd, text, strlen(text), 0, &b.addr.sa, b.addr.len);
	run_for(30);
	n = recv(fd, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\r")] = '\0';
	close(fd);
	return text;
}

START_TEST(vetted)
{
	ck_assert_str_eq(
		answer("OPTIONS tel:+1", "z9hG4bK1", "CSeq: 1 OPTIONS\r\n"),
		"SIP/2.0 416 Unsupported URI Scheme");
	ck_assert_str_eq(answer("OPTIONS sip:y@y", "z9hG4bK2",
				"CSeq: 2 OPTIONS\r\nRequire: foo\r\n"),
			 "SIP/2.0 420 Bad Extension");
	ck_assert_str_eq(
		answer("OPTIONS sip:y@y", "z9hG4bK3", "CSeq: 3 INVITE\r\n"),
		"SIP/2.0 400 Bad Request (CSeq names another method)");
	ck_assert_int_eq(b.requests, 0);
	ck_assert_str_eq(
		answer("OPTIONS sip:y@y", "z9hG4bK4", "CSeq: 4 OPTIONS\r\n"),
		"SIP/2.0 200 OK");
	ck_assert_str_eq(
		answer("OPTIONS sip:y@y", "z9hG4bK5", "CSeq: 4 OPTIONS\r\n"),
		"SIP/2.0 482 Loop Detected (merged request)");
	ck_assert_int_eq(b.requests, 1);
}
END_TEST

/* 17.2.2: a retransmission is answered by the machine, not by the user. */
START_TEST(retransmitted)
{
	for (int i = 0; i < 2; i++) {
		/* each from a socket of its own: rport names the new one */
		answer("OPTIONS sip:y@y", "z9hG4bK6", "CSeq: 6 OPTIONS\r\n");
		ck_assert_int_eq(b.requests, 1);
	}
}
END_TEST

/* What is broken is refused before it gets here; ACKs are never answered. */
START_TEST(dropped)
{
	ck_assert_str_eq(answer("OPTIONS sip:y@y", "z9hG4bK7", "CSeq: x\r\n"),
			 "SIP/2.0 400 Bad Request "
			 "(a CSeq that is no number below 2**31)");
	ck_assert_str_eq(answer("ACK sip:y@y", "z9hG4bK8", "CSeq: 1 ACK\r\n"),
			 "");
	ck_assert_str_eq(answer("ACK sip:y@y", "z9hG4bK9", "CSeq: 1 BYE\r\n"),
			 "");
	ck_assert_int_eq(b.requests, 0);
	ck_assert_int_eq(b.acks, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_ua");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, options_200);
	tcase_add_test(tc, nobody_there);
	tcase_add_test(tc, all_fail_with_the_transport);
	tcase_add_test(tc, invite_200);
	tcase_add_test(tc, cancelled);
	tcase_add_test(tc, cancel_waits);
	tcase_add_test(tc, reliable);
	tcase_add_test(tc, forgotten);
	tcase_add_test(tc, vetted);
	tcase_add_test(tc, retransmitted);
	tcase_add_test(tc, dropped);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
