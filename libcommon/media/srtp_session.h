/*
 * The session keys of SRTP and what is done with them: one session each for
 * RTP and for RTCP, and for each direction. srtp.h is for those who have
 * packets.
 *
 *	pc_srtp_session_init(&s, profile, master, false, true);
 *	pc_srtp_ctr(&s, ssrc, index, payload, len);
 *	pc_srtp_tag(&s, tag, packet, len, &roc_be, 4);
 */
#ifndef PC_MEDIA_SRTP_SESSION_H
#define PC_MEDIA_SRTP_SESSION_H

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "media/srtp.h"

enum { PC_SRTP_SHA1_TAG = 20, PC_SRTP_GCM_TAG = 16 };

struct pc_srtp_session {
	EVP_CIPHER_CTX *cipher;
	SHA_CTX inner, outer; /* HMAC's, the key taken (RFC 2104 section 4) */
	uint8_t salt[14];     /* the first 12 for GCM */
};

bool pc_srtp_is_gcm(enum pc_srtp_profile profile);

/*
 * Derive the keys (RFC 3711 section 4.3; RFC 7714 section 11 for GCM) from a
 * master key with its salt behind it. seal: for what goes. 0, -ENOTSUP
 * (profile) or -ENOMEM.
 */
int pc_srtp_session_init(struct pc_srtp_session *s,
			 enum pc_srtp_profile profile, const uint8_t *master,
			 bool rtcp, bool seal);
void pc_srtp_session_fini(struct pc_srtp_session *s);

/* AES in counter mode (RFC 3711 section 4.1.1), in place. 0 or -EIO. */
int pc_srtp_ctr(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		uint8_t *buf, size_t len);

/* HMAC-SHA1 of buf and more (RFC 3711 section 4.2.1). */
void pc_srtp_tag(const struct pc_srtp_session *s, uint8_t tag[PC_SRTP_SHA1_TAG],
		 const uint8_t *buf, size_t len, const uint8_t *more,
		 size_t more_len);

/* What GCM authenticates and does not encrypt. */
struct pc_srtp_aad {
	const uint8_t *head, *more;
	size_t head_len, more_len;
};

/* AES-GCM (RFC 7714), in place, the tag behind buf. 0 or -EIO. */
int pc_srtp_seal(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 const struct pc_srtp_aad *aad, uint8_t *buf, size_t len);
/* The other way; len is without the tag. 0 or -EBADMSG, and buf is spoilt. */
int pc_srtp_open(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 const struct pc_srtp_aad *aad, uint8_t *buf, size_t len);

#endif
