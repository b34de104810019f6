#include "ws/handshake.h"

#include <errno.h>
#include <sha1.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"

static bool has_port(const char *authority)
{
	const char *bracket = strrchr(authority, ']');

	return strchr(bracket ? bracket : authority, ':') != NULL;
}

int pc_ws_url_parse(struct pc_ws_url *url, const char *text)
{
	size_t n;
	int len;

	url->secure = strncasecmp(text, "wss://", 6) == 0;
	if (!url->secure && strncasecmp(text, "ws://", 5) != 0)
		return -EINVAL;
	text += url->secure ? 6 : 5;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '#' ||
		    *p == '@')
			return -EINVAL;
	n = strcspn(text, "/?");
	if (n == 0 || text[0] == ':')
		return -EINVAL;
	if (n >= sizeof(url->authority))
		return -ENAMETOOLONG;
	memcpy(url->authority, text, n);
	url->authority[n] = '\0';
	len = snprintf(url->host, sizeof(url->host), "%s%s", url->authority,
		       has_port(url->authority) ? ""
		       : url->secure            ? ":443"
						: ":80");
	if (len < 0 || (size_t)len >= sizeof(url->host))
		return -ENAMETOOLONG;
	len = snprintf(url->path, sizeof(url->path), "%s%s",
		       text[n] == '/' ? "" : "/", text + n);
	if (len < 0 || (size_t)len >= sizeof(url->path))
		return -ENAMETOOLONG;
	return 0;
}

void pc_ws_key(char key[PC_WS_KEY], const uint8_t nonce[16])
{
	pc_ws_base64(key, nonce, 16);
}

void pc_ws_accept(char accept[PC_WS_ACCEPT], struct pc_http_text key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t digest[SHA1_DIGEST_LENGTH];
	SHA1_CTX sha1;

	SHA1Init(&sha1);
	SHA1Update(&sha1, (const uint8_t *)key.s, key.len);
	SHA1Update(&sha1, (const uint8_t *)guid, sizeof(guid) - 1);
	SHA1Final(digest, &sha1);
	pc_ws_base64(accept, digest, sizeof(digest));
}

void pc_ws_request_encode(struct pc_buf *out, const struct pc_ws_url *url,
			  const char *key, const char *origin,
			  const char *protocol)
{
	pc_buf_printf(out,
		      "GET %s HTTP/1.1\r\n"
		      "Host: %s\r\n"
		      "Upgrade: websocket\r\n"
		      "Connection: Upgrade\r\n"
		      "Sec-WebSocket-Key: %s\r\n"
		      "Sec-WebSocket-Version: 13\r\n",
		      url->path, url->authority, key);
	if (origin)
		pc_buf_printf(out, "Origin: %s\r\n", origin);
	if (protocol)
		pc_buf_printf(out, "Sec-WebSocket-Protocol: %s\r\n", protocol);
	pc_buf_adds(out, "\r\n");
}

int pc_ws_request_check(const struct pc_http_head *req, const char **why)
{
	struct pc_http_text key = pc_http_field(req, "Sec-WebSocket-Key");
	uint8_t nonce[16];

	*why = "WebSocket only";
	if (!pc_http_has_token(req, "Upgrade", "websocket"))
		return 426;
	*why = "the handshake is a GET";
	if (!pc_http_is(req->method, "GET"))
		return 405;
	*why = "the handshake needs HTTP/1.1 without a body";
	if (req->minor < 1 || pc_http_has_body(req))
		return 400;
	*why = "no Connection: Upgrade";
	if (!pc_http_has_token(req, "Connection", "Upgrade"))
		return 400;
	*why = "Sec-WebSocket-Version is not 13";
	if (!pc_http_is(pc_http_field(req, "Sec-WebSocket-Version"), "13"))
		return 426; /* section 4.4 */
	*why = "Sec-WebSocket-Key is not 16 bytes in base64";
	if (pc_http_field_count(req, "Sec-WebSocket-Key") != 1 ||
	    pc_ws_base64_decode(nonce, sizeof(nonce), key.s, key.len) != 16)
		return 400;
	*why = NULL;
	return 101;
}

void pc_ws_response_encode(struct pc_buf *out, const struct pc_http_head *req)
{
	char accept[PC_WS_ACCEPT];

	pc_ws_accept(accept, pc_http_field(req, "Sec-WebSocket-Key"));
	pc_buf_printf(out,
		      "HTTP/1.1 101 Switching Protocols\r\n"
		      "Upgrade: websocket\r\n"
		      "Connection: Upgrade\r\n"
		      "Sec-WebSocket-Accept: %s\r\n"
		      "\r\n",
		      accept);
}

int pc_ws_response_check(const struct pc_http_head *res, const char *key,
			 const char *protocol, const char **why)
{
	struct pc_http_text chosen =
		pc_http_field(res, "Sec-WebSocket-Protocol");
	char accept[PC_WS_ACCEPT];

	*why = "the server did not switch protocols";
	if (res->status != 101)
		return -ECONNREFUSED;
	*why = "101 without Upgrade: websocket";
	if (!pc_http_has_token(res, "Upgrade", "websocket"))
		return -EPROTO;
	*why = "101 without Connection: Upgrade";
	if (!pc_http_has_token(res, "Connection", "Upgrade"))
		return -EPROTO;
	*why = "Sec-WebSocket-Accept does not fit our key";
	pc_ws_accept(accept, (struct pc_http_text){ key, strlen(key) });
	if (!pc_http_is(pc_http_field(res, "Sec-WebSocket-Accept"), accept))
		return -EPROTO;
	*why = "the server chose an extension or protocol we did not offer";
	if (pc_http_field_count(res, "Sec-WebSocket-Extensions") ||
	    (chosen.s && !(protocol && pc_http_is(chosen, protocol))))
		return -EPROTO;
	*why = "the server does not know the protocol we asked for";
	if (protocol && !chosen.s)
		return -EPROTO;
	*why = NULL;
	return 0;
}

/* An IPv4 or IPv6 address, or localhost, whatever the port. */
static bool is_literal(struct pc_http_text host)
{
	char text[PC_WS_HOST_MAX];
	struct pc_addr addr;

	if (!host.len || host.len >= sizeof(text))
		return false;
	memcpy(text, host.s, host.len);
	text[host.len] = '\0';
	return strcasecmp(text, "localhost") == 0 ||
	       strncasecmp(text, "localhost:", 10) == 0 ||
	       pc_addr_parse(&addr, text, 80) == 0;
}

bool pc_ws_origin_allowed(const struct pc_http_head *req,
			  const char *const *list, size_t n)
{
	struct pc_http_text origin = pc_http_field(req, "Origin");
	struct pc_http_text host = pc_http_field(req, "Host");

	if (!origin.s)
		return true;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], "*") == 0 ||
		    pc_http_is_nocase(origin, list[i]))
			return true;
	/* "http://127.0.0.1:8080" against "127.0.0.1:8080" */
	if (!host.s || origin.len < 7 || strncasecmp(origin.s, "http://", 7))
		return false;
	return origin.len - 7 == host.len &&
	       strncasecmp(origin.s + 7, host.s, host.len) == 0 &&
	       is_literal(host);
}
