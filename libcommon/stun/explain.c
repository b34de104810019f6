#include <errno.h>

#include "base/bytes.h"
#include "stun/explain.h"
#include "stun/value.h"

#define PER_LINE 8 /* bytes */

/* --- the fields ------------------------------------------------------- */

struct walk {
	pc_stun_field_fn *fn;
	void *arg;
	const struct pc_stun_msg *msg;
	const struct pc_stun_secret *secret;
	struct pc_buf text; /* the meaning that is being written */
	int rc;
};

static void field(struct walk *w, size_t offset, size_t len,
		  const char *meaning, const char *section, const char *name)
{
	w->fn(w->arg, &(struct pc_stun_field){ .offset = offset,
					       .len = len,
					       .bytes = w->msg->buf + offset,
					       .meaning = meaning,
					       .section = section,
					       .name = name });
}

static void explain_attr(struct walk *w, const struct pc_stun_attr *a)
{
	const char *section = NULL;
	const char *name = pc_stun_attr_name(a->type, &section);
	size_t padding = pc_pad4(a->len);
	struct pc_buf *b = &w->text;

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
	field(w, a->offset, 4, b->data, section, NULL);
	if (a->len) {
		pc_buf_clear(b);
		if (pc_stun_say_value(b, w->msg, a, w->secret) != 0)
			w->rc = -EKEYREJECTED;
		field(w, a->offset + 4u, a->len, b->data ? b->data : "", NULL,
		      name ? name : "unknown");
	}
	if (padding)
		field(w, a->offset + 4u + a->len, padding, "padding", "8489 14",
		      NULL);
}

static void explain_header(struct walk *w)
{
	struct pc_buf *b = &w->text;

	pc_buf_clear(b);
	pc_stun_say_type(b, w->msg);
	field(w, 0, 2, b->data, "8489 5", NULL);
	pc_buf_clear(b);
	pc_buf_printf(b, "%u bytes of attributes follow the header",
		      pc_get16(w->msg->buf + 2));
	field(w, 2, 2, b->data, "8489 5", NULL);
	field(w, 4, 4, "magic cookie: this is STUN", "8489 5", NULL);
	field(w, 8, PC_STUN_ID, "transaction id", "8489 5", NULL);
}

/* RFC 8656 section 12.4 */
static void explain_channel(struct walk *w, size_t len)
{
	const uint8_t *data;
	size_t data_len;

	pc_stun_channel(w->msg->buf, len, &data, &data_len);
	field(w, 0, 2, "ChannelData: its channel", "8656 12.4", NULL);
	pc_buf_printf(&w->text, "%zu bytes of data", data_len);
	field(w, 2, 2, w->text.data, "8656 12.4", NULL);
	if (data_len)
		field(w, 4, data_len, "the data", NULL, NULL);
	if (len > 4 + data_len)
		field(w, 4 + data_len, len - 4 - data_len, "padding",
		      "8656 12.5", NULL);
	pc_buf_fini(&w->text);
}

static void explain_not_stun(struct walk *w, size_t len)
{
	if (len >= PC_STUN_HEADER && !(w->msg->buf[0] & 0xc0))
		field(w, 0, len, "not STUN: no magic cookie at offset 4",
		      "8489 5", NULL);
	else
		field(w, 0, len,
		      len < PC_STUN_HEADER
			      ? "not STUN: a header has 20 bytes"
			      : "not STUN: the first two bits are not 0",
		      "8489 5", NULL);
}

int pc_stun_explain_each(const uint8_t *buf, size_t len,
			 const struct pc_stun_secret *secret,
			 pc_stun_field_fn *fn, void *arg)
{
	struct pc_stun_msg msg = { .buf = buf };
	struct walk w = { .fn = fn, .arg = arg, .msg = &msg, .secret = secret };
	int rc = pc_stun_decode(&msg, buf, len);
	size_t end = PC_STUN_HEADER;

	if (rc == -EINVAL) {
		const uint8_t *data;

		if (!pc_stun_channel(buf, len, &data, &end)) {
			explain_not_stun(&w, len);
			return rc;
		}
		explain_channel(&w, len);
		return 0;
	}
	explain_header(&w);
	for (unsigned i = 0; i < msg.n_attrs; i++) {
		const struct pc_stun_attr *a = &msg.attrs[i];

		explain_attr(&w, a);
		end = a->offset + 4u + a->len + pc_pad4(a->len);
	}
	if (rc == -E2BIG)
		field(&w, end, len - end, "more attributes than are read", NULL,
		      NULL);
	else if (rc != 0)
		field(&w, end, len - end,
		      "BROKEN: the lengths do not fit the message", "8489 5",
		      NULL);
	pc_buf_fini(&w.text);
	return rc ? rc : w.rc;
}

/* --- as text ---------------------------------------------------------- */

/* Lines of at most eight bytes; the meaning stands beside the first. */
static void row(void *arg, const struct pc_stun_field *f)
{
	struct pc_buf *out = arg;

	for (size_t i = 0; i == 0 || i < f->len; i += PER_LINE) {
		pc_buf_printf(out, "%5zu  ", f->offset + i);
		for (size_t j = i; j < i + PER_LINE; j++) {
			if (j < f->len)
				pc_buf_printf(out, "%s%02x", j > i ? " " : "",
					      f->bytes[j]);
			else if (i == 0)
				pc_buf_adds(out, j > i ? "   " : "  ");
		}
		if (i == 0) {
			pc_buf_printf(out, "  %s", f->meaning);
			if (f->section)
				pc_buf_printf(out, "  [RFC %s]", f->section);
		}
		pc_buf_adds(out, "\n");
	}
}

int pc_stun_explain(struct pc_buf *out, const uint8_t *buf, size_t len,
		    const struct pc_stun_secret *secret)
{
	return pc_stun_explain_each(buf, len, secret, row, out);
}

void pc_stun_summary(struct pc_buf *out, const uint8_t *buf, size_t len)
{
	char text[PC_ADDR_TEXT];
	struct pc_stun_msg msg;
	struct pc_addr addr;
	const uint8_t *data;
	size_t data_len;
	uint16_t channel = pc_stun_channel(buf, len, &data, &data_len);

	if (channel) {
		pc_buf_printf(out, "ChannelData, channel 0x%04x, %zu bytes",
			      channel, data_len);
		return;
	}
	if (pc_stun_decode(&msg, buf, len) != 0) {
		pc_buf_printf(out, "not a sound STUN message, %zu bytes", len);
		return;
	}
	pc_stun_say_type(out, &msg);
	if (pc_stun_mapped(&msg, &addr) == 0)
		pc_buf_printf(out, ", mapped to %s", pc_addr_text(&addr, text));
	if (msg.class == PC_STUN_ERROR) {
		pc_buf_adds(out, ", ");
		pc_stun_say_error(out, &msg);
	}
}
