/*
 * --answer --method: the other end of a MESSAGE (RFC 3428) or of a NOTIFY that
 * nobody subscribed to (voice mail of many a PBX); of a SUBSCRIBE see
 * notifier.c.
 */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int receive_start(struct call *c)
{
	int rc = net_listen(c);

	c->uri = "the sender";
	pc_sip_token(c->tag);
	if (c->cfg->wait_ms)
		pc_timer_set(c->deadline, c->cfg->wait_ms);
	if (rc < 0 || !c->cfg->line)
		return rc;
	rc = pc_sip_transport_take_method(c->tp, c->cfg->method);
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: %s", c->cfg->line, strerror(-rc));
		pc_tool_exit(c->tool, PC_EXIT_IO);
	}
	return rc;
}

static void take(struct call *c, osip_message_t *m)
{
	char *from = NULL, *to = NULL, *type = beside_type(m);
	char *event = headers_value(m, "Event");
	struct ask *a = c->ask;

	if (osip_uri_to_str(m->from->url, &from) != 0)
		from = NULL;
	if (osip_uri_to_str(m->to->url, &to) != 0)
		to = NULL;
	a->received++;
	pc_event(c->tool, MSG_IS_NOTIFY(m) ? "notify" : "message",
		 "from=%s to=%s package=%s type=%s body=%p headers=%p", from,
		 to, event, type, (void *)ask_body(m),
		 (void *)headers_of(c, m));
	ask_print_request(
		c, m,
		pc_json_fields("from=%s to=%s package=%s", from, to, event));
	osip_free(from);
	osip_free(to);
	osip_free(type);
	free(event);
}

void receive_request(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m, const struct pc_addr *from)
{
	const char *method = c->cfg->method;
	unsigned count = c->cfg->count ? c->cfg->count : 1;
	char allow[64];

	snprintf(allow, sizeof(allow), "OPTIONS, %s", method);
	if (strcmp(method, "SUBSCRIBE") == 0 && MSG_IS_SUBSCRIBE(m)) {
		notifier_subscribe(c, tr, m, from);
	} else if (MSG_IS_OPTIONS(m)) {
		pc_sip_ua_reply(tr, 200, NULL, c->tag, "Allow", allow);
	} else if (MSG_IS_CANCEL(m) || pc_sip_tag(m->to)[0]) {
		pc_sip_ua_reply(tr, 481, NULL, NULL, NULL, NULL);
	} else if (strcmp(m->sip_method, method) != 0) {
		pc_sip_ua_reply(tr, 405, NULL, c->tag, "Allow", allow);
	} else if (c->state != CALL_WAITING) {
		pc_sip_ua_reply(tr, 480, NULL, c->tag, NULL, NULL);
	} else {
		pc_sip_ua_reply(tr, 200, NULL, c->tag, NULL, NULL);
		take(c, m);
		if (c->ask->received >= count && c->state == CALL_WAITING)
			ask_over(c, PC_EXIT_OK);
	}
}
