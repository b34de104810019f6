/*
 * WebSocket frames, to a server and to a client, in pieces as a network
 * brings them (the first byte says how large).
 */
#include <stdlib.h>
#include <string.h>

#include "ws/frame.h"

static void on_message(void *arg, const char *text, size_t len)
{
	(void)arg;
	if (text[len] != '\0')
		abort();
}

static void feed(const uint8_t *data, size_t len, size_t piece, bool client)
{
	const struct pc_ws_frames_config cfg = {
		.client = client,
		.message_max = 4096,
		.message = on_message,
	};
	struct pc_ws_frames *f;

	if (pc_ws_frames_new(&f, &cfg) != 0)
		return;
	while (len) {
		size_t n = len < piece ? len : piece;
		uint8_t *copy = malloc(n);

		if (!copy)
			break;
		memcpy(copy, data, n);
		(void)pc_ws_frames_feed(f, copy, n);
		pc_buf_clear(pc_ws_frames_out(f));
		free(copy);
		data += n;
		len -= n;
	}
	pc_ws_frames_close(f, PC_WS_NORMAL, "end");
	pc_ws_frames_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	feed(data + 1, len - 1, (size_t)data[0] + 1, false);
	feed(data + 1, len - 1, (size_t)data[0] + 1, true);
	return 0;
}
