/* c-ares in our loop; see dns.h. */
#include "sip/dns.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define TRY_MS 1000 /* then twice as long, and again */
#define TRIES  3

struct watch {
	SLIST_ENTRY(watch) link;
	struct pc_watch *watch;
	int fd;
};

struct pc_sip_dns {
	struct pc_loop *loop;
	ares_channel channel;
	struct pc_timer *timer;
	SLIST_HEAD(watches, watch) watches;
	bool ending;
};

/* A question under way. */
struct question {
	struct pc_sip_dns *dns;
	union {
		pc_sip_naptr_fn *naptr;
		pc_sip_srv_fn *srv;
		pc_sip_a_fn *a;
	} fn;
	void *arg;
	uint16_t port;
};

/* ---- the loop ---- */

static void set_timer(struct pc_sip_dns *dns)
{
	struct timeval tv, *wait = ares_timeout(dns->channel, NULL, &tv);

	if (wait)
		pc_timer_set_us(dns->timer, (uint64_t)wait->tv_sec * 1000000 +
						    (uint64_t)wait->tv_usec);
	else
		pc_timer_cancel(dns->timer);
}

static void on_timer(void *arg)
{
	struct pc_sip_dns *dns = arg;

	ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_timer(dns);
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct pc_sip_dns *dns = arg;

	ares_process_fd(dns->channel, what & PC_READ ? fd : ARES_SOCKET_BAD,
			what & PC_WRITE ? fd : ARES_SOCKET_BAD);
	set_timer(dns);
}

static void on_socket(void *arg, ares_socket_t fd, int readable, int writable)
{
	unsigned what = (readable ? PC_READ : 0) | (writable ? PC_WRITE : 0);
	struct pc_sip_dns *dns = arg;
	struct watch *w;

	SLIST_FOREACH(w, &dns->watches, link)
	if (w->fd == fd)
		break;
	if (w && what) {
		pc_watch_set(w->watch, what);
	} else if (w) {
		SLIST_REMOVE(&dns->watches, w, watch, link);
		pc_watch_free(w->watch);
		free(w);
	} else if (what && (w = calloc(1, sizeof *w))) {
		w->fd = fd;
		w->watch = pc_watch_new(dns->loop, fd, what, on_ready, dns);
		SLIST_INSERT_HEAD(&dns->watches, w, link);
	}
}

/* ---- beginning and end ---- */

int pc_sip_dns_new(struct pc_sip_dns **out, struct pc_loop *loop,
		   const char *resolver)
{
	struct ares_options options = { .timeout = TRY_MS, .tries = TRIES };
	struct pc_sip_dns *dns = calloc(1, sizeof *dns);
	char text[PC_ADDR_TEXT];
	struct pc_addr addr;

	if (!dns)
		return -ENOMEM;
	if (resolver && pc_addr_parse(&addr, resolver, 53) < 0) {
		free(dns);
		return -EINVAL;
	}
	dns->loop = loop;
	options.sock_state_cb = on_socket;
	options.sock_state_cb_data = dns;
	dns->timer = pc_timer_new(loop, on_timer, dns);
	if (!dns->timer || ares_library_init(ARES_LIB_INIT_ALL) != 0 ||
	    ares_init_options(&dns->channel, &options,
			      ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
				      ARES_OPT_SOCK_STATE_CB) != 0) {
		pc_timer_free(dns->timer);
		free(dns);
		return -ENOMEM;
	}
	if (resolver)
		ares_set_servers_ports_csv(dns->channel,
					   pc_addr_text(&addr, text));
	*out = dns;
	return 0;
}

void pc_sip_dns_free(struct pc_sip_dns *dns)
{
	struct watch *w;

	if (!dns)
		return;
	dns->ending = true;
	ares_destroy(dns->channel); /* ends all questions */
	while ((w = SLIST_FIRST(&dns->watches))) {
		SLIST_REMOVE_HEAD(&dns->watches, link);
		pc_watch_free(w->watch);
		free(w);
	}
	pc_timer_free(dns->timer);
	ares_library_cleanup();
	free(dns);
}

static struct question *ask(struct pc_sip_dns *dns, void *arg)
{
	struct question *q = calloc(1, sizeof *q);

	if (q) {
		q->dns = dns;
		q->arg = arg;
	}
	return q;
}

/* ---- NAPTR ---- */

static int by_order(const void *a, const void *b)
{
	const struct pc_sip_naptr *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return (x->preference > y->preference) -
	       (x->preference < y->preference);
}

/* Only what leads to SRV (flag "s") is of use to SIP (RFC 3263 4.1). */
static size_t take_naptr(struct pc_sip_naptr *records,
			 const struct ares_naptr_reply *r)
{
	size_t n = 0;

	for (; r && n < PC_SIP_RECORDS_MAX; r = r->next) {
		struct pc_sip_naptr *out = &records[n];

		if (strcasecmp((const char *)r->flags, "s") != 0)
			continue;
		out->order = r->order;
		out->preference = r->preference;
		snprintf(out->service, sizeof out->service, "%s",
			 (const char *)r->service);
		snprintf(out->replacement, sizeof out->replacement, "%s",
			 r->replacement);
		n++;
	}
	qsort(records, n, sizeof *records, by_order);
	return n;
}

static void on_naptr(void *arg, int status, int timeouts, unsigned char *buf,
		     int len)
{
	struct pc_sip_naptr records[PC_SIP_RECORDS_MAX] = { 0 };
	struct ares_naptr_reply *list = NULL;
	struct question q = *(struct question *)arg;
	size_t n = 0;

	(void)timeouts;
	free(arg);
	if (q.dns->ending)
		return;
	if (status == ARES_SUCCESS)
		status = ares_parse_naptr_reply(buf, len, &list);
	n = take_naptr(records, list);
	if (list)
		ares_free_data(list);
	q.fn.naptr(q.arg, records, n, status);
}

void pc_sip_dns_naptr(struct pc_sip_dns *dns, const char *name,
		      pc_sip_naptr_fn *fn, void *arg)
{
	struct question *q = ask(dns, arg);

	if (!q) {
		fn(arg, NULL, 0, ARES_ENOMEM);
		return;
	}
	q->fn.naptr = fn;
	ares_query(dns->channel, name, ns_c_in, ns_t_naptr, on_naptr, q);
	set_timer(dns);
}

/* ---- SRV ---- */

static void on_srv(void *arg, int status, int timeouts, unsigned char *buf,
		   int len)
{
	struct pc_sip_srv records[PC_SIP_RECORDS_MAX];
	struct ares_srv_reply *list = NULL, *r;
	struct question q = *(struct question *)arg;
	size_t n = 0;

	(void)timeouts;
	free(arg);
	if (q.dns->ending)
		return;
	if (status == ARES_SUCCESS)
		status = ares_parse_srv_reply(buf, len, &list);
	for (r = list; r && n < PC_SIP_RECORDS_MAX; r = r->next) {
		if (!r->host || !*r->host || !strcmp(r->host, "."))
			continue; /* "decidedly not available" (RFC 2782) */
		records[n] = (struct pc_sip_srv){ r->priority, r->weight,
						  r->port, "" };
		snprintf(records[n].host, sizeof records[n].host, "%s",
			 r->host);
		n++;
	}
	if (list)
		ares_free_data(list);
	q.fn.srv(q.arg, records, n, status);
}

void pc_sip_dns_srv(struct pc_sip_dns *dns, const char *name, pc_sip_srv_fn *fn,
		    void *arg)
{
	struct question *q = ask(dns, arg);

	if (!q) {
		fn(arg, NULL, 0, ARES_ENOMEM);
		return;
	}
	q->fn.srv = fn;
	ares_query(dns->channel, name, ns_c_in, ns_t_srv, on_srv, q);
	set_timer(dns);
}

/* ---- A and AAAA ---- */

static void on_addrs(void *arg, int status, int timeouts,
		     struct ares_addrinfo *info)
{
	struct pc_addr addrs[PC_SIP_RECORDS_MAX];
	struct question q = *(struct question *)arg;
	struct ares_addrinfo_node *node = info ? info->nodes : NULL;
	size_t n = 0;

	(void)timeouts;
	free(arg);
	if (q.dns->ending) {
		ares_freeaddrinfo(info);
		return;
	}
	for (; node && n < PC_SIP_RECORDS_MAX; node = node->ai_next) {
		if (node->ai_addrlen > sizeof addrs[n].ss)
			continue;
		addrs[n] = (struct pc_addr){ .len = node->ai_addrlen };
		memcpy(&addrs[n].ss, node->ai_addr, node->ai_addrlen);
		pc_addr_set_port(&addrs[n], q.port);
		n++;
	}
	ares_freeaddrinfo(info);
	q.fn.a(q.arg, addrs, n, status);
}

void pc_sip_dns_a(struct pc_sip_dns *dns, const char *name, int family,
		  uint16_t port, pc_sip_a_fn *fn, void *arg)
{
	struct ares_addrinfo_hints hints = { .ai_family = family,
					     .ai_socktype = SOCK_DGRAM };
	struct question *q = ask(dns, arg);

	if (!q) {
		fn(arg, NULL, 0, ARES_ENOMEM);
		return;
	}
	q->fn.a = fn;
	q->port = port;
	ares_getaddrinfo(dns->channel, name, NULL, &hints, on_addrs, q);
	set_timer(dns);
}

bool pc_sip_dns_in_hosts(struct pc_sip_dns *dns, const char *name, int family)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct hostent *host = NULL;
	bool found = false;

	for (int i = 0; i < 2 && !found; i++) {
		if (family && family != families[i])
			continue;
		found = ares_gethostbyname_file(dns->channel, name, families[i],
						&host) == ARES_SUCCESS;
		if (found)
			ares_free_hostent(host);
	}
	return found;
}

const char *pc_sip_dns_text(int status)
{
	switch (status) {
	case ARES_SUCCESS:
	case ARES_ENODATA:
	case ARES_ENOTFOUND:
		return "no address found for this host";
	case ARES_ETIMEOUT:
		return "no answer from DNS";
	case ARES_ECONNREFUSED:
		return "no DNS server there";
	default:
		return ares_strerror(status);
	}
}
