/*
 * SIP in WebSocket messages (RFC 7118), the client's end: a filter of bytes,
 * without a socket. One message of SIP is one message of WebSocket.
 *
 *	pc_sip_ws_new(&ws, &url, on_message, arg);
 *	send pc_sip_ws_out(ws), consume it: the handshake
 *	pc_sip_ws_feed(ws, data, len);           -> on_message
 *	if (pc_sip_ws_ready(ws))
 *		pc_sip_ws_send(ws, "REGISTER ...", n);
 */
#ifndef PC_SIP_TRANSPORT_WS_H
#define PC_SIP_TRANSPORT_WS_H

#include <stdbool.h>
#include <stddef.h>

#include "ws/frame.h"
#include "ws/handshake.h"

struct pc_sip_ws;

struct pc_sip_ws_config {
	const struct pc_ws_url *url;
	size_t message_max;
	pc_ws_message_fn *message;
	pc_ws_pong_fn *pong;
	void *arg;
};

/* 0 or -ENOMEM. url is used now only. */
int pc_sip_ws_new(struct pc_sip_ws **ws, const struct pc_sip_ws_config *cfg);
void pc_sip_ws_free(struct pc_sip_ws *ws); /* NULL is fine */

/*
 * Take bytes from the network. 0, -ECONNRESET (they said Close), -EACCES
 * (HTTP said no), -EPROTO or -ENOMEM; pc_sip_ws_why says it in words.
 * Not to be freed in its callbacks.
 */
int pc_sip_ws_feed(struct pc_sip_ws *ws, const char *data, size_t len);
int pc_sip_ws_send(struct pc_sip_ws *ws, const char *data, size_t len);
int pc_sip_ws_ping(struct pc_sip_ws *ws);
void pc_sip_ws_goodbye(struct pc_sip_ws *ws); /* Close */

/* What has to go to the network; the caller consumes it. */
struct pc_buf *pc_sip_ws_out(struct pc_sip_ws *ws);
bool pc_sip_ws_ready(const struct pc_sip_ws *ws);
const char *pc_sip_ws_why(const struct pc_sip_ws *ws);

#endif
