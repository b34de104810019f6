/*
 * The line: the Unix socket (SOCK_SEQPACKET) between a sip-register, which
 * owns registration, credentials and transport, and any number of sip-dials,
 * each of which owns one call.
 *
 * A packet is one line of JSON, and behind it the SIP message if it has one:
 *
 *	+--------------------------------------------+
 *	| {"type":"send","to":"127.0.0.1:5060"} '\n' |
 *	| INVITE sip:bob@pbx SIP/2.0 CRLF ...        |
 *	+--------------------------------------------+
 *
 *	line -> dial  hello        aor contact via transport reliable local
 *	                           host proxy routes registered, and as: the
 *	                           answer to that
 *	              received     from local            + SIP message
 *	              unreachable  to errno why
 *	              authorized   id header value | error
 *	              refused      what why          (a take that found nothing)
 *	dial -> line  send         to                    + SIP message
 *	              authorize    id method uri         + the 401 or 407
 *	              take         invite, or method: what makes no call
 *	              as           uri: who calls, which account in a pool
 *
 *	pc_line_encode(&packet, pc_json_fields("type=%s to=%s", "send", to),
 *		       sip, len);
 */
#ifndef PC_SIP_LINE_H
#define PC_SIP_LINE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "loop/loop.h"

#define PC_LINE_HEAD_MAX   4096u
#define PC_LINE_PACKET_MAX (PC_LINE_HEAD_MAX + 65536u)

struct pc_line_packet {
	json_t *head; /* owned: json_decref */
	const char *type;
	const char *body; /* borrows the packet; followed by its NUL */
	size_t len;
};

/* Append a packet to out. head is stolen; body may be NULL. 0 or -ENOMEM. */
int pc_line_encode(struct pc_buf *out, json_t *head, const char *body,
		   size_t len);

/* Take a packet (followed by a NUL) apart. 0 or -EBADMSG. */
int pc_line_decode(struct pc_line_packet *packet, const char *data, size_t len);

/* One end of a line. Callbacks may free it. */
struct pc_line_conn;

typedef void pc_line_packet_fn(void *arg, const struct pc_line_packet *packet);
/* The other end is gone, or broke the protocol (-EBADMSG); err > 0. */
typedef void pc_line_end_fn(void *arg, int err);

/* Take over fd. NULL: no memory (fd is closed). */
struct pc_line_conn *pc_line_conn_new(struct pc_loop *loop, int fd,
				      pc_line_packet_fn *packet,
				      pc_line_end_fn *end, void *arg);
void pc_line_conn_free(struct pc_line_conn *conn); /* NULL is fine */

/*
 * Send a packet; what the other end is slow to take waits (bounded). head is
 * stolen. 0, -ENOBUFS (too much waits) or -errno.
 */
int pc_line_conn_send(struct pc_line_conn *conn, json_t *head, const char *body,
		      size_t len);

/* Connect to the line at path. The fd, or -errno. */
int pc_line_connect(const char *path);

#endif
