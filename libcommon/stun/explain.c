#include <errno.h>
#include <string.h>

#include "stun/bytes.h"
#include "stun/explain.h"
#include "stun/integrity.h"

#define PER_LINE 8 /* bytes */

/* Lines of at most eight bytes; the meaning stands beside the first. */
static void row(struct pc_buf *out, size_t offset, const uint8_t *p, size_t len,
		const char *meaning, const char *section)
{
	for (size_t i = 0; i == 0 || i < len; i += PER_LINE) {
		pc_buf_printf(out, "%5zu  ", offset + i);
		for (size_t j = i; j < i + PER_LINE; j++) {
			if (j < len)
				pc_buf_printf(out, "%s%02x", j > i ? " " : "",
					      p[j]);
			else if (i == 0)
				pc_buf_adds(out, j > i ? "   " : "  ");
		}
		if (i == 0) {
			pc_buf_printf(out, "  %s", meaning);
			if (section)
				pc_buf_printf(out, "  [RFC %s]", section);
		}
		pc_buf_adds(out, "\n");
	}
}

static void say_type(struct pc_buf *b, const struct pc_stun_msg *msg)
{
	const char *method = pc_stun_method_name(msg->method);

	if (method)
		pc_buf_printf(b, "%s %s", method,
			      pc_stun_class_name(msg->class));
	else
		pc_buf_printf(b, "method 0x%03x, %s", msg->method,
			      pc_stun_class_name(msg->class));
}

static bool is_address(uint16_t type)
{
	switch (type) {
	case 0x0001:
	case 0x0002:
	case 0x0004:
	case 0x0005:
	case 0x000b:
	case 0x0012:
	case 0x0016:
	case 0x0020:
	case 0x8020:
	case 0x8023:
	case 0x802b:
	case 0x802c:
		return true;
	default:
		return false;
	}
}

static bool is_text(uint16_t type)
{
	return type == PC_STUN_USERNAME || type == PC_STUN_REALM ||
	       type == PC_STUN_NONCE || type == PC_STUN_SOFTWARE ||
	       type == 0x8003;
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

static void say_error(struct pc_buf *b, const struct pc_stun_msg *msg)
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

static void say_unknown(struct pc_buf *b, const struct pc_stun_attr *a)
{
	pc_buf_adds(b, "not understood:");
	for (unsigned i = 0; i + 2 <= a->len; i += 2) {
		uint16_t type = get16(a->value + i);
		const char *name = pc_stun_attr_name(type, NULL);

		pc_buf_printf(b, " 0x%04x", type);
		if (name)
			pc_buf_printf(b, " (%s)", name);
	}
}

static void say_change(struct pc_buf *b, uint32_t flags)
{
	pc_buf_printf(b, "answer from %s address and %s port",
		      flags & 4 ? "the other" : "this",
		      flags & 2 ? "the other" : "this");
}

static void say_number(struct pc_buf *b, const struct pc_stun_attr *a)
{
	if (a->len == 4 && a->type == 0x0003)
		say_change(b, get32(a->value));
	else if (a->len == 4 && a->type == 0x000c)
		pc_buf_printf(b, "channel 0x%04x", get16(a->value));
	else if (a->len == 4 && a->type == 0x0019)
		pc_buf_printf(b, "protocol %u%s", a->value[0],
			      a->value[0] == 17 ? " (UDP)" : "");
	else if (a->len == 4 && a->type == 0x0027)
		pc_buf_printf(b, "port %u", get16(a->value));
	else if (a->len == 4 && a->type == 0x000d)
		pc_buf_printf(b, "%u seconds", get32(a->value));
	else if (a->len == 4)
		pc_buf_printf(b, "%u", get32(a->value));
	else
		pc_buf_printf(b, "%u bytes", a->len);
}

static void say_fingerprint(struct pc_buf *b, const struct pc_stun_msg *msg)
{
	pc_buf_adds(b, pc_stun_check_fingerprint(msg) == 0
			       ? "CRC-32 of what is before: right"
			       : "CRC-32 of what is before: WRONG");
}

static void say_value(struct pc_buf *b, const struct pc_stun_msg *msg,
		      const struct pc_stun_attr *a)
{
	pc_buf_clear(b);
	if (is_address(a->type)) {
		say_address(b, msg, a);
	} else if (is_text(a->type)) {
		pc_buf_adds(b, "\"");
		pc_buf_add_printable(b, (const char *)a->value, a->len);
		pc_buf_adds(b, "\"");
	} else if (a->type == PC_STUN_ERROR_CODE) {
		say_error(b, msg);
	} else if (a->type == PC_STUN_UNKNOWN_ATTRIBUTES) {
		say_unknown(b, a);
	} else if (a->type == PC_STUN_FINGERPRINT && !a->ignored) {
		say_fingerprint(b, msg);
	} else if (a->type == PC_STUN_MESSAGE_INTEGRITY) {
		pc_buf_adds(b, "HMAC-SHA1 over what is before");
	} else if (a->type == PC_STUN_MESSAGE_INTEGRITY_SHA256) {
		pc_buf_adds(b, "HMAC-SHA256 over what is before");
	} else {
		say_number(b, a);
	}
}

static void explain_attr(struct pc_buf *out, struct pc_buf *b,
			 const struct pc_stun_msg *msg,
			 const struct pc_stun_attr *a)
{
	const char *section = NULL;
	const char *name = pc_stun_attr_name(a->type, &section);
	size_t padding = pad4(a->len);

	pc_buf_clear(b);
	if (name)
		pc_buf_printf(b, "%s, %u bytes", name, a->len);
	else
		pc_buf_printf(b, "attribute 0x%04x (%s), %u bytes", a->type,
			      a->type < 0x8000 ? "must be understood"
					       : "may be skipped",
			      a->len);
	if (a->ignored)
		pc_buf_adds(b, ", IGNORED: it stands behind the integrity");
	row(out, a->offset, msg->buf + a->offset, 4, b->data, section);
	if (a->len) {
		say_value(b, msg, a);
		row(out, a->offset + 4u, a->value, a->len, b->data, NULL);
	}
	if (padding)
		row(out, a->offset + 4u + a->len, a->value + a->len, padding,
		    "padding", "8489 14");
}

static void explain_header(struct pc_buf *out, struct pc_buf *b,
			   const struct pc_stun_msg *msg)
{
	pc_buf_clear(b);
	say_type(b, msg);
	row(out, 0, msg->buf, 2, b->data, "8489 5");
	pc_buf_clear(b);
	pc_buf_printf(b, "%u bytes of attributes follow the header",
		      get16(msg->buf + 2));
	row(out, 2, msg->buf + 2, 2, b->data, "8489 5");
	row(out, 4, msg->buf + 4, 4, "magic cookie: this is STUN", "8489 5");
	row(out, 8, msg->id, PC_STUN_ID, "transaction id", "8489 5");
}

void pc_stun_explain(struct pc_buf *out, const uint8_t *buf, size_t len)
{
	struct pc_buf b = { 0 };
	struct pc_stun_msg msg;
	int rc = pc_stun_decode(&msg, buf, len);
	size_t end;

	if (rc == -EINVAL) {
		row(out, 0, buf, len, "not STUN: no magic cookie at offset 4",
		    "8489 5");
		return;
	}
	explain_header(out, &b, &msg);
	end = PC_STUN_HEADER;
	for (unsigned i = 0; i < msg.n_attrs; i++) {
		const struct pc_stun_attr *a = &msg.attrs[i];

		explain_attr(out, &b, &msg, a);
		end = a->offset + 4u + a->len + pad4(a->len);
	}
	if (rc == -E2BIG)
		pc_buf_printf(out, "%5zu  more attributes than are read\n",
			      end);
	else if (rc != 0)
		row(out, end, buf + end, len - end,
		    "BROKEN: the lengths do not fit the message", "8489 5");
	pc_buf_fini(&b);
}

void pc_stun_summary(struct pc_buf *out, const uint8_t *buf, size_t len)
{
	char text[PC_ADDR_TEXT];
	struct pc_stun_msg msg;
	struct pc_addr addr;

	if (pc_stun_decode(&msg, buf, len) != 0) {
		pc_buf_printf(out, "not a sound STUN message, %zu bytes", len);
		return;
	}
	say_type(out, &msg);
	if (pc_stun_mapped(&msg, &addr) == 0)
		pc_buf_printf(out, ", mapped to %s", pc_addr_text(&addr, text));
	if (msg.class == PC_STUN_ERROR) {
		pc_buf_adds(out, ", ");
		say_error(out, &msg);
	}
}
