/*
 * Our SDP fragment out, and the peer's description or fragment in
 * (RFC 8840 section 9).
 */
#ifndef ICE_PAIR_FRAGMENT_H
#define ICE_PAIR_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "ice.h"

/*
 * Append our fragment.
 *   complete  with the candidates and a=end-of-candidates; else only the
 *             credentials, because the candidates trickle after it
 */
void fragment_write(const struct ice *ice, bool complete, struct pc_buf *out);

/* Who the description is of. */
struct fragment_peer {
	const char *ufrag;   /* in: the peer's so far; "" if none */
	bool awaited;        /* in: we have restarted, and wait for others */
	bool restarted;      /* out: they are others; ice has restarted */
	char new_ufrag[257]; /* out */
	char mid[33];        /* out: of the section read; "" if none */
};

/* What a remote description came to. */
struct fragment_count {
	unsigned used, skipped;
	bool lite, trickle, end;
};

/*
 * Give an SDP description's, or a fragment's, ICE lines to the session.
 *   skip   called for each candidate that is not used, with the reason
 *   error  "what is wrong" when it fails
 * Other credentials than before are an ICE restart (RFC 8839 section 4.4.3):
 * unless it is awaited, the session is restarted first.
 * Returns 0, -EBADMSG (not SDP), -ENOENT (SDP without ICE), -ESTALE (others
 * are awaited) or -EIO.
 */
typedef void fragment_skip_fn(void *arg, const char *candidate,
			      const char *why);
int fragment_read(struct ice *ice, const char *data, size_t len,
		  struct fragment_peer *peer, struct fragment_count *count,
		  fragment_skip_fn *skip, void *arg, struct pc_buf *error);

#endif
