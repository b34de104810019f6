/*
 * a=rtcp-fb (RFC 4585 section 4.2, RFC 5104 section 7.1): in order, by the
 * payload types of the result. Private to libcommon/sdp.
 *
 *	pc_sdp_feedback_offer(sdp, section, &list, PC_SDP_FEEDBACK_CROSSING);
 *
 * RTCP ends at the gateway, and rtp-bridge(1) asks for pictures (nack pli, ccm
 * fir), answers nack, and sends a browser goog-remb and transport-cc, for which
 * alone a header extension is kept (a=extmap).
 */
#ifndef PC_SDP_FEEDBACK_H
#define PC_SDP_FEEDBACK_H

#include "sdp/payload.h"

enum {
	PC_SDP_FEEDBACK_CROSSING = 1, /* only what a gateway passes on */
	PC_SDP_FEEDBACK_NONE = 2,     /* the protocol has none: RTP/AVP */
	PC_SDP_FEEDBACK_DTLS = 4,     /* to a browser: all that it does */
};

/* Of an offer: what belongs to no payload type of list goes. */
void pc_sdp_feedback_offer(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const struct pc_sdp_payloads *list, unsigned how);

/*
 * Of an answer: what was offered, in the offer's order, whatever the protocol:
 * phones offer it with RTP/AVP, too.
 */
void pc_sdp_feedback_answer(struct pc_sdp *sdp, struct pc_sdp_section *section,
			    const struct pc_sdp_payloads *list,
			    const struct pc_sdp_section *offered, bool dtls);

/*
 * Where transport-cc has come to be said: the header extension (RFC 8285) with
 * the numbers that it tells of, as offered, or to be offered (NULL).
 */
void pc_sdp_feedback_wide(struct pc_sdp *sdp, struct pc_sdp_section *section,
			  const struct pc_sdp_section *offered);

#endif
