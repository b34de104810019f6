/*
 * From names to addresses (RFC 8489 section 8): SRV where no port is given,
 * then A and AAAA. All operands are looked up at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "sip/dns.h"

struct question {
	struct lookup *lookup;
	struct target *target;
};

struct lookup {
	struct app *app;
	struct pc_sip_dns *dns;
	struct pc_timer *over, *deadline;
	struct question question[SERVERS_MAX];
	unsigned open;
	int status; /* -1, or that of the first failure */
	lookup_done_fn *done;
};

static int family_of(const struct config *cfg)
{
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
	struct lookup *l = q->lookup;

	pc_tool_error(&l->app->tool, "%s: %s", q->target->host, why);
	if (l->status < 0)
		l->status = PC_EXIT_NOANSWER;
}

static void on_address(void *arg, const struct pc_addr *addrs, size_t n,
		       int status)
{
	struct question *q = arg;

	if (n)
		q->target->addr = addrs[0];
	else
		failed(q, pc_sip_dns_text(status));
	question_over(q->lookup);
}

static void ask_address(struct question *q, const char *host, uint16_t port)
{
	pc_sip_dns_a(q->lookup->dns, host, family_of(&q->lookup->app->cfg),
		     port, on_address, q);
}

static void ask_host(struct question *q)
{
	bool secure =
		q->target->kind == WIRE_TLS || q->target->kind == WIRE_DTLS;
	uint16_t port = q->target->port;

	ask_address(q, q->target->host, port ? port : secure ? 5349 : 3478);
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
		pc_verbose("%s: SRV says %s port %u", q->target->host,
			   records[0].host, records[0].port);
		ask_address(q, records[0].host, records[0].port);
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

static void on_over(void *arg)
{
	struct lookup *l = arg;
	struct app *app = l->app;
	lookup_done_fn *done = l->done;
	int status = l->status;

	lookup_free(l);
	app->lookup = NULL;
	done(app, status);
}

static void on_deadline(void *arg)
{
	struct lookup *l = arg;

	pc_tool_error(&l->app->tool, "DNS does not answer");
	l->status = PC_EXIT_NOANSWER;
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
	if (!l)
		return PC_EXIT_IO;
	l->app = app;
	l->done = done;
	l->status = -1;
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
