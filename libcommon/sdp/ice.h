/*
 * What ICE needs to know of a description or fragment (RFC 8839, RFC 8840).
 *
 *	struct pc_sdp_ice ice;
 *	pc_sdp_ice_read(&ice, sdp, NULL);
 *	for (i = 0; i < ice.n_candidates; i++)
 *		add(ice.candidates[i]);     "candidate:1 1 udp 2130706431 ..."
 */
#ifndef PC_SDP_ICE_H
#define PC_SDP_ICE_H

#include "sdp/sdp.h"

#define PC_SDP_CANDIDATES_MAX 100 /* RFC 8445 6.1.2.5: pairs are as many */

/* Pointers borrow from the description; NULL when it does not say. */
struct pc_sdp_ice {
	const char *ufrag, *pwd;
	const char *options; /* "trickle", "ice2 trickle" */
	const char *mid;     /* of the section read */
	bool trickle;        /* options has the word */
	bool more_options;   /* ... and others: "ice2", "renomination" */
	bool lite;
	bool end_of_candidates;
	/* Each without its "a=": "candidate:...". */
	const char *candidates[PC_SDP_CANDIDATES_MAX];
	unsigned n_candidates, n_dropped; /* dropped: beyond the bound */
};

/*
 * Read the ICE lines of a section, and of the session where the section has
 * none of its own (RFC 8839 section 5).
 *   section  NULL: the one that carries the transport of the BUNDLE group
 *            (its first mid), else the first that is not rejected, else only
 *            the session's lines
 * Always succeeds: what is missing is NULL or false.
 */
void pc_sdp_ice_read(struct pc_sdp_ice *ice, const struct pc_sdp *sdp,
		     const struct pc_sdp_section *section);

#endif
