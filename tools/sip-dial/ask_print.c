/* The product of a request without a call: bodies, or JSON lines. */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/headers.h"

void ask_print_text(struct call *c, const char *text, size_t len)
{
	int rc = c->ask->out ? pc_out_write(c->ask->out, text, len) : 0;

	if (rc == 0)
		return;
	pc_tool_error(c->tool, "stdout: %s",
		      rc == -EPIPE ? "its reader is gone" : strerror(-rc));
	pc_out_close(c->ask->out);
	c->ask->out = NULL;
	ask_hangup(c, "stdout failed", PC_EXIT_IO);
}

json_t *ask_body(const osip_message_t *m)
{
	size_t len;
	const char *body = beside_body(m, &len);

	return len ? pc_json_text(body, len) : NULL;
}

static void add_header(void *arg, const char *name, const char *value,
		       size_t len)
{
	json_object_set_new(arg, name, pc_json_text(value, len));
}

/* What both directions have; object is stolen. */
static void print_json(struct call *c, json_t *object, osip_message_t *m)
{
	json_t *headers = json_object();
	char *text, *line, *type = beside_type(m);
	size_t len;

	text = pc_sip_text(m, &len);
	if (text)
		pc_sip_headers_each(text, len, add_header, headers);
	osip_free(text);
	pc_json_add(object, "headers=%p type=%s body=%p", (void *)headers, type,
		    (void *)ask_body(m));
	osip_free(type);
	line = pc_json_line(object, &len);
	json_decref(object);
	if (line)
		ask_print_text(c, line, len);
	free(line);
}

/* A body stands alone: its last line is ended, so that the next is another. */
static void print_body(struct call *c, const osip_message_t *m, bool ended)
{
	size_t len;
	const char *body = beside_body(m, &len);

	if (len == 0)
		return;
	ask_print_text(c, body, len);
	if (ended && body[len - 1] != '\n')
		ask_print_text(c, "\n", 1);
}

static void add_line(void *arg, const char *name, const char *value, size_t len)
{
	pc_buf_printf(arg, "%s: %.*s\n", name, (int)len, value);
}

/* What an OPTIONS was sent for (RFC 3261 11). */
static void print_capabilities(struct call *c, osip_message_t *m)
{
	struct pc_buf lines = { 0 };
	size_t len;
	char *text = pc_sip_text(m, &len);

	if (text)
		pc_sip_headers_each(text, len, add_line, &lines);
	osip_free(text);
	beside_body(m, &len);
	if (len)
		pc_buf_adds(&lines, "\n");
	if (lines.len && !lines.oom)
		ask_print_text(c, lines.data, lines.len);
	pc_buf_fini(&lines);
	print_body(c, m, false);
}

static void print_ping(struct call *c, const struct pc_sip_response *r)
{
	char line[160];
	int n = snprintf(line, sizeof(line), "%d %.100s in %.2f ms\n",
			 r->status, r->reason, c->ask->rtt_ms);

	ask_print_text(c, line, (size_t)n);
}

void ask_print_answer(struct call *c, const struct pc_sip_response *r)
{
	const struct config *cfg = c->cfg;
	bool options = strcmp(cfg->method, "OPTIONS") == 0;

	if (cfg->json)
		print_json(c,
			   pc_json_fields("status=%d reason=%s rtt_ms=%f",
					  r->status, r->reason, c->ask->rtt_ms),
			   r->message);
	else if (options && (cfg->count > 1 || cfg->interval_ms))
		print_ping(c, r);
	else if (options)
		print_capabilities(c, r->message);
	else
		print_body(c, r->message, false);
}

void ask_print_request(struct call *c, osip_message_t *m, json_t *fields)
{
	if (c->cfg->json) {
		print_json(c, fields, m);
		return;
	}
	json_decref(fields);
	print_body(c, m, true);
}
