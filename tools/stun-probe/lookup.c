/*
 * From names to addresses (RFC 8489 section 8): SRV where no port is given,
 * then A and AAAA. All operands, and the hosts of all records, are looked up at
 * once; in which order they are tried is RFC 2782's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "app.h"
#include "sip/dns.h"

#define HOSTS_MAX 8 /* of SRV records */

struct host {
	struct question *question;
	struct pc_addr addr[TARGET_MAX];
	size_t n;
	int status; /* c-ares', if n is 0 */
};

/* What is to be known of one server. */
struct question {
	struct lookup *lookup;
	struct target *target;
	struct host host[HOSTS_MAX];
	unsigned n_hosts, open;
	bool failed;
};

struct lookup {
	struct app *app;
	struct pc_sip_dns *dns;
	struct pc_timer *over, *deadline;
	struct question question[SERVERS_MAX];
	unsigned open;
	lookup_done_fn *done;
};

/* From an address of ours only those of its own family can be asked. */
static int family_of(const struct config *cfg)
{
	struct pc_addr local;

	if (cfg->address && pc_addr_parse(&local, cfg->address, 0) == 0)
		return local.sa.sa_family;
	return cfg->ipv4 ? AF_INET : cfg->ipv6 ? AF_INET6 : AF_UNSPEC;
}

/* dns must not be freed in its callback: the end is a timer's. */
static void question_over(struct lookup *l)
{
	if (--l->open == 0)
		pc_timer_set(l->over, 0);
}

static void failed(struct question *q, const char *why)
{
	struct app *app = q->lookup->app;
	struct pc_buf text = { 0 };

	q->failed = true;
	pc_buf_printf(&text, "%s: %s", q->target->host, why);
	pc_tool_error(&app->tool, "%s", text.data);
	json_array_append_new(app->unresolved,
			      pc_json_fields("server=%s transport=%s "
					     "requests=%u error=%s",
					     q->target->host,
					     wire_name(q->target->kind), 0u,
					     text.data));
	pc_buf_fini(&text);
}

static void add(struct target *t, const struct pc_addr *addr)
{
	if (!t->addr.len) {
		t->addr = *addr;
		return;
	}
	if (pc_addr_equal(&t->addr, addr) || t->n_others == TARGET_MAX - 1)
		return;
	for (unsigned i = 0; i < t->n_others; i++)
		if (pc_addr_equal(&t->others[i], addr))
			return;
	t->others[t->n_others++] = *addr;
}

static void hosts_over(struct question *q)
{
	if (--q->open > 0)
		return;
	for (unsigned i = 0; i < q->n_hosts; i++)
		for (size_t k = 0; k < q->host[i].n; k++)
			add(q->target, &q->host[i].addr[k]);
	if (!q->target->addr.len)
		failed(q, pc_sip_dns_text(q->host[0].status));
	question_over(q->lookup);
}

static void on_address(void *arg, const struct pc_addr *addrs, size_t n,
		       int status)
{
	struct host *h = arg;

	h->status = status;
	for (; h->n < n && h->n < TARGET_MAX; h->n++)
		h->addr[h->n] = addrs[h->n];
	hosts_over(h->question);
}

static void ask_address(struct question *q, const char *host, uint16_t port)
{
	struct host *h = &q->host[q->n_hosts++];

	h->question = q;
	q->open++;
	pc_sip_dns_a(q->lookup->dns, host, family_of(&q->lookup->app->cfg),
		     port, on_address, h);
}

static void ask_host(struct question *q)
{
	bool secure =
		q->target->kind == WIRE_TLS || q->target->kind == WIRE_DTLS;
	uint16_t port = q->target->port;

	q->open = 1; /* until it is asked */
	ask_address(q, q->target->host, port ? port : secure ? 5349 : 3478);
	hosts_over(q);
}

static uint32_t random_to(uint32_t max)
{
	uint32_t n;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		return 0;
	return (uint32_t)((uint64_t)n * ((uint64_t)max + 1) >> 32);
}

static void ask_records(struct question *q, const struct pc_sip_srv *records,
			size_t n)
{
	struct pc_sip_srv sorted[PC_SIP_RECORDS_MAX];

	n = n < PC_SIP_RECORDS_MAX ? n : PC_SIP_RECORDS_MAX;
	memcpy(sorted, records, n * sizeof(*records));
	pc_sip_srv_order(sorted, n, random_to);
	q->open = 1;
	for (size_t i = 0; i < n && i < HOSTS_MAX; i++) {
		pc_verbose("%s: SRV says %s port %u", q->target->host,
			   sorted[i].host, sorted[i].port);
		ask_address(q, sorted[i].host, sorted[i].port);
	}
	hosts_over(q);
}

/* Records, but none to be used: "decidedly not available" (RFC 2782). */
static bool is_denied(size_t n, int status)
{
	return n == 0 && status == 0;
}

static void on_srv(void *arg, const struct pc_sip_srv *records, size_t n,
		   int status)
{
	struct question *q = arg;

	if (is_denied(n, status)) {
		failed(q, "its DNS says that it has no such service (SRV)");
		question_over(q->lookup);
	} else if (n == 0) {
		ask_host(q);
	} else {
		ask_records(q, records, n);
	}
}

static void ask(struct question *q)
{
	const struct target *t = q->target;
	bool secure = t->kind == WIRE_TLS || t->kind == WIRE_DTLS;
	bool udp = t->kind == WIRE_UDP || t->kind == WIRE_DTLS;
	char name[HOST_MAX + 16];

	snprintf(name, sizeof(name), "_%s%s._%s.%s", t->turn ? "turn" : "stun",
		 secure ? "s" : "", udp ? "udp" : "tcp", t->host);
	if (t->port || pc_sip_dns_in_hosts(q->lookup->dns, t->host,
					   family_of(&q->lookup->app->cfg)))
		ask_host(q);
	else
		pc_sip_dns_srv(q->lookup->dns, name, on_srv, q);
}

/* Only those that have an address are left. */
static void on_over(void *arg)
{
	struct lookup *l = arg;
	struct app *app = l->app;
	lookup_done_fn *done = l->done;
	unsigned n = 0;

	for (unsigned i = 0; i < app->n_servers; i++)
		if (app->server[i].addr.len)
			app->server[n++] = app->server[i];
	app->n_servers = n;
	lookup_free(l);
	app->lookup = NULL;
	done(app);
}

static void on_deadline(void *arg)
{
	struct lookup *l = arg;

	for (unsigned i = 0; i < l->app->n_servers; i++)
		if (!l->app->server[i].addr.len && !l->question[i].failed)
			failed(&l->question[i], "DNS does not answer");
	on_over(l);
}

static int start_dns(struct lookup *l)
{
	const char *resolver = l->app->cfg.resolver;
	int rc = pc_sip_dns_new(&l->dns, l->app->tool.loop, resolver);

	if (rc == -EINVAL) {
		pc_warnx("--resolver %s: not the address of a DNS server",
			 resolver);
		return PC_EXIT_USAGE;
	}
	l->over = pc_timer_new(l->app->tool.loop, on_over, l);
	l->deadline = pc_timer_new(l->app->tool.loop, on_deadline, l);
	return rc || !l->over || !l->deadline ? PC_EXIT_IO : -1;
}

int lookup_start(struct app *app, lookup_done_fn *done)
{
	struct lookup *l = calloc(1, sizeof(*l));
	int status;

	app->lookup = l;
	app->unresolved = json_array();
	if (!l || !app->unresolved)
		return PC_EXIT_IO;
	l->app = app;
	l->done = done;
	l->open = 1; /* until all are asked */
	status = start_dns(l);
	if (status >= 0)
		return status;
	if (app->cfg.common.timeout_ms)
		pc_timer_set(l->deadline, app->cfg.common.timeout_ms);
	for (unsigned i = 0; i < app->n_servers; i++) {
		l->question[i].lookup = l;
		l->question[i].target = &app->server[i];
		if (app->server[i].addr.len)
			continue;
		l->open++;
		ask(&l->question[i]);
	}
	question_over(l);
	return -1;
}

void lookup_free(struct lookup *l)
{
	if (!l)
		return;
	pc_timer_free(l->over);
	pc_timer_free(l->deadline);
	pc_sip_dns_free(l->dns);
	free(l);
}
