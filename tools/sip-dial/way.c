/*
 * The way to the first hop (RFC 3263): its targets, tried in turn. A target
 * that does not answer, cannot be reached or says 503 gives way to the next
 * (4.3), with the same request on a new branch.
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sip/where.h"

static void on_found(void *arg, const struct pc_sip_target *targets, size_t n,
		     const char *why)
{
	struct call *c = arg;
	struct way *w = &c->way;
	int rc;

	memcpy(w->targets, targets, n * sizeof(*targets));
	w->n = n;
	w->at = 0;
	pc_sip_resolve_free(w->question); /* targets are its */
	w->question = NULL;
	if (c->state == CALL_ENDING) /* hung up meanwhile */
		call_over(c, c->status);
	if (c->tool->stopping || c->state >= CALL_ENDING)
		return;
	rc = n > 0 ? w->next(c) : -EHOSTUNREACH;
	if (rc == 0 || c->state == CALL_OVER)
		return;
	/* a redirect that leads nowhere: to its next, if there is one */
	if (c->follow.n > 0 &&
	    follow_next(c, &(struct pc_sip_response){ .status = 503,
						      .err = EHOSTUNREACH }))
		return;
	if (n == 0)
		pc_tool_error(c->tool, "%s: %s", w->text, why);
	pc_tool_exit(c->tool, PC_EXIT_NOANSWER);
}

/* The family of --local, if there is one: the others cannot be reached. */
static int family_of(const struct call *c)
{
	struct pc_addr local;

	if (!c->cfg->local || pc_addr_parse_own(&local, c->cfg->local, 0) < 0)
		return 0;
	return local.sa.sa_family;
}

/* RFC 7118 does not say which resource a ;transport=ws is: the topmost. */
static int url_of(struct call *c)
{
	const struct pc_sip_where *w = &c->way.where;
	bool v6 = strchr(w->host, ':') != NULL;
	char text[PC_SIP_HOST_MAX + 32], port[8] = "";

	if (w->port)
		snprintf(port, sizeof(port), ":%u", w->port);
	snprintf(text, sizeof(text), "%s://%s%s%s%s/",
		 w->kind == PC_SIP_WSS ? "wss" : "ws", v6 ? "[" : "", w->host,
		 v6 ? "]" : "", port);
	return pc_ws_url_parse(&c->ws_url, text);
}

int way_find(struct call *c, const char *uri, way_found_fn *next)
{
	struct pc_sip_resolve_config q;
	enum pc_sip_transport_kind kind;
	struct way *w = &c->way;
	bool forced = pc_sip_options_kind(&c->cfg->sip, &c->ws_url, &kind);
	const char *route = route_first(c->cfg);

	w->next = next;
	w->n = 0;
	w->text = c->cfg->sip.ws ? c->ws_url.host : route ? route : uri;
	/* the line knows the way; what is no URI is said when it is used */
	if (c->cfg->line || pc_sip_where_parse(&w->where, w->text) < 0)
		return next(c);
	if (!w->where.any && !forced && w->where.kind >= PC_SIP_WS &&
	    url_of(c) < 0)
		return -ENOMEM;
	pc_sip_where_question(&w->where, forced ? &kind : NULL, &q);
	q.family = family_of(c);
	q.resolver = pc_sip_options_resolver(&c->cfg->sip);
	q.timeout_ms = c->cfg->common.timeout_ms;
	q.found = on_found;
	q.arg = c;
	return pc_sip_resolve(&w->question, c->tool, &q);
}

const struct pc_sip_target *way_target(const struct call *c)
{
	return c->way.n > 0 ? &c->way.targets[c->way.at] : NULL;
}

enum pc_sip_transport_kind way_kind(const struct call *c)
{
	enum pc_sip_transport_kind kind = PC_SIP_UDP;

	if (way_target(c))
		return way_target(c)->kind;
	pc_sip_options_kind(&c->cfg->sip, &c->ws_url, &kind);
	return kind;
}

static bool is_secure(const struct pc_sip_target *t)
{
	return t->kind == PC_SIP_TLS || t->kind == PC_SIP_WSS;
}

/*
 * The next target. After a certificate that was not accepted only one that
 * shows a certificate too: whoever is in between must not get us to do
 * without.
 */
static bool advance(struct way *w, int err)
{
	for (size_t i = w->at + 1; i < w->n; i++) {
		if (err == EKEYREJECTED && !is_secure(&w->targets[i]))
			continue;
		w->at = i;
		return true;
	}
	return false;
}

int way_contact(struct call *c)
{
	size_t size = sizeof(c->contact);
	int rc = pc_sip_ua_contact(c->ua, c->cfg->user, &c->hop, c->contact,
				   size);
	char *param = strstr(c->contact, ";transport=tls");

	if (rc < 0 || strncasecmp(c->target, "sips:", 5) != 0 ||
	    strncmp(c->contact, "<sip:", 5) != 0)
		return rc;
	if (strlen(c->contact) + 2 > size)
		return -ENAMETOOLONG;
	if (param) /* sips says it (26.2.2) */
		memmove(param, param + 14, strlen(param + 14) + 1);
	memmove(c->contact + 5, c->contact + 4, strlen(c->contact + 4) + 1);
	c->contact[4] = 's';
	return 0;
}

bool way_next(struct call *c, const osip_message_t *request,
	      const struct pc_sip_response *r, way_send_fn *send)
{
	struct way *w = &c->way;
	size_t last = w->at;
	char was[PC_ADDR_TEXT], is[PC_ADDR_TEXT];
	osip_message_t *m;
	bool named; /* a MESSAGE has no Contact */

	if ((r->message && r->status != 503) || c->state != CALL_CALLING ||
	    !advance(w, r->message ? 0 : r->err) ||
	    osip_message_clone(request, &m) != 0)
		return false;
	pc_addr_text(&w->targets[last].addr, was);
	pc_event(c->tool, "failover", "from=%s to=%s transport=%s reason=%s",
		 was, pc_addr_text(&w->targets[w->at].addr, is),
		 pc_sip_transport_word(w->targets[w->at].kind), r->reason);
	pc_verbose("%s: %s; trying %s", was, r->reason, is);
	osip_list_special_free(&m->vias, (void (*)(void *))osip_via_free);
	named = osip_list_size(&m->contacts) > 0;
	osip_list_special_free(&m->contacts,
			       (void (*)(void *))osip_contact_free);
	c->hop = w->targets[w->at].addr;
	if (net_move(c, w->targets[w->at].kind) < 0 || way_contact(c) < 0 ||
	    (named && osip_message_set_contact(m, c->contact) != 0)) {
		osip_message_free(m);
		return false;
	}
	osip_message_force_update(m);
	return send(c, m) == 0;
}
