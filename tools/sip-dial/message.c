/* MESSAGE (RFC 3428) in a call, both ways, and to one that waits. */
#include "beside.h"

#include <errno.h>
#include <string.h>

#define TEXT "text/plain;charset=UTF-8"

void message_received(struct call *c, struct pc_sip_server *tr,
		      osip_message_t *m)
{
	char *type = beside_type(m), *from = NULL;
	size_t len;
	const char *body = beside_body(m, &len);

	if (osip_uri_to_str(m->from->url, &from) != 0)
		from = NULL;
	pc_event(c->tool, "message",
		 "from=%s type=%s body=%p in_call=%c headers=%p", from, type,
		 (void *)pc_json_text(body, len), pc_sip_tag(m->to)[0] != '\0',
		 (void *)headers_of(c, m));
	pc_info("message from %s: %.*s", from ? from : "?",
		(int)(len > 400 ? 400 : len), body);
	osip_free(from);
	osip_free(type);
	pc_sip_ua_reply(tr, 200, NULL, c->tag[0] ? c->tag : NULL, NULL, NULL);
}

static void on_answer(struct call *c, void *arg, const osip_message_t *sent,
		      const struct pc_sip_response *r)
{
	(void)arg, (void)sent;
	if (r->status < 200 || c->state >= CALL_ENDING)
		return;
	beside_tell(c, "message-sent", r);
	if (r->status >= 300)
		pc_warnx("MESSAGE: %d %s", r->status, r->reason);
}

int message_command(void *arg, const struct pc_command *cmd)
{
	const char *body =
		cmd->object ? pc_json_str(cmd->object, "body") : cmd->rest;
	const char *type =
		cmd->object ? pc_json_str(cmd->object, "type") : NULL;
	struct call *c = arg;
	osip_message_t *m;

	if (!body || !*body) {
		pc_tool_error(c->tool,
			      "message: what? message TEXT, or "
			      "{\"command\":\"message\",\"body\":...}");
		return -EINVAL;
	}
	m = beside_new(c, "MESSAGE", cmd);
	if (!m)
		return -EINVAL;
	return beside_send(c, m, type ? type : TEXT, body, strlen(body),
			   on_answer, NULL);
}
