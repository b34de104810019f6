/*
 * OpenSSL 3 would rather have every hash fetched from a provider: that takes
 * eight times as long as hashing a STUN message, allocates, and can fail.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/bytes.h"
#include "stun/integrity.h"

static void digest_joined(const EVP_MD *md, uint8_t *out, const char *a,
			  const char *b, const char *c)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	EVP_DigestInit_ex(ctx, md, NULL);
	EVP_DigestUpdate(ctx, a, strlen(a));
	EVP_DigestUpdate(ctx, ":", 1);
	EVP_DigestUpdate(ctx, b, strlen(b));
	if (c) {
		EVP_DigestUpdate(ctx, ":", 1);
		EVP_DigestUpdate(ctx, c, strlen(c));
	}
	EVP_DigestFinal_ex(ctx, out, NULL);
	EVP_MD_CTX_free(ctx);
}

void pc_stun_long_term_key(uint8_t key[16], const char *username,
			   const char *realm, const char *password)
{
	digest_joined(EVP_md5(), key, username, realm, password);
}

void pc_stun_long_term_key_sha256(uint8_t key[32], const char *username,
				  const char *realm, const char *password)
{
	digest_joined(EVP_sha256(), key, username, realm, password);
}

void pc_stun_userhash(uint8_t hash[32], const char *username, const char *realm)
{
	digest_joined(EVP_sha256(), hash, username, realm, NULL);
}

/* The header as it stood when the attribute that ends at end was made. */
static void header_until(uint8_t header[PC_STUN_HEADER], const uint8_t *buf,
			 size_t end)
{
	memcpy(header, buf, PC_STUN_HEADER);
	pc_put16(header + 2, (uint16_t)(end - PC_STUN_HEADER));
}

#define BLOCK 64 /* of SHA-1 and of SHA-256 */

/* A hash that is one of the two. */
struct hash {
	bool sha256;
	union {
		SHA_CTX sha1;
		SHA256_CTX sha256;
	} ctx;
};

static void hash_begin(struct hash *h, bool sha256)
{
	h->sha256 = sha256;
	if (sha256)
		SHA256_Init(&h->ctx.sha256);
	else
		SHA1_Init(&h->ctx.sha1);
}

static void hash_add(struct hash *h, const void *data, size_t len)
{
	if (h->sha256)
		SHA256_Update(&h->ctx.sha256, data, len);
	else
		SHA1_Update(&h->ctx.sha1, data, len);
}

/* Returns its length. */
static size_t hash_end(struct hash *h, uint8_t out[32])
{
	if (h->sha256)
		SHA256_Final(out, &h->ctx.sha256);
	else
		SHA1_Final(out, &h->ctx.sha1);
	return h->sha256 ? 32 : 20;
}

/* RFC 2104: H(K xor opad, H(K xor ipad, text)) */
static void begin_padded(struct hash *h, bool sha256, const uint8_t key[BLOCK],
			 uint8_t pad)
{
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	hash_begin(h, sha256);
	hash_add(h, block, BLOCK);
}

void pc_stun_hmac(uint8_t mac[32], bool sha256, const uint8_t *buf, size_t len,
		  size_t end, const void *key, size_t key_len)
{
	uint8_t header[PC_STUN_HEADER], block[BLOCK] = { 0 }, inner[32];
	struct hash h;
	size_t n;

	if (key_len > BLOCK) {
		hash_begin(&h, sha256);
		hash_add(&h, key, key_len);
		(void)hash_end(&h, block);
	} else if (key_len) {
		memcpy(block, key, key_len);
	}
	header_until(header, buf, end);
	begin_padded(&h, sha256, block, 0x36);
	hash_add(&h, header, sizeof(header));
	hash_add(&h, buf + PC_STUN_HEADER, len - PC_STUN_HEADER);
	n = hash_end(&h, inner);
	begin_padded(&h, sha256, block, 0x5c);
	hash_add(&h, inner, n);
	(void)hash_end(&h, mac);
	OPENSSL_cleanse(block, sizeof(block));
}

/* CRC-32 of ISO 3309 (V.42, PNG), reflected, half a byte at a time. */
static uint32_t crc_add(uint32_t crc, const uint8_t *p, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

uint32_t pc_stun_crc(const uint8_t *buf, size_t len, size_t end)
{
	uint8_t header[PC_STUN_HEADER];
	uint32_t crc;

	header_until(header, buf, end);
	crc = crc_add(0xffffffffu, header, sizeof(header));
	crc = crc_add(crc, buf + PC_STUN_HEADER, len - PC_STUN_HEADER);
	return ~crc ^ 0x5354554eu; /* "STUN" */
}

int pc_stun_check_fingerprint(const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, PC_STUN_FINGERPRINT);

	if (!a)
		return -ENOENT;
	if (a->len != 4)
		return -EBADMSG;
	return pc_stun_crc(msg->buf, a->offset, a->offset + 8u) ==
			       pc_get32(a->value)
		       ? 0
		       : -EBADMSG;
}

int pc_stun_check_integrity(const struct pc_stun_msg *msg, const void *key,
			    size_t key_len)
{
	const struct pc_stun_attr *a =
		pc_stun_find(msg, PC_STUN_MESSAGE_INTEGRITY);
	uint8_t mac[32];

	if (!a)
		return -ENOENT;
	if (a->len != 20)
		return -EBADMSG;
	pc_stun_hmac(mac, false, msg->buf, a->offset, a->offset + 24u, key,
		     key_len);
	return CRYPTO_memcmp(mac, a->value, 20) == 0 ? 0 : -EBADMSG;
}

/* The value may be cut to 16, 20, ... bytes (section 14.6). */
int pc_stun_check_integrity_sha256(const struct pc_stun_msg *msg,
				   const void *key, size_t key_len)
{
	const struct pc_stun_attr *a =
		pc_stun_find(msg, PC_STUN_MESSAGE_INTEGRITY_SHA256);
	uint8_t mac[32];

	if (!a)
		return -ENOENT;
	if (a->len < 16 || a->len > 32 || a->len % 4)
		return -EBADMSG;
	pc_stun_hmac(mac, true, msg->buf, a->offset, a->offset + 4u + a->len,
		     key, key_len);
	return CRYPTO_memcmp(mac, a->value, a->len) == 0 ? 0 : -EBADMSG;
}
