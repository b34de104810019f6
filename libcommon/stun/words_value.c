#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "stun/words.h"
#include "stun/words_private.h"

#define VALUE_MAX 65535

int pc_stun_word_wrong(struct pc_stun_maker *m, const char *word,
		       const char *what)
{
	snprintf(m->why, PC_STUN_WHY, "%.60s: %s", word, what);
	return -EINVAL;
}

/* --- hex -------------------------------------------------------------- */

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

ssize_t pc_stun_from_hex(uint8_t *buf, size_t cap, const char *text, size_t len)
{
	size_t n = 0, i = 0;

	while (i < len) {
		int high = digit(text[i]);

		if (high == 0 && i + 1 < len && (text[i + 1] | 32) == 'x') {
			i += 2;
			continue;
		}
		if (strchr(" \t\r\n,:;", text[i]) && text[i]) {
			i++;
			continue;
		}
		if (high < 0 || i + 1 >= len || digit(text[i + 1]) < 0)
			return -EINVAL;
		if (n == cap)
			return -ENOBUFS;
		buf[n++] = (uint8_t)(high << 4 | digit(text[i + 1]));
		i += 2;
	}
	return (ssize_t)n;
}

/* --- values ----------------------------------------------------------- */

bool pc_stun_word_number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	bool hex = strncasecmp(text, "0x", 2) == 0;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, hex ? 16 : 10); /* 010 is ten */
	return !errno && !*end && *out <= max;
}

static int put_hex(struct pc_stun_maker *m, uint16_t type, const char *word,
		   const char *digits)
{
	uint8_t *bytes = malloc(VALUE_MAX);
	ssize_t n = bytes ? pc_stun_from_hex(bytes, VALUE_MAX, digits,
					     strlen(digits))
			  : -ENOBUFS;

	if (n >= 0)
		pc_stun_put(&m->b, type, bytes, (size_t)n);
	free(bytes);
	return n < 0 ? pc_stun_word_wrong(m, word,
					  "hex digits are expected, two a byte")
		     : 0;
}

static int put_error(struct pc_stun_maker *m, const char *word,
		     const char *value)
{
	char *end;
	unsigned long code = strtoul(value, &end, 10);

	if (end == value || code > 799 || (*end && *end != ':'))
		return pc_stun_word_wrong(m, word,
					  "CODE:REASON is expected, as in "
					  "error-code=401:Unauthorized");
	pc_stun_put_error(&m->b, (unsigned)code, *end ? end + 1 : "");
	return 0;
}

static int put_types(struct pc_stun_maker *m, uint16_t type, const char *word,
		     const char *value)
{
	uint8_t list[64];
	size_t n = 0;

	while (*value && n + 2 <= sizeof(list)) {
		char name[48];
		size_t len = strcspn(value, ",");
		uint64_t v = 0;
		int known;

		snprintf(name, sizeof(name), "%.*s", (int)len, value);
		known = pc_stun_attr_number(name);
		if (known < 0 && !pc_stun_word_number(name, 0xffff, &v))
			return pc_stun_word_wrong(m, word,
						  "types of attributes are "
						  "expected, as 0x24,0x25");
		pc_put16(list + n, known < 0 ? (uint16_t)v : (uint16_t)known);
		n += 2;
		value += len + (value[len] == ',');
	}
	if (*value)
		return pc_stun_word_wrong(m, word, "too many; use hex:DIGITS");
	pc_stun_put(&m->b, type, list, n);
	return 0;
}

static int put_change(struct pc_stun_maker *m, uint16_t type, const char *word,
		      const char *value)
{
	uint32_t flags = 0;

	if (strcasecmp(value, "ip") == 0)
		flags = PC_STUN_CHANGE_IP;
	else if (strcasecmp(value, "port") == 0)
		flags = PC_STUN_CHANGE_PORT;
	else if (strcasecmp(value, "ip,port") == 0)
		flags = PC_STUN_CHANGE_IP | PC_STUN_CHANGE_PORT;
	else if (*value)
		return pc_stun_word_wrong(m, word,
					  "ip, port or ip,port is expected");
	pc_stun_put_u32(&m->b, type, flags);
	return 0;
}

/* Algorithms by number or name, each without parameters (section 14.11). */
static int put_algorithms(struct pc_stun_maker *m, uint16_t type,
			  const char *word, const char *value)
{
	uint8_t list[64];
	size_t n = 0;

	while (*value && n + 4 <= sizeof(list)) {
		char name[16];
		size_t len = strcspn(value, ",");
		uint64_t v = 0;

		snprintf(name, sizeof(name), "%.*s", (int)len, value);
		if (strcasecmp(name, "md5") == 0)
			v = PC_STUN_MD5;
		else if (strcasecmp(name, "sha-256") == 0)
			v = PC_STUN_SHA256;
		else if (!pc_stun_word_number(name, 0xffff, &v))
			return pc_stun_word_wrong(m, word,
						  "md5 or sha-256 is expected");
		pc_put32(list + n, (uint32_t)v << 16);
		n += 4;
		value += len + (value[len] == ',');
	}
	if (*value)
		return pc_stun_word_wrong(m, word, "too many; use hex:DIGITS");
	pc_stun_put(&m->b, type, list, n);
	return 0;
}

/* Numbers of four bytes, by where in them the number stands. */
static int put_number(struct pc_stun_maker *m, uint16_t type,
		      enum pc_stun_kind kind, const char *word,
		      const char *value)
{
	bool top16 = kind == PC_STUN_IS_CHANNEL || kind == PC_STUN_IS_PORT;
	bool top8 = kind == PC_STUN_IS_TRANSPORT || kind == PC_STUN_IS_FAMILY;
	uint64_t v, max = top16 ? 0xffff : top8 ? 0xff : 0xffffffff;

	if (kind == PC_STUN_IS_U64)
		max = UINT64_MAX;
	if (!pc_stun_word_number(value, max, &v))
		return pc_stun_word_wrong(m, word,
					  "a number is expected that fits");
	if (kind == PC_STUN_IS_FAMILY && (v == 4 || v == 6))
		v = v == 4 ? 1 : 2;
	if (kind == PC_STUN_IS_U64)
		pc_stun_put_u64(&m->b, type, v);
	else
		pc_stun_put_u32(&m->b, type,
				(uint32_t)(v << (top16  ? 16
						 : top8 ? 24
							: 0)));
	return 0;
}

static int put_address(struct pc_stun_maker *m, uint16_t type, const char *word,
		       const char *value)
{
	struct pc_addr addr;

	if (pc_addr_parse(&addr, value, 0) != 0)
		return pc_stun_word_wrong(m, word,
					  "an address is expected, as "
					  "192.0.2.1:32853 or [2001:db8::1]:5");
	pc_stun_put_addr(&m->b, type, &addr);
	return 0;
}

/* --- any of them ------------------------------------------------------------ */

int pc_stun_word_value(struct pc_stun_maker *m, uint16_t type, const char *word,
		       const char *value)
{
	enum pc_stun_kind kind = pc_stun_attr_kind(type);

	if (strncasecmp(value, "hex:", 4) == 0)
		return put_hex(m, type, word, value + 4);
	switch (kind) {
	case PC_STUN_IS_TEXT:
	case PC_STUN_IS_NONCE:
	case PC_STUN_IS_BYTES:
		pc_stun_put_text(&m->b, type, value);
		return 0;
	case PC_STUN_IS_ADDRESS:
		return put_address(m, type, word, value);
	case PC_STUN_IS_ERROR_CODE:
		return put_error(m, word, value);
	case PC_STUN_IS_TYPES:
		return put_types(m, type, word, value);
	case PC_STUN_IS_CHANGE:
		return put_change(m, type, word, value);
	case PC_STUN_IS_ALGORITHMS:
		return put_algorithms(m, type, word, value);
	case PC_STUN_IS_U32:
	case PC_STUN_IS_U64:
	case PC_STUN_IS_SECONDS:
	case PC_STUN_IS_CHANNEL:
	case PC_STUN_IS_PORT:
	case PC_STUN_IS_TRANSPORT:
	case PC_STUN_IS_FAMILY:
		return put_number(m, type, kind, word, value);
	default:
		return pc_stun_word_wrong(
			m, word,
			"it is computed, has no value, or takes "
			"hex:DIGITS");
	}
}
