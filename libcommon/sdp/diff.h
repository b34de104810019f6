/*
 * What differs between two descriptions, by meaning: not the order of lines,
 * nor whether the session or its sections say it, nor spaces and line ends.
 *
 *	n = pc_sdp_diff(before, after, print, out);
 *
 * Sections are compared in their order, as offers and answers are (RFC 3264
 * section 8). Codecs are the same when pc_sdp_codec_match says so; then their
 * payload type, parameters (as a set) and feedback are compared.
 */
#ifndef PC_SDP_DIFF_H
#define PC_SDP_DIFF_H

#include "sdp/sdp.h"

/*
 * Told of each difference.
 *   section  number of the m= section, from 0; -1 for the session
 *   what     "port", "codec opus/48000/2", "a=extmap"
 *   before, after  NULL when it is not there
 */
typedef void pc_sdp_diff_fn(void *arg, int section, const char *what,
			    const char *before, const char *after);

/* Returns how many there are, or -ENOMEM. n log n in the lines. */
long pc_sdp_diff(const struct pc_sdp *before, const struct pc_sdp *after,
		 pc_sdp_diff_fn *fn, void *arg);

#endif
