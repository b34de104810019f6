/*
 * One m= section's lines, sorted out in one pass, for those who judge it.
 * Private to libcommon/sdp.
 *
 *	struct pc_sdp_facts f;
 *	if (pc_sdp_facts_read(&f, &inherited, section, &err) == 0 && f.mux) ...
 */
#ifndef PC_SDP_FACTS_H
#define PC_SDP_FACTS_H

#include "sdp/media.h"

#define PC_SDP_PTS 128

/* Lines are NULL where there is none; the first where there are several. */
struct pc_sdp_facts {
	const struct pc_sdp_section *section;
	struct pc_sdp_media m;
	bool rejected;
	bool offered[PC_SDP_PTS]; /* the m= line has it */
	const struct pc_sdp_line *rtpmap[PC_SDP_PTS], *fmtp[PC_SDP_PTS];
	const struct pc_sdp_line *c, *direction, *direction2, *mid, *ufrag,
		*pwd, *candidate, *crypto, *fingerprint, *setup, *rtcp, *mux,
		*mux_only, *rsize, *bundle_only, *sctp_port, *simulcast, *rid,
		*feedback, *extmap, *ssrc, *ptime, *tls_id, *msid;
	unsigned n_crypto;
};

/*
 * Read a section whose m= line is well-formed. 0, or -EBADMSG with err filled
 * (f is filled but for what could not be read).
 */
int pc_sdp_facts_read(struct pc_sdp_facts *f,
		      const struct pc_sdp_inherited *from,
		      const struct pc_sdp_section *section,
		      struct pc_sdp_error *err);

/* The payload type at the start of text, 0 to 127; or -1. */
int pc_sdp_facts_pt(const char *text);

#endif
