/* What the files of the ICE session share. */
#ifndef ICE_PAIR_ICE_PRIVATE_H
#define ICE_PAIR_ICE_PRIVATE_H

#include <nice/agent.h>

#include "ice.h"
#include "loop/tool.h"

#define RTP 1 /* the one component */

struct ice {
	struct pc_tool *tool;
	NiceAgent *agent;
	guint stream;
	gchar *ufrag, *pwd;
	struct ice_config cfg; /* turn_password is a copy of ours */
	bool selected;
	bool restarting;   /* until a pair is selected anew */
	unsigned n_remote; /* candidates of the peer taken */
	NiceComponentState state;
	struct ice_events events;
	void *arg;

	void (*closed)(void *arg);
	void *closed_arg;

	/* Consent to send (ice_consent.c). */
	struct pc_timer *consent;
	unsigned consent_ms;
	uint64_t answered_ms; /* when a check of the pair was last answered */
	gchar *lfoundation, *rfoundation;
	struct pc_addr remote;
	bool rearming, revoked;
};

/* A pair was selected: consent to it begins. */
void ice_consent_begin(struct ice *ice, const NiceCandidate *local,
		       const NiceCandidate *remote);

/*
 * Consent is waited for as from now: what the peer answers, until it knows our
 * new credentials, is not for us.
 */
void ice_consent_wait(struct ice *ice);

/* libnice has failed a selected pair. */
void ice_consent_failed(struct ice *ice);

int ice_consent_init(struct ice *ice, unsigned consent_ms);
void ice_consent_fini(struct ice *ice);

/*
 * A new stream, which gathers; its credentials are those we have, if we have
 * any. 0, -EINVAL (a bad server) or -EADDRNOTAVAIL after one line.
 */
int ice_gather(struct ice *ice);
void ice_on_data(NiceAgent *agent, guint stream, guint component, guint len,
		 gchar *buf, gpointer arg);

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
