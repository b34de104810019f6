/* --header, --show-header, and the Reason a call ends with (RFC 3326). */
#include "call.h"

#include <errno.h>
#include <string.h>

#include "sip/headers.h"

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
	const char *written = pc_command_arg(cmd, "reason", 0);
	struct pc_buf words = { 0 };
	int rc;

	c->reason[0] = '\0';
	if (!written)
		return 0;
	if (!cmd->object) { /* its text may be of several words */
		for (int i = 0; i < cmd->argc; i++)
			pc_buf_printf(&words, "%s%s", i ? " " : "",
				      cmd->argv[i]);
		written = words.data ? words.data : "";
	}
	rc = pc_sip_reason_make(c->reason, sizeof(c->reason), written);
	pc_buf_fini(&words);
	if (rc < 0) {
		c->reason[0] = '\0';
		pc_tool_error(c->tool,
			      "hangup: a Reason is a SIP code, or like "
			      "Q.850;cause=16;text=\"Normal\"");
	}
	return rc;
}
