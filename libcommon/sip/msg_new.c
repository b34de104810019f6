/* What is built of SIP messages (RFC 3261 8.1.1, 8.2.6). */
#include "sip/msg.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>

#define PRODUCT "pipecall"

const char *pc_sip_token(char text[PC_SIP_TOKEN])
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char raw[PC_SIP_TOKEN - 2];

	while (getrandom(raw, sizeof(raw), 0) != (ssize_t)sizeof(raw))
		;
	for (size_t i = 0; i < sizeof(raw); i++)
		text[i] = digits[raw[i] & 31];
	text[sizeof(raw)] = '\0';
	return text;
}

char *pc_sip_text(osip_message_t *msg, size_t *len)
{
	char *text = NULL;

	if (osip_message_to_str(msg, &text, len) != 0)
		return NULL;
	return text;
}

int pc_sip_add(osip_message_t *msg, const char *name, const char *value)
{
	/* osip2 sorts the headers it knows into lists of their own */
	if (strcasecmp(name, "Authorization") == 0)
		return osip_message_set_authorization(msg, value) ? -EINVAL : 0;
	if (strcasecmp(name, "Proxy-Authorization") == 0)
		return osip_message_set_proxy_authorization(msg, value)
			       ? -EINVAL
			       : 0;
	if (strcasecmp(name, "Contact") == 0)
		return osip_message_set_contact(msg, value) ? -EINVAL : 0;
	if (strcasecmp(name, "Route") == 0)
		return osip_message_set_route(msg, value) ? -EINVAL : 0;
	return osip_message_set_header(msg, name, value) ? -EINVAL : 0;
}

int pc_sip_set_body(osip_message_t *msg, const char *type, const char *data,
		    size_t len)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", len);
	if (osip_message_set_body(msg, data, len) != 0 ||
	    osip_message_set_content_type(msg, type) != 0)
		return -ENOMEM;
	osip_content_length_free(msg->content_length);
	msg->content_length = NULL;
	return osip_message_set_content_length(msg, number) ? -ENOMEM : 0;
}

static int set_start(osip_message_t *m, const char *method, const char *uri)
{
	osip_uri_t *req_uri;
	int rc = pc_sip_uri_new(&req_uri, uri);

	if (rc < 0)
		return rc;
	pc_sip_uri_bare(req_uri);
	osip_message_set_uri(m, req_uri);
	osip_message_set_method(m, osip_strdup(method));
	osip_message_set_version(m, osip_strdup("SIP/2.0"));
	return m->sip_method && m->sip_version ? 0 : -ENOMEM;
}

int pc_sip_request_new(osip_message_t **msg, const struct pc_sip_request *req)
{
	osip_message_t *m;
	char cseq[64];
	int rc;

	pc_sip_init();
	if (osip_message_init(&m) != 0)
		return -ENOMEM;
	rc = set_start(m, req->method, req->uri);
	if (rc < 0)
		goto out;
	snprintf(cseq, sizeof(cseq), "%u %s", req->cseq, req->method);
	rc = -EINVAL;
	if (osip_message_set_from(m, req->from) != 0 ||
	    osip_message_set_to(m, req->to) != 0 ||
	    osip_message_set_call_id(m, req->call_id) != 0 ||
	    osip_message_set_cseq(m, cseq) != 0 ||
	    (req->contact && osip_message_set_contact(m, req->contact) != 0) ||
	    osip_message_set_max_forwards(m, "70") != 0 ||
	    osip_message_set_user_agent(m, PRODUCT) != 0)
		goto out;
	if (!m->from->url || !m->to->url)
		goto out;
	*msg = m;
	return 0;
out:
	osip_message_free(m);
	return rc;
}

static int copy_headers(osip_message_t *m, const osip_message_t *request)
{
	if (osip_list_clone(&request->vias, &m->vias,
			    (int (*)(void *, void **))osip_via_clone) != 0 ||
	    osip_from_clone(request->from, &m->from) != 0 ||
	    osip_to_clone(request->to, &m->to) != 0 ||
	    osip_call_id_clone(request->call_id, &m->call_id) != 0 ||
	    osip_cseq_clone(request->cseq, &m->cseq) != 0)
		return -ENOMEM;
	return 0;
}

/* A dialog is made of these (12.1.1). */
static int copy_routes(osip_message_t *m, const osip_message_t *request)
{
	return osip_list_clone(
		       &request->record_routes, &m->record_routes,
		       (int (*)(void *, void **))osip_record_route_clone)
		       ? -ENOMEM
		       : 0;
}

static int set_tag(osip_to_t *to, const char *tag)
{
	char *copy;

	if (!tag || pc_sip_tag(to)[0])
		return 0;
	copy = osip_strdup(tag);
	if (!copy)
		return -ENOMEM;
	return osip_to_set_tag(to, copy) ? -ENOMEM : 0;
}

int pc_sip_response_new(osip_message_t **msg, const osip_message_t *request,
			int status, const char *reason, const char *tag)
{
	osip_message_t *m;
	int rc;

	if (osip_message_init(&m) != 0)
		return -ENOMEM;
	if (!reason)
		reason = osip_message_get_reason(status);
	osip_message_set_version(m, osip_strdup("SIP/2.0"));
	osip_message_set_status_code(m, status);
	osip_message_set_reason_phrase(
		m, osip_strdup(reason ? reason : "Unknown"));
	rc = copy_headers(m, request);
	if (rc == 0)
		rc = set_tag(m->to, tag);
	if (rc == 0 && status > 100 && status < 300)
		rc = copy_routes(m, request);
	if (rc == 0 && osip_message_set_header(m, "Server", PRODUCT) != 0)
		rc = -ENOMEM;
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	*msg = m;
	return 0;
}
