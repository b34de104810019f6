/* The lines that a session description must have. */
#ifndef SDP_CONVERT_REQUIRED_H
#define SDP_CONVERT_REQUIRED_H

#include "sdp/sdp.h"

/*
 * Whether the session's lines have v=, o=, s= and t= (RFC 8866 section 5),
 * in whatever order. Not for fragments, which have none of them.
 * Returns 0, or -EBADMSG with err saying which is not there, and after which
 * line it was looked for.
 */
int required_check(const struct pc_sdp *sdp, struct pc_sdp_error *err);

#endif
