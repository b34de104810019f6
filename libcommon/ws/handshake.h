/*
 * The opening handshake of RFC 6455 section 4, both ends. Pure.
 *
 *	GET /signal HTTP/1.1                    HTTP/1.1 101 Switching Protocols
 *	Host: 127.0.0.1:8080                    Upgrade: websocket
 *	Upgrade: websocket                      Connection: Upgrade
 *	Connection: Upgrade                     Sec-WebSocket-Accept: s3pPLMBi...
 *	Sec-WebSocket-Key: dGhlIHNhbXBsZ...
 *	Sec-WebSocket-Version: 13
 *
 * No extension is ever offered or taken; a client may ask for one subprotocol.
 */
#ifndef PC_WS_HANDSHAKE_H
#define PC_WS_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "ws/http.h"
#include "ws/base64.h"

#define PC_WS_KEY      (PC_BASE64_LEN(16) + 1)
#define PC_WS_ACCEPT   (PC_BASE64_LEN(20) + 1)
#define PC_WS_HOST_MAX 256
#define PC_WS_PATH_MAX 1024

/* Section 3: ws://HOST[:PORT][/PATH][?QUERY], or wss://. */
struct pc_ws_url {
	bool secure;                    /* wss */
	char authority[PC_WS_HOST_MAX]; /* as written: the Host field */
	char host[PC_WS_HOST_MAX];      /* "HOST:PORT", for pc_addr_resolve */
	char path[PC_WS_PATH_MAX];      /* with the query; at least "/" */
};

/*
 * The port is 80, or 443 for wss, when none is given.
 * Returns 0, -EINVAL (not a ws: or wss: URL, a fragment, a blank) or
 * -ENAMETOOLONG.
 */
int pc_ws_url_parse(struct pc_ws_url *url, const char *text);

/* The client's random nonce as Sec-WebSocket-Key (section 4.1, item 7). */
void pc_ws_key(char key[PC_WS_KEY], const uint8_t nonce[16]);

/* What the server must answer to that key (section 4.2.2, item 5.4). */
void pc_ws_accept(char accept[PC_WS_ACCEPT], struct pc_http_text key);

/*
 * Append the client's request.
 *   origin    or NULL
 *   protocol  the subprotocol asked for ("sip", RFC 7118), or NULL
 */
void pc_ws_request_encode(struct pc_buf *out, const struct pc_ws_url *url,
			  const char *key, const char *origin,
			  const char *protocol);

/*
 * The server's reading of a request (section 4.2.1).
 *   why  set to a few words when it is refused
 * Returns the HTTP status to answer with: 101, or 400, 405, 426.
 */
int pc_ws_request_check(const struct pc_http_head *req, const char **why);

/* Append the server's 101 to a request that was checked. */
void pc_ws_response_encode(struct pc_buf *out, const struct pc_http_head *req);

/*
 * The client's reading of the answer (section 4.1, the second list).
 *   protocol  as in the request: it must have been taken
 *   why       set to a few words when it is no
 * Returns 0, -ECONNREFUSED (another status than 101) or -EPROTO.
 */
int pc_ws_response_check(const struct pc_http_head *res, const char *key,
			 const char *protocol, const char **why);

/*
 * May a page from that Origin speak to us (section 10.2)? A program that is
 * no browser sends none: yes. A page that was loaded from this very host and
 * port, by an address or as localhost: yes. Any other, only when it is in the
 * list ("*" is everyone): a name could have been made to mean our address
 * after a foreign page was loaded from it (DNS rebinding).
 */
bool pc_ws_origin_allowed(const struct pc_http_head *req,
			  const char *const *list, size_t n);

#endif
