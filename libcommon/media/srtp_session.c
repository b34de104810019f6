/*
 * SRTP's session keys, over OpenSSL; see srtp_session.h.
 *
 * OpenSSL 3 would rather have a MAC fetched from a provider, which copies its
 * context by malloc for each packet.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "media/srtp_session.h"

#include <errno.h>
#include <string.h>

#include "media/bytes.h"

enum { SALT = 14, BLOCK = 16, GCM_IV = 12, HMAC_BLOCK = 64 };

/* RFC 3711 section 4.3.2; RTCP's are three further on. */
enum label { LABEL_CIPHER, LABEL_AUTH, LABEL_SALT, LABEL_RTCP };

bool pc_srtp_is_gcm(enum pc_srtp_profile profile)
{
	return profile == PC_SRTP_AEAD_AES_128_GCM ||
	       profile == PC_SRTP_AEAD_AES_256_GCM;
}

static EVP_CIPHER_CTX *start(const EVP_CIPHER *cipher, const uint8_t *key,
			     bool seal)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx && EVP_CipherInit_ex(ctx, cipher, NULL, key, NULL, seal) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

/* RFC 3711 section 4.1.1: IV = salt * 2^16 ^ SSRC * 2^64 ^ index * 2^16 */
static void ctr_iv(uint8_t iv[BLOCK], const uint8_t *salt, uint32_t ssrc,
		   uint64_t index)
{
	uint8_t number[12];

	pc_put32(number, ssrc);
	pc_put16(number + 4, (uint16_t)(index >> 32));
	pc_put32(number + 6, (uint32_t)index);
	memcpy(iv, salt, SALT);
	memset(iv + SALT, 0, BLOCK - SALT);
	for (int i = 0; i < 10; i++)
		iv[4 + i] ^= number[i];
}

/* RFC 7714 section 8.1 and 9.1: two zeros, SSRC and index, ^ salt. */
static void gcm_iv(uint8_t iv[GCM_IV], const uint8_t *salt, uint32_t ssrc,
		   uint64_t index)
{
	memset(iv, 0, 2);
	pc_put32(iv + 2, ssrc);
	pc_put16(iv + 6, (uint16_t)(index >> 32));
	pc_put32(iv + 8, (uint32_t)index);
	for (int i = 0; i < GCM_IV; i++)
		iv[i] ^= salt[i];
}

/* RFC 3711 section 4.3.3, with a key derivation rate of 0. */
static int derive(EVP_CIPHER_CTX *prf, const uint8_t salt[SALT], unsigned label,
		  uint8_t *out, int len)
{
	uint8_t iv[BLOCK] = { 0 };
	int n;

	memcpy(iv, salt, SALT);
	iv[7] ^= (uint8_t)label;
	memset(out, 0, (size_t)len);
	if (EVP_CipherInit_ex(prf, NULL, NULL, NULL, iv, -1) != 1 ||
	    EVP_CipherUpdate(prf, out, &n, out, len) != 1)
		return -EIO;
	return 0;
}

/* RFC 2104: H(K ^ opad, H(K ^ ipad, text)); each half begun. */
static void take_hmac_key(struct pc_srtp_session *s,
			  const uint8_t key[PC_SRTP_SHA1_TAG])
{
	uint8_t block[HMAC_BLOCK] = { 0 };

	memcpy(block, key, PC_SRTP_SHA1_TAG);
	for (int i = 0; i < HMAC_BLOCK; i++)
		block[i] ^= 0x36;
	SHA1_Init(&s->inner);
	SHA1_Update(&s->inner, block, HMAC_BLOCK);
	for (int i = 0; i < HMAC_BLOCK; i++)
		block[i] ^= 0x36 ^ 0x5c;
	SHA1_Init(&s->outer);
	SHA1_Update(&s->outer, block, HMAC_BLOCK);
	explicit_bzero(block, sizeof(block));
}

int pc_srtp_session_init(struct pc_srtp_session *s,
			 enum pc_srtp_profile profile, const uint8_t *master,
			 bool rtcp, bool seal)
{
	size_t key_len = pc_srtp_key_len(profile);
	bool gcm = pc_srtp_is_gcm(profile), wide = key_len == 32;
	unsigned label = rtcp ? LABEL_RTCP : 0;
	uint8_t salt[SALT] = { 0 }, key[32], auth[PC_SRTP_SHA1_TAG];
	EVP_CIPHER_CTX *prf;
	int rc;

	memset(s, 0, sizeof(*s));
	if (key_len == 0)
		return -ENOTSUP;
	memcpy(salt, master + key_len, pc_srtp_salt_len(profile));
	prf = start(wide ? EVP_aes_256_ctr() : EVP_aes_128_ctr(), master, true);
	if (!prf)
		return -ENOMEM;
	rc = derive(prf, salt, label + LABEL_CIPHER, key, (int)key_len);
	if (rc == 0)
		rc = derive(prf, salt, label + LABEL_AUTH, auth, sizeof(auth));
	if (rc == 0)
		rc = derive(prf, salt, label + LABEL_SALT, s->salt, SALT);
	EVP_CIPHER_CTX_free(prf);
	if (rc == 0 && gcm)
		s->cipher = start(wide ? EVP_aes_256_gcm() : EVP_aes_128_gcm(),
				  key, seal);
	else if (rc == 0)
		s->cipher = start(wide ? EVP_aes_256_ctr() : EVP_aes_128_ctr(),
				  key, true);
	take_hmac_key(s, auth);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(auth, sizeof(auth));
	return s->cipher ? 0 : -ENOMEM;
}

void pc_srtp_session_fini(struct pc_srtp_session *s)
{
	EVP_CIPHER_CTX_free(s->cipher);
	explicit_bzero(s, sizeof(*s));
}

int pc_srtp_ctr(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		uint8_t *buf, size_t len)
{
	uint8_t iv[BLOCK];
	int n;

	ctr_iv(iv, s->salt, ssrc, index);
	if (EVP_CipherInit_ex(s->cipher, NULL, NULL, NULL, iv, -1) != 1 ||
	    EVP_CipherUpdate(s->cipher, buf, &n, buf, (int)len) != 1)
		return -EIO;
	return 0;
}

void pc_srtp_tag(const struct pc_srtp_session *s, uint8_t tag[PC_SRTP_SHA1_TAG],
		 const uint8_t *buf, size_t len, const uint8_t *more,
		 size_t more_len)
{
	SHA_CTX sha = s->inner;

	SHA1_Update(&sha, buf, len);
	SHA1_Update(&sha, more, more_len);
	SHA1_Final(tag, &sha);
	sha = s->outer;
	SHA1_Update(&sha, tag, PC_SRTP_SHA1_TAG);
	SHA1_Final(tag, &sha);
}

/* All but the tag. */
static bool gcm(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		const struct pc_srtp_aad *aad, uint8_t *buf, size_t len)
{
	uint8_t iv[GCM_IV];
	int n;

	gcm_iv(iv, s->salt, ssrc, index);
	return EVP_CipherInit_ex(s->cipher, NULL, NULL, NULL, iv, -1) == 1 &&
	       EVP_CipherUpdate(s->cipher, NULL, &n, aad->head,
				(int)aad->head_len) == 1 &&
	       (aad->more_len == 0 ||
		EVP_CipherUpdate(s->cipher, NULL, &n, aad->more,
				 (int)aad->more_len) == 1) &&
	       (len == 0 ||
		EVP_CipherUpdate(s->cipher, buf, &n, buf, (int)len) == 1);
}

int pc_srtp_seal(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 const struct pc_srtp_aad *aad, uint8_t *buf, size_t len)
{
	int n;

	if (gcm(s, ssrc, index, aad, buf, len) &&
	    EVP_CipherFinal_ex(s->cipher, buf + len, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_AEAD_GET_TAG,
				PC_SRTP_GCM_TAG, buf + len) == 1)
		return 0;
	return -EIO;
}

int pc_srtp_open(struct pc_srtp_session *s, uint32_t ssrc, uint64_t index,
		 const struct pc_srtp_aad *aad, uint8_t *buf, size_t len)
{
	uint8_t tag[PC_SRTP_GCM_TAG];
	int n;

	memcpy(tag, buf + len, sizeof(tag));
	if (gcm(s, ssrc, index, aad, buf, len) &&
	    EVP_CIPHER_CTX_ctrl(s->cipher, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
				tag) == 1 &&
	    EVP_CipherFinal_ex(s->cipher, buf + len, &n) == 1)
		return 0;
	return -EBADMSG;
}
