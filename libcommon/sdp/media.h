/*
 * What media needs to know of one m= section: where to send, what the payload
 * types mean, and how it is secured.
 *
 *	struct pc_sdp_media m;
 *	if (pc_sdp_media_read(&m, sdp, sdp->media, &err) == 0)
 *		for (i = 0; i < m.n_codecs; i++)
 *			use(m.codecs[i].pt, m.codecs[i].name);
 *
 *	m=audio 40312 RTP/AVP 0 101              RFC 8866 section 5.14
 *	  kind  port  proto   payload types
 */
#ifndef PC_SDP_MEDIA_H
#define PC_SDP_MEDIA_H

#include <stdint.h>

#include "sdp/sdp.h"

#define PC_SDP_CODECS_MAX       128 /* payload types are 7 bits */
#define PC_SDP_FINGERPRINTS_MAX 4

struct pc_sdp_codec {
	uint8_t pt;
	char name[32];     /* "opus", "PCMU", "telephone-event" as written */
	unsigned clock_hz; /* of the RTP timestamp */
	unsigned channels; /* 1 when not given */
	const char *fmtp;  /* "minptime=10;useinbandfec=1", or NULL */
};

/* From the describer's view: 1 is to send, 2 to receive. */
enum pc_sdp_direction {
	PC_SDP_INACTIVE = 0,
	PC_SDP_SENDONLY = 1,
	PC_SDP_RECVONLY = 2,
	PC_SDP_SENDRECV = 3,
};

/* Who begins DTLS (RFC 4145, RFC 8842). */
enum pc_sdp_setup {
	PC_SDP_SETUP_NONE,
	PC_SDP_SETUP_ACTPASS,
	PC_SDP_SETUP_ACTIVE,
	PC_SDP_SETUP_PASSIVE,
	PC_SDP_SETUP_HOLDCONN,
};

struct pc_sdp_fingerprint { /* RFC 8122 */
	char hash[12];      /* "sha-256", lower case */
	uint8_t bytes[64];
	size_t len;
};

/* Pointers borrow from the description; NULL when it does not say. */
struct pc_sdp_media {
	char kind[16];                    /* "audio" */
	char proto[32];                   /* "RTP/AVP", "UDP/TLS/RTP/SAVPF" */
	bool rtp, secure, dtls, feedback; /* what proto means */
	unsigned port;    /* 0: rejected (or bundle-only in an offer) */
	unsigned n_ports; /* 1 unless PORT/N */
	char ip[64];      /* c= of the section or session, no TTL; or "" */
	bool ip6;
	const char *mid;
	enum pc_sdp_direction direction; /* hold by c=0.0.0.0 not included */
	unsigned rtcp_port; /* a=rtcp, else port + 1; port when rtcp_mux */
	char rtcp_ip[64];   /* of a=rtcp; else as ip */
	bool rtcp_mux;
	unsigned ptime_ms, maxptime_ms;                /* 0 when not given */
	struct pc_sdp_codec codecs[PC_SDP_CODECS_MAX]; /* in order */
	unsigned n_codecs;
	struct pc_sdp_fingerprint fingerprints[PC_SDP_FINGERPRINTS_MAX];
	unsigned n_fingerprints;
	enum pc_sdp_setup setup;
	bool has_ssrc;
	uint32_t ssrc;   /* the first a=ssrc */
	char cname[128]; /* of that a=ssrc; or "" */
};

/*
 * Read a section (RFC 8866, 4566bis attributes, RFC 3605, 5761, 8122, 8842).
 * Payload types without an a=rtpmap mean what RFC 3551 says, or are left out
 * of codecs when it says nothing.
 * Returns 0, or -EBADMSG with err filled (err may be NULL).
 */
int pc_sdp_media_read(struct pc_sdp_media *m, const struct pc_sdp *sdp,
		      const struct pc_sdp_section *section,
		      struct pc_sdp_error *err);

/* What m= sections take over from the session where they do not say. */
struct pc_sdp_inherited {
	const struct pc_sdp_line *c; /* or NULL */
	enum pc_sdp_direction direction;
	enum pc_sdp_setup setup;
	struct pc_sdp_fingerprint fingerprints[PC_SDP_FINGERPRINTS_MAX];
	unsigned n_fingerprints;
	const struct pc_sdp_line *broken; /* a fingerprint that is none */
};

/* Read it once, when there are many sections to read. */
void pc_sdp_inherit(struct pc_sdp_inherited *from, const struct pc_sdp *sdp);

/* As pc_sdp_media_read, in a time that does not depend on the session. */
int pc_sdp_media_read_in(struct pc_sdp_media *m,
			 const struct pc_sdp_inherited *from,
			 const struct pc_sdp_section *section,
			 struct pc_sdp_error *err);

/* The codec of payload type pt, or NULL. */
const struct pc_sdp_codec *pc_sdp_codec_by_pt(const struct pc_sdp_media *m,
					      unsigned pt);

/*
 * The same coding? Names compare without case; clock and channels must be
 * equal. (fmtp is not compared: Opus and G.711 need no agreement on it.)
 */
bool pc_sdp_codec_same(const struct pc_sdp_codec *a,
		       const struct pc_sdp_codec *b);

/* What RFC 3551 table 4 and 5 says of pt: 0, or -ENOENT. */
int pc_sdp_codec_static(struct pc_sdp_codec *codec, unsigned pt);

/* The value of a parameter in "a=1;b=2" as *len bytes; or NULL. */
const char *pc_sdp_fmtp_param(const char *fmtp, const char *name, size_t *len);

const char *pc_sdp_direction_text(enum pc_sdp_direction direction);
const char *pc_sdp_setup_text(enum pc_sdp_setup setup); /* NULL for NONE */

/* As seen from the other side: sendonly <-> recvonly (RFC 3264 6.1). */
enum pc_sdp_direction pc_sdp_direction_flip(enum pc_sdp_direction direction);

#endif
