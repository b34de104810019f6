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
 * Audio and video over RTP are carried. Other sections are left out of an
 * offer that crosses from one kind to the other, and are rejected (port 0) in
 * the answer to the description they came in, so that its m= lines are all
 * answered, in order. When fragments say where media goes, what no fragment
 * speaks of is not carried either. A section that is rejected already stays
 * in its place, so that re-offers keep theirs (RFC 3264 section 8).
 *
 * Which section of an answer is meant by which of the offer: those of one
 * kind (audio, video) correspond in their order.
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
	const char *prefer;    /* these first, if they are there; or NULL */
	const char *drop;      /* kinds and codecs: "video,red"; or NULL */
	const char *transcode; /* answer with this one; NULL: when needed */
	const char *profile;   /* of an offer: "RTP/SAVP"; NULL: as fits */
	unsigned ptime_ms;     /* a=ptime; 0: as it is */
	bool only_audio;       /* no other kind */
	bool as_is;            /* same kind: choose, but complete nothing */
	const struct pc_sdp_lay *lays; /* in order */
	unsigned n_lays;
};

/*
 * Convert sdp in place. Linear in its size and that of answer_to.
 * Returns 0; -EBADMSG (the input is broken: err says where), -ENODATA (the
 * two sides share nothing that can be carried, or all is rejected: err says
 * what, and by which rule) or -ENOMEM. After a failure sdp is only good to be
 * freed.
 */
int pc_sdp_convert(struct pc_sdp *sdp, const struct pc_sdp_convert *how,
		   struct pc_sdp_error *err);

/* Can rtp-bridge transcode to and from it? */
bool pc_sdp_codec_transcodable(const char *name);

/* Is name in a list like "opus, PCMU"? Without case. NULL: no list, false. */
bool pc_sdp_listed(const char *list, const char *name);

#endif
