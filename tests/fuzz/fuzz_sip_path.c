/*
 * The way of a SIP message: bytes from the net, framing, guard, parser,
 * transactions, dialog, and what is answered. Each input comes as a datagram,
 * and then as a stream, to an end that is calling (its INVITE is the one of
 * tests/fuzz/sip_path) and can be called. Whatever is sent must be SIP itself.
 * seeds: tests/data/rfc4475 tests/fuzz/sip
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/dialog.h"
#include "sip/guard.h"
#include "sip/transport_private.h"
#include "sip/ua.h"

#define SDP_TYPE "application/sdp"

static struct pc_tool tool;

static struct end {
	struct pc_sip_transport tp;
	struct pc_sip_ua *ua;
	struct pc_sip_dialog *out, *in; /* of our call, of theirs */
	osip_message_t *ack;
	char tag[PC_SIP_TOKEN];
	bool refused; /* what is sent now refuses bytes, and has them in it */
} me;

/* What is copied from a request without parsing it may be as bad as that. */
static int on_send(struct pc_sip_transport *tp, const char *data, size_t len,
		   const struct pc_addr *to)
{
	struct pc_sip_verdict v;

	(void)tp, (void)to;
	if (pc_sip_text_frame(data, len, 1u << 20) != (ssize_t)len)
		abort();
	pc_sip_guard(&v, data, len);
	if (!v.good && v.request) {
		fprintf(stderr, "sent: %s\n%.*s\n", v.why, (int)len, data);
		abort();
	}
	return 0;
}

static const struct pc_sip_transport_ops ops = { .send = on_send };

/* As sip-dial does: 200 to an INVITE, and to what is in its dialog. */
static void on_request(void *arg, struct pc_sip_server *tr, osip_message_t *m,
		       const struct pc_addr *from)
{
	bool tagged = pc_sip_tag(m->to)[0] != '\0';
	char contact[300];
	osip_message_t *r;

	(void)arg;
	if (tagged && !(me.in && pc_sip_dialog_match(me.in, m)) &&
	    !(me.out && pc_sip_dialog_match(me.out, m))) {
		pc_sip_ua_reply(tr, 481, NULL, NULL, NULL, NULL);
		return;
	}
	if (me.in && tagged && pc_sip_dialog_match(me.in, m)) {
		if (pc_sip_dialog_cseq(me.in, m) < 0) {
			pc_sip_ua_reply(tr, 500, NULL, NULL, NULL, NULL);
			return;
		}
		pc_sip_dialog_refresh(me.in, m);
	}
	if (!tagged && MSG_IS_INVITE(m) && !me.in &&
	    pc_sip_dialog_uas(&me.in, m, me.tag) < 0) {
		pc_sip_ua_reply(tr, 400, NULL, me.tag, NULL, NULL);
		return;
	}
	if (pc_sip_response_new(&r, m, 200, NULL, me.tag) < 0)
		return;
	if (pc_sip_ua_contact(me.ua, m->req_uri->username, from, contact,
			      sizeof(contact)) == 0 &&
	    pc_sip_add(r, "Contact", contact) < 0)
		abort();
	pc_sip_set_body(r, SDP_TYPE, "v=0\r\n", 5);
	pc_sip_ua_respond(tr, r);
}

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *r)
{
	const osip_message_t *invite = pc_sip_client_request(tr);
	struct pc_sip_dialog *d;
	struct pc_addr to;
	size_t len;

	(void)arg;
	if (!r->message || r->status >= 300 ||
	    pc_sip_dialog_uac(&d, invite, r->message) < 0)
		return;
	(void)pc_sip_body(r->message, SDP_TYPE, &len);
	pc_sip_dialog_free(me.out);
	me.out = d;
	if (r->status < 200 ||
	    pc_sip_dialog_ack(d, &me.ack, pc_sip_cseq(invite)) < 0)
		return;
	pc_addr_parse(&to, "192.0.2.1:5060", 0);
	pc_sip_ua_send_stateless(me.ua, me.ack, &to);
}

static void on_stray(void *arg, osip_message_t *response,
		     const struct pc_addr *from)
{
	struct pc_sip_dialog *d;
	osip_message_t *bye;

	(void)arg;
	if (!me.ack || pc_sip_dialog_uac(&d, me.ack, response) < 0)
		return;
	if (pc_sip_dialog_request(d, &bye, "BYE") == 0)
		pc_sip_ua_send(me.ua, bye, from, NULL, NULL, NULL);
	pc_sip_dialog_free(d);
}

static void call(void)
{
	const struct pc_sip_request req = { .method = "INVITE",
					    .uri = "sip:bob@192.0.2.1",
					    .from = "<sip:me@h>;tag=fuzz",
					    .to = "<sip:bob@192.0.2.1>",
					    .call_id = "fuzz",
					    .cseq = 1,
					    .contact = "<sip:me@192.0.2.2>" };
	osip_message_t *invite;
	struct pc_addr to;

	pc_addr_parse(&to, "192.0.2.1:5060", 0);
	if (pc_sip_request_new(&invite, &req) < 0 ||
	    osip_message_set_via(invite, "SIP/2.0/UDP 192.0.2.2;"
					 "branch=z9hG4bKfuzz;rport") != 0 ||
	    pc_sip_ua_send(me.ua, invite, &to, on_response, NULL, NULL) < 0)
		abort();
}

static void begin(bool stream)
{
	static const struct pc_sip_ua_config config = { .request = on_request,
							.stray = on_stray };

	memset(&me, 0, sizeof(me));
	strcpy(me.tag, "us");
	me.ua = pc_sip_ua_new(&tool, &config);
	if (!me.ua)
		abort();
	me.tp.tool = &tool;
	me.tp.ops = &ops;
	me.tp.config.received = pc_sip_ua_received;
	me.tp.config.arg = me.ua;
	me.tp.identity.transport = stream ? "TCP" : "UDP";
	me.tp.identity.reliable = stream;
	pc_addr_parse(&me.tp.identity.local, "192.0.2.2:5060", 0);
	pc_sip_ua_set_transport(me.ua, &me.tp);
	call();
}

static void end(void)
{
	pc_sip_dialog_free(me.out);
	pc_sip_dialog_free(me.in);
	osip_message_free(me.ack);
	pc_sip_ua_free(me.ua);
}

static void receive(const char *data, size_t len)
{
	struct pc_addr from;
	char *copy = malloc(len + 1); /* so that its end is a wall */

	pc_addr_parse(&from, "192.0.2.1:5060", 0);
	memcpy(copy, data, len);
	copy[len] = '\0';
	pc_sip_transport_in(&me.tp, copy, len, &from, &me.tp.identity.local);
	free(copy);
}

static void as_stream(const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		while (len > 0 && (*data == '\r' || *data == '\n'))
			data++, len--;
		n = pc_sip_text_frame(data, len, PC_SIP_MESSAGE_MAX);
		if (n <= 0)
			break;
		receive(data, (size_t)n);
		data += n;
		len -= (size_t)n;
	}
	if (len > 0) {
		struct pc_sip_verdict v;

		pc_sip_guard_stream(&v, data, len);
		if (v.good)
			abort();
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct pc_opt options[] = { PC_TOOL_OPTIONS("10", "wait"),
						 { 0 } };
	static const struct pc_tool_spec spec = {
		.usage = { "fuzz", "", "", "", options },
	};
	static struct {
		struct pc_tool_common common;
	} config;
	static char name[] = "fuzz", quiet[] = "-q";
	char *args[] = { name, quiet, NULL };

	(void)argc, (void)argv;
	return pc_tool_init(&tool, &spec, &config, 2, args) < 0 ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	begin(false);
	receive((const char *)data, len);
	end();
	begin(true);
	as_stream((const char *)data, len);
	end();
	return 0;
}
