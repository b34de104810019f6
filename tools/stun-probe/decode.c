/*
 * --decode: messages on stdin, raw, as hex digits, or in a capture; each field
 * with its offset, its bytes, its meaning and its RFC.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "app.h"
#include "report.h"
#include "stun/capture.h"
#include "stun/explain.h"
#include "stun/words.h"

struct decoding {
	struct app *app;
	const struct pc_stun_secret *secret;
	struct pc_buf text;
	json_t *messages;
	unsigned n;
	int status; /* the worst */
	struct pc_capture_unread unread;
	struct pc_buf error; /* of the whole input */
};

/* --- one message ------------------------------------------------------ */

static void add_field(void *arg, const struct pc_stun_field *f)
{
	json_t *list = arg;
	struct pc_buf hex = { 0 };

	pc_buf_add_hex(&hex, f->bytes, f->len);
	json_array_append_new(
		list, pc_json_fields("offset=%zu bytes=%s attribute=%s "
				     "meaning=%s section=%s",
				     f->offset, hex.data ? hex.data : "",
				     f->name, f->meaning, f->section));
	pc_buf_fini(&hex);
}

static int status_of(int rc)
{
	if (rc == 0)
		return PC_EXIT_OK;
	return rc == -EKEYREJECTED ? PC_EXIT_NO : PC_EXIT_DATA;
}

static void say_capture(struct decoding *d, const struct pc_capture_payload *p)
{
	char from[PC_ADDR_TEXT], to[PC_ADDR_TEXT];

	pc_buf_printf(&d->text, "packet %u, %s %s -> %s\n", p->number,
		      p->tcp ? "tcp" : "udp", pc_addr_text(&p->from, from),
		      pc_addr_text(&p->to, to));
}

/* packet is NULL when the message is not out of a capture. */
static void take_message(struct decoding *d, const uint8_t *data, size_t len,
			 const struct pc_capture_payload *packet)
{
	struct pc_buf line = { 0 };
	json_t *fields = json_array(), *o;
	int rc, status;

	if (d->n++)
		pc_buf_adds(&d->text, "\n");
	pc_stun_summary(&line, data, len);
	o = pc_json_fields("summary=%s", line.data);
	if (packet) {
		say_capture(d, packet);
		pc_json_add(o, "packet=%u transport=%s from=%p to=%p",
			    packet->number, packet->tcp ? "tcp" : "udp",
			    report_addr_json(&packet->from),
			    report_addr_json(&packet->to));
	}
	pc_buf_printf(&d->text, "%s\n", line.data);
	rc = pc_stun_explain(&d->text, data, len, d->secret);
	(void)pc_stun_explain_each(data, len, d->secret, add_field, fields);
	status = status_of(rc);
	pc_json_add(o, "sound=%c fields=%p", status == PC_EXIT_OK, fields);
	json_array_append_new(d->messages, o);
	d->status = status > d->status ? status : d->status;
	pc_buf_fini(&line);
}

/* Messages one behind the other, as TCP has them (RFC 8489 section 6.2.2). */
static void take_stream(struct decoding *d, const uint8_t *data, size_t len,
			const struct pc_capture_payload *packet)
{
	while (len >= PC_STUN_HEADER) {
		size_t whole = PC_STUN_HEADER + pc_get16(data + 2);

		if (whole > len || len - whole < PC_STUN_HEADER)
			whole = len; /* what is behind is shown as broken */
		take_message(d, data, whole, packet);
		data += whole;
		len -= whole;
	}
	if (len)
		take_message(d, data, len, packet);
}

/* --- the input -------------------------------------------------------- */

static bool looks_like_stun(const uint8_t *data, size_t len)
{
	struct pc_stun_msg msg;

	return pc_stun_decode(&msg, data, len) != -EINVAL;
}

static void on_payload(void *arg, const struct pc_capture_payload *p)
{
	struct decoding *d = arg;

	if (!looks_like_stun(p->data, p->len))
		return;
	if (p->tcp)
		take_stream(d, p->data, p->len, p);
	else
		take_message(d, p->data, p->len, p);
}

/* That no message was found there does not mean that there is none. */
static void say_unread(struct decoding *d)
{
	if (d->unread.fragments)
		pc_warnx("stdin: IP fragments, which are not put together: %u",
			 d->unread.fragments);
	if (d->unread.frames)
		pc_warnx("stdin: frames of a link layer that is not known "
			 "here: %u",
			 d->unread.frames);
}

static int take_capture(struct decoding *d, const uint8_t *data, size_t len)
{
	int rc = pc_capture_each(data, len, on_payload, d, &d->unread);

	if (rc != 0)
		pc_buf_adds(&d->error,
			    "stdin: the capture is cut short or broken");
	else if (d->n == 0)
		pc_buf_adds(&d->error,
			    "stdin: no STUN message in this capture");
	say_unread(d);
	return rc != 0 || d->n == 0 ? PC_EXIT_DATA : d->status;
}

/* Hex text, a message a line or one over many lines: NULL if it is not. */
static uint8_t *from_hex(const char *data, size_t len, ssize_t *n)
{
	uint8_t *bytes = malloc(len ? len : 1);

	*n = bytes ? pc_stun_from_hex(bytes, len, data, len) : -ENOMEM;
	if (*n > 0)
		return bytes;
	free(bytes);
	return NULL;
}

static int take_input(struct decoding *d, const char *data, size_t len)
{
	const uint8_t *bytes = (const uint8_t *)data;
	uint8_t *hex;
	ssize_t n;

	if (len == 0) {
		pc_buf_adds(&d->error,
			    "stdin is empty: a STUN message is expected, raw, "
			    "in hex digits, or in a capture");
		return PC_EXIT_NOINPUT;
	}
	if (pc_capture_is(bytes, len))
		return take_capture(d, bytes, len);
	hex = from_hex(data, len, &n);
	if (hex)
		take_stream(d, hex, (size_t)n, NULL);
	else
		take_stream(d, bytes, len, NULL);
	free(hex);
	return d->status;
}

static void on_input(void *arg, const char *data, size_t len)
{
	struct app *app = arg;
	struct pc_stun_secret secret = { .password = app->password,
					 .user = app->cfg.user,
					 .realm = app->cfg.realm };
	struct decoding d = { .app = app,
			      .secret = app->password ? &secret : NULL,
			      .messages = json_array() };
	int status = take_input(&d, data, len);

	if (status == PC_EXIT_DATA && !d.error.len)
		pc_buf_adds(&d.error, "stdin: not a sound STUN message");
	if (d.error.len)
		pc_tool_error(&app->tool, "%s", d.error.data);
	app_report(app, &d.text,
		   pc_json_fields("report=%s messages=%p fragments=%u "
				  "unknown_frames=%u error=%s",
				  "decode", (void *)json_incref(d.messages),
				  d.unread.fragments, d.unread.frames,
				  d.error.data),
		   status);
	json_decref(d.messages);
	pc_buf_fini(&d.text);
	pc_buf_fini(&d.error);
}

int decode_start(struct app *app)
{
	if (app->tool.n_operands != 0) {
		pc_warnx("--decode reads the message on stdin, as in "
			 "stun-probe --decode <message.bin");
		return PC_EXIT_USAGE;
	}
	return pc_tool_read_stdin(&app->tool, on_input) == 0 ? -1 : PC_EXIT_IO;
}
