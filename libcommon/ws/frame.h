/*
 * WebSocket messages over frames (RFC 6455 sections 5 to 7), one end of one
 * connection. Pure: bytes in, messages out; messages in, bytes out. wslay
 * cuts and masks the frames; fragments, control frames, UTF-8 and the closing
 * handshake are here.
 *
 *	 0                   1                   2                   3
 *	+-+-+-+-+-------+-+-------------+-------------------------------+
 *	|F|R|R|R| opcode|M| Payload len |    Extended payload length    |
 *	|I|S|S|S|  (4)  |A|     (7)     |            (16/64)            |
 *	|N|V|V|V|       |S|             |   (if payload len==126/127)   |
 *	| |1|2|3|       |K|             |                               |
 *	+-+-+-+-+-------+-+-------------+-------------------------------+
 *	|  Masking-key (from the client only)  |     Payload data ...   |
 *	+--------------------------------------+------------------------+
 *
 *	struct pc_ws_frames *f;
 *	pc_ws_frames_new(&f, &(struct pc_ws_frames_config){ ... });
 *	pc_ws_frames_feed(f, data, len);   -> message(), pong()
 *	pc_ws_frames_text(f, "{}", 2);
 *	send f's out buffer, consume it
 */
#ifndef PC_WS_FRAME_H
#define PC_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Section 7.4.1. 1005 and 1006 are never on the wire. */
enum {
	PC_WS_NORMAL = 1000,
	PC_WS_GOING_AWAY = 1001,
	PC_WS_PROTOCOL_ERROR = 1002,
	PC_WS_UNSUPPORTED = 1003,
	PC_WS_NO_STATUS = 1005,
	PC_WS_ABNORMAL = 1006,
	PC_WS_BAD_DATA = 1007,
	PC_WS_POLICY = 1008,
	PC_WS_TOO_BIG = 1009,
	PC_WS_INTERNAL = 1011,
	PC_WS_TRY_LATER = 1013,
};

#define PC_WS_REASON_MAX 123 /* section 5.5: 125 less the code */

struct pc_ws_frames;

/*
 * A whole message, followed by a NUL; borrowed. Valid UTF-8, unless it was
 * binary, which only those get who asked for it.
 */
typedef void pc_ws_message_fn(void *arg, const char *text, size_t len);
typedef void pc_ws_pong_fn(void *arg);

struct pc_ws_frames_config {
	bool client;        /* masks what it sends (section 5.3) */
	bool binary;        /* takes binary messages too */
	size_t message_max; /* octets; more closes with 1009 */
	pc_ws_message_fn *message;
	pc_ws_pong_fn *pong; /* may be NULL */
	void *arg;
};

/* 0 or -ENOMEM. */
int pc_ws_frames_new(struct pc_ws_frames **frames,
		     const struct pc_ws_frames_config *cfg);
void pc_ws_frames_free(struct pc_ws_frames *frames);

/*
 * Take bytes from the network. Pings are answered; a binary message closes
 * with 1003 (unless asked for); what breaks the protocol closes with 1002, 1007 or 1009. After a
 * Close was received or the connection failed, the rest is ignored.
 * Do not free frames in its callbacks.
 * Returns 0, -EPROTO (the peer broke it; a Close was appended) or -ENOMEM.
 */
int pc_ws_frames_feed(struct pc_ws_frames *frames, const void *data,
		      size_t len);

/* Append a message to the out buffer. 0, -EPIPE (Close was sent), -ENOMEM. */
int pc_ws_frames_text(struct pc_ws_frames *frames, const char *text,
		      size_t len);
/* The same as a binary message, for what is not UTF-8. */
int pc_ws_frames_binary(struct pc_ws_frames *frames, const void *data,
			size_t len);
int pc_ws_frames_ping(struct pc_ws_frames *frames);

/*
 * Append a Close (section 5.5.1), once; later calls do nothing.
 *   reason  UTF-8, cut to PC_WS_REASON_MAX; may be NULL
 */
void pc_ws_frames_close(struct pc_ws_frames *frames, unsigned code,
			const char *reason);

/* Frames to be sent; the caller consumes it. */
struct pc_buf *pc_ws_frames_out(struct pc_ws_frames *frames);

struct pc_ws_close {
	bool sent, received;
	/*
	 * Section 7.1.5: what was received; 1005 when that had no code; until
	 * then what we sent; 1006 when there was neither.
	 */
	unsigned code;
	char reason[PC_WS_REASON_MAX + 1];
};
const struct pc_ws_close *pc_ws_frames_closing(const struct pc_ws_frames *f);

/* "message too big" for 1009; "" for codes without a meaning here. */
const char *pc_ws_code_text(unsigned code);

#endif
