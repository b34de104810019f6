/*
 * Will two hosts behind their NATs connect directly (RFC 8445's checks, peer
 * reflexive ones included), or do they need a relay? From what stun-probe
 * --nat found at each. Pure.
 */
#ifndef STUN_PROBE_PREDICT_H
#define STUN_PROBE_PREDICT_H

#include <stdbool.h>

struct side {
	unsigned mapping, filtering; /* what is possible: sets of behaviours */
};

enum prediction { WILL_CONNECT, NEEDS_RELAY, NOT_KNOWN };

/*
 * A packet of one side gets in at the other when the other's filter lets it:
 * always if that is endpoint-independent; else the other must have sent to
 * where it comes from, through the mapping it comes to. One such packet is
 * enough, since its source is learned from it and answered.
 *
 * Over all that is possible: what is so in every case is certain.
 */
enum prediction predict(const struct side *a, const struct side *b);

#endif
