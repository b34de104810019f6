/*
 * What the packets of a NAT test prove (RFC 4787, RFC 5780), and no more than
 * that: what they do not decide is "unknown", which is not "no". Pure.
 *
 *	struct nat_facts facts = { ... what was sent and came ... };
 *	struct finding f = judge_mapping(&facts);
 *	f.verdict: "endpoint-independent"; f.possible: 1 << 0
 */
#ifndef STUN_PROBE_JUDGE_H
#define STUN_PROBE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* RFC 4787 sections 4.1 and 5: sets of these say what is still possible. */
enum behaviour {
	ENDPOINT_INDEPENDENT = 1,
	ADDRESS_DEPENDENT = 2,
	ADDRESS_AND_PORT_DEPENDENT = 4,
	ANY_BEHAVIOUR = 7,
};

/* What became of a request that asks for an answer from elsewhere. */
enum outcome {
	NOT_TRIED,
	SILENCE,
	CAME,         /* from where it should */
	CAME_ASTRAY,  /* from elsewhere, as a server that ignores the wish */
	REFUSED,      /* an error response */
	UNHEARD,      /* not tried: that address never answered, anyhow */
	NO_FIRST_TEST /* the fresh socket got no answer even to a plain one */
};

#define POINTS_MAX 40
#define PORTS_MAX  8

struct nat_facts {
	/* One socket, many destinations: where each saw it. */
	struct {
		struct pc_addr to, mapped;
	} point[POINTS_MAX];
	unsigned n_points;
	struct pc_addr local;        /* that socket */
	struct pc_addr plain, xored; /* of the first answer */
	bool has_other;              /* a server with two addresses was found */
	bool rfc5780;                /* and it calls them as RFC 5780 does */

	unsigned right_sources; /* answers from the very address asked */
	struct pc_addr stray;   /* one that was not; len 0: none */

	/* Fresh sockets: the server's other address and port, other port. */
	enum outcome change_both, change_port;
	/* The same from a socket that has opened the filter to both. */
	enum outcome control_both, control_port;

	/*
	 * Where the server saw a fresh socket, and where its other address did
	 * after its packets had not got in. len 0: it was not found out.
	 */
	struct pc_addr before_uninvited, after_uninvited;

	/* Fresh sockets, one destination. */
	struct {
		struct pc_addr local, mapped;
	} port[PORTS_MAX];
	unsigned n_ports;

	bool hairpin_tried;
	unsigned hairpin_came;       /* of two sockets */
	struct pc_addr hairpin_from; /* the source, as one of them saw it */
	bool hairpin_outside;        /* it was the other's mapped address */

	enum outcome fragments;
	bool padding_taken;      /* a short PADDING was answered */
	unsigned fragment_bytes; /* of the answer's PADDING */

	bool lossy; /* packets are lost: silence may be chance */

	bool lifetime_tried, lifetime_ended; /* before it was all over */
	unsigned lifetime_max_ms;            /* how far it was looked */
	unsigned alive_ms, dead_ms;          /* 0: none seen */
	bool response_port;                  /* the server does RESPONSE-PORT */
};

struct finding {
	const char *verdict;
	unsigned possible; /* a set of enum behaviour; 0: not that kind */
	bool certain;      /* false: inferred; see why */
	const char *why;   /* what it rests on */
	const char *means; /* for a call */
};

struct finding judge_mapping(const struct nat_facts *facts);
struct finding judge_filtering(const struct nat_facts *facts);
struct finding judge_uninvited(const struct nat_facts *facts);
struct finding judge_source(const struct nat_facts *facts);
struct finding judge_preservation(const struct nat_facts *facts);
struct finding judge_parity(const struct nat_facts *facts);
struct finding judge_pooling(const struct nat_facts *facts);
struct finding judge_hairpin(const struct nat_facts *facts);
struct finding judge_rewriting(const struct nat_facts *facts);
struct finding judge_fragments(const struct nat_facts *facts);
struct finding judge_lifetime(const struct nat_facts *facts);

/* Is there a NAT: the first mapped address is not the local one. */
bool judge_nat(const struct nat_facts *facts);

/* RFC 3489 section 5's name: "full cone", "symmetric", ... or "unknown". */
const char *judge_rfc3489(bool nat, unsigned mapping, unsigned filtering);

/* "endpoint-independent"; NULL when the set has not one member. */
const char *behaviour_name(unsigned set);

bool same_ip(const struct pc_addr *a, const struct pc_addr *b);

#endif
