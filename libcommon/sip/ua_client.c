/* Client transactions: ICT and NICT (RFC 3261 17.1), CANCEL (9.1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/ua_private.h"

static void deliver(struct pc_sip_client *c, const struct pc_sip_response *r)
{
	bool final = r->status >= 200;

	if (c->done)
		return;
	c->done = final;
	if (c->fn)
		c->fn(c->arg, c, r);
}

static int send_cancel(struct pc_sip_client *c);

static void on_response(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct pc_sip_client *c = tr->reserved1;

	(void)type;
	if (!c)
		return;
	if (msg->status_code < 200 && !c->provisional) {
		c->provisional = true;
		if (c->cancel)
			send_cancel(c);
	}
	deliver(c,
		&(struct pc_sip_response){
			.status = msg->status_code,
			.reason = msg->reason_phrase ? msg->reason_phrase : "",
			.message = msg });
}

static void on_timeout(int type, osip_transaction_t *tr, osip_message_t *msg)
{
	struct pc_sip_client *c = tr->reserved1;

	(void)type, (void)msg;
	if (c)
		deliver(c, &(struct pc_sip_response){ .status = 408,
						      .reason = "no answer",
						      .err = ETIMEDOUT });
}

static void failed(struct pc_sip_client *c, int err)
{
	deliver(c, &(struct pc_sip_response){ .status = 503,
					      .reason = pc_sip_transport_why(
						      c->ua->transport, err),
					      .err = err });
}

static void on_transport_error(int type, osip_transaction_t *tr, int error)
{
	struct pc_sip_client *c = tr->reserved1;

	(void)type, (void)error;
	if (c)
		failed(c, c->err ? c->err : EIO);
}

static void on_kill(int type, osip_transaction_t *tr)
{
	struct pc_sip_client *c = tr->reserved1;

	(void)type;
	tr->reserved1 = NULL;
	if (!c)
		return;
	osip_list_add(&c->ua->dead, tr, -1);
	LIST_REMOVE(c, link);
	free(c->cancel_reason);
	free(c);
}

void pc_sip_client_install(osip_t *osip)
{
	static const int responses[] = {
		OSIP_ICT_STATUS_1XX_RECEIVED,  OSIP_ICT_STATUS_2XX_RECEIVED,
		OSIP_ICT_STATUS_3XX_RECEIVED,  OSIP_ICT_STATUS_4XX_RECEIVED,
		OSIP_ICT_STATUS_5XX_RECEIVED,  OSIP_ICT_STATUS_6XX_RECEIVED,
		OSIP_NICT_STATUS_1XX_RECEIVED, OSIP_NICT_STATUS_2XX_RECEIVED,
		OSIP_NICT_STATUS_3XX_RECEIVED, OSIP_NICT_STATUS_4XX_RECEIVED,
		OSIP_NICT_STATUS_5XX_RECEIVED, OSIP_NICT_STATUS_6XX_RECEIVED,
	};

	for (size_t i = 0; i < sizeof(responses) / sizeof(*responses); i++)
		osip_set_message_callback(osip, responses[i], on_response);
	osip_set_message_callback(osip, OSIP_ICT_STATUS_TIMEOUT, on_timeout);
	osip_set_message_callback(osip, OSIP_NICT_STATUS_TIMEOUT, on_timeout);
	osip_set_transport_error_callback(osip, OSIP_ICT_TRANSPORT_ERROR,
					  on_transport_error);
	osip_set_transport_error_callback(osip, OSIP_NICT_TRANSPORT_ERROR,
					  on_transport_error);
	osip_set_kill_transaction_callback(osip, OSIP_ICT_KILL_TRANSACTION,
					   on_kill);
	osip_set_kill_transaction_callback(osip, OSIP_NICT_KILL_TRANSACTION,
					   on_kill);
}

/* request is taken on success alone. */
static int start(struct pc_sip_client *c, osip_message_t *request)
{
	osip_fsm_type_t type = MSG_IS_INVITE(request) ? ICT : NICT;
	osip_event_t *evt = osip_new_outgoing_sipmessage(request);

	if (!evt)
		return -ENOMEM;
	if (osip_transaction_init(&c->tr, type, c->ua->osip, request) != 0) {
		osip_free(evt); /* not its message */
		return -ENOMEM;
	}
	pc_sip_ua_reliable(c->tr);
	c->tr->reserved1 = c;
	LIST_INSERT_HEAD(&c->ua->clients, c, link);
	osip_transaction_add_event(c->tr, evt);
	pc_sip_ua_kick(c->ua);
	return 0;
}

int pc_sip_ua_send(struct pc_sip_ua *ua, osip_message_t *request,
		   const struct pc_addr *to, pc_sip_response_fn *fn, void *arg,
		   struct pc_sip_client **tr)
{
	struct pc_sip_client *c = calloc(1, sizeof(*c));
	int rc = c ? 0 : -ENOMEM;

	if (rc == 0 && osip_list_size(&request->vias) == 0)
		rc = pc_sip_ua_add_via(ua, request, to, NULL);
	if (rc == 0) {
		c->ua = ua;
		c->to = *to;
		c->fn = fn;
		c->arg = arg;
		rc = start(c, request);
	}
	if (rc < 0) {
		osip_message_free(request);
		free(c);
		return rc;
	}
	if (tr)
		*tr = c;
	return 0; /* NOLINT(clang-analyzer-unix.Malloc): its transaction has c */
}

/* 9.1: all of it as in the INVITE, with the INVITE's own Via alone. */
static int cancel_new(osip_message_t **msg, const osip_message_t *invite)
{
	osip_message_t *m;
	osip_via_t *via;

	if (osip_message_init(&m) != 0)
		return -ENOMEM;
	if (osip_uri_clone(invite->req_uri, &m->req_uri) != 0 ||
	    osip_via_clone(osip_list_get(&invite->vias, 0), &via) != 0)
		goto out;
	osip_list_add(&m->vias, via, -1);
	if (osip_from_clone(invite->from, &m->from) != 0 ||
	    osip_to_clone(invite->to, &m->to) != 0 ||
	    osip_call_id_clone(invite->call_id, &m->call_id) != 0 ||
	    osip_cseq_clone(invite->cseq, &m->cseq) != 0 ||
	    osip_list_clone(&invite->routes, &m->routes,
			    (int (*)(void *, void **))osip_route_clone) != 0 ||
	    osip_message_set_max_forwards(m, "70") != 0)
		goto out;
	osip_free(m->cseq->method);
	m->cseq->method = osip_strdup("CANCEL");
	m->sip_method = osip_strdup("CANCEL");
	m->sip_version = osip_strdup("SIP/2.0");
	if (!m->cseq->method || !m->sip_method || !m->sip_version)
		goto out;
	*msg = m;
	return 0;
out:
	osip_message_free(m);
	return -ENOMEM;
}

static int send_cancel(struct pc_sip_client *c)
{
	osip_message_t *cancel;
	int rc = cancel_new(&cancel, c->tr->orig_request);

	if (rc == 0 && c->cancel_reason &&
	    pc_sip_add(cancel, "Reason", c->cancel_reason) < 0) {
		osip_message_free(cancel);
		rc = -ENOMEM;
	}
	if (rc < 0)
		return rc;
	return pc_sip_ua_send(c->ua, cancel, &c->to, NULL, NULL, NULL);
}

int pc_sip_ua_cancel(struct pc_sip_client *c, const char *reason)
{
	if (c->cancel || c->done)
		return 0;
	c->cancel = true;
	c->cancel_reason = reason && *reason ? strdup(reason) : NULL;
	return c->provisional ? send_cancel(c) : 0;
}

osip_message_t *pc_sip_client_request(const struct pc_sip_client *c)
{
	return c->tr->orig_request;
}

void pc_sip_client_forget(struct pc_sip_client *c)
{
	c->fn = NULL;
}

/* The machine is ended by hand: nothing more will come for it. */
static void end(struct pc_sip_client *c)
{
	osip_transaction_t *tr = c->tr;
	struct pc_sip_ua *ua = c->ua;

	tr->state = tr->ctx_type == ICT ? ICT_TERMINATED : NICT_TERMINATED;
	on_kill(0, tr); /* frees c */
	pc_sip_ua_kick(ua);
}

void pc_sip_ua_unreachable(void *arg, int err, const struct pc_addr *to)
{
	struct pc_sip_ua *ua = arg;
	struct pc_sip_client *c, *next;

	for (c = LIST_FIRST(&ua->clients); c; c = next) {
		next = LIST_NEXT(c, link);
		if (c->done || (to && !pc_addr_equal(&c->to, to)))
			continue;
		c->err = err;
		failed(c, err);
		end(c);
	}
}
