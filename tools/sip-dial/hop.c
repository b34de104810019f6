/*
 * Where the requests of a dialog go: to the first Route, or to the Contact
 * (RFC 3261 8.1.2), which may be a name. Its addresses are found as those of
 * any URI (RFC 3263) and kept for the call; one that does not answer or says
 * 503 gives way to the next. The transport stays the call's, but that from UDP
 * there is a way to TCP: NAPTR, SRV and ;transport= are asked for these.
 */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DNS_MS 5000u /* their 2xx is waiting for its ACK */

struct waiting {
	struct waiting *next;
	hop_fn *fn;
	void *arg;
};

struct hop {
	struct hop *next;
	struct call *c;
	char *uri;
	struct pc_sip_where where;
	struct pc_sip_resolve *question; /* while it is asked */
	struct pc_sip_target targets[PC_SIP_TARGETS_MAX];
	size_t n, at;
	struct waiting *waiting;
};

static int no_address(struct call *c, const char *uri, const char *why)
{
	pc_tool_error(c->tool, "%s: %s", uri, why);
	return -EHOSTUNREACH;
}

/* The transport of the call, or of its line. */
static enum pc_sip_transport_kind kind_of(const struct call *c)
{
	enum pc_sip_transport_kind kind = c->kind;

	if (kind == PC_SIP_LINE)
		pc_sip_transport_kind_of(
			&kind, pc_sip_transport_identity(c->tp)->transport);
	return kind;
}

/* By TCP too, where it stands beside UDP; a line's does not. */
static bool has_tcp(const struct call *c)
{
	return c->kind == PC_SIP_UDP;
}

static bool reachable(const struct call *c, const struct pc_sip_target *t)
{
	return t->kind == kind_of(c) || (t->kind == PC_SIP_TCP && has_tcp(c));
}

static const struct pc_addr *use(struct hop *h)
{
	const struct pc_sip_target *t = &h->targets[h->at];

	if (t->kind == PC_SIP_TCP && has_tcp(h->c))
		pc_sip_transport_by_tcp(h->c->tp, &t->addr);
	if (t->kind == PC_SIP_TLS) /* RFC 5922 4 */
		pc_sip_transport_named(h->c->tp, &t->addr, h->where.host);
	return &t->addr;
}

static void on_found(void *arg, const struct pc_sip_target *targets, size_t n,
		     const char *why)
{
	struct hop *h = arg;
	struct waiting *w = h->waiting, *next;

	for (size_t i = 0; i < n; i++)
		if (reachable(h->c, &targets[i]))
			h->targets[h->n++] = targets[i];
	pc_sip_resolve_free(h->question); /* targets are its */
	h->question = NULL;
	h->waiting = NULL;
	if (h->n == 0)
		no_address(h->c, h->uri,
			   n > 0 ? "not by the transport of this call" : why);
	for (; w; w = next) {
		next = w->next;
		w->fn(h->c, w->arg, h->n > 0 ? use(h) : NULL);
		free(w);
	}
}

static int ask(struct hop *h)
{
	enum pc_sip_transport_kind kind = kind_of(h->c);
	bool free_choice =
		has_tcp(h->c) && (h->where.any || h->where.kind == PC_SIP_TCP);
	struct pc_sip_resolve_config q;

	pc_sip_where_question(&h->where, free_choice ? NULL : &kind, &q);
	q.family = pc_sip_transport_identity(h->c->tp)->local.sa.sa_family;
	q.resolver = pc_sip_options_resolver(&h->c->cfg->sip);
	q.timeout_ms = DNS_MS;
	q.found = on_found;
	q.arg = h;
	h->n = h->at = 0;
	return pc_sip_resolve(&h->question, h->c->tool, &q);
}

static int wait(struct hop *h, hop_fn *fn, void *arg)
{
	struct waiting **last = &h->waiting, *w = malloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	*w = (struct waiting){ NULL, fn, arg };
	while (*last)
		last = &(*last)->next;
	*last = w;
	return 0;
}

static struct hop *known(const struct call *c, const char *uri)
{
	struct hop *h = c->hops;

	while (h && strcmp(h->uri, uri) != 0)
		h = h->next;
	return h;
}

/* uri becomes its own. */
static struct hop *add(struct call *c, char *uri,
		       const struct pc_sip_where *where)
{
	struct hop *h = calloc(1, sizeof(*h));

	if (!h) {
		free(uri);
		return NULL;
	}
	h->c = c;
	h->uri = uri;
	h->where = *where;
	h->next = c->hops;
	c->hops = h;
	return h;
}

/* An address is not asked for: it is there, but for its port. */
static bool is_address(struct call *c, const struct pc_sip_where *w,
		       struct pc_addr *to)
{
	bool tcp = !w->any && w->kind == PC_SIP_TCP && has_tcp(c);

	if (pc_addr_from_ip(to, w->host,
			    w->port ? w->port
				    : pc_sip_transport_port(kind_of(c))) < 0)
		return false;
	if (tcp)
		pc_sip_transport_by_tcp(c->tp, to);
	return true;
}

int hop_find(struct call *c, const struct pc_sip_dialog *d, hop_fn *fn,
	     void *arg)
{
	char *uri = pc_sip_dialog_next_hop(d);
	struct pc_sip_where where;
	struct pc_addr to = c->hop;
	struct hop *h;
	int rc;

	if (!uri)
		return -ENOMEM;
	rc = pc_sip_where_parse(&where, uri);
	/* by WebSocket there is no other way (RFC 7118 5) */
	if (c->kind == PC_SIP_WS || c->kind == PC_SIP_WSS ||
	    (rc == 0 && is_address(c, &where, &to))) {
		free(uri);
		fn(c, arg, &to);
		return 0;
	}
	if (rc < 0) {
		rc = no_address(c, uri, "no address for it");
		free(uri);
		return rc;
	}
	h = known(c, uri);
	if (h)
		free(uri);
	else
		h = add(c, uri, &where);
	if (h && h->n > 0) {
		fn(c, arg, use(h));
		return 0;
	}
	rc = !h ? -ENOMEM : h->question ? 0 : ask(h);
	return rc < 0 ? rc : wait(h, fn, arg);
}

/* From the one in use, which is that, to the next. False: there is none. */
static bool advance(struct hop *h, const struct pc_addr *failed)
{
	char was[PC_ADDR_TEXT], is[PC_ADDR_TEXT];

	if (h->at + 1 == h->n) {
		h->n = 0; /* the next request asks anew */
		return false;
	}
	h->at++;
	pc_event(h->c->tool, "failover", "from=%s to=%s transport=%s reason=%s",
		 pc_addr_text(failed, was),
		 pc_addr_text(&h->targets[h->at].addr, is),
		 pc_sip_transport_word(h->targets[h->at].kind), "in a call");
	return true;
}

bool hop_next(struct call *c, const struct pc_sip_dialog *d,
	      const struct pc_addr *failed)
{
	char *uri = pc_sip_dialog_next_hop(d);
	struct hop *h = uri ? known(c, uri) : NULL;

	free(uri);
	if (!h || h->n == 0)
		return false;
	/* else another request has found out */
	return !pc_addr_equal(&h->targets[h->at].addr, failed) ||
	       advance(h, failed);
}

bool hop_waiting(const struct call *c)
{
	const struct hop *h = c->hops;

	while (h && !h->waiting)
		h = h->next;
	return h;
}
