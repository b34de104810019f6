/*
 * c-ares in our loop: NAPTR (RFC 3403), SRV (RFC 2782), A and AAAA.
 */
#ifndef PC_SIP_DNS_H
#define PC_SIP_DNS_H

#include "base/addr.h"
#include "loop/loop.h"
#include "sip/srv.h"

struct pc_sip_dns;

struct pc_sip_naptr {
	uint16_t order, preference;
	char service[32]; /* "SIP+D2U" */
	char replacement[256];
};

#define PC_SIP_RECORDS_MAX 32

/*
 * n 0: there are none; status is c-ares' (ARES_SUCCESS, ARES_ETIMEOUT ...),
 * see pc_sip_dns_text. Records are borrowed. Not called for questions that
 * were open when dns was freed.
 */
typedef void pc_sip_naptr_fn(void *arg, const struct pc_sip_naptr *records,
			     size_t n, int status);
typedef void pc_sip_srv_fn(void *arg, const struct pc_sip_srv *records,
			   size_t n, int status);
typedef void pc_sip_a_fn(void *arg, const struct pc_addr *addrs, size_t n,
			 int status);

/* resolver: HOST:PORT, or NULL. 0, -EINVAL or -ENOMEM. */
int pc_sip_dns_new(struct pc_sip_dns **dns, struct pc_loop *loop,
		   const char *resolver);
/* Not in one of its callbacks. NULL is fine. */
void pc_sip_dns_free(struct pc_sip_dns *dns);

/* A function may be called at once, from within these. */
void pc_sip_dns_naptr(struct pc_sip_dns *dns, const char *name,
		      pc_sip_naptr_fn *fn, void *arg);
void pc_sip_dns_srv(struct pc_sip_dns *dns, const char *name, pc_sip_srv_fn *fn,
		    void *arg);
/* family: AF_INET, AF_INET6 or AF_UNSPEC; the addresses have that port. */
void pc_sip_dns_a(struct pc_sip_dns *dns, const char *name, int family,
		  uint16_t port, pc_sip_a_fn *fn, void *arg);

/* /etc/hosts alone, at once. */
bool pc_sip_dns_in_hosts(struct pc_sip_dns *dns, const char *name, int family);

const char *pc_sip_dns_text(int status);

#endif
