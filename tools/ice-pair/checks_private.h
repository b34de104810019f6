/* What the files of the table of checks share. */
#ifndef ICE_PAIR_CHECKS_PRIVATE_H
#define ICE_PAIR_CHECKS_PRIVATE_H

#include "checks.h"

enum { CHECKS_MAX = 256, BASES_MAX = 16, RELAYS_MAX = 8, CHANNELS_MAX = 64 };

/* A local address, and how a STUN or TURN server sees it. */
struct base {
	struct pc_addr local, mapped;
	uint8_t id[PC_STUN_ID];         /* of the question to the server */
	uint8_t allocating[PC_STUN_ID]; /* of the last Allocate request */
	bool authenticated;             /* it had our credentials */
	unsigned again;   /* how often the server wanted another of us */
	unsigned sent_on; /* how often a STUN server named another */
};

/* So often a server may want to be asked again (RFC 8489 section 10). */
enum { AGAIN_MAX = 5, TRY_ALTERNATE = 300 };

/* An allocation (RFC 8656): its own address, and the channels' peers. */
struct relay {
	struct pc_addr local, server, relayed;
	struct {
		uint16_t number;
		struct pc_addr peer;
	} channels[CHANNELS_MAX];
	unsigned n_channels;
};

struct checks {
	checks_changed_fn *changed;
	void *arg;
	struct check checks[CHECKS_MAX];
	unsigned n_checks;
	unsigned turn_refused, stun_refused;
	bool controlling;               /* our last check says so */
	uint8_t nominating[PC_STUN_ID]; /* the peer's last that nominates */
	struct base bases[BASES_MAX];
	unsigned n_bases;
	struct relay relays[RELAYS_MAX];
	unsigned n_relays;
};

/* A message as it was at the ends of a pair, out of what a relay wrapped. */
struct sighting {
	bool out, relayed;
	const char *transport;
	const struct pc_addr *local, *remote;
};

/* A Binding message (checks.c). */
void checks_binding(struct checks *checks, const struct sighting *s,
		    const struct pc_stun_msg *msg);

/* The entry of a base, made if need be; NULL if there are too many. */
struct base *checks_base(struct checks *checks, const struct pc_addr *local);

/*
 * What belongs to TURN (checks_turn.c): its own messages are remembered, and
 * Binding messages that a relay carries go to checks_binding.
 */
void checks_turn(struct checks *checks, const struct sighting *s,
		 const uint8_t *data, size_t len);

#endif
