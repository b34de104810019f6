#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "stun/stun.h"

/* Section 5, figure 3: the class's two bits lie between the method's. */
static void split_type(struct pc_stun_msg *msg, uint16_t type)
{
	msg->class =
		(enum pc_stun_class)(((type >> 7) & 2) | ((type >> 4) & 1));
	msg->method = (uint16_t)(((type >> 2) & 0x0f80) |
				 ((type >> 1) & 0x0070) | (type & 0x000f));
}

/* Section 14.5: only these may follow MESSAGE-INTEGRITY. */
static bool may_follow(const struct pc_stun_msg *msg, uint16_t type)
{
	bool sha1 = false, sha256 = false;

	for (unsigned i = 0; i < msg->n_attrs; i++) {
		sha1 |= msg->attrs[i].type == PC_STUN_MESSAGE_INTEGRITY;
		sha256 |=
			msg->attrs[i].type == PC_STUN_MESSAGE_INTEGRITY_SHA256;
	}
	if (!sha1 && !sha256)
		return true;
	if (type == PC_STUN_FINGERPRINT)
		return true;
	return type == PC_STUN_MESSAGE_INTEGRITY_SHA256 && !sha256;
}

static int decode_attrs(struct pc_stun_msg *msg)
{
	size_t at = PC_STUN_HEADER;

	while (at < msg->len) {
		struct pc_stun_attr *a;
		size_t len;

		if (msg->len - at < 4)
			return -EBADMSG;
		len = pc_get16(msg->buf + at + 2);
		if (len + pc_pad4(len) > msg->len - at - 4)
			return -EBADMSG;
		if (msg->n_attrs == PC_STUN_ATTRS_MAX)
			return -E2BIG;
		a = &msg->attrs[msg->n_attrs];
		a->type = pc_get16(msg->buf + at);
		a->len = (uint16_t)len;
		a->offset = (uint16_t)at;
		a->value = msg->buf + at + 4;
		a->ignored = !may_follow(msg, a->type);
		msg->n_attrs++;
		/* Section 14.7: FINGERPRINT is the last attribute. */
		if (a->type == PC_STUN_FINGERPRINT &&
		    at + 4 + len + pc_pad4(len) != msg->len)
			return -EBADMSG;
		at += 4 + len + pc_pad4(len);
	}
	return 0;
}

int pc_stun_decode(struct pc_stun_msg *msg, const uint8_t *buf, size_t len)
{
	if (len < PC_STUN_HEADER || buf[0] & 0xc0 ||
	    pc_get32(buf + 4) != PC_STUN_COOKIE)
		return -EINVAL;
	split_type(msg, pc_get16(buf));
	memcpy(msg->id, buf + 8, PC_STUN_ID);
	msg->n_attrs = 0;
	msg->buf = buf;
	msg->len = len;
	if (pc_get16(buf + 2) % 4 != 0 ||
	    (size_t)pc_get16(buf + 2) + PC_STUN_HEADER != len)
		return -EBADMSG;
	return decode_attrs(msg);
}

const struct pc_stun_attr *pc_stun_find(const struct pc_stun_msg *msg,
					uint16_t type)
{
	for (unsigned i = 0; i < msg->n_attrs; i++)
		if (msg->attrs[i].type == type && !msg->attrs[i].ignored)
			return &msg->attrs[i];
	return NULL;
}

/* XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS, XOR-MAPPED-ADDRESS and the type
 * that servers of the drafts before RFC 5389 used for the last. */
bool pc_stun_is_xored(uint16_t type)
{
	return type == 0x0012 || type == 0x0016 ||
	       type == PC_STUN_XOR_MAPPED_ADDRESS ||
	       type == PC_STUN_XOR_MAPPED_ADDRESS_OLD;
}

/*
 *	|0 0 0 0 0 0 0 0|    Family     |           Port                |
 *	|                 Address (32 bits or 128 bits)                 |
 *
 * XORed with the cookie (port: its first half), and for IPv6 with the cookie
 * and the transaction id: that is, with the header from its fifth byte.
 */
int pc_stun_address(const struct pc_stun_msg *msg,
		    const struct pc_stun_attr *attr, struct pc_addr *addr)
{
	uint8_t v[20];
	size_t n;

	if (attr->len != 8 && attr->len != 20)
		return -EBADMSG;
	memcpy(v, attr->value, attr->len);
	n = v[1] == 1 ? 4 : v[1] == 2 ? 16 : 0;
	if (n + 4 != attr->len)
		return -EBADMSG;
	if (pc_stun_is_xored(attr->type)) {
		v[2] ^= msg->buf[4];
		v[3] ^= msg->buf[5];
		for (size_t i = 0; i < n; i++)
			v[4 + i] ^= msg->buf[4 + i];
	}
	memset(addr, 0, sizeof(*addr));
	if (n == 4) {
		addr->in.sin_family = AF_INET;
		memcpy(&addr->in.sin_addr, v + 4, 4);
		addr->len = sizeof(addr->in);
	} else {
		addr->in6.sin6_family = AF_INET6;
		memcpy(&addr->in6.sin6_addr, v + 4, 16);
		addr->len = sizeof(addr->in6);
	}
	pc_addr_set_port(addr, pc_get16(v + 2));
	return 0;
}

int pc_stun_mapped(const struct pc_stun_msg *msg, struct pc_addr *addr)
{
	const struct pc_stun_attr *a =
		pc_stun_find(msg, PC_STUN_XOR_MAPPED_ADDRESS);

	if (!a)
		a = pc_stun_find(msg, PC_STUN_XOR_MAPPED_ADDRESS_OLD);
	if (!a)
		a = pc_stun_find(msg, PC_STUN_MAPPED_ADDRESS);
	return a ? pc_stun_address(msg, a, addr) : -ENOENT;
}

unsigned pc_stun_error(const struct pc_stun_msg *msg, const char **reason,
		       size_t *reason_len)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, PC_STUN_ERROR_CODE);
	unsigned class, number;

	if (!a || a->len < 4)
		return 0;
	class = a->value[2] & 7;
	number = a->value[3];
	if (class < 3 || class > 6 || number > 99)
		return 0;
	if (reason)
		*reason = (const char *)a->value + 4;
	if (reason_len)
		*reason_len = a->len - 4u;
	return class * 100 + number;
}

uint16_t pc_stun_unknown_required(const struct pc_stun_msg *msg)
{
	for (unsigned i = 0; i < msg->n_attrs; i++)
		if (msg->attrs[i].type < 0x8000 && !msg->attrs[i].ignored &&
		    !pc_stun_attr_name(msg->attrs[i].type, NULL))
			return msg->attrs[i].type;
	return 0;
}

uint16_t pc_stun_channel(const uint8_t *buf, size_t len, const uint8_t **data,
			 size_t *data_len)
{
	if (len < 4 || (buf[0] & 0xf0) != 0x40 || pc_get16(buf + 2) > len - 4 ||
	    len - 4 - pc_get16(buf + 2) > 3)
		return 0;
	*data = buf + 4;
	*data_len = pc_get16(buf + 2);
	return pc_get16(buf);
}

static int base64_digit(uint8_t c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Section 18.1: "obMatJos2", then 24 bits in base64, of which 0 is the last. */
unsigned pc_stun_features(const uint8_t *nonce, size_t len)
{
	static const char cookie[] = "obMatJos2";
	size_t n = sizeof(cookie) - 1;
	unsigned features = 0;

	if (len < n + 4 || memcmp(nonce, cookie, n) != 0)
		return 0;
	for (size_t i = n; i < n + 4; i++) {
		int digit = base64_digit(nonce[i]);

		if (digit < 0)
			return 0;
		features = features << 6 | (unsigned)digit;
	}
	return features;
}
