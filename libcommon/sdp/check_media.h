/*
 * Judge what one m= section says of codecs and keys. Private to
 * libcommon/sdp.
 *
 *	pc_sdp_check_media(&facts, &inherited, judge);
 */
#ifndef PC_SDP_CHECK_MEDIA_H
#define PC_SDP_CHECK_MEDIA_H

#include "sdp/facts.h"
#include "sdp/judge.h"

void pc_sdp_check_media(const struct pc_sdp_facts *f,
			const struct pc_sdp_inherited *from,
			struct pc_sdp_judge *judge);

/* The part of it that is about payload types. */
void pc_sdp_check_codecs(const struct pc_sdp_facts *f,
			 struct pc_sdp_judge *judge);

#endif
