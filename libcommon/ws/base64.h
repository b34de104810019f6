/*
 * base64 (RFC 4648 section 4): the keys of a WebSocket handshake.
 */
#ifndef PC_WS_BASE64_H
#define PC_WS_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Length of the base64 text of n bytes, without the NUL. */
#define PC_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* text receives PC_BASE64_LEN(len) characters and a NUL. */
void pc_ws_base64(char *text, const void *data, size_t len);

/*
 * Decode base64 with its padding.
 *   data  room for max bytes
 * Returns how many bytes, or -EINVAL (not base64, or more than max).
 */
int pc_ws_base64_decode(uint8_t *data, size_t max, const char *text,
			size_t len);

#endif
