#include "ws/base64.h"

#include <errno.h>
#include <string.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void pc_ws_base64(char *text, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		if (i + 1 < len)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < len)
			v |= p[i + 2];
		*text++ = alphabet[v >> 18];
		*text++ = alphabet[v >> 12 & 63];
		*text++ = i + 1 < len ? alphabet[v >> 6 & 63] : '=';
		*text++ = i + 2 < len ? alphabet[v & 63] : '=';
	}
	*text = '\0';
}

int pc_ws_base64_decode(uint8_t *data, size_t max, const char *text, size_t len)
{
	uint32_t v = 0;
	size_t n = 0, pad = 0;

	if (len % 4)
		return -EINVAL;
	while (pad < 2 && pad < len && text[len - 1 - pad] == '=')
		pad++;
	if (len / 4 * 3 - pad > max)
		return -EINVAL;
	for (size_t i = 0; i < len - pad; i++) {
		const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;

		if (!at)
			return -EINVAL;
		v = v << 6 | (uint32_t)(at - alphabet);
		if (i % 4)
			data[n++] = (uint8_t)(v >> (6 - i % 4 * 2));
	}
	return (int)n;
}
