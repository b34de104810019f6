/* Requests in a dialog, and the challenges that they meet (RFC 3261 22). */
#include "call.h"

#include <errno.h>
#include <stdlib.h>

struct outgoing {
	struct call *c;
	struct pc_sip_dialog *d;
	osip_message_t *request; /* until it is known where it goes */
	struct pc_addr to;
	struct pc_sip_client
		*tr; /* NULL while that, or credentials, are made */
	struct auth_tries tries;
	outgoing_fn *fn;
	void *arg;
	int challenge; /* the 401 or 407 that is being answered */
	bool cancelled, looking;
	int rc; /* of an attempt that was made at once */
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

static void end_unsent(struct outgoing *o)
{
	struct pc_sip_response r = { .status = 503,
				     .reason = "cannot be sent",
				     .err = EIO };

	if (o->cancelled)
		r = (struct pc_sip_response){ .status = 487,
					      .reason = "Request Terminated" };
	end(o, NULL, &r);
}

/* It is known where it goes, or (NULL) that there is no such place. */
static void on_hop(struct call *c, void *arg, const struct pc_addr *to)
{
	struct outgoing *o = arg;
	osip_message_t *request = o->request;

	o->request = NULL;
	o->rc = to && !o->cancelled ? 0 : -EHOSTUNREACH;
	if (o->rc < 0) {
		osip_message_free(request);
	} else {
		o->to = *to;
		o->rc = pc_sip_ua_send(c->ua, request, to, on_response, o,
				       &o->tr);
	}
	if (o->rc < 0 && !o->looking)
		end_unsent(o);
}

/* Send it (it is taken), now or when its way is known. 0 or -errno. */
static int send_by_hop(struct outgoing *o, osip_message_t *request)
{
	int rc;

	o->tr = NULL;
	o->request = request;
	o->rc = 0;
	o->looking = true;
	rc = hop_find(o->c, o->d, on_hop, o);
	o->looking = false;
	if (rc < 0)
		osip_message_free(request);
	return rc < 0 ? rc : o->rc;
}

static void again(struct call *c, osip_message_t *request, void *arg)
{
	struct outgoing *o = arg;
	struct pc_sip_response r = { .status = o->challenge,
				     .reason = "no credentials for it" };

	(void)c;
	if (request && o->cancelled) {
		osip_message_free(request);
		end_unsent(o);
	} else if (!request) {
		end(o, NULL, &r);
	} else if (send_by_hop(o, request) < 0) {
		end_unsent(o);
	}
}

/*
 * RFC 3263 4.3: this one does not answer, or has no time, and there is another:
 * the same to that, on a new branch.
 */
static bool elsewhere(struct outgoing *o, const osip_message_t *sent,
		      const struct pc_sip_response *r)
{
	osip_message_t *m;

	if ((r->message && r->status != 503) || o->cancelled ||
	    !hop_next(o->c, o->d, &o->to) || osip_message_clone(sent, &m) != 0)
		return false;
	osip_list_special_free(&m->vias, (void (*)(void *))osip_via_free);
	osip_message_force_update(m);
	if (send_by_hop(o, m) < 0)
		end_unsent(o);
	return true;
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
	} else if (!elsewhere(o, sent, r)) {
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
	if (send_by_hop(o, request) < 0) {
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
