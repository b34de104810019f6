/*
 * Which payload types an m= line offers or answers. Private to libcommon/sdp.
 *
 *	struct pc_sdp_payloads list;
 *	pc_sdp_payloads_offer(&list, &media, "opus,PCMU,telephone-event");
 *	pc_sdp_payloads_write(&list, sdp, section, proto, proto_len);
 */
#ifndef PC_SDP_PAYLOAD_H
#define PC_SDP_PAYLOAD_H

#include "sdp/media.h"

struct pc_sdp_payloads {
	struct pc_sdp_codec codecs[PC_SDP_CODECS_MAX];
	bool kept[PC_SDP_CODECS_MAX]; /* the section's own lines serve */
	unsigned n;
};

/*
 * What to offer of a section's codecs.
 *   names  which, in which order, adding what is missing; NULL: all that
 *          the other side can use, as they are
 */
void pc_sdp_payloads_offer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *m, const char *names);

/*
 * What to answer to offer, by its payload types, when the far side of the
 * gateway has chosen far.
 *   names      only these, in far's order; NULL: all
 *   transcode  put this one of offer first; NULL: only if nothing is shared
 * Returns 0, or -ENODATA when neither is anything shared nor can anything be
 * transcoded.
 */
int pc_sdp_payloads_answer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *offer,
			   const struct pc_sdp_media *far, const char *names,
			   const char *transcode);

/*
 * Write the list into a section: its m= line, a=rtpmap and a=fmtp.
 *   map_all  a=rtpmap also for what RFC 3551 numbers (RFC 8829 5.2.1)
 */
void pc_sdp_payloads_write(const struct pc_sdp_payloads *list,
			   struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const char *proto, size_t proto_len, bool map_all);

#endif
