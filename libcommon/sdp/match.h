/*
 * Do two payload types mean the same coding, format parameters included?
 *
 *	a=rtpmap:97 H264/90000                a=rtpmap:126 H264/90000
 *	a=fmtp:97 profile-level-id=42e01f     a=fmtp:126 packetization-mode=1
 *	no: packetization-mode 0 and 1 cannot be told apart by a receiver
 *
 * What must agree: H.264's profile and packetization-mode (RFC 6184 section
 * 8.2.2), H.265's profile, tier and transmission mode (RFC 7798 section 7.2),
 * the profile of VP9 (RFC 9628 section 6) and AV1, the framing of AMR (RFC
 * 4867 section 8.3.1) and the bit rate of G.722.1 (RFC 5577). Opus, G.711,
 * VP8 and others need no agreement.
 */
#ifndef PC_SDP_MATCH_H
#define PC_SDP_MATCH_H

#include "base/buf.h"
#include "sdp/media.h"

bool pc_sdp_codec_match(const struct pc_sdp_codec *a,
			const struct pc_sdp_codec *b);

/* The codec of m that matches, the one of the same number first; or NULL. */
const struct pc_sdp_codec *pc_sdp_codec_find(const struct pc_sdp_media *m,
					     const struct pc_sdp_codec *codec);

/*
 * Append to fmtp what an answer to offered says when the far side has said
 * far: far's parameters; for H.264 with a level that is not above the offer's
 * unless both allow asymmetry (RFC 6184 section 8.2.2).
 */
void pc_sdp_answer_fmtp(const struct pc_sdp_codec *offered,
			const struct pc_sdp_codec *far, struct pc_buf *fmtp);

#endif
