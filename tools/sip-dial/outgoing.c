/* Requests in a dialog, and the challenges that they meet (RFC 3261 22). */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct outgoing {
	struct call *c;
	struct pc_sip_dialog *d;
	struct pc_sip_client *tr; /* NULL while credentials are made */
	struct auth_tries tries;
	outgoing_fn *fn;
	void *arg;
	int challenge; /* the 401 or 407 that is being answered */
	bool cancelled;
};

static pc_sip_response_fn on_response;

/* It is over: o is gone. */
static void end(struct outgoing *o, const osip_message_t *sent,
		const struct pc_sip_response *r)
{
	struct outgoing done = *o;

	free(o);
	if (done.fn)
		done.fn(done.c, done.arg, sent, r);
}

static void again(struct call *c, osip_message_t *request, void *arg)
{
	struct outgoing *o = arg;
	struct pc_sip_response r = { .status = o->challenge,
				     .reason = "no credentials for it" };

	if (request && o->cancelled) {
		osip_message_free(request);
		request = NULL;
		r = (struct pc_sip_response){ .status = 487,
					      .reason = "Request Terminated" };
	}
	if (!request) {
		end(o, NULL, &r);
	} else if (net_send(c, o->d, request, on_response, o, &o->tr) < 0) {
		r.status = 503;
		r.reason = "cannot be sent";
		r.err = EIO;
		end(o, NULL, &r);
	}
}

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *r)
{
	const osip_message_t *sent = pc_sip_client_request(tr);
	struct outgoing *o = arg;

	if (r->status < 200) {
		if (o->fn)
			o->fn(o->c, o->arg, sent, r);
	} else if ((r->status == 401 || r->status == 407) && r->message &&
		   auth_wanted(&o->tries, r->message)) {
		o->tr = NULL;
		o->challenge = r->status;
		auth_answer(o->c, sent, r->message, ++o->d->local_cseq, again,
			    o);
	} else {
		end(o, sent, r);
	}
}

struct outgoing *outgoing_send(struct call *c, struct pc_sip_dialog *d,
			       osip_message_t *request, outgoing_fn *fn,
			       void *arg)
{
	struct outgoing *o = calloc(1, sizeof(*o));

	if (!o) {
		pc_tool_error(c->tool, "out of memory");
		osip_message_free(request);
		return NULL;
	}
	o->c = c;
	o->d = d;
	o->fn = fn;
	o->arg = arg;
	if (net_send(c, d, request, on_response, o, &o->tr) < 0) {
		free(o);
		return NULL;
	}
	return o;
}

void outgoing_cancel(struct outgoing *o)
{
	o->cancelled = true;
	if (o->tr)
		pc_sip_ua_cancel(o->tr, NULL);
}
