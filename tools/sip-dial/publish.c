/*
 * PUBLISH (RFC 3903): event state, whose entity-tag is the product.
 *
 *	initial   Event, Expires, a body          --> SIP-ETag: 1
 *	refresh   SIP-If-Match: 1, no body        --> SIP-ETag: 2
 *	modify    SIP-If-Match: 2, a body         --> SIP-ETag: 3
 *	remove    SIP-If-Match: 3, Expires: 0
 */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ask_fn on_published;

/* etag NULL: initial. */
static void publish(struct call *c, const char *etag, bool with_body,
		    unsigned expires_s)
{
	osip_message_t *m = ask_new(c, "PUBLISH");
	char number[16];
	int rc = m ? 0 : -EINVAL;

	snprintf(number, sizeof(number), "%u", expires_s);
	if (rc == 0)
		rc = pc_sip_add(m, "Expires", number);
	if (rc == 0 && etag)
		rc = pc_sip_add(m, "SIP-If-Match", etag);
	if (rc < 0 && m) {
		osip_message_free(m);
		m = NULL;
	}
	ask_send(c, m, with_body, on_published);
}

/* What stdin brought is there at last, or was there and is lost (412). */
void publish_start(struct call *c)
{
	const struct config *cfg = c->cfg;
	struct ask *a = c->ask;

	a->expires_s = cfg->expires_s;
	if (a->body.len == 0 && !cfg->if_match) {
		pc_tool_error(c->tool,
			      "stdin: nothing to publish (or give --if-match "
			      "to refresh)");
		pc_tool_exit(c->tool, PC_EXIT_NOINPUT);
		return;
	}
	publish(c, cfg->if_match, a->body.len > 0, a->expires_s);
}

static void refresh(void *arg)
{
	struct call *c = arg;

	if (c->invite) /* one at a time: its answer sets this timer anew */
		return;
	publish(c, c->ask->etag, false, c->ask->expires_s);
}

static void keep(struct call *c, unsigned expires_s)
{
	struct ask *a = c->ask;

	if (c->state == CALL_CALLING) {
		pc_timer_free(a->timer);
		a->timer = pc_timer_new(c->tool->loop, refresh, c);
	}
	c->state = CALL_UP;
	if (a->timer)
		pc_timer_set(a->timer, subscribe_refresh_ms(expires_s));
	else
		ask_over(c, PC_EXIT_IO);
}

static void took(struct call *c, osip_message_t *m)
{
	struct ask *a = c->ask;
	char *etag = headers_value(m, "SIP-ETag");
	unsigned expires_s = subscribe_seconds(m, "Expires", a->expires_s);

	if (!etag || strlen(etag) >= sizeof(a->etag)) {
		pc_tool_error(c->tool, "%s: 200 without a usable SIP-ETag",
			      c->uri);
		free(etag);
		ask_over(c, PC_EXIT_PROTOCOL);
		return;
	}
	snprintf(a->etag, sizeof(a->etag), "%s", etag);
	free(etag);
	a->received++;
	a->retries = 0;
	pc_event(c->tool, "published", "package=%s etag=%s expires=%u",
		 c->cfg->package, a->etag, expires_s);
	if (c->cfg->keep) {
		keep(c, expires_s);
		return;
	}
	ask_print_text(c, a->etag, strlen(a->etag));
	ask_print_text(c, "\n", 1);
	if (c->state != CALL_OVER)
		ask_over(c, PC_EXIT_OK);
}

static void on_published(struct call *c, const struct pc_sip_response *r)
{
	struct ask *a = c->ask;

	if (c->state == CALL_ENDING) {
		ask_over(c, c->status);
	} else if (r->status < 300 && c->cfg->expires_s == 0) {
		pc_event(c->tool, "removed", "package=%s", c->cfg->package);
		ask_over(c, PC_EXIT_OK);
	} else if (r->status < 300) {
		took(c, r->message);
	} else if (r->status == 423 && a->retries++ == 0) {
		a->expires_s = subscribe_seconds(r->message, "Min-Expires",
						 2 * a->expires_s);
		publish(c, a->etag[0] ? a->etag : c->cfg->if_match,
			!a->etag[0] && a->body.len > 0, a->expires_s);
	} else if (r->status == 412 && a->etag[0] && a->retries++ == 0) {
		a->etag[0] = '\0'; /* 4.2: it forgot us */
		publish(c, NULL, true, a->expires_s);
	} else {
		ask_refused(c, r);
	}
}

bool publish_end(struct call *c)
{
	if (strcmp(c->cfg->method, "PUBLISH") != 0 || !c->cfg->keep ||
	    !c->ask->etag[0])
		return false;
	publish(c, c->ask->etag, false, 0);
	return true;
}

int publish_command(void *arg, const struct pc_command *cmd)
{
	const char *body =
		cmd->object ? pc_json_str(cmd->object, "body") : NULL;
	struct call *c = arg;

	if (!body || !*body) {
		pc_tool_error(
			c->tool,
			"publish: {\"command\":\"publish\",\"body\":...}");
		return -EINVAL;
	}
	if (!c->cfg->keep || c->state != CALL_UP || c->invite) {
		pc_tool_error(c->tool, "publish: only while something stands "
				       "published (--method PUBLISH --keep)");
		return -EINVAL;
	}
	pc_buf_clear(&c->ask->body);
	pc_buf_adds(&c->ask->body, body);
	publish(c, c->ask->etag, true, c->ask->expires_s);
	return 0;
}
