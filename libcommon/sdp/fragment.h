/*
 * Lay the fragment of whoever owns a layer into a description (RFC 8840
 * section 9): the address and keys of rtp-bridge, the candidates of ice-pair.
 *
 *	struct pc_sdp_lay lay = { .sdp = frag, .name = "web" };
 *	pc_sdp_lay(sdp, sdp->media, &lay, PC_SDP_LAY_WEBRTC, &err);
 *
 *	a=ice-ufrag:Oyef                     for every section
 *	m=audio 40312 RTP/AVP 0              only its port is taken
 *	c=IN IP4 127.0.0.1
 *	a=mid:sip                            names the leg; not taken
 *	a=rtcp:40313
 *
 * What the fragment says takes the place of what the description said by
 * lines of the same name; the description's other lines stay.
 */
#ifndef PC_SDP_FRAGMENT_H
#define PC_SDP_FRAGMENT_H

#include "sdp/sdp.h"

/* Which section of the fragment is meant when it has several and no name. */
enum pc_sdp_lay_for {
	PC_SDP_LAY_ANY,    /* it must have one only */
	PC_SDP_LAY_WEBRTC, /* the one with DTLS (UDP/TLS/RTP/SAVPF) */
	PC_SDP_LAY_SIP,    /* the one without (RTP/AVP, AVPF, SAVP) */
};

struct pc_sdp_lay {
	const struct pc_sdp *sdp; /* parsed with PC_SDP_FRAGMENT */
	const char *name;         /* a=mid of its section; or NULL */
};

/*
 * Lay a fragment into one section of sdp.
 * Returns 0, or -EBADMSG with err filled: no section of that name, or
 * several that fit.
 */
int pc_sdp_lay(struct pc_sdp *sdp, struct pc_sdp_section *section,
	       const struct pc_sdp_lay *lay, enum pc_sdp_lay_for what,
	       struct pc_sdp_error *err);

#endif
