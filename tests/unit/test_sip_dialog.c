/* libcommon/sip/dialog: RFC 3261 section 12, with its own examples. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/dialog.h"

#define COMMON                                                                 \
	"Via: SIP/2.0/UDP u1.example.com;branch=z9hG4bK1\r\n"                  \
	"From: Caller <sip:caller@u1.example.com>;tag=ours\r\n"                \
	"Call-ID: 48273@u1\r\n"
#define INVITE                                                                 \
	"INVITE sip:callee@domain.com SIP/2.0\r\n" COMMON                      \
	"To: <sip:callee@domain.com>\r\nCSeq: 5 INVITE\r\n"                    \
	"Contact: <sip:caller@u1.example.com>\r\n"
#define OK(routes, contact)                                                    \
	"SIP/2.0 200 OK\r\n" COMMON                                            \
	"To: <sip:callee@domain.com>;tag=theirs\r\nCSeq: 5 INVITE\r\n"         \
	"Contact: " contact "\r\n" routes "\r\n"

static osip_message_t *parse(const char *text)
{
	osip_message_t *m;
	const char *why;

	pc_sip_init();
	ck_assert_int_eq(pc_sip_parse(&m, text, strlen(text), &why), 0);
	return m;
}

static struct pc_sip_dialog *uac(const char *response)
{
	osip_message_t *invite = parse(INVITE "\r\n"), *ok = parse(response);
	struct pc_sip_dialog *d;

	ck_assert_int_eq(pc_sip_dialog_uac(&d, invite, ok), 0);
	osip_message_free(invite);
	osip_message_free(ok);
	return d;
}

/* The text of a BYE in it; the caller frees it. */
static char *bye(struct pc_sip_dialog *d)
{
	osip_message_t *m;
	char *text;
	size_t len;

	ck_assert_int_eq(pc_sip_dialog_request(d, &m, "BYE"), 0);
	text = pc_sip_text(m, &len);
	osip_message_free(m);
	return text;
}

static void has(const char *text, const char *what)
{
	ck_assert_msg(strstr(text, what) != NULL, "no %s in %s", what, text);
}

START_TEST(caller)
{
	struct pc_sip_dialog *d = uac(OK("", "<sip:callee@u2.domain.com>"));
	osip_message_t *ack;
	char *text = bye(d);

	has(text, "BYE sip:callee@u2.domain.com SIP/2.0\r\n");
	has(text, "CSeq: 6 BYE\r\n");
	has(text, ";tag=ours\r\n");
	has(text, "To: <sip:callee@domain.com>;tag=theirs\r\n");
	has(text, "Call-ID: 48273@u1\r\n");
	ck_assert_ptr_null(strstr(text, "Route:"));
	osip_free(text);
	ck_assert_int_eq(pc_sip_dialog_ack(d, &ack, 5), 0);
	ck_assert_uint_eq(pc_sip_cseq(ack), 5);
	ck_assert_uint_eq(d->local_cseq, 6);
	osip_message_free(ack);
	pc_sip_dialog_free(d);
}
END_TEST

/* 16.12.1.1: proxies p1 and p2, loose; the caller sees p2's on top. */
START_TEST(loose_routes)
{
	struct pc_sip_dialog *d =
		uac(OK("Record-Route: <sip:p2.domain.com;lr>\r\n"
		       "Record-Route: <sip:p1.example.com;lr>\r\n",
		       "<sip:callee@u2.domain.com>"));
	char *text = bye(d), *p1, *p2;

	has(text, "BYE sip:callee@u2.domain.com SIP/2.0\r\n");
	p1 = strstr(text, "Route: <sip:p1.example.com;lr>");
	p2 = strstr(text, "<sip:p2.domain.com;lr>");
	ck_assert(p1 && p2 && p1 < p2);
	osip_free(text);
	pc_sip_dialog_free(d);
}
END_TEST

/* 12.2.1.1's example: a strict router first. */
START_TEST(strict_route)
{
	struct pc_sip_dialog *d =
		uac(OK("Record-Route: <sip:proxy4>, <sip:proxy3;lr>\r\n"
		       "Record-Route: <sip:proxy2>\r\n"
		       "Record-Route: <sip:127.0.0.1:5071>\r\n",
		       "<sip:user@remoteua>"));
	char *text = bye(d), *p2, *p3, *p4, *last, *hop;

	has(text, "BYE sip:127.0.0.1:5071 SIP/2.0\r\n");
	p2 = strstr(text, "<sip:proxy2>");
	p3 = strstr(text, "<sip:proxy3;lr>");
	p4 = strstr(text, "<sip:proxy4>");
	last = strstr(text, "<sip:user@remoteua>");
	ck_assert(p2 && p3 && p4 && last && p2 < p3 && p3 < p4 && p4 < last);
	osip_free(text);
	hop = pc_sip_dialog_next_hop(d);
	ck_assert_str_eq(hop, "sip:127.0.0.1:5071");
	free(hop);
	pc_sip_dialog_free(d);
}
END_TEST

START_TEST(called)
{
	osip_message_t *invite =
		parse("INVITE sip:callee@domain.com SIP/2.0\r\n" COMMON
		      "To: <sip:callee@domain.com>\r\nCSeq: 5 INVITE\r\n"
		      "Contact: <sip:caller@u1.example.com>\r\n"
		      "Record-Route: <sip:p2;lr>\r\nRecord-Route: <sip:p1;lr>"
		      "\r\n\r\n");
	struct pc_sip_dialog *d;
	char *text, *p1, *p2;

	ck_assert_int_eq(pc_sip_dialog_uas(&d, invite, "here"), 0);
	osip_message_free(invite);
	text = bye(d);
	has(text, "BYE sip:caller@u1.example.com SIP/2.0\r\n");
	has(text, "From: <sip:callee@domain.com>;tag=here\r\n");
	has(text, "<sip:caller@u1.example.com>;tag=ours\r\n");
	p1 = strstr(text, "<sip:p1;lr>"); /* in the order they came */
	p2 = strstr(text, "<sip:p2;lr>");
	ck_assert(p1 && p2 && p2 < p1);
	osip_free(text);
	pc_sip_dialog_free(d);
}
END_TEST

START_TEST(whose)
{
	struct pc_sip_dialog *d = uac(OK("", "<sip:callee@u2.domain.com>"));
	static const struct {
		const char *id, *from, *to;
		bool ours;
	} cases[] = {
		{ "48273@u1", "theirs", "ours", true },
		{ "48273@u2", "theirs", "ours", false },
		{ "48273@u1", "others", "ours", false },
		{ "48273@u1", "theirs", "others", false },
		{ "48273@u1", "ours", "theirs", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char text[512];
		osip_message_t *m;

		snprintf(text, sizeof(text),
			 "BYE sip:x@y SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP h;branch=z9hG4bK9\r\n"
			 "From: <sip:b@c>;tag=%s\r\nTo: <sip:d@e>;tag=%s\r\n"
			 "Call-ID: %s\r\nCSeq: 9 BYE\r\n\r\n",
			 cases[i].from, cases[i].to, cases[i].id);
		m = parse(text);
		ck_assert(pc_sip_dialog_match(d, m) == cases[i].ours);
		osip_message_free(m);
	}
	pc_sip_dialog_free(d);
}
END_TEST

static int cseq(struct pc_sip_dialog *d, unsigned n)
{
	char text[512];
	osip_message_t *m;
	int rc;

	snprintf(text, sizeof(text),
		 "INFO sip:x@y SIP/2.0\r\n" COMMON
		 "To: <sip:d@e>;tag=x\r\nCSeq: %u INFO\r\n\r\n",
		 n);
	m = parse(text);
	rc = pc_sip_dialog_cseq(d, m);
	osip_message_free(m);
	return rc;
}

/* 12.2.2: any first number, gaps, never backwards. */
START_TEST(order)
{
	struct pc_sip_dialog *d = uac(OK("", "<sip:callee@u2.domain.com>"));

	ck_assert_int_eq(cseq(d, 0), 0);
	ck_assert_int_eq(cseq(d, 40), 0);
	ck_assert_int_eq(cseq(d, 90), 0);
	ck_assert_int_eq(cseq(d, 89), -ESTALE);
	ck_assert_int_eq(cseq(d, 91), 0);
	pc_sip_dialog_free(d);
}
END_TEST

START_TEST(no_contact)
{
	static const char *const contacts[] = { "*", "<tel:+1>" };
	osip_message_t *invite = parse(INVITE "\r\n");
	struct pc_sip_dialog *d = NULL;

	for (size_t i = 0; i < sizeof(contacts) / sizeof(*contacts); i++) {
		char text[512];
		osip_message_t *ok;

		snprintf(text, sizeof(text), OK("", "%s"), contacts[i]);
		ok = parse(text);
		ck_assert_int_eq(pc_sip_dialog_uac(&d, invite, ok), -EBADMSG);
		ck_assert_ptr_null(d);
		osip_message_free(ok);
	}
	osip_message_free(invite);
}
END_TEST

/* 13.2.2.4: the 2xx says where an early dialog leads; its CSeq goes on. */
START_TEST(confirmed)
{
	struct pc_sip_dialog *d =
		uac(OK("Record-Route: <sip:p1;lr>\r\n", "<sip:early@u2>"));
	osip_message_t *ok = parse(
		OK("Record-Route: <sip:p2;lr>\r\nRecord-Route: <sip:p3;lr>\r\n",
		   "<sip:callee@u3>"));
	char *text = bye(d);

	osip_free(text);
	ck_assert_int_eq(pc_sip_dialog_confirm(d, ok), 0);
	text = bye(d);
	has(text, "BYE sip:callee@u3 SIP/2.0\r\n");
	has(text, "CSeq: 7 BYE\r\n");
	has(text, "Route: <sip:p3;lr>\r\nRoute: <sip:p2;lr>\r\n");
	ck_assert_ptr_null(strstr(text, "p1"));
	osip_free(text);
	osip_message_free(ok);
	ok = parse("SIP/2.0 200 OK\r\n" COMMON
		   "To: <sip:callee@domain.com>;tag=theirs\r\n"
		   "CSeq: 5 INVITE\r\n\r\n");
	ck_assert_int_eq(pc_sip_dialog_confirm(d, ok), -EBADMSG);
	osip_message_free(ok);
	pc_sip_dialog_free(d);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sip_dialog");
	TCase *tc = tcase_create("all");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, caller);
	tcase_add_test(tc, confirmed);
	tcase_add_test(tc, loose_routes);
	tcase_add_test(tc, strict_route);
	tcase_add_test(tc, called);
	tcase_add_test(tc, whose);
	tcase_add_test(tc, order);
	tcase_add_test(tc, no_contact);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
