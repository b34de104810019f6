/*
 * Server transactions: IST and NIST (RFC 3261 17.2), and what every request
 * is asked before the user sees it (8.2).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sip/extension.h"
#include "sip/ua_private.h"

static const osip_via_t *top_via(const osip_message_t *msg)
{
	return osip_list_get(&msg->vias, 0);
}

/*
 * 18.2.2. Over TCP: the connection it came by, which from names. Over UDP:
 * the address it came from, at the port the Via names unless rport says that
 * one too (RFC 3581). maddr is for multicast, which we do not speak; obeying
 * it would let anybody aim our responses.
 */
static void back_to(struct pc_addr *back, const struct pc_sip_ua *ua,
		    const osip_message_t *msg, const struct pc_addr *from)
{
	const osip_via_t *via = top_via(msg);
	long port;

	*back = *from;
	if (strcasecmp(via->protocol, "UDP") != 0 ||
	    (ua->transport &&
	     pc_sip_transport_identity(ua->transport)->reliable))
		return;
	for (int i = 0; i < osip_list_size(&via->via_params); i++) {
		const osip_generic_param_t *p =
			osip_list_get(&via->via_params, i);

		if (p->gname && strcasecmp(p->gname, "rport") == 0)
			return;
	}
	port = via->port ? strtol(via->port, NULL, 10) : PC_SIP_PORT;
	if (port > 0 && port < 65536)
		pc_addr_set_port(back, (uint16_t)port);
}

void pc_sip_server_refuse(struct pc_sip_ua *ua, const osip_message_t *request,
			  int status, const char *reason,
			  const struct pc_addr *from)
{
	char tag[PC_SIP_TOKEN];
	struct pc_addr back;
	osip_message_t *m;

	if (pc_sip_response_new(&m, request, status, reason,
				pc_sip_token(tag)) < 0)
		return;
	back_to(&back, ua, request, from);
	pc_sip_ua_send_stateless(ua, m, &back);
	osip_message_free(m);
}

/* 8.2.2.2: the same request by another way. */
static bool merged(const struct pc_sip_server *s, const osip_message_t *request)
{
	const struct pc_sip_server *o;

	if (pc_sip_tag(request->to)[0])
		return false;
	LIST_FOREACH(o, &s->ua->servers, link)
	{
		const osip_message_t *r = o->tr->orig_request;

		if (o != s && r &&
		    osip_call_id_match(r->call_id, request->call_id) == 0 &&
		    strcmp(pc_sip_tag(r->from), pc_sip_tag(request->from)) ==
			    0 &&
		    pc_sip_cseq(r) == pc_sip_cseq(request) &&
		    strcmp(r->sip_method, request->sip_method) == 0)
			return true;
	}
	return pc_sip_accepted_merged(s->ua, request);
}

/* 8.2: true when the request has been answered here. */
static bool vetted(struct pc_sip_server *s, const osip_message_t *request)
{
	const char *scheme = request->req_uri->scheme;
	char *unknown = pc_sip_unsupported(request, s->ua->config.supported);
	bool answered = true;

	if (!scheme ||
	    (strcasecmp(scheme, "sip") && strcasecmp(scheme, "sips")))
		pc_sip_ua_reply(s, 416, NULL, NULL, NULL, NULL);
	else if (merged(s, request))
		pc_sip_ua_reply(s, 482, "Loop Detected (merged request)", NULL,
				NULL, NULL);
	else if (unknown && !MSG_IS_CANCEL(request))
		pc_sip_ua_reply(s, 420, NULL, NULL, "Unsupported", unknown);
	else
		answered = false;
	free(unknown);
	return answered;
}

static void answer_alone(struct pc_sip_server *s, const osip_message_t *request)
{
	if (MSG_IS_OPTIONS(request))
		pc_sip_ua_reply(s, 200, NULL, NULL, "Allow", "OPTIONS");
	else if (MSG_IS_CANCEL(request))
		pc_sip_ua_reply(s, 481, NULL, NULL, NULL, NULL);
	else
		pc_sip_ua_reply(s, 501, NULL, NULL, "Allow", "OPTIONS");
}

static void on_request(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct pc_sip_server *s = tr->reserved1;

	(void)type;
	if (!s || vetted(s, msg))
		return;
	if (s->ua->config.request)
		s->ua->config.request(s->ua->config.arg, s, msg, &s->from);
	else
		answer_alone(s, msg);
}

static void on_kill(int type, osip_transaction_t *tr)
{
	struct pc_sip_server *s = tr->reserved1;

	(void)type;
	tr->reserved1 = NULL;
	if (!s)
		return;
	osip_list_add(&s->ua->dead, tr, -1);
	LIST_REMOVE(s, link);
	pc_sip_reliable_free(s);
	free(s);
}

void pc_sip_server_end(struct pc_sip_server *s)
{
	osip_transaction_t *tr = s->tr;

	tr->state = tr->ctx_type == IST ? IST_TERMINATED : NIST_TERMINATED;
	on_kill(0, tr); /* frees s */
}

void pc_sip_server_install(osip_t *osip)
{
	static const int requests[] = {
		OSIP_IST_INVITE_RECEIVED,
		OSIP_NIST_REGISTER_RECEIVED,
		OSIP_NIST_BYE_RECEIVED,
		OSIP_NIST_OPTIONS_RECEIVED,
		OSIP_NIST_INFO_RECEIVED,
		OSIP_NIST_CANCEL_RECEIVED,
		OSIP_NIST_NOTIFY_RECEIVED,
		OSIP_NIST_SUBSCRIBE_RECEIVED,
		OSIP_NIST_UNKNOWN_REQUEST_RECEIVED,
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		osip_set_message_callback(osip, requests[i], on_request);
	osip_set_kill_transaction_callback(osip, OSIP_IST_KILL_TRANSACTION,
					   on_kill);
	osip_set_kill_transaction_callback(osip, OSIP_NIST_KILL_TRANSACTION,
					   on_kill);
}

void pc_sip_server_new(struct pc_sip_ua *ua, osip_event_t *evt,
		       const struct pc_addr *from)
{
	struct pc_sip_server *s;
	osip_transaction_t *tr;

	if (!pc_sip_server_room(ua)) {
		pc_sip_server_refuse(ua, evt->sip, 503, NULL, from);
		osip_event_free(evt);
		return;
	}
	s = calloc(1, sizeof(*s));
	tr = s ? osip_create_transaction(ua->osip, evt) : NULL;
	if (!tr) {
		osip_event_free(evt);
		free(s);
		return;
	}
	s->ua = ua;
	s->tr = tr;
	s->from = *from;
	back_to(&s->back, ua, evt->sip, from);
	pc_sip_ua_reliable(tr);
	tr->reserved1 = s;
	LIST_INSERT_HEAD(&ua->servers, s, link);
	osip_transaction_add_event(tr, evt);
}

int pc_sip_ua_respond(struct pc_sip_server *s, osip_message_t *response)
{
	osip_event_t *evt;

	if (s->done) {
		osip_message_free(response);
		return -EALREADY;
	}
	evt = osip_new_outgoing_sipmessage(response);
	if (!evt) {
		osip_message_free(response);
		return -ENOMEM;
	}
	s->done = response->status_code >= 200;
	s->refused = response->status_code >= 300;
	if (s->done)
		pc_sip_reliable_free(s);
	if (MSG_IS_STATUS_2XX(response) &&
	    MSG_IS_RESPONSE_FOR(response, "INVITE") &&
	    pc_sip_accepted_new(s, response) < 0) {
		osip_event_free(evt);
		return -ENOMEM;
	}
	osip_transaction_add_event(s->tr, evt);
	pc_sip_ua_kick(s->ua);
	return 0;
}

int pc_sip_ua_reply(struct pc_sip_server *s, int status, const char *reason,
		    const char *tag, const char *header, const char *value)
{
	char fresh[PC_SIP_TOKEN];
	osip_message_t *m;
	int rc;

	if (!tag && status > 100)
		tag = pc_sip_token(fresh);
	rc = pc_sip_response_new(&m, s->tr->orig_request, status, reason, tag);
	if (rc < 0)
		return rc;
	if (header && pc_sip_add(m, header, value) < 0) {
		osip_message_free(m);
		return -ENOMEM;
	}
	return pc_sip_ua_respond(s, m);
}

osip_message_t *pc_sip_server_request(const struct pc_sip_server *s)
{
	return s->tr->orig_request;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcasecmp(a, b) == 0);
}

struct pc_sip_server *pc_sip_ua_cancelled(struct pc_sip_ua *ua,
					  const osip_message_t *cancel)
{
	const osip_via_t *via = top_via(cancel);
	struct pc_sip_server *s;

	LIST_FOREACH(s, &ua->servers, link)
	{
		const osip_message_t *r = s->tr->orig_request;

		if (s->done || !r || !MSG_IS_INVITE(r))
			continue;
		if (strcmp(pc_sip_branch(r), pc_sip_branch(cancel)) == 0 &&
		    same(top_via(r)->host, via->host) &&
		    same(top_via(r)->port, via->port) &&
		    osip_call_id_match(r->call_id, cancel->call_id) == 0 &&
		    pc_sip_cseq(r) == pc_sip_cseq(cancel))
			return s;
	}
	return NULL;
}
