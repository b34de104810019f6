#include "ws/sha1.h"

#include <errno.h>
#include <string.h>

static uint32_t rotl(uint32_t x, int n)
{
	return x << n | x >> (32 - n);
}

/* FIPS 180-4 section 6.1.2: one block of 64 bytes. */
static void block(uint32_t h[5], const uint8_t *p)
{
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (int t = 0; t < 16; t++, p += 4)
		w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | p[3];
	for (int t = 16; t < 80; t++)
		w[t] = rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (int t = 0; t < 80; t++) {
		uint32_t f, k, sum;

		if (t < 20) {
			f = (b & c) ^ (~b & d);
			k = 0x5a827999;
		} else if (t < 40) {
			f = b ^ c ^ d;
			k = 0x6ed9eba1;
		} else if (t < 60) {
			f = (b & c) ^ (b & d) ^ (c & d);
			k = 0x8f1bbcdc;
		} else {
			f = b ^ c ^ d;
			k = 0xca62c1d6;
		}
		sum = rotl(a, 5) + f + e + k + w[t];
		e = d;
		d = c;
		c = rotl(b, 30);
		b = a;
		a = sum;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void pc_ws_sha1(uint8_t digest[PC_SHA1_LEN], const void *data, size_t len)
{
	uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
			  0xc3d2e1f0 };
	const uint8_t *p = data;
	uint8_t last[128] = { 0 };
	uint64_t bits = (uint64_t)len * 8;
	size_t rest, end;

	for (rest = len; rest >= 64; rest -= 64, p += 64)
		block(h, p);
	if (rest)
		memcpy(last, p, rest);
	last[rest] = 0x80; /* section 5.1.1: the padding */
	end = rest < 56 ? 64 : 128;
	for (size_t i = 0; i < 8; i++)
		last[end - 1 - i] = (uint8_t)(bits >> 8 * i);
	block(h, last);
	if (end == 128)
		block(h, last + 64);
	for (size_t i = 0; i < PC_SHA1_LEN; i++)
		digest[i] = (uint8_t)(h[i / 4] >> 8 * (3 - i % 4));
}

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pc_ws_base64(char *text, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < len)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < len)
			v |= p[i + 2];
		*text++ = alphabet[v >> 18];
		*text++ = alphabet[v >> 12 & 63];
		*text++ = i + 1 < len ? alphabet[v >> 6 & 63] : '=';
		*text++ = i + 2 < len ? alphabet[v & 63] : '=';
	}
	*text = '\0';
}

int pc_ws_base64_decode(uint8_t *data, size_t max, const char *text, size_t len)
{
	uint32_t v = 0;
	size_t n = 0, pad = 0;

	if (len % 4)
		return -EINVAL;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	if (len / 4 * 3 - pad > max)
		return -EINVAL;
	for (size_t i = 0; i < len - pad; i++) {
		const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;

		if (!at)
			return -EINVAL;
		v = v << 6 | (uint32_t)(at - alphabet);
		if (i % 4)
			data[n++] = (uint8_t)(v >> (6 - i % 4 * 2));
	}
	return (int)n;
}
