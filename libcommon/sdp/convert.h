/*
 * Make of a description the one that the other kind of peer needs: a plain
 * SIP phone (RFC 3264, RFC 3551) or a browser (RFC 8829).
 *
 *	struct pc_sdp_convert how = { .to = PC_SDP_TO_SIP };
 *	rc = pc_sdp_convert(sdp, &how, &err);
 *
 *	browser --offer--> to SIP ----------------> offer --> phone
 *	browser <-answer-- to WEBRTC, answer_to <-- answer <- phone
 *
 * One audio section is carried: the first that is not rejected. Others are
 * left out of an offer and are rejected (port 0) in the answer to the
 * description they came in, so that its m= lines are all answered, in order.
 */
#ifndef PC_SDP_CONVERT_H
#define PC_SDP_CONVERT_H

#include "sdp/fragment.h"
#include "sdp/sdp.h"

enum pc_sdp_to { PC_SDP_TO_SAME, PC_SDP_TO_SIP, PC_SDP_TO_WEBRTC };

struct pc_sdp_convert {
	enum pc_sdp_to to;
	/*
	 * The offer that the result answers: what came from the side that
	 * the result goes to. NULL: the result is an offer.
	 */
	const struct pc_sdp *answer_to;
	const char *codecs;    /* "opus,PCMU,telephone-event"; NULL: all */
	const char *transcode; /* answer with this one; NULL: when needed */
	const struct pc_sdp_lay *lays; /* in order */
	unsigned n_lays;
};

/*
 * Convert sdp in place.
 * Returns 0; -EBADMSG (the input is broken: err says where), -ENODATA (the
 * two sides share nothing that can be carried, or the audio was rejected:
 * err says what) or -ENOMEM. After a failure sdp is only good to be freed.
 */
int pc_sdp_convert(struct pc_sdp *sdp, const struct pc_sdp_convert *how,
		   struct pc_sdp_error *err);

/* Can rtp-bridge transcode to and from it? */
bool pc_sdp_codec_transcodable(const char *name);

#endif
