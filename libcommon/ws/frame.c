#include "base/bytes.h"
#include "ws/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>

#include "base/utf8.h"

#define CONTROL_MAX 125 /* section 5.5 */

struct pc_ws_frames {
	struct pc_ws_frames_config cfg;
	wslay_frame_context_ptr wslay;
	const uint8_t *in; /* what feed() was given and wslay did not take */
	size_t in_len;
	struct pc_buf out;

	struct pc_buf message; /* the fragments so far */
	bool in_message, is_binary;
	bool in_payload; /* inside a frame: its header was checked */
	uint64_t left;   /* payload octets still to come of this frame */
	uint8_t control[CONTROL_MAX + 1];
	size_t control_len;

	bool deaf; /* failed or closed: what comes is ignored */
	struct pc_ws_close close;
};

/* wslay's callbacks: bytes from feed(), bytes to the out buffer, a mask. */
static ssize_t take(uint8_t *buf, size_t len, int flags, void *arg)
{
	struct pc_ws_frames *f = arg;
	size_t n = len < f->in_len ? len : f->in_len;

	(void)flags;
	if (!n)
		return -1;
	memcpy(buf, f->in, n);
	f->in += n;
	f->in_len -= n;
	return (ssize_t)n;
}

static ssize_t put(const uint8_t *data, size_t len, int flags, void *arg)
{
	struct pc_ws_frames *f = arg;

	(void)flags;
	pc_buf_add(&f->out, data, len);
	return f->out.oom ? -1 : (ssize_t)len;
}

static int mask(uint8_t *buf, size_t len, void *arg)
{
	(void)arg;
	return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -1;
}

int pc_ws_frames_new(struct pc_ws_frames **frames,
		     const struct pc_ws_frames_config *cfg)
{
	static const struct wslay_frame_callbacks callbacks = { put, take,
								mask };
	struct pc_ws_frames *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->cfg = *cfg;
	f->close.code = PC_WS_ABNORMAL;
	if (wslay_frame_context_init(&f->wslay, &callbacks, f) != 0) {
		free(f);
		return -ENOMEM;
	}
	*frames = f;
	return 0;
}

void pc_ws_frames_free(struct pc_ws_frames *f)
{
	if (!f)
		return;
	wslay_frame_context_free(f->wslay);
	pc_buf_fini(&f->out);
	pc_buf_fini(&f->message);
	free(f);
}

static int send_frame(struct pc_ws_frames *f, uint8_t opcode, const void *data,
		      size_t len)
{
	struct wslay_frame_iocb io = {
		.fin = 1,
		.opcode = opcode,
		.payload_length = len,
		.mask = f->cfg.client,
		.data = data,
		.data_length = len,
	};

	if (f->close.sent)
		return -EPIPE;
	return wslay_frame_send(f->wslay, &io) == (ssize_t)len ? 0 : -ENOMEM;
}

int pc_ws_frames_text(struct pc_ws_frames *f, const char *text, size_t len)
{
	return send_frame(f, WSLAY_TEXT_FRAME, text, len);
}

int pc_ws_frames_binary(struct pc_ws_frames *f, const void *data, size_t len)
{
	return send_frame(f, WSLAY_BINARY_FRAME, data, len);
}

int pc_ws_frames_ping(struct pc_ws_frames *f)
{
	return send_frame(f, WSLAY_PING, NULL, 0);
}

/* The longest beginning of s that fits and ends between characters. */
static size_t cut_reason(const char *s)
{
	size_t n = 0, len = strlen(s), c;

	while ((c = pc_utf8_char(s + n, len - n)) > 0 &&
	       n + c <= PC_WS_REASON_MAX)
		n += c;
	return n;
}

void pc_ws_frames_close(struct pc_ws_frames *f, unsigned code,
			const char *reason)
{
	uint8_t body[CONTROL_MAX];
	size_t n = reason ? cut_reason(reason) : 0, len = 0;

	if (f->close.sent)
		return;
	/* 1005 is "the peer's Close had no code": answered with none. */
	if (code != PC_WS_NO_STATUS) {
		pc_put16(body, (uint16_t)code);
		if (n)
			memcpy(body + 2, reason, n);
		len = 2 + n;
	}
	(void)send_frame(f, WSLAY_CONNECTION_CLOSE, body, len);
	f->close.sent = true;
	if (f->close.received)
		return;
	f->close.code = code;
	if (n)
		memcpy(f->close.reason, reason, n);
	f->close.reason[n] = '\0';
}

/* Section 7.1.7: _Fail the WebSocket Connection_. */
static int fail(struct pc_ws_frames *f, unsigned code, const char *why)
{
	f->deaf = true;
	pc_ws_frames_close(f, code, why);
	return -EPROTO;
}

/* Section 7.4.2 and the IANA registry. */
static bool is_code_on_wire(unsigned code)
{
	return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
		code != 1006) ||
	       (code >= 3000 && code <= 4999);
}

static int on_close(struct pc_ws_frames *f)
{
	const char *reason = (const char *)f->control + 2;
	size_t len = f->control_len;
	unsigned code = PC_WS_NO_STATUS;

	if (len == 1)
		return fail(f, PC_WS_PROTOCOL_ERROR, "Close of one octet");
	if (len >= 2) {
		code = pc_get16(f->control);
		if (!is_code_on_wire(code))
			return fail(f, PC_WS_PROTOCOL_ERROR, "bad close code");
		if (!pc_utf8_valid(reason, len - 2))
			return fail(f, PC_WS_BAD_DATA, "reason is not UTF-8");
	}
	f->deaf = true;
	f->close.received = true;
	f->close.code = code;
	memset(f->close.reason, 0, sizeof(f->close.reason));
	if (len > 2)
		memcpy(f->close.reason, reason, len - 2);
	pc_ws_frames_close(f, code, NULL); /* section 5.5.1: echo the code */
	return 0;
}

static int on_control(struct pc_ws_frames *f, uint8_t opcode)
{
	int rc;

	switch (opcode) {
	case WSLAY_CONNECTION_CLOSE:
		return on_close(f);
	case WSLAY_PING: /* section 5.5.2: the same data back */
		rc = send_frame(f, WSLAY_PONG, f->control, f->control_len);
		return rc == -EPIPE ? 0 : rc;
	default:
		if (f->cfg.pong)
			f->cfg.pong(f->cfg.arg);
		return 0;
	}
}

static int on_message(struct pc_ws_frames *f)
{
	f->in_message = false;
	if (f->message.oom)
		return -ENOMEM;
	if (!f->is_binary &&
	    !pc_utf8_valid(f->message.data ? f->message.data : "",
			   f->message.len))
		return fail(f, PC_WS_BAD_DATA, "text is not UTF-8");
	f->cfg.message(f->cfg.arg, f->message.len ? f->message.data : "",
		       f->message.len);
	pc_buf_clear(&f->message);
	return 0;
}

/* Section 5.2 and 5.4: is this frame allowed here? */
static int check_header(struct pc_ws_frames *f,
			const struct wslay_frame_iocb *io)
{
	if (io->rsv)
		return fail(f, PC_WS_PROTOCOL_ERROR, "reserved bits set");
	if (!f->cfg.client && !io->mask)
		return fail(f, PC_WS_PROTOCOL_ERROR, "frame is not masked");
	if (f->cfg.client && io->mask)
		return fail(f, PC_WS_PROTOCOL_ERROR, "frame is masked");
	switch (io->opcode) {
	case WSLAY_CONNECTION_CLOSE:
	case WSLAY_PING:
	case WSLAY_PONG:
		f->control_len = 0;
		return 0;
	case WSLAY_CONTINUATION_FRAME:
		if (!f->in_message)
			return fail(f, PC_WS_PROTOCOL_ERROR,
				    "continuation of nothing");
		break;
	case WSLAY_TEXT_FRAME:
	case WSLAY_BINARY_FRAME:
		if (f->in_message)
			return fail(f, PC_WS_PROTOCOL_ERROR,
				    "new message inside another");
		f->is_binary = io->opcode == WSLAY_BINARY_FRAME;
		if (f->is_binary && !f->cfg.binary)
			return fail(f, PC_WS_UNSUPPORTED, "text only");
		f->in_message = true;
		break;
	default:
		return fail(f, PC_WS_PROTOCOL_ERROR, "unknown opcode");
	}
	if (io->payload_length > f->cfg.message_max - f->message.len)
		return fail(f, PC_WS_TOO_BIG, "message too big");
	return 0;
}

/* A piece of a frame, the last one when left has come to 0. */
static int on_piece(struct pc_ws_frames *f, const struct wslay_frame_iocb *io)
{
	bool control = wslay_is_ctrl_frame(io->opcode);

	if (control) {
		memcpy(f->control + f->control_len, io->data, io->data_length);
		f->control_len += io->data_length;
	} else {
		pc_buf_add(&f->message, io->data, io->data_length);
	}
	f->left -= io->data_length;
	if (f->left)
		return 0;
	f->in_payload = false;
	if (control)
		return on_control(f, io->opcode);
	return io->fin ? on_message(f) : 0;
}

int pc_ws_frames_feed(struct pc_ws_frames *f, const void *data, size_t len)
{
	struct wslay_frame_iocb io;
	int rc = 0;

	f->in = data;
	f->in_len = len;
	while (rc == 0 && !f->deaf) {
		ssize_t n = wslay_frame_recv(f->wslay, &io);

		if (n == WSLAY_ERR_WANT_READ)
			break;
		if (n < 0)
			return fail(f, PC_WS_PROTOCOL_ERROR,
				    "malformed frame header");
		if (!f->in_payload) {
			rc = check_header(f, &io);
			if (rc < 0)
				break;
			f->in_payload = true;
			f->left = io.payload_length;
		}
		rc = on_piece(f, &io);
	}
	f->in_len = 0;
	return rc;
}

struct pc_buf *pc_ws_frames_out(struct pc_ws_frames *f)
{
	return &f->out;
}

const struct pc_ws_close *pc_ws_frames_closing(const struct pc_ws_frames *f)
{
	return &f->close;
}

const char *pc_ws_code_text(unsigned code)
{
	static const struct {
		unsigned code;
		const char *text;
	} table[] = {
		{ PC_WS_NORMAL, "normal" },
		{ PC_WS_GOING_AWAY, "going away" },
		{ PC_WS_PROTOCOL_ERROR, "protocol error" },
		{ PC_WS_UNSUPPORTED, "text only" },
		{ PC_WS_NO_STATUS, "no code given" },
		{ PC_WS_ABNORMAL, "connection lost" },
		{ PC_WS_BAD_DATA, "not UTF-8" },
		{ PC_WS_POLICY, "not allowed" },
		{ PC_WS_TOO_BIG, "message too big" },
		{ 1010, "extension needed" },
		{ PC_WS_INTERNAL, "internal error" },
		{ 1012, "service restarts" },
		{ PC_WS_TRY_LATER, "try again later" },
		{ 1014, "bad gateway" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].code == code)
			return table[i].text;
	return "";
}
