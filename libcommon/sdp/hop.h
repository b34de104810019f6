/*
 * The lines of a description that speak of one hop only: its addresses, keys,
 * feedback and multiplexing. Private to libcommon/sdp.
 *
 *	pc_sdp_strip(sdp, section);    they end at the gateway
 */
#ifndef PC_SDP_HOP_H
#define PC_SDP_HOP_H

#include "sdp/media.h"

/* Remove the hop's lines from the session part or one section. */
void pc_sdp_strip(struct pc_sdp *sdp, struct pc_sdp_section *section);

/* Remove or mend what RFC 8866 forbids and browsers refuse outright. */
void pc_sdp_tidy(struct pc_sdp *sdp);

/* Make media flow in this direction. */
void pc_sdp_set_direction(struct pc_sdp *sdp, struct pc_sdp_section *section,
			  enum pc_sdp_direction direction);

#endif
