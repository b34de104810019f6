/*
 * Where a request goes (RFC 3263): from a URI's host, port and transport to
 * addresses, to be tried in turn. DNS is c-ares'; nothing here waits.
 *
 *	pc_sip_resolve(&r, tool, &(struct pc_sip_resolve_config){
 *		.host = "pbx.example", .found = on_found, .arg = me });
 *	...
 *	on_found(me, targets, n, why)
 *
 *	host is an address       -> that one (4.2)
 *	a port is given          -> A and AAAA of host
 *	no transport is given    -> NAPTR of host -> SRV of what it names;
 *				    none: SRV for UDP, TCP, TLS (4.1)
 *	a transport is given     -> SRV for it
 *	no SRV                   -> A and AAAA of host, the usual port
 *
 * A name that /etc/hosts has is taken from there: who wrote it in meant it.
 */
#ifndef PC_SIP_RESOLVE_H
#define PC_SIP_RESOLVE_H

#include "loop/tool.h"
#include "sip/transport.h"

#define PC_SIP_TARGETS_MAX 16
#define PC_SIP_HOST_MAX    256

struct pc_sip_target {
	struct pc_addr addr;
	enum pc_sip_transport_kind kind;
};

/*
 * targets are borrowed, the best first; n is 0 when there is none, and why
 * says it in words. Called once, from the loop, never from within
 * pc_sip_resolve. The owner frees the question, here or later.
 */
typedef void pc_sip_resolved_fn(void *arg, const struct pc_sip_target *targets,
				size_t n, const char *why);

struct pc_sip_resolve_config {
	const char *host; /* a name or an address (IPv6 with [] or without) */
	uint16_t port;    /* 0: none given */
	bool any;         /* no transport is given; kind is not looked at */
	enum pc_sip_transport_kind kind;
	bool secure;          /* a sips URI: TLS alone */
	int family;           /* AF_INET, AF_INET6, or 0: both */
	const char *resolver; /* a DNS server, HOST:PORT; NULL: the system's */
	unsigned timeout_ms;  /* for all of it */
	pc_sip_resolved_fn *found;
	void *arg;
};

struct pc_sip_resolve;

/* 0, -EINVAL (no host, or resolver is no address) or -ENOMEM. */
int pc_sip_resolve(struct pc_sip_resolve **r, struct pc_tool *tool,
		   const struct pc_sip_resolve_config *config);
void pc_sip_resolve_free(struct pc_sip_resolve *r); /* NULL is fine */

#endif
