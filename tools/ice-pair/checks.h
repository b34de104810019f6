/*
 * The table of checks: what was seen of each pair of addresses on the wire,
 * and so why a pair is in the state it is. libnice says only that a pair
 * failed; the packets tell more. Fed by tap.h with each datagram.
 *
 *	checks_datagram(checks, true, "udp", &local, &remote, data, len);
 *	check = checks_find(checks, &local, &remote, "udp");
 *	check_reason(checks, check, &text);
 *		"no reply to 7 checks, and none of its checks came"
 */
#ifndef ICE_PAIR_CHECKS_H
#define ICE_PAIR_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/json.h"
#include "stun/stun.h"

#define CHECK_IDS 8 /* transactions of a pair that may still be answered */

/* RFC 8445 section 6.1.2.6; frozen is libnice's own affair. */
enum check_state {
	CHECK_WAITING,
	CHECK_IN_PROGRESS,
	CHECK_SUCCEEDED,
	CHECK_FAILED,
};

/* A pair. Addresses with len 0 are not set. */
struct check {
	struct pc_addr local, remote; /* local: the base, or our relay's */
	const char *transport;        /* "udp" or "tcp" */
	bool relayed;                 /* by a TURN server of ours */
	unsigned sent;                /* requests, retransmissions too */
	unsigned answered;            /* with success, from where we asked */
	unsigned asked;               /* the peer's checks that we answered */
	unsigned error;               /* the code of its last error, or 0 */
	unsigned refused;             /* of ours to its last check, or 0 */
	struct pc_addr mapped;        /* where it sees us */
	struct pc_addr elsewhere;     /* another source that answered */
	bool nominated;               /* by who of both controls */
	bool before;                  /* it was good before a restart */
	uint8_t ids[CHECK_IDS][PC_STUN_ID];
	unsigned n_ids; /* ever; the last CHECK_IDS are there */
	unsigned shown; /* what the last report was made of */
};

struct checks;

/* A pair is new, or there is another reason for its state. */
typedef void checks_changed_fn(void *arg, const struct check *check);

struct checks *checks_new(checks_changed_fn *changed, void *arg); /* or NULL */
void checks_free(struct checks *checks); /* NULL is fine */

/*
 * ICE restarts: of the pairs nothing is known any more, but from where the peer
 * has answered it may go on to send.
 */
void checks_restart(struct checks *checks);

/* One datagram, or message of a TCP stream; what is not of ICE is ignored. */
void checks_datagram(struct checks *checks, bool out, const char *transport,
		     const struct pc_addr *local, const struct pc_addr *remote,
		     const uint8_t *data, size_t len);

/*
 * What was seen of a pair, or NULL. Of a TCP pair the local port does not
 * matter: an active end has another for each connection (RFC 6544).
 */
const struct check *checks_find(const struct checks *checks,
				const struct pc_addr *local,
				const struct pc_addr *remote,
				const char *transport);

/*
 * The error code with which a TURN server refused an allocation, or 0: neither
 * its challenge is one, nor that we shall ask again, up to the fifth time.
 * changed is then called with check NULL.
 */
unsigned checks_turn_refused(const struct checks *checks);

/* The same of a STUN server; changed is not called. */
unsigned checks_stun_refused(const struct checks *checks);

/*
 * It is a request to a server that has wanted, from whom we ask here, to be
 * asked again too often to be asked any more.
 */
bool checks_vain(const struct checks *checks, const struct pc_addr *local,
		 const uint8_t *data, size_t len);

/*
 * Append to a JSON array the addresses that answered a check of ours over UDP
 * or whose own, with our password in it, we answered,
 * from where it was sent to.
 */
void checks_remotes(const struct checks *checks, json_t *array);

/*
 * It is ours to nominate, a pair has answered, and we have not nominated any:
 * by our first checks in regular nomination, never in the aggressive one.
 */
bool checks_undecided(const struct checks *checks);

enum check_state check_state(const struct check *check); /* NULL: waiting */
const char *check_state_name(enum check_state state);

/* Append why; check may be NULL. */
void check_reason(const struct checks *checks, const struct check *check,
		  struct pc_buf *out);

#endif
