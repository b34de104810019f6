/*
 * A WebSocket connection after its handshake, either end: messages in and
 * out, pings, the closing handshake, limits. Over a libevent bufferevent, so
 * that nothing here ever waits for a slow peer.
 *
 *	struct pc_ws_conn *c;
 *	pc_ws_conn_new(&c, &(struct pc_ws_conn_config){ .tool = tool, ... },
 *		       bev);
 *	pc_ws_conn_send(c, "{}", 2);
 *	pc_ws_conn_close(c, PC_WS_NORMAL, "done");   -> closed(), then freed
 */
#ifndef PC_WS_CONN_H
#define PC_WS_CONN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "loop/tool.h"
#include "ws/frame.h"

struct bufferevent;
struct pc_ws_conn;

/*
 * The connection is over; conn is freed when this returns. Called from the
 * loop, never from inside another call of this module.
 *   close  code and reason (section 7.1.5); received and sent both: clean
 *   why    what happened, in words
 */
typedef void pc_ws_closed_fn(void *arg, const struct pc_ws_close *close,
			     const char *why);

struct pc_ws_conn_config {
	struct pc_tool *tool; /* for --trace, --pcap, malformed */
	bool client;
	size_t message_max; /* octets of one message */
	size_t queue_max;   /* octets that may wait for a slow peer */
	unsigned ping_ms;   /* 0: never */
	unsigned close_ms;  /* how long to wait for the peer's Close */
	pc_ws_message_fn *message;
	/* The queue is short again (a quarter of queue_max); may be NULL. */
	void (*drained)(void *arg);
	pc_ws_closed_fn *closed;
	void *arg;
};

/*
 * Take over bev, which is connected; what it has read already counts.
 * 0 or -ENOMEM (bev is then still the caller's).
 */
int pc_ws_conn_new(struct pc_ws_conn **conn,
		   const struct pc_ws_conn_config *cfg,
		   struct bufferevent *bev);

/*
 * Send a text message. 0, -EPIPE (closing), -ENOMEM, or -ENOBUFS: the peer
 * does not read what waits for it already, and is closed with 1008.
 */
int pc_ws_conn_send(struct pc_ws_conn *conn, const char *text, size_t len);

/* Is more than half of queue_max waiting? Then better stop feeding it. */
bool pc_ws_conn_is_full(const struct pc_ws_conn *conn);

/* Stop and go on taking messages: backpressure towards the peer. */
void pc_ws_conn_pause(struct pc_ws_conn *conn, bool pause);

/* Begin the closing handshake; later calls do nothing. */
void pc_ws_conn_close(struct pc_ws_conn *conn, unsigned code,
		      const char *reason);

const struct pc_addr *pc_ws_conn_local(const struct pc_ws_conn *conn);
const struct pc_addr *pc_ws_conn_remote(const struct pc_ws_conn *conn);

/* Without goodbye and without closed(); NULL is fine. Not in a callback. */
void pc_ws_conn_free(struct pc_ws_conn *conn);

#endif
