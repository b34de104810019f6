/*
 * What proves a STUN message: FINGERPRINT (RFC 8489 section 14.7), and
 * MESSAGE-INTEGRITY over SHA-1 or SHA-256 (sections 14.5, 14.6).
 *
 *	uint8_t key[16];
 *	pc_stun_long_term_key(key, "user", "example.org", "secret");
 *	if (pc_stun_check_integrity(&msg, key, sizeof(key)) == 0)
 *		...
 *
 * With short-term credentials the key is the password itself. Text is taken
 * as it is: OpaqueString preparation (RFC 8265) is the caller's.
 */
#ifndef PC_STUN_INTEGRITY_H
#define PC_STUN_INTEGRITY_H

#include "stun/stun.h"

/* MD5(username ":" realm ":" password), section 18.5.1.1. */
void pc_stun_long_term_key(uint8_t key[16], const char *username,
			   const char *realm, const char *password);

/* SHA-256 of the same, section 18.5.1.2. */
void pc_stun_long_term_key_sha256(uint8_t key[32], const char *username,
				  const char *realm, const char *password);

/* SHA-256(username ":" realm): USERHASH, section 14.4. */
void pc_stun_userhash(uint8_t hash[32], const char *username,
		      const char *realm);

/*
 * Each returns 0, -ENOENT (the message has none) or -EBADMSG (wrong: the
 * key is another, or the message was changed).
 */
int pc_stun_check_fingerprint(const struct pc_stun_msg *msg);
int pc_stun_check_integrity(const struct pc_stun_msg *msg, const void *key,
			    size_t key_len);
int pc_stun_check_integrity_sha256(const struct pc_stun_msg *msg,
				   const void *key, size_t key_len);

/*
 * HMAC of a message's first len bytes, with the header's length field read
 * as end - 20 (where the integrity attribute ends).
 *   sha256  false: SHA-1, 20 bytes; true: SHA-256, 32 bytes
 */
void pc_stun_hmac(uint8_t mac[32], bool sha256, const uint8_t *buf, size_t len,
		  size_t end, const void *key, size_t key_len);

/* CRC-32 of the same, XORed with 0x5354554e. */
uint32_t pc_stun_crc(const uint8_t *buf, size_t len, size_t end);

#endif
