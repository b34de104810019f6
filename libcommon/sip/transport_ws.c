/* SIP in WebSocket messages; see transport_ws.h. */
#include "sip/transport_ws.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/utf8.h"

struct pc_sip_ws {
	struct pc_ws_frames *frames;
	struct pc_buf head; /* the answer to the handshake, as far as it came */
	char key[PC_WS_KEY];
	bool ready;
	char why[200];
};

int pc_sip_ws_new(struct pc_sip_ws **out, const struct pc_sip_ws_config *cfg)
{
	struct pc_sip_ws *ws = calloc(1, sizeof *ws);
	uint8_t nonce[16];

	if (!ws)
		return -ENOMEM;
	if (getrandom(nonce, sizeof nonce, 0) != sizeof nonce ||
	    pc_ws_frames_new(&ws->frames,
			     &(struct pc_ws_frames_config){
				     .client = true,
				     .binary = true,
				     .message_max = cfg->message_max,
				     .message = cfg->message,
				     .pong = cfg->pong,
				     .arg = cfg->arg }) < 0) {
		free(ws);
		return -ENOMEM;
	}
	pc_ws_key(ws->key, nonce);
	pc_ws_request_encode(pc_ws_frames_out(ws->frames), cfg->url, ws->key,
			     NULL, "sip");
	*out = ws;
	return 0;
}

void pc_sip_ws_free(struct pc_sip_ws *ws)
{
	if (!ws)
		return;
	pc_ws_frames_free(ws->frames);
	pc_buf_fini(&ws->head);
	free(ws);
}

static int feed_frames(struct pc_sip_ws *ws, const char *data, size_t len)
{
	int rc = pc_ws_frames_feed(ws->frames, data, len);
	const struct pc_ws_close *close = pc_ws_frames_closing(ws->frames);

	if (rc == 0 && close->received) {
		snprintf(ws->why, sizeof ws->why,
			 "the WebSocket was closed: %u %s", close->code,
			 close->reason[0] ? close->reason
					  : pc_ws_code_text(close->code));
		return -ECONNRESET;
	}
	if (rc < 0)
		snprintf(ws->why, sizeof ws->why, "WebSocket: %s",
			 close->reason);
	return rc;
}

static int check_answer(struct pc_sip_ws *ws, const struct pc_http_head *head)
{
	const char *why;
	int rc = pc_ws_response_check(head, ws->key, "sip", &why);

	if (rc == -ECONNREFUSED)
		snprintf(ws->why, sizeof ws->why,
			 "no WebSocket there: the server said %d %.*s",
			 head->status, (int)head->reason.len, head->reason.s);
	else if (rc < 0)
		snprintf(ws->why, sizeof ws->why, "WebSocket: %s", why);
	return rc == -ECONNREFUSED ? -EACCES : rc;
}

int pc_sip_ws_feed(struct pc_sip_ws *ws, const char *data, size_t len)
{
	struct pc_http_head head;
	ssize_t n;
	int rc;

	if (ws->ready)
		return feed_frames(ws, data, len);
	pc_buf_add(&ws->head, data, len);
	if (ws->head.oom)
		return -ENOMEM;
	n = pc_http_response_decode(&head, ws->head.data, ws->head.len);
	if (n == -EAGAIN)
		return 0;
	if (n < 0) {
		snprintf(ws->why, sizeof ws->why,
			 "no WebSocket there: the answer is not HTTP/1.1");
		return -EPROTO;
	}
	rc = check_answer(ws, &head);
	if (rc < 0)
		return rc;
	ws->ready = true;
	pc_buf_consume(&ws->head, (size_t)n);
	return feed_frames(ws, ws->head.data, ws->head.len);
}

/* RFC 7118 5: text, unless it is no UTF-8. */
int pc_sip_ws_send(struct pc_sip_ws *ws, const char *data, size_t len)
{
	if (pc_utf8_valid(data, len))
		return pc_ws_frames_text(ws->frames, data, len);
	return pc_ws_frames_binary(ws->frames, data, len);
}

int pc_sip_ws_ping(struct pc_sip_ws *ws)
{
	return pc_ws_frames_ping(ws->frames);
}

void pc_sip_ws_goodbye(struct pc_sip_ws *ws)
{
	if (ws->ready)
		pc_ws_frames_close(ws->frames, PC_WS_NORMAL, NULL);
}

struct pc_buf *pc_sip_ws_out(struct pc_sip_ws *ws)
{
	return pc_ws_frames_out(ws->frames);
}

bool pc_sip_ws_ready(const struct pc_sip_ws *ws)
{
	return ws->ready;
}

const char *pc_sip_ws_why(const struct pc_sip_ws *ws)
{
	return ws->why;
}
