/*
 * The session keys of SRTP and what is done with them: one session each for
 * RTP and for RTCP, and for each direction. srtp.h is for those who have
 * packets.
 *
 *	pc_srtp_session_init(&s, profile, master, false);
 *	pc_srtp_ctr(&s, ssrc, index, payload, len);
 *	pc_srtp_tag(&s, tag, packet, len, &roc_be, 4);
 */
#ifndef PC_MEDIA_SRTP_SESSION_H
#define PC_MEDIA_SRTP_SESSION_H

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hmac.h>

#include "media/srtp.h"

enum { PC_SRTP_SHA1_TAG = 20, PC_SRTP_GCM_TAG = 16 };

struct pc_srtp_session {
	bool wide;        /* AES-256 */
	uint8_t salt[14]; /* the first 12 for GCM */
	union {
		struct {
			union {
				struct aes128_ctx aes128;
				struct aes256_ctx aes256;
			} cipher;
			struct hmac_sha1_ctx hmac;
		} cm;
		struct gcm_aes128_ctx gcm128;
		struct gcm_aes256_ctx gcm256;
	} key;
};

bool pc_srtp_is_gcm(enum pc_srtp_profile profile);

/*
 * Derive the keys (RFC 3711 section 4.3; RFC 7714 section 11 for GCM) from a
 * master key with its salt behind it. 0 or -ENOTSUP (profile).
 */
int pc_srtp_session_init(struct pc_srtp_session *s,
			 enum pc_srtp_profile profile, const uint8_t *master,
			 bool rtcp);
void pc_srtp_session_fini(struct pc_srtp_session *s); /* wipes it */

/* AES in counter mode (RFC 3711 section 4.1.1), in place. */
void pc_srtp_ctr(const struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 uint8_t *buf, size_t len);

/* HMAC-SHA1 of buf and more (RFC 3711 section 4.2.1). */
void pc_srtp_tag(struct pc_srtp_session *s, uint8_t tag[PC_SRTP_SHA1_TAG],
		 const uint8_t *buf, size_t len, const uint8_t *more,
		 size_t more_len);

/* AES-GCM (RFC 7714), in place, the tag behind buf. */
void pc_srtp_seal(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		  const uint8_t *aad, size_t aad_len, uint8_t *buf, size_t len);
/* The other way; len is without the tag. 0 or -EBADMSG, and buf is spoilt. */
int pc_srtp_open(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 const uint8_t *aad, size_t aad_len, uint8_t *buf, size_t len);

#endif
