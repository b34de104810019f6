/*
 * NAT behaviour discovery (RFC 5780): which packets are sent, in which order,
 * from which socket. What they prove is judge.h's.
 *
 *	nat_start(&nat, &cfg);	...	done(arg, nat)
 *
 * One socket asks all servers, and the RFC 5780 server at its other address
 * and ports (mapping). Filtering is tested on fresh sockets: one that has
 * talked to the other address has opened the filter for it.
 */
#ifndef STUN_PROBE_NAT_H
#define STUN_PROBE_NAT_H

#include "judge.h"
#include "talk.h"

#define SERVERS_MAX 8

struct nat;

typedef void nat_done_fn(void *arg, struct nat *nat);

struct nat_cfg {
	struct talk_env env;
	struct pc_addr server[SERVERS_MAX];
	unsigned n_servers;
	struct pc_addr local; /* of the server's family; port 0 allowed */
	unsigned timeout_ms;  /* for the first answer; 0: the RFC's 39.5 s */
	unsigned silence_ms;  /* how long it must last to mean something */
	unsigned lifetime_ms; /* how far to look for a binding's; 0: not */
	nat_done_fn *done;    /* once, from the loop */
	void *arg;
};

/* Where the tests put what they see. */
struct nat {
	struct nat_cfg cfg;
	struct nat_facts facts;
	struct answer first[SERVERS_MAX]; /* of each server */
	int with_other;                   /* which server has two addresses */
	struct pc_addr server, other;     /* the RFC 5780 server's */
	int best;                         /* the first to answer; -1: none */
	unsigned asked, answered;         /* servers */
	unsigned running;                 /* tests */
	bool tests_begun, over;
	struct pc_timer *patience;
	struct talk *mapping;
	unsigned mapping_open; /* its questions without an answer yet */
	struct nat_filter *filter;
	struct nat_ports *ports;
	struct nat_hairpin *hairpin;
	struct nat_fragments *fragments;
	struct nat_lifetime *lifetime;
};

/*
 * Returns 0, or -errno after one line. *nat is set in either case, and to be
 * freed.
 */
int nat_start(struct nat **nat, const struct nat_cfg *cfg);
void nat_free(struct nat *nat); /* NULL is fine */

/*
 * End now, if only an idle mapping's end is still waited for: done is called
 * with what is known. False if that is not so.
 */
bool nat_stop(struct nat *nat);

/* --- for the tests' own files ----------------------------------------- */

/* A fresh socket. 0 or -errno. */
int nat_fresh(struct nat *nat, struct talk **talk);

/* Ask on it, with the silence as limit. 0 or -ENOMEM. */
int nat_ask(struct nat *nat, struct talk *talk, struct ask ask);

/* A test ends: once for each `nat->running++`. */
void nat_test_over(struct nat *nat);

void nat_filter_start(struct nat *nat);
void nat_filter_control(struct nat *nat);
void nat_filter_free(struct nat_filter *test);
void nat_ports_start(struct nat *nat);
void nat_ports_free(struct nat_ports *test);
void nat_hairpin_start(struct nat *nat);
void nat_hairpin_free(struct nat_hairpin *test);
void nat_fragments_start(struct nat *nat);
void nat_fragments_free(struct nat_fragments *test);
void nat_lifetime_start(struct nat *nat);
bool nat_lifetime_stop(struct nat_lifetime *test); /* NULL: false */
void nat_lifetime_free(struct nat_lifetime *test);

#endif
