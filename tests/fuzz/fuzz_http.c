/*
 * Heads of HTTP messages, both handshakes of WebSocket, and its URLs.
 * seeds: tests/fuzz/http
 */
#include <stdlib.h>
#include <string.h>

#include "ws/handshake.h"
#include "ws/http.h"

static void request(const char *data, size_t len)
{
	struct pc_http_head head;
	struct pc_buf out = { 0 };
	const char *why = NULL;
	ssize_t n = pc_http_request_decode(&head, data, len);

	if (n > (ssize_t)len)
		abort();
	if (n <= 0)
		return;
	(void)pc_http_keep_alive(&head);
	(void)pc_http_has_body(&head);
	(void)pc_ws_origin_allowed(&head, NULL, 0);
	if (pc_ws_request_check(&head, &why) == 101)
		pc_ws_response_encode(&out, &head);
	pc_buf_fini(&out);
}

static void response(const char *data, size_t len)
{
	struct pc_http_head head;
	const char *why = NULL;
	ssize_t n = pc_http_response_decode(&head, data, len);

	if (n > (ssize_t)len)
		abort();
	if (n > 0)
		(void)pc_ws_response_check(
			&head, "dGhlIHNhbXBsZSBub25jZQ==", "sip", &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pc_ws_url url;
	char *text = strndup((const char *)data, len);

	request((const char *)data, len);
	response((const char *)data, len);
	if (text)
		(void)pc_ws_url_parse(&url, text);
	free(text);
	return 0;
}
