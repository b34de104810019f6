/* Dialogs; see dialog.h. */
#include "sip/dialog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *heap(char *osip_text)
{
	char *copy = osip_text ? strdup(osip_text) : NULL;

	osip_free(osip_text);
	return copy;
}

static char *from_text(const osip_from_t *from)
{
	char *text = NULL;

	return osip_from_to_str(from, &text) == 0 ? heap(text) : NULL;
}

static char *uri_text(const osip_uri_t *uri)
{
	char *text = NULL;

	return osip_uri_to_str(uri, &text) == 0 ? heap(text) : NULL;
}

static bool has_tag(const char *value)
{
	const char *end = strrchr(value, '>');

	return strstr(end ? end : value, ";tag=") != NULL;
}

/* Our own end: From or To with the tag we gave, which may not be in it yet. */
static char *with_tag(const osip_from_t *from, const char *tag)
{
	char *text = from_text(from), *all = NULL;

	if (!text || !tag[0] || has_tag(text))
		return text;
	if (asprintf(&all, "%s;tag=%s", text, tag) < 0)
		all = NULL;
	free(text);
	return all;
}

static int route_at(struct pc_sip_dialog *d, const osip_record_route_t *rr,
		    bool front)
{
	osip_route_t *route;

	/* Record-Route and Route are the same struct to osip2 */
	if (osip_record_route_clone(rr, (osip_record_route_t **)&route) != 0)
		return -ENOMEM;
	if (osip_list_add(&d->routes, route, front ? 0 : -1) < 0) {
		osip_route_free(route);
		return -ENOMEM;
	}
	return 0;
}

/* The caller sees Record-Route the other way round (12.1.2). */
static int take_routes(struct pc_sip_dialog *d, const osip_message_t *msg,
		       bool reversed)
{
	for (int i = 0; i < osip_list_size(&msg->record_routes); i++) {
		const osip_record_route_t *rr =
			osip_list_get(&msg->record_routes, i);

		if (!rr->url || !rr->url->host)
			return -EBADMSG;
		if (route_at(d, rr, reversed) < 0)
			return -ENOMEM;
	}
	return 0;
}

int pc_sip_dialog_refresh(struct pc_sip_dialog *d, const osip_message_t *msg)
{
	const osip_contact_t *contact = osip_list_get(&msg->contacts, 0);
	char *target;

	if (!contact || !contact->url || !contact->url->host)
		return -EBADMSG;
	target = uri_text(contact->url);
	if (!target)
		return -ENOMEM;
	free(d->target);
	d->target = target;
	return 0;
}

/* RFC 2543, which has no magic cookie, could do without Contact: their From. */
static int first_target(struct pc_sip_dialog *d, const osip_message_t *request)
{
	if (osip_list_size(&request->contacts) > 0 ||
	    strncmp(pc_sip_branch(request), "z9hG4bK", 7) == 0)
		return pc_sip_dialog_refresh(d, request);
	d->target = uri_text(request->from->url);
	return d->target ? 0 : -ENOMEM;
}

static struct pc_sip_dialog *empty(const osip_message_t *msg)
{
	struct pc_sip_dialog *d = calloc(1, sizeof(*d));
	char *id = NULL;

	if (!d)
		return NULL;
	osip_list_init(&d->routes);
	if (osip_call_id_to_str(msg->call_id, &id) == 0)
		d->call_id = heap(id);
	return d;
}

static int finish(struct pc_sip_dialog **out, struct pc_sip_dialog *d, int rc)
{
	if (rc == 0 && (!d->call_id || !d->local || !d->remote ||
			!d->local_tag || !d->remote_tag))
		rc = -ENOMEM;
	if (rc < 0) {
		pc_sip_dialog_free(d);
		return rc;
	}
	*out = d;
	return 0;
}

int pc_sip_dialog_uac(struct pc_sip_dialog **out, const osip_message_t *request,
		      const osip_message_t *response)
{
	struct pc_sip_dialog *d = empty(request);
	int rc;

	if (!d)
		return -ENOMEM;
	d->local_tag = strdup(pc_sip_tag(request->from));
	d->remote_tag = strdup(pc_sip_tag(response->to));
	d->local = from_text(request->from);
	d->remote = from_text(response->to);
	d->local_cseq = pc_sip_cseq(request);
	rc = pc_sip_dialog_refresh(d, response);
	if (rc == 0)
		rc = take_routes(d, response, true);
	return finish(out, d, rc);
}

int pc_sip_dialog_confirm(struct pc_sip_dialog *d,
			  const osip_message_t *response)
{
	int rc = pc_sip_dialog_refresh(d, response);

	if (rc < 0)
		return rc;
	osip_list_special_free(&d->routes, (void (*)(void *))osip_route_free);
	return take_routes(d, response, true);
}

int pc_sip_dialog_uas(struct pc_sip_dialog **out, const osip_message_t *request,
		      const char *local_tag)
{
	struct pc_sip_dialog *d = empty(request);
	int rc;

	if (!d)
		return -ENOMEM;
	d->local_tag = strdup(local_tag);
	d->remote_tag = strdup(pc_sip_tag(request->from));
	d->local = with_tag(request->to, local_tag);
	d->remote = from_text(request->from);
	d->remote_cseq = pc_sip_cseq(request);
	d->remote_cseq_known = true;
	d->local_cseq = 0;
	rc = first_target(d, request);
	if (rc == 0)
		rc = take_routes(d, request, false);
	return finish(out, d, rc);
}

void pc_sip_dialog_free(struct pc_sip_dialog *d)
{
	if (!d)
		return;
	osip_list_special_free(&d->routes, (void (*)(void *))osip_route_free);
	free(d->call_id);
	free(d->local_tag);
	free(d->remote_tag);
	free(d->local);
	free(d->remote);
	free(d->target);
	free(d);
}

static int add_route(osip_message_t *msg, const osip_route_t *route)
{
	osip_route_t *copy;

	if (osip_route_clone(route, &copy) != 0)
		return -ENOMEM;
	if (osip_list_add(&msg->routes, copy, -1) < 0) {
		osip_route_free(copy);
		return -ENOMEM;
	}
	return 0;
}

/*
 * 12.2.1.1: a loose first route leaves the target in the Request-URI; a
 * strict one takes that place, and the target goes to the end of the Routes.
 */
static int set_routes(const struct pc_sip_dialog *d, osip_message_t *msg)
{
	const osip_route_t *first = osip_list_get(&d->routes, 0);
	bool strict = first && !pc_sip_uri_param(first->url, "lr");
	char last[1024];
	int rc = 0;

	for (int i = strict; rc == 0 && i < osip_list_size(&d->routes); i++)
		rc = add_route(msg, osip_list_get(&d->routes, i));
	if (rc < 0 || !strict)
		return rc;
	osip_uri_free(msg->req_uri);
	msg->req_uri = NULL;
	if (osip_uri_clone(first->url, &msg->req_uri) != 0)
		return -ENOMEM;
	pc_sip_uri_bare(msg->req_uri);
	if (snprintf(last, sizeof(last), "<%s>", d->target) >=
	    (int)sizeof(last))
		return -EINVAL;
	return osip_message_set_route(msg, last) ? -EINVAL : 0;
}

static int build(const struct pc_sip_dialog *d, osip_message_t **msg,
		 const char *method, uint32_t cseq)
{
	osip_message_t *m;
	int rc = pc_sip_request_new(
		&m, &(struct pc_sip_request){ .method = method,
					      .uri = d->target,
					      .from = d->local,
					      .to = d->remote,
					      .call_id = d->call_id,
					      .cseq = cseq });

	if (rc < 0)
		return rc;
	rc = set_routes(d, m);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	*msg = m;
	return 0;
}

int pc_sip_dialog_request(struct pc_sip_dialog *d, osip_message_t **msg,
			  const char *method)
{
	return build(d, msg, method, ++d->local_cseq);
}

int pc_sip_dialog_ack(const struct pc_sip_dialog *d, osip_message_t **msg,
		      uint32_t cseq)
{
	return build(d, msg, "ACK", cseq);
}

char *pc_sip_dialog_next_hop(const struct pc_sip_dialog *d)
{
	const osip_route_t *first = osip_list_get(&d->routes, 0);

	return first ? uri_text(first->url) : strdup(d->target);
}

bool pc_sip_dialog_match(const struct pc_sip_dialog *d,
			 const osip_message_t *request)
{
	char *id = NULL;
	bool same;

	if (osip_call_id_to_str(request->call_id, &id) != 0)
		return false;
	same = strcmp(id, d->call_id) == 0 &&
	       strcmp(pc_sip_tag(request->to), d->local_tag) == 0 &&
	       strcmp(pc_sip_tag(request->from), d->remote_tag) == 0;
	osip_free(id);
	return same;
}

int pc_sip_dialog_cseq(struct pc_sip_dialog *d, const osip_message_t *request)
{
	uint32_t cseq = pc_sip_cseq(request);

	if (d->remote_cseq_known && cseq < d->remote_cseq)
		return -ESTALE;
	d->remote_cseq = cseq;
	d->remote_cseq_known = true;
	return 0;
}
