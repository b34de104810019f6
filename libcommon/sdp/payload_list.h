/*
 * Lists of codecs in the making. Private to payload.c and payload_answer.c.
 *
 *	pc_sdp_list_add(list, codec, kept, from)
 */
#ifndef PC_SDP_PAYLOAD_LIST_H
#define PC_SDP_PAYLOAD_LIST_H

#include "sdp/payload.h"

/* What --codecs can add; the payload types browsers are used to. */
extern const struct pc_sdp_codec pc_sdp_known[];
extern const unsigned pc_sdp_n_known;

bool pc_sdp_is_event(const struct pc_sdp_codec *c);

/* Neither speech nor music by itself: cannot be all there is in a call. */
bool pc_sdp_is_auxiliary(const struct pc_sdp_codec *c);

/* Repair of lost packets between neighbours: means nothing further on. */
bool pc_sdp_is_repair(const struct pc_sdp_codec *c);

/* The part of a list of names that is meant for media of this kind: names,
 * or NULL when none of them is of its codecs. */
const char *pc_sdp_names_for(const char *names, const char *kind);

void pc_sdp_list_add(struct pc_sdp_payloads *list,
		     const struct pc_sdp_codec *codec, bool kept,
		     unsigned from);

/* RFC 4733 2.1: events run on the clock of the audio they replace. */
bool pc_sdp_list_has_clock(const struct pc_sdp_payloads *list,
			   unsigned clock_hz);

/* Is there something to be heard or seen in it? */
bool pc_sdp_list_has_media(const struct pc_sdp_payloads *list);

/* Put those that prefer names first, in its order. */
void pc_sdp_list_prefer(struct pc_sdp_payloads *list, const char *prefer);

#endif
