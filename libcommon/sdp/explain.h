/*
 * A description in plain words, line by line: what it says, why it is there,
 * the RFC, and what to try with it.
 *
 *	pc_sdp_explain(sdp, &out);
 *
 *	a=setup:actpass
 *	    In DTLS this side can be client or server: the answer chooses.
 *	    Why: one of the two has to begin. (RFC 4145 section 4)
 *	    Try: ...
 */
#ifndef PC_SDP_EXPLAIN_H
#define PC_SDP_EXPLAIN_H

#include "sdp/sdp.h"

/* Append the text to out. Linear. Control characters are shown as \xNN. */
void pc_sdp_explain(const struct pc_sdp *sdp, struct pc_buf *out);

#endif
