/*
 * SHA-1 (FIPS 180-4) and base64 (RFC 4648 section 4): what a WebSocket
 * handshake needs of cryptography. It protects nothing here: the handshake
 * only proves that the other end read our header (RFC 6455 section 1.3).
 * Written out because a call has a ws-signal of its own, and libcrypto would
 * be most of its memory.
 */
#ifndef PC_WS_SHA1_H
#define PC_WS_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define PC_SHA1_LEN 20

void pc_ws_sha1(uint8_t digest[PC_SHA1_LEN], const void *data, size_t len);

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
