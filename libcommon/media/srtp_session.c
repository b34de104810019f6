/* SRTP's session keys, over nettle; see srtp_session.h. */
#include "media/srtp_session.h"

#include <errno.h>
#include <nettle/ctr.h>
#include <nettle/memops.h>
#include <string.h>

#include "base/bytes.h"

enum { SALT = 14 };

/* RFC 3711 section 4.3.2; RTCP's are three further on. */
enum label { LABEL_CIPHER, LABEL_AUTH, LABEL_SALT, LABEL_RTCP };

bool pc_srtp_is_gcm(enum pc_srtp_profile profile)
{
	return profile == PC_SRTP_AEAD_AES_128_GCM ||
	       profile == PC_SRTP_AEAD_AES_256_GCM;
}

static void put_number(uint8_t number[10], uint32_t ssrc, uint64_t index)
{
	pc_put32(number, ssrc);
	pc_put16(number + 4, (uint16_t)(index >> 32));
	pc_put32(number + 6, (uint32_t)index);
}

/* RFC 3711 section 4.1.1: IV = salt * 2^16 ^ SSRC * 2^64 ^ index * 2^16 */
static void ctr_iv(uint8_t iv[AES_BLOCK_SIZE], const uint8_t *salt,
		   uint32_t ssrc, uint64_t index)
{
	uint8_t number[10];

	put_number(number, ssrc, index);
	memcpy(iv, salt, SALT);
	memset(iv + SALT, 0, AES_BLOCK_SIZE - SALT);
	for (int i = 0; i < 10; i++)
		iv[4 + i] ^= number[i];
}

/* RFC 7714 sections 8.1 and 9.1: two zeros, SSRC and index, ^ salt. */
static void gcm_iv(uint8_t iv[GCM_IV_SIZE], const uint8_t *salt, uint32_t ssrc,
		   uint64_t index)
{
	uint8_t number[10];

	put_number(number, ssrc, index);
	memcpy(iv, salt, GCM_IV_SIZE);
	for (int i = 0; i < 10; i++)
		iv[2 + i] ^= number[i];
}

static void crypt_ctr(const struct pc_srtp_session *s,
		      uint8_t iv[AES_BLOCK_SIZE], uint8_t *buf, size_t len)
{
	if (s->wide)
		ctr_crypt(&s->key.cm.cipher.aes256,
			  (nettle_cipher_func *)aes256_encrypt, AES_BLOCK_SIZE,
			  iv, len, buf, buf);
	else
		ctr_crypt(&s->key.cm.cipher.aes128,
			  (nettle_cipher_func *)aes128_encrypt, AES_BLOCK_SIZE,
			  iv, len, buf, buf);
}

static void set_cipher_key(struct pc_srtp_session *s, const uint8_t *key)
{
	if (s->wide)
		aes256_set_encrypt_key(&s->key.cm.cipher.aes256, key);
	else
		aes128_set_encrypt_key(&s->key.cm.cipher.aes128, key);
}

/* RFC 3711 section 4.3.3, with a key derivation rate of 0. */
static void derive(const struct pc_srtp_session *prf, const uint8_t salt[SALT],
		   unsigned label, uint8_t *out, size_t len)
{
	uint8_t iv[AES_BLOCK_SIZE] = { 0 };

	memcpy(iv, salt, SALT);
	iv[7] ^= (uint8_t)label;
	memset(out, 0, len);
	crypt_ctr(prf, iv, out, len);
}

int pc_srtp_session_init(struct pc_srtp_session *s,
			 enum pc_srtp_profile profile, const uint8_t *master,
			 bool rtcp)
{
	size_t key_len = pc_srtp_key_len(profile);
	unsigned label = rtcp ? LABEL_RTCP : 0;
	uint8_t salt[SALT] = { 0 }, key[AES256_KEY_SIZE],
		auth[SHA1_DIGEST_SIZE];

	memset(s, 0, sizeof(*s));
	if (key_len == 0)
		return -ENOTSUP;
	s->wide = key_len == AES256_KEY_SIZE;
	memcpy(salt, master + key_len, pc_srtp_salt_len(profile));
	set_cipher_key(s, master);
	derive(s, salt, label + LABEL_CIPHER, key, key_len);
	derive(s, salt, label + LABEL_AUTH, auth, sizeof(auth));
	derive(s, salt, label + LABEL_SALT, s->salt, SALT);
	explicit_bzero(&s->key, sizeof(s->key)); /* the master's */
	if (profile == PC_SRTP_AEAD_AES_128_GCM) {
		gcm_aes128_set_key(&s->key.gcm128, key);
	} else if (profile == PC_SRTP_AEAD_AES_256_GCM) {
		gcm_aes256_set_key(&s->key.gcm256, key);
	} else {
		set_cipher_key(s, key);
		hmac_sha1_set_key(&s->key.cm.hmac, sizeof(auth), auth);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(auth, sizeof(auth));
	return 0;
}

void pc_srtp_session_fini(struct pc_srtp_session *s)
{
	explicit_bzero(s, sizeof(*s));
}

void pc_srtp_ctr(const struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 uint8_t *buf, size_t len)
{
	uint8_t iv[AES_BLOCK_SIZE];

	ctr_iv(iv, s->salt, ssrc, index);
	crypt_ctr(s, iv, buf, len);
}

void pc_srtp_tag(struct pc_srtp_session *s, uint8_t tag[PC_SRTP_SHA1_TAG],
		 const uint8_t *buf, size_t len, const uint8_t *more,
		 size_t more_len)
{
	hmac_sha1_update(&s->key.cm.hmac, len, buf);
	if (more_len > 0)
		hmac_sha1_update(&s->key.cm.hmac, more_len, more);
	hmac_sha1_digest(&s->key.cm.hmac, PC_SRTP_SHA1_TAG, tag);
}

void pc_srtp_seal(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		  const uint8_t *aad, size_t aad_len, uint8_t *buf, size_t len)
{
	uint8_t iv[GCM_IV_SIZE];

	gcm_iv(iv, s->salt, ssrc, index);
	if (s->wide) {
		gcm_aes256_set_iv(&s->key.gcm256, sizeof(iv), iv);
		gcm_aes256_update(&s->key.gcm256, aad_len, aad);
		gcm_aes256_encrypt(&s->key.gcm256, len, buf, buf);
		gcm_aes256_digest(&s->key.gcm256, PC_SRTP_GCM_TAG, buf + len);
	} else {
		gcm_aes128_set_iv(&s->key.gcm128, sizeof(iv), iv);
		gcm_aes128_update(&s->key.gcm128, aad_len, aad);
		gcm_aes128_encrypt(&s->key.gcm128, len, buf, buf);
		gcm_aes128_digest(&s->key.gcm128, PC_SRTP_GCM_TAG, buf + len);
	}
}

int pc_srtp_open(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 const uint8_t *aad, size_t aad_len, uint8_t *buf, size_t len)
{
	uint8_t iv[GCM_IV_SIZE], tag[PC_SRTP_GCM_TAG];

	gcm_iv(iv, s->salt, ssrc, index);
	if (s->wide) {
		gcm_aes256_set_iv(&s->key.gcm256, sizeof(iv), iv);
		gcm_aes256_update(&s->key.gcm256, aad_len, aad);
		gcm_aes256_decrypt(&s->key.gcm256, len, buf, buf);
		gcm_aes256_digest(&s->key.gcm256, sizeof(tag), tag);
	} else {
		gcm_aes128_set_iv(&s->key.gcm128, sizeof(iv), iv);
		gcm_aes128_update(&s->key.gcm128, aad_len, aad);
		gcm_aes128_decrypt(&s->key.gcm128, len, buf, buf);
		gcm_aes128_digest(&s->key.gcm128, sizeof(tag), tag);
	}
	return memeql_sec(tag, buf + len, sizeof(tag)) ? 0 : -EBADMSG;
}
