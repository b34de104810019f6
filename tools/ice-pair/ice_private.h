/* What the files of the ICE session share. */
#ifndef ICE_PAIR_ICE_PRIVATE_H
#define ICE_PAIR_ICE_PRIVATE_H

#include <nice/agent.h>

#include "ice.h"
#include "loop/tool.h"

#define RTP 1 /* the one component */

/*
 * One ICE session in the RFC's sense: a restart begins another, with sockets and
 * credentials of its own, and the last goes on until that is connected.
 */
struct ice_generation {
	struct ice_generation *older;
	struct ice *ice;
	NiceAgent *agent;
	guint stream;
	gchar *ufrag, *pwd, *remote_ufrag, *remote_pwd;
	unsigned number;
	bool selected;
	bool again;        /* restarted in place, until it is selected anew */
	unsigned n_local;  /* candidates told to the peer */
	unsigned n_remote; /* candidates of the peer taken */
	bool remote_done;  /* it has no more */
	NiceComponentState state;
	struct pc_timer *retiring; /* another has taken over */
	bool closing;              /* its relays are given back */

	/* Consent to send (ice_consent.c). */
	struct pc_timer *consent;
	uint64_t answered_ms; /* when a check of the pair was last answered */
	gchar *lfoundation, *rfoundation;
	struct pc_addr remote;
	struct pc_addr last; /* where the last STUN message came from */
	bool rearming, revoked;
};

struct ice {
	struct pc_tool *tool;
	struct ice_config cfg;       /* turn_password is a copy of ours */
	struct ice_generation *now;  /* the newest; the list of all */
	struct ice_generation *used; /* the newest with a pair, or NULL */
	unsigned n_generations;
	struct ice_events events;
	void *arg;

	void (*closed)(void *arg);
	void *closed_arg;
	unsigned n_closing;
};

/* --- ice_generation.c --- */

/*
 * Make one, which is the newest from now on; it has credentials, and does not
 * gather yet. 0, or -errno after one line.
 */
int ice_generation_new(struct ice *ice, bool controlling);
void ice_generation_free(struct ice_generation *g);   /* out of the list, too */
void ice_generation_newest(struct ice_generation *g); /* make it so again */

/* Another has taken over: free it when nothing comes by it any more. */
void ice_generation_retire(struct ice_generation *g);

/* Data came by it though it is retired. */
void ice_generation_busy(struct ice_generation *g);

/* Give its relays back. */
void ice_generation_close(struct ice_generation *g);

bool ice_generation_is_controlling(const struct ice_generation *g);

/* Signals of libnice's (ice.c). */
void ice_connect_signals(struct ice_generation *g);
void ice_on_data(NiceAgent *agent, guint stream, guint component, guint len,
		 gchar *buf, gpointer arg);

int ice_set_remote(struct ice_generation *g, const char *ufrag,
		   const char *pwd);

/* A candidate is told to the peer, if it is wanted. */
void ice_tell_candidate(struct ice_generation *g, NiceCandidate *c);

/*
 * A restart whose generation has nothing to connect by, for want of ports or of
 * a second relay: on the one before, with the credentials of that (ice_restart.c).
 * Returns 0 or -EIO.
 */
int ice_restart_in_place(struct ice *ice);

/* --- ice_consent.c --- */

/* A pair was selected: consent to it begins. */
void ice_consent_begin(struct ice_generation *g, const NiceCandidate *local,
		       const NiceCandidate *remote);

/*
 * Consent is waited for as from now: a peer that restarts may not answer what
 * has the credentials of before.
 */
void ice_consent_wait(struct ice_generation *g);

/* libnice has failed a selected pair. */
void ice_consent_failed(struct ice_generation *g);

int ice_consent_init(struct ice_generation *g);
void ice_consent_fini(struct ice_generation *g);

/* --- ice_gather.c --- */

/* A stream with its servers and ports; 0 or -EINVAL (a bad server). */
int ice_add_stream(struct ice_generation *g);

/* Gather, with the credentials that it has; 0 or -EADDRNOTAVAIL. */
int ice_gather(struct ice_generation *g);

/* Add the addresses to gather on; 0, or -errno after one line. */
int ice_add_addresses(NiceAgent *agent, const struct ice_config *cfg);

/*
 * Parse "candidate:..." (RFC 8839 section 5.1, RFC 6544 section 4.5).
 * Returns 0 and a candidate that the caller frees, or as ice_candidate.
 */
int ice_candidate_parse(NiceCandidate **out, guint stream, const char *text,
			const char **why);

/* Is a local candidate told to the peer? */
bool ice_wanted(const struct ice *ice, const NiceCandidate *c);

void ice_addr_from_nice(struct pc_addr *addr, const NiceAddress *from);

#endif
