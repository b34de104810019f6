#include <errno.h>
#include <string.h>

#include "stun/build.h"
#include "base/bytes.h"
#include "stun/integrity.h"

void pc_stun_build_init(struct pc_stun_build *b, uint8_t *buf, size_t cap,
			enum pc_stun_class c, uint16_t method,
			const uint8_t id[PC_STUN_ID])
{
	unsigned class = (unsigned)c;
	unsigned type = (method & 0x0f80u) << 2 | (method & 0x0070u) << 1 |
			(method & 0x000fu) | (class & 2) << 7 |
			(class & 1) << 4;

	*b = (struct pc_stun_build){ .buf = buf, .cap = cap };
	b->full = cap < PC_STUN_HEADER;
	if (b->full)
		return;
	pc_put16(buf, (uint16_t)type);
	pc_put16(buf + 2, 0);
	pc_put32(buf + 4, PC_STUN_COOKIE);
	memcpy(buf + 8, id, PC_STUN_ID);
	b->len = PC_STUN_HEADER;
}

/* Room for an attribute's value, zeroed padding behind it; NULL if full. */
static uint8_t *reserve(struct pc_stun_build *b, uint16_t type, size_t len)
{
	size_t whole = 4 + len + pc_pad4(len);
	uint8_t *p;

	if (b->full || len > UINT16_MAX || whole > b->cap - b->len ||
	    b->len + whole - PC_STUN_HEADER > UINT16_MAX - 3u) {
		b->full = true;
		return NULL;
	}
	p = b->buf + b->len;
	pc_put16(p, type);
	pc_put16(p + 2, (uint16_t)len);
	memset(p + 4 + len, 0, pc_pad4(len));
	b->len += whole;
	pc_put16(b->buf + 2, (uint16_t)(b->len - PC_STUN_HEADER));
	return p + 4;
}

void pc_stun_put(struct pc_stun_build *b, uint16_t type, const void *value,
		 size_t len)
{
	uint8_t *p = reserve(b, type, len);

	if (p && len)
		memcpy(p, value, len);
}

void pc_stun_put_text(struct pc_stun_build *b, uint16_t type, const char *text)
{
	pc_stun_put(b, type, text, strlen(text));
}

void pc_stun_put_u32(struct pc_stun_build *b, uint16_t type, uint32_t value)
{
	uint8_t *p = reserve(b, type, 4);

	if (p)
		pc_put32(p, value);
}

void pc_stun_put_u64(struct pc_stun_build *b, uint16_t type, uint64_t value)
{
	uint8_t *p = reserve(b, type, 8);

	if (p) {
		pc_put32(p, (uint32_t)(value >> 32));
		pc_put32(p + 4, (uint32_t)value);
	}
}

void pc_stun_put_addr(struct pc_stun_build *b, uint16_t type,
		      const struct pc_addr *addr)
{
	bool v6 = addr->sa.sa_family == AF_INET6;
	size_t n = v6 ? 16 : 4;
	uint8_t *p = reserve(b, type, 4 + n);

	if (!p)
		return;
	p[0] = 0;
	p[1] = v6 ? 2 : 1;
	pc_put16(p + 2, pc_addr_port(addr));
	if (v6)
		memcpy(p + 4, &addr->in6.sin6_addr, 16);
	else
		memcpy(p + 4, &addr->in.sin_addr, 4);
	if (!pc_stun_is_xored(type))
		return;
	p[2] ^= b->buf[4];
	p[3] ^= b->buf[5];
	for (size_t i = 0; i < n; i++)
		p[4 + i] ^= b->buf[4 + i];
}

void pc_stun_put_error(struct pc_stun_build *b, unsigned code,
		       const char *reason)
{
	size_t len = strlen(reason);
	uint8_t *p = reserve(b, PC_STUN_ERROR_CODE, 4 + len);

	if (!p)
		return;
	pc_put16(p, 0);
	p[2] = (uint8_t)(code / 100);
	p[3] = (uint8_t)(code % 100);
	for (size_t i = 0; i < len; i++)
		p[4 + i] = (uint8_t)reason[i];
}

void pc_stun_put_integrity(struct pc_stun_build *b, const void *key,
			   size_t key_len)
{
	size_t before = b->len;
	uint8_t *p = reserve(b, PC_STUN_MESSAGE_INTEGRITY, 20);
	uint8_t mac[32];

	if (!p)
		return;
	pc_stun_hmac(mac, false, b->buf, before, b->len, key, key_len);
	memcpy(p, mac, 20);
}

void pc_stun_put_integrity_sha256(struct pc_stun_build *b, const void *key,
				  size_t key_len)
{
	size_t before = b->len;
	uint8_t *p = reserve(b, PC_STUN_MESSAGE_INTEGRITY_SHA256, 32);

	if (p)
		pc_stun_hmac(p, true, b->buf, before, b->len, key, key_len);
}

void pc_stun_put_fingerprint(struct pc_stun_build *b)
{
	size_t before = b->len;
	uint8_t *p = reserve(b, PC_STUN_FINGERPRINT, 4);

	if (p)
		pc_put32(p, pc_stun_crc(b->buf, before, b->len));
}

ssize_t pc_stun_build_end(const struct pc_stun_build *b)
{
	return b->full ? -ENOBUFS : (ssize_t)b->len;
}
