/*
 * Lay the fragment of whoever owns a layer into a description (RFC 8840
 * section 9): the address and keys of rtp-bridge, the candidates of ice-pair.
 *
 *	struct pc_sdp_lay lay = { .sdp = frag, .name = "web" };
 *	pc_sdp_lay(sdp, sdp->media, &lay, PC_SDP_LAY_DTLS, &err);
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

struct pc_sdp_lay {
	const struct pc_sdp *sdp; /* parsed with PC_SDP_FRAGMENT */
	const char *name;         /* a=mid of its section; or NULL */
};

/* What the section is that a fragment is laid into. */
enum {
	PC_SDP_LAY_DTLS = 1,  /* of several sections, one with DTLS is meant */
	PC_SDP_LAY_PLAIN = 2, /* one without (RTP/AVP, AVPF, SAVP) */
	PC_SDP_LAY_AGAIN = 4, /* not the first of its BUNDLE group: it needs
				 no candidates of its own (RFC 9143 7.1) */
	PC_SDP_LAY_ANOTHER = 8, /* not the first of its kind: media's lines
				   are not for it */
};

/*
 * Lay a fragment into one section of sdp. Of a fragment with sections, those
 * of the same kind (audio, video) are meant, and those that speak of ICE
 * only; when none is, its session lines are laid alone.
 * Returns 0, or -EBADMSG with err filled: no section of that name, or
 * several that fit.
 */
int pc_sdp_lay(struct pc_sdp *sdp, struct pc_sdp_section *section,
	       const struct pc_sdp_lay *lay, unsigned what,
	       struct pc_sdp_error *err);

/*
 * Append what a description says of ICE, as a fragment (RFC 8840 section 9):
 * each m= line with its a=mid, a=ice-*, candidates and a=end-of-candidates;
 * a=group and a=ice-* of the session. Ports are 9: it has no media of its own.
 */
void pc_sdp_write_fragment(const struct pc_sdp *sdp, struct pc_buf *out);

/*
 * Has one of the fragments an address for media of the section's kind? For
 * NULL: for any media at all?
 */
bool pc_sdp_lay_has(const struct pc_sdp_lay *lays, unsigned n,
		    const struct pc_sdp_section *section);

/*
 * Does media of the section's kind go to a leg that has DTLS and, without ICE,
 * an address of its own (RFC 5764)? Not when a plain leg is there as well.
 */
bool pc_sdp_lay_has_dtls(const struct pc_sdp_lay *lays, unsigned n,
			 const struct pc_sdp_section *section);

/* The first line a=name of the sections that would be laid; or NULL. */
struct pc_sdp_line *pc_sdp_lay_find(const struct pc_sdp_lay *lays, unsigned n,
				    const struct pc_sdp_section *section,
				    const char *name);

#endif
