#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "stun/bytes.h"
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
	put16(header + 2, (uint16_t)(end - PC_STUN_HEADER));
}

void pc_stun_hmac(uint8_t mac[32], bool sha256, const uint8_t *buf, size_t len,
		  size_t end, const void *key, size_t key_len)
{
	const EVP_MD *md = sha256 ? EVP_sha256() : EVP_sha1();
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key, key_len);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t header[PC_STUN_HEADER];
	size_t mac_len = 32;

	header_until(header, buf, end);
	EVP_DigestSignInit(ctx, NULL, md, NULL, pkey);
	EVP_DigestSignUpdate(ctx, header, sizeof(header));
	EVP_DigestSignUpdate(ctx, buf + PC_STUN_HEADER, len - PC_STUN_HEADER);
	EVP_DigestSignFinal(ctx, mac, &mac_len);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
}

/* CRC-32 of ISO 3309 (V.42, PNG), reflected, a bit at a time: messages are
 * short and few. */
static uint32_t crc_add(uint32_t crc, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1));
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
			       get32(a->value)
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
