/* What the requests beside the INVITE share. */
#include "beside.h"

#include <errno.h>
#include <string.h>

osip_message_t *beside_new(struct call *c, const char *method,
			   const struct pc_command *cmd)
{
	osip_message_t *m;
	int rc;

	if (!c->dialog || (c->state != CALL_UP && c->state != CALL_CALLING)) {
		pc_tool_error(c->tool, "%s: no call is up", method);
		return NULL;
	}
	rc = pc_sip_dialog_request(c->dialog, &m, method);
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: %s", method, strerror(-rc));
		return NULL;
	}
	if (cmd && headers_add(c, m, cmd) < 0) {
		osip_message_free(m);
		return NULL;
	}
	return m;
}

int beside_send(struct call *c, osip_message_t *m, const char *type,
		const char *body, size_t len, outgoing_fn *fn, void *arg)
{
	int rc = type ? pc_sip_set_body(m, type, body, len) : 0;

	if (rc < 0) {
		pc_tool_error(c->tool, "%s: its body: %s", m->sip_method,
			      strerror(-rc));
		osip_message_free(m);
		return rc;
	}
	return outgoing_send(c, c->dialog, m, fn, arg) ? 0 : -EIO;
}

void beside_tell(struct call *c, const char *event,
		 const struct pc_sip_response *r)
{
	pc_event(c->tool, event, "status=%d reason=%s headers=%p", r->status,
		 r->reason,
		 (void *)(r->message ? headers_of(c, r->message) : NULL));
}

const char *beside_body(const osip_message_t *m, size_t *len)
{
	const osip_body_t *body = osip_list_get(&m->bodies, 0);

	*len = body && body->body ? body->length : 0;
	return *len ? body->body : "";
}

char *beside_type(const osip_message_t *m)
{
	char *text = NULL;

	if (!m->content_type ||
	    osip_content_type_to_str(m->content_type, &text) != 0)
		return NULL;
	return text;
}
