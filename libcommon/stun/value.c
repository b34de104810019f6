#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "stun/integrity.h"
#include "stun/value.h"

void pc_stun_say_type(struct pc_buf *b, const struct pc_stun_msg *msg)
{
	const char *method = pc_stun_method_name(msg->method);

	if (method)
		pc_buf_printf(b, "%s %s", method,
			      pc_stun_class_name(msg->class));
	else
		pc_buf_printf(b, "method 0x%03x, %s", msg->method,
			      pc_stun_class_name(msg->class));
}

void pc_stun_say_error(struct pc_buf *b, const struct pc_stun_msg *msg)
{
	const char *reason;
	size_t len;
	unsigned code = pc_stun_error(msg, &reason, &len);

	if (!code) {
		pc_buf_adds(b, "broken: no code from 300 to 699");
		return;
	}
	pc_buf_printf(b, "%u ", code);
	pc_buf_add_printable(b, reason, len);
}

static void say_address(struct pc_buf *b, const struct pc_stun_msg *msg,
			const struct pc_stun_attr *a)
{
	char text[PC_ADDR_TEXT];
	struct pc_addr addr;

	if (pc_stun_address(msg, a, &addr) != 0) {
		pc_buf_adds(b, "broken: neither an IPv4 nor an IPv6 address");
		return;
	}
	pc_buf_adds(b, pc_addr_text(&addr, text));
	if (pc_stun_is_xored(a->type))
		pc_buf_adds(b, ", XORed with the bytes from offset 4");
}

static void say_text(struct pc_buf *b, const struct pc_stun_attr *a)
{
	pc_buf_adds(b, "\"");
	pc_buf_add_printable(b, (const char *)a->value, a->len);
	pc_buf_adds(b, "\"");
}

static void say_nonce(struct pc_buf *b, const struct pc_stun_attr *a)
{
	static const char cookie[] = "obMatJos2";
	size_t n = sizeof(cookie) - 1;
	unsigned features = pc_stun_features(a->value, a->len);

	say_text(b, a);
	if (a->len >= n + 4 && memcmp(a->value, cookie, n) == 0)
		pc_buf_printf(
			b,
			", a nonce cookie: password algorithms %s, "
			"username anonymity %s",
			features & PC_STUN_FEATURE_ALGORITHMS ? "yes" : "no",
			features & PC_STUN_FEATURE_ANONYMITY ? "yes" : "no");
}

static void say_types(struct pc_buf *b, const struct pc_stun_attr *a)
{
	pc_buf_adds(b, "not understood:");
	for (unsigned i = 0; i + 2 <= a->len; i += 2) {
		uint16_t type = pc_get16(a->value + i);
		const char *name = pc_stun_attr_name(type, NULL);

		pc_buf_printf(b, " 0x%04x", type);
		if (name)
			pc_buf_printf(b, " (%s)", name);
	}
}

static void say_algorithms(struct pc_buf *b, const struct pc_stun_attr *a)
{
	const char *comma = "";

	for (size_t i = 0; i + 4 <= a->len;) {
		uint16_t number = pc_get16(a->value + i);
		size_t len = pc_get16(a->value + i + 2);

		pc_buf_adds(b, comma);
		comma = ", ";
		if (number == PC_STUN_MD5 || number == PC_STUN_SHA256)
			pc_buf_adds(b,
				    number == PC_STUN_MD5 ? "MD5" : "SHA-256");
		else
			pc_buf_printf(b, "algorithm 0x%04x", number);
		i += 4 + len + pc_pad4(len);
	}
	if (!*comma)
		pc_buf_adds(b, "broken: no algorithm");
}

static const char *family_name(uint8_t family)
{
	return family == 1 ? "IPv4" : family == 2 ? "IPv6" : "unknown family";
}

/* The values of four bytes. */
static void say_four(struct pc_buf *b, enum pc_stun_kind kind, const uint8_t *v)
{
	switch (kind) {
	case PC_STUN_IS_SECONDS:
		pc_buf_printf(b, "%u seconds", pc_get32(v));
		break;
	case PC_STUN_IS_CHANGE:
		pc_buf_printf(b, "answer from %s address and %s port",
			      v[3] & PC_STUN_CHANGE_IP ? "the other" : "this",
			      v[3] & PC_STUN_CHANGE_PORT ? "the other"
							 : "this");
		break;
	case PC_STUN_IS_CHANNEL:
		pc_buf_printf(b, "channel 0x%04x", pc_get16(v));
		break;
	case PC_STUN_IS_PORT:
		pc_buf_printf(b, "port %u", pc_get16(v));
		break;
	case PC_STUN_IS_TRANSPORT:
		pc_buf_printf(b, "protocol %u%s", v[0],
			      v[0] == 17  ? " (UDP)"
			      : v[0] == 6 ? " (TCP)"
					  : "");
		break;
	case PC_STUN_IS_FAMILY:
		pc_buf_adds(b, family_name(v[0]));
		break;
	default:
		pc_buf_printf(b, "%u", pc_get32(v));
	}
}

static void say_address_error(struct pc_buf *b, const struct pc_stun_attr *a)
{
	pc_buf_printf(b, "%s: %u ", family_name(a->value[0]),
		      (a->value[2] & 7) * 100u + a->value[3]);
	pc_buf_add_printable(b, (const char *)a->value + 4, a->len - 4u);
}

static int say_fingerprint(struct pc_buf *b, const struct pc_stun_msg *msg)
{
	bool right = pc_stun_check_fingerprint(msg) == 0;

	pc_buf_adds(b, right ? "CRC-32 of what is before: right"
			     : "CRC-32 of what is before: WRONG");
	return right ? 0 : -EKEYREJECTED;
}

static int say_integrity(struct pc_buf *b, const struct pc_stun_msg *msg,
			 const struct pc_stun_attr *a,
			 const struct pc_stun_secret *secret)
{
	const char *which;

	pc_buf_printf(b, "HMAC-%s over what is before",
		      a->type == PC_STUN_MESSAGE_INTEGRITY ? "SHA1" : "SHA256");
	if (!secret)
		return 0;
	if (pc_stun_secret_check(secret, msg, a->type, &which) != 0) {
		pc_buf_adds(b, ": WRONG for this password");
		return -EKEYREJECTED;
	}
	pc_buf_printf(b, ": right (%s)", which);
	return 0;
}

static void say_sized(struct pc_buf *b, const struct pc_stun_attr *a,
		      enum pc_stun_kind kind)
{
	if (kind == PC_STUN_IS_U64 && a->len == 8)
		pc_buf_printf(b, "0x%08x%08x", pc_get32(a->value),
			      pc_get32(a->value + 4));
	else if (kind == PC_STUN_IS_EVEN && a->len == 1)
		pc_buf_adds(b, a->value[0] & 0x80
				       ? "an even port, and keep the next one"
				       : "an even port");
	else if (kind == PC_STUN_IS_ICMP && a->len == 8)
		pc_buf_printf(b, "type %u, code %u", a->value[2] >> 1,
			      (a->value[2] & 1u) << 8 | a->value[3]);
	else if (kind == PC_STUN_IS_ADDRESS_ERROR && a->len >= 4)
		say_address_error(b, a);
	else if (a->len == 4 && kind != PC_STUN_IS_BYTES)
		say_four(b, kind, a->value);
	else if (kind != PC_STUN_IS_BYTES)
		pc_buf_printf(b, "broken: %u bytes", a->len);
	else if (a->len == 4)
		pc_buf_printf(b, "%u", pc_get32(a->value));
	else
		pc_buf_printf(b, "%u bytes", a->len);
}

int pc_stun_say_value(struct pc_buf *b, const struct pc_stun_msg *msg,
		      const struct pc_stun_attr *a,
		      const struct pc_stun_secret *secret)
{
	enum pc_stun_kind kind = pc_stun_attr_kind(a->type);

	if (a->ignored && kind >= PC_STUN_IS_SHA1)
		kind = PC_STUN_IS_BYTES; /* it proves nothing */
	switch (kind) {
	case PC_STUN_IS_ADDRESS:
		say_address(b, msg, a);
		return 0;
	case PC_STUN_IS_TEXT:
		say_text(b, a);
		return 0;
	case PC_STUN_IS_NONCE:
		say_nonce(b, a);
		return 0;
	case PC_STUN_IS_ERROR_CODE:
		pc_stun_say_error(b, msg);
		return 0;
	case PC_STUN_IS_TYPES:
		say_types(b, a);
		return 0;
	case PC_STUN_IS_ALGORITHMS:
		say_algorithms(b, a);
		return 0;
	case PC_STUN_IS_CRC:
		return say_fingerprint(b, msg);
	case PC_STUN_IS_SHA1:
	case PC_STUN_IS_SHA256:
		return say_integrity(b, msg, a, secret);
	default:
		say_sized(b, a, kind);
		return 0;
	}
}
