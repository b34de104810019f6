/*
 * SRTP and SRTCP (RFC 3711, RFC 6188, RFC 7714): each direction keyed apart.
 *
 * Ciphers and hash are nettle's. The packets are ours: a call is a process,
 * which finds its caches cold at each packet, and libsrtp2 as Debian builds it
 * (over NSS) takes three times as long so, and 400 KiB of memory. It is the
 * peer of the tests. (OpenSSL's fetched ciphers cost twice what nettle's do.)
 *
 *	struct pc_srtp *s;
 *	pc_srtp_new(&s, &keys);
 *	len = pc_srtp_protect(s, packet, len);
 */
#ifndef PC_MEDIA_SRTP_H
#define PC_MEDIA_SRTP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define PC_SRTP_KEY_MAX     64 /* master key and salt */
#define PC_SRTP_TRAILER_MAX 64 /* what protection may add to a packet */
#define PC_SRTP_MKI_MAX     128

/* As registered for use_srtp (RFC 5764, RFC 7714); those above 255 are not. */
enum pc_srtp_profile {
	PC_SRTP_NONE = 0,
	PC_SRTP_AES128_CM_SHA1_80 = 1,
	PC_SRTP_AES128_CM_SHA1_32 = 2,
	PC_SRTP_AEAD_AES_128_GCM = 7,
	PC_SRTP_AEAD_AES_256_GCM = 8,
	PC_SRTP_AES256_CM_SHA1_80 = 256, /* RFC 6188 */
	PC_SRTP_AES256_CM_SHA1_32,
};

struct pc_srtp_keys {
	enum pc_srtp_profile profile;
	/* Master key, then master salt, of pc_srtp_key_len and _salt_len. */
	uint8_t in[PC_SRTP_KEY_MAX], out[PC_SRTP_KEY_MAX];
	uint8_t mki_in[PC_SRTP_MKI_MAX]; /* what comes names its key so */
	size_t mki_in_len;               /* 0: it does not */
};

size_t pc_srtp_key_len(enum pc_srtp_profile profile);
size_t pc_srtp_salt_len(enum pc_srtp_profile profile);

struct pc_srtp;

/* 0, -ENOTSUP (profile) or -ENOMEM. keys may be wiped afterwards. */
int pc_srtp_new(struct pc_srtp **s, const struct pc_srtp_keys *keys);
void pc_srtp_free(struct pc_srtp *s); /* NULL is fine */

/*
 * Other keys for what comes, for what goes, or both: a direction whose key
 * stays keeps its rollover counter and its replay list. 0 or as pc_srtp_new,
 * and then nothing has changed.
 */
int pc_srtp_rekey(struct pc_srtp *s, const struct pc_srtp_keys *keys, bool in,
		  bool out);

/*
 * In place; buf has PC_SRTP_TRAILER_MAX bytes more than len. Each returns the
 * new length, or -EBADMSG (does not authenticate), -EALREADY (replayed, or a
 * sequence number used before) or -EINVAL (not a packet).
 */
ssize_t pc_srtp_protect(struct pc_srtp *s, uint8_t *buf, size_t len);
ssize_t pc_srtp_protect_rtcp(struct pc_srtp *s, uint8_t *buf, size_t len);
ssize_t pc_srtp_unprotect(struct pc_srtp *s, uint8_t *buf, size_t len);
ssize_t pc_srtp_unprotect_rtcp(struct pc_srtp *s, uint8_t *buf, size_t len);

#endif
