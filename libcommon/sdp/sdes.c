#include "sdp/sdes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdp/sdp.h"

static const struct {
	const char *name;
	size_t bytes; /* key and salt */
} suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", 30 }, /* RFC 4568 section 6.2 */
	{ "AES_CM_128_HMAC_SHA1_32", 30 },
	{ "F8_128_HMAC_SHA1_80", 30 },
	{ "AES_192_CM_HMAC_SHA1_80", 38 }, /* RFC 6188 section 4 */
	{ "AES_192_CM_HMAC_SHA1_32", 38 },
	{ "AES_256_CM_HMAC_SHA1_80", 46 },
	{ "AES_256_CM_HMAC_SHA1_32", 46 },
	{ "AEAD_AES_128_GCM", 28 }, /* RFC 7714 section 14.2 */
	{ "AEAD_AES_256_GCM", 44 },
};

/* How many bytes the base64 text of len characters stands for; 0: none. */
static size_t decoded_len(const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
				     "mnopqrstuvwxyz0123456789+/";
	size_t n = strspn(text, digits), i;

	if (n > len)
		n = len;
	for (i = n; i < len; i++)
		if (text[i] != '=' || i - n >= 2)
			return 0;
	return n * 3 / 4;
}

bool pc_sdp_sdes_plain(const char *params)
{
	const char *word;
	size_t len;

	while ((word = pc_sdp_word(&params, &len)))
		if (*word != '-' && strncasecmp(word, "WSH=", 4) != 0 &&
		    (len != 5 || strncasecmp(word, "KDR=0", 5) != 0))
			return false;
	return true;
}

enum pc_sdp_sdes_verdict pc_sdp_sdes_read(struct pc_sdp_sdes *key,
					  const char *value)
{
	static const char inline_[] = "inline:";
	const char *word;
	size_t len, i;

	memset(key, 0, sizeof(*key));
	key->tag = (unsigned)strtoul(value, NULL, 10);
	pc_sdp_word(&value, &len);
	key->suite = pc_sdp_word(&value, &key->suite_len);
	word = pc_sdp_word(&value, &len);
	key->plain = pc_sdp_sdes_plain(value);
	for (i = 0; key->suite && i < sizeof(suites) / sizeof(suites[0]); i++)
		if (strlen(suites[i].name) == key->suite_len &&
		    memcmp(suites[i].name, key->suite, key->suite_len) == 0)
			key->want_len = suites[i].bytes;
	if (!key->want_len)
		return key->suite ? PC_SDP_SDES_UNKNOWN : PC_SDP_SDES_BROKEN;
	if (!word || strncmp(word, inline_, strlen(inline_)) != 0)
		return PC_SDP_SDES_BROKEN;
	word += strlen(inline_);
	len = strcspn(word, "| \t;");
	return decoded_len(word, len) == key->want_len ? PC_SDP_SDES_OK
						       : PC_SDP_SDES_BROKEN;
}
