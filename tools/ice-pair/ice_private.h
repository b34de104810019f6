/* What the files of the ICE session share. */
#ifndef ICE_PAIR_ICE_PRIVATE_H
#define ICE_PAIR_ICE_PRIVATE_H

#include <nice/agent.h>

#include "ice.h"

/* Add the addresses to gather on; 0, or -errno after one line. */
int ice_add_addresses(NiceAgent *agent, const struct ice_config *cfg);

/*
 * Parse "candidate:..." (RFC 8839 section 5.1, RFC 6544 section 4.5).
 * Returns 0 and a candidate that the caller frees, or as ice_candidate.
 */
int ice_candidate_parse(NiceCandidate **out, guint stream, const char *text,
			const char **why);

void ice_addr_from_nice(struct pc_addr *addr, const NiceAddress *from);

#endif
