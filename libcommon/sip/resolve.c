/* RFC 3263; see resolve.h. */
#include "sip/resolve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "sip/dns.h"

#define SERVICES_MAX 6
#define HOPS_MAX     PC_SIP_TARGETS_MAX

/* A transport that may be used, and the name of its SRV records. */
struct service {
	struct pc_sip_resolve *r;
	enum pc_sip_transport_kind kind;
	char name[PC_SIP_HOST_MAX + 16];
	struct pc_sip_srv srv[PC_SIP_RECORDS_MAX];
	size_t n;
};

/* A host and port that an address is wanted of. */
struct hop {
	struct pc_sip_resolve *r;
	enum pc_sip_transport_kind kind;
	uint16_t port;
	char host[PC_SIP_HOST_MAX];
	struct pc_addr addrs[PC_SIP_TARGETS_MAX];
	size_t n;
};

struct pc_sip_resolve {
	struct pc_sip_resolve_config cfg;
	char host[PC_SIP_HOST_MAX];
	struct pc_sip_dns *dns;
	struct pc_timer *timer; /* the bound; and 0 ms for the answer */
	unsigned open;          /* questions of this step */
	bool done;
	int status; /* c-ares', of the last question */
	struct service services[SERVICES_MAX];
	size_t n_services;
	struct hop hops[HOPS_MAX];
	size_t n_hops;
	struct pc_sip_target targets[PC_SIP_TARGETS_MAX];
	size_t n_targets;
};

static const struct {
	enum pc_sip_transport_kind kind;
	const char *naptr, *srv;
} known[] = {
	{ PC_SIP_UDP, "SIP+D2U", "_sip._udp" },
	{ PC_SIP_TCP, "SIP+D2T", "_sip._tcp" },
	{ PC_SIP_TLS, "SIPS+D2T", "_sips._tcp" },
};

#define N_KNOWN (sizeof known / sizeof *known)

/* 4.1: sips is TLS, and nothing said is UDP. */
static enum pc_sip_transport_kind usual(const struct pc_sip_resolve *r)
{
	if (r->cfg.secure && (r->cfg.any || r->cfg.kind == PC_SIP_TCP))
		return PC_SIP_TLS;
	return r->cfg.any ? PC_SIP_UDP : r->cfg.kind;
}

/* ---- the answer ---- */

static void finish(struct pc_sip_resolve *r)
{
	r->done = true;
	pc_timer_set(r->timer, 0);
}

static void on_timer(void *arg)
{
	struct pc_sip_resolve *r = arg;
	const char *why = r->done ? pc_sip_dns_text(r->status)
				  : "no answer from DNS in time";

	r->done = true;
	pc_sip_dns_free(r->dns);
	r->dns = NULL;
	r->cfg.found(r->cfg.arg, r->targets, r->n_targets, why);
}

static void add_target(struct pc_sip_resolve *r, const struct pc_addr *addr,
		       enum pc_sip_transport_kind kind)
{
	for (size_t i = 0; i < r->n_targets; i++)
		if (r->targets[i].kind == kind &&
		    pc_addr_equal(&r->targets[i].addr, addr))
			return;
	if (r->n_targets < PC_SIP_TARGETS_MAX)
		r->targets[r->n_targets++] =
			(struct pc_sip_target){ *addr, kind };
}

/* ---- A and AAAA (4.2) ---- */

static void hops_done(struct pc_sip_resolve *r)
{
	if (--r->open > 0 || r->done)
		return;
	for (size_t i = 0; i < r->n_hops; i++)
		for (size_t k = 0; k < r->hops[i].n; k++)
			add_target(r, &r->hops[i].addrs[k], r->hops[i].kind);
	finish(r);
}

static void on_addrs(void *arg, const struct pc_addr *addrs, size_t n,
		     int status)
{
	struct hop *h = arg;

	if (n == 0)
		h->r->status = status;
	h->n = n < PC_SIP_TARGETS_MAX ? n : PC_SIP_TARGETS_MAX;
	memcpy(h->addrs, addrs, h->n * sizeof *addrs);
	hops_done(h->r);
}

static void add_hop(struct pc_sip_resolve *r, const char *host, uint16_t port,
		    enum pc_sip_transport_kind kind)
{
	struct hop *h = &r->hops[r->n_hops];

	if (r->n_hops == HOPS_MAX)
		return;
	r->n_hops++;
	*h = (struct hop){ .r = r, .kind = kind, .port = port };
	snprintf(h->host, sizeof h->host, "%s", host);
}

static void ask_hops(struct pc_sip_resolve *r)
{
	r->open = 1; /* an answer may come at once */
	for (size_t i = 0; i < r->n_hops; i++) {
		r->open++;
		pc_sip_dns_a(r->dns, r->hops[i].host, r->cfg.family,
			     r->hops[i].port, on_addrs, &r->hops[i]);
	}
	hops_done(r);
}

/* No SRV, or not to be asked for: the host itself. */
static void ask_host(struct pc_sip_resolve *r)
{
	enum pc_sip_transport_kind kind = usual(r);

	add_hop(r, r->host,
		r->cfg.port ? r->cfg.port : pc_sip_transport_port(kind), kind);
	ask_hops(r);
}

/* ---- SRV (4.2) ---- */

static uint32_t random_to(uint32_t max)
{
	uint32_t n;

	if (getrandom(&n, sizeof n, 0) != sizeof n)
		return 0;
	return (uint32_t)((uint64_t)n * ((uint64_t)max + 1) >> 32);
}

static void services_done(struct pc_sip_resolve *r)
{
	if (--r->open > 0 || r->done)
		return;
	for (size_t i = 0; i < r->n_services; i++) {
		struct service *s = &r->services[i];

		pc_sip_srv_order(s->srv, s->n, random_to);
		for (size_t k = 0; k < s->n; k++)
			add_hop(r, s->srv[k].host, s->srv[k].port, s->kind);
	}
	if (r->n_hops > 0)
		ask_hops(r);
	else
		ask_host(r);
}

static void on_srv(void *arg, const struct pc_sip_srv *records, size_t n,
		   int status)
{
	struct service *s = arg;

	(void)status;
	s->n = n;
	memcpy(s->srv, records, n * sizeof *records);
	services_done(s->r);
}

static void add_service(struct pc_sip_resolve *r, size_t which,
			const char *domain, bool full_name)
{
	struct service *s = &r->services[r->n_services];

	if (r->n_services == SERVICES_MAX)
		return;
	r->n_services++;
	*s = (struct service){ .r = r, .kind = known[which].kind };
	snprintf(s->name, sizeof s->name, "%s%s%s",
		 full_name ? "" : known[which].srv, full_name ? "" : ".",
		 domain);
}

static void ask_services(struct pc_sip_resolve *r)
{
	r->open = 1;
	for (size_t i = 0; i < r->n_services; i++) {
		r->open++;
		pc_sip_dns_srv(r->dns, r->services[i].name, on_srv,
			       &r->services[i]);
	}
	services_done(r);
}

/* ---- NAPTR (4.1) ---- */

/* A certificate for TLS is what sips asks for: nothing else will do. */
static bool allowed(const struct pc_sip_resolve *r, size_t which)
{
	if (r->cfg.any)
		return !r->cfg.secure || known[which].kind == PC_SIP_TLS;
	return known[which].kind == usual(r);
}

static void on_naptr(void *arg, const struct pc_sip_naptr *records, size_t n,
		     int status)
{
	struct pc_sip_resolve *r = arg;

	if (r->done)
		return;
	r->status = status;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < N_KNOWN; k++)
			if (!strcasecmp(records[i].service, known[k].naptr) &&
			    allowed(r, k))
				add_service(r, k, records[i].replacement, true);
	for (size_t k = 0; k < N_KNOWN && n == 0; k++)
		if (allowed(r, k))
			add_service(r, k, r->host, false);
	ask_services(r);
}

/* ---- the question ---- */

static void begin(struct pc_sip_resolve *r)
{
	struct pc_addr addr;

	if (pc_addr_from_ip(&addr, r->host, 0) == 0) {
		pc_addr_set_port(&addr,
				 r->cfg.port ? r->cfg.port
					     : pc_sip_transport_port(usual(r)));
		add_target(r, &addr, usual(r));
		finish(r);
	} else if (r->cfg.port ||
		   pc_sip_dns_in_hosts(r->dns, r->host, r->cfg.family)) {
		ask_host(r);
	} else if (r->cfg.any) {
		pc_sip_dns_naptr(r->dns, r->host, on_naptr, r);
	} else {
		for (size_t k = 0; k < N_KNOWN; k++)
			if (allowed(r, k))
				add_service(r, k, r->host, false);
		ask_services(r);
	}
}

int pc_sip_resolve(struct pc_sip_resolve **out, struct pc_tool *tool,
		   const struct pc_sip_resolve_config *config)
{
	struct pc_sip_resolve *r = calloc(1, sizeof *r);
	const char *host = config->host;
	size_t n = strlen(host);
	int rc;

	if (!r)
		return -ENOMEM;
	r->cfg = *config;
	if (host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	}
	rc = n == 0 || n >= sizeof r->host ? -EINVAL : 0;
	if (rc == 0)
		rc = pc_sip_dns_new(&r->dns, tool->loop, config->resolver);
	if (rc < 0) {
		free(r);
		return rc;
	}
	memcpy(r->host, host, n);
	r->timer = pc_timer_new(tool->loop, on_timer, r);
	if (!r->timer) {
		pc_sip_resolve_free(r);
		return -ENOMEM;
	}
	pc_timer_set(r->timer, config->timeout_ms);
	begin(r);
	*out = r;
	return 0;
}

void pc_sip_resolve_free(struct pc_sip_resolve *r)
{
	if (!r)
		return;
	r->done = true;
	pc_sip_dns_free(r->dns);
	pc_timer_free(r->timer);
	free(r);
}
