/* --header, --show-header, and the Reason a call ends with (RFC 3326). */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "sip/headers.h"
#include "sip/text.h"

int headers_check(const struct config *cfg)
{
	const struct pc_opt_list *list = &cfg->headers;
	const char *why, *name;

	for (unsigned i = 0; i < list->n; i++) {
		if (pc_sip_header_valid(list->v[i], &why))
			continue;
		pc_warnx("--header: \"%s\" %s", list->v[i], why);
		return -EINVAL;
	}
	for (unsigned i = 0; i < cfg->show_headers.n; i++) {
		name = cfg->show_headers.v[i];
		if (*name && !strpbrk(name, " \t\r\n:"))
			continue;
		pc_warnx("--show-header: \"%s\" is not the name of a header",
			 name);
		return -EINVAL;
	}
	for (unsigned i = 0; i < cfg->routes.n; i++) {
		if (route_valid(cfg->routes.v[i]))
			continue;
		pc_warnx("--route %s: not a SIP URI, like sip:p1.example;lr",
			 cfg->routes.v[i]);
		return -EINVAL;
	}
	return 0;
}

json_t *headers_of(const struct call *c, osip_message_t *m)
{
	const struct pc_opt_list *more = &c->cfg->show_headers;
	json_t *object = NULL;
	size_t len;
	char *text = pc_events_wanted(c->tool) ? pc_sip_text(m, &len) : NULL;

	if (text)
		object = pc_sip_headers(text, len, more->v, more->n);
	osip_free(text);
	return object;
}

char *headers_value(osip_message_t *m, const char *name)
{
	size_t len;
	char *text = pc_sip_text(m, &len), *value = NULL;
	struct pc_sip_span span;

	if (text) {
		span = pc_sip_text_get(text, len, name);
		value = span.p ? pc_sip_span_dup(span) : NULL;
	}
	for (char *p = value; p && *p; p++) /* folded (7.3.1) */
		if (*p == '\r' || *p == '\n')
			*p = ' ';
	osip_free(text);
	return value;
}

const char *headers_param(const char *value, const char *name, char *text,
			  size_t size)
{
	struct pc_sip_span span = { value, strlen(value) }, param;

	if (!pc_sip_text_param(span, name, &param))
		return NULL;
	if (param.len >= 2 && param.p[0] == '"') {
		param.p++;
		param.len -= 2;
	}
	snprintf(text, size, "%.*s", (int)param.len, param.p ? param.p : "");
	return text;
}

int headers_add(struct call *c, osip_message_t *m, const struct pc_command *cmd)
{
	json_t *headers =
		cmd->object ? json_object_get(cmd->object, "headers") : NULL;
	const char *name, *why;
	json_t *value;
	int rc = 0;

	json_object_foreach(headers, name, value)
	{
		struct pc_buf line = { 0 };

		pc_buf_printf(&line, "%s: %s", name,
			      json_is_string(value) ? json_string_value(value)
						    : "");
		why = "is not text";
		if (line.oom)
			rc = -ENOMEM;
		else if (!json_is_string(value) ||
			 !pc_sip_header_valid(line.data, &why))
			rc = -EINVAL;
		else
			rc = pc_sip_header_add(m, line.data);
		if (rc < 0)
			pc_tool_error(c->tool, "%s: the header \"%s\" %s",
				      cmd->name, name, why);
		pc_buf_fini(&line);
		if (rc < 0)
			return rc;
	}
	return 0;
}

json_t *headers_cause(osip_message_t *m)
{
	struct pc_sip_reason r;
	json_t *object = NULL;
	size_t len;
	char *text = pc_sip_text(m, &len);

	if (text && pc_sip_reason_of(&r, text, len)) {
		object = pc_json_fields("protocol=%s", r.protocol);
		if (r.cause)
			pc_json_add(object, "code=%d", r.cause);
		pc_json_add(object, "text=%s", r.text[0] ? r.text : NULL);
	}
	osip_free(text);
	return object;
}

int headers_reason(struct call *c, const struct pc_command *cmd)
{
	const char *written =
		cmd->object ? pc_json_str(cmd->object, "reason") : cmd->rest;
	int rc;

	c->reason[0] = '\0';
	if (cmd->object && json_object_get(cmd->object, "headers") &&
	    !c->goodbye_command)
		c->goodbye_command = json_incref(cmd->object);
	if (!written || !*written)
		return 0;
	rc = pc_sip_reason_make(c->reason, sizeof(c->reason), written);
	if (rc < 0) {
		c->reason[0] = '\0';
		pc_tool_error(c->tool,
			      "hangup: a Reason is a SIP code, or like "
			      "Q.850;cause=16;text=\"Normal\"");
	}
	return rc;
}

void headers_goodbye(struct call *c, osip_message_t *bye)
{
	struct pc_command cmd = { .name = "hangup",
				  .object = c->goodbye_command };

	if (c->reason[0] && pc_sip_add(bye, "Reason", c->reason) < 0)
		pc_verbose("no memory for the Reason");
	if (cmd.object) /* what is none has been said, and is left out */
		(void)headers_add(c, bye, &cmd);
}
