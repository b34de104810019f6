/*
 * Which payload types an m= line offers or answers. Private to libcommon/sdp.
 *
 *	struct pc_sdp_payloads list;
 *	pc_sdp_payloads_offer(&list, &media, &(struct pc_sdp_choice){
 *			.codecs = "opus,PCMU,telephone-event" });
 *	pc_sdp_payloads_write(&list, sdp, section, proto, proto_len, true);
 */
#ifndef PC_SDP_PAYLOAD_H
#define PC_SDP_PAYLOAD_H

#include "sdp/media.h"

#define PC_SDP_NO_PT 255

struct pc_sdp_payloads {
	struct pc_sdp_codec codecs[PC_SDP_CODECS_MAX];
	bool kept[PC_SDP_CODECS_MAX];    /* the section's own lines serve */
	uint8_t from[PC_SDP_CODECS_MAX]; /* its number in the section; or
					    PC_SDP_NO_PT */
	unsigned n;
	char *owned[PC_SDP_CODECS_MAX]; /* fmtp made for it; or NULL */
};

struct pc_sdp_choice {
	const char *codecs;    /* these, in this order; NULL: all */
	const char *prefer;    /* these first; or NULL */
	const char *drop;      /* not these; or NULL */
	const char *transcode; /* answer with this first; or NULL */
	bool keep_repair;      /* rtx, red, FEC: the neighbours stay the same */
};

/*
 * What to offer of a section's codecs: those of choice->codecs, adding audio
 * codecs that are missing; or all that the other side can use, as they are.
 */
void pc_sdp_payloads_offer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *m,
			   const struct pc_sdp_choice *choice);

/*
 * What to answer to offer, by its payload types, when the far side of the
 * gateway has chosen far: in far's order, or if choice->transcode is NULL
 * and nothing is shared, an audio codec that can be transcoded.
 * Returns 0, or -ENODATA when neither is anything shared nor can anything be
 * transcoded.
 */
int pc_sdp_payloads_answer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *offer,
			   const struct pc_sdp_media *far,
			   const struct pc_sdp_choice *choice);

/*
 * Give other numbers to payload types that mean another codec in taken, by
 * number, or that a=rtcp-mux forbids (RFC 9143 section 10.1.2, RFC 5761
 * section 4), and enter all into taken.
 */
void pc_sdp_payloads_renumber(struct pc_sdp_payloads *list,
			      const struct pc_sdp_media *m,
			      struct pc_sdp_codec taken[PC_SDP_CODECS_MAX]);

/*
 * Write the list into a section: its m= line, a=rtpmap and a=fmtp.
 *   map_all  a=rtpmap also for what RFC 3551 numbers (RFC 8829 5.2.1)
 */
void pc_sdp_payloads_write(const struct pc_sdp_payloads *list,
			   struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const char *proto, size_t proto_len, bool map_all);

void pc_sdp_payloads_fini(struct pc_sdp_payloads *list);

#endif
