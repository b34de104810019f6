/* SRTP keys in SDP; see sdes.h. */
#include "media/sdes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include <openssl/evp.h>

#include "sdp/sdes.h"

enum { TAG_MAX = 999999999 }; /* 9 digits: RFC 4568 9.2 */

static const struct {
	const char *name;
	enum pc_srtp_profile profile;
} suites[] = {
	{ "AES_CM_128_HMAC_SHA1_80", PC_SRTP_AES128_CM_SHA1_80 },
	{ "AES_CM_128_HMAC_SHA1_32", PC_SRTP_AES128_CM_SHA1_32 },
	{ "AES_256_CM_HMAC_SHA1_80", PC_SRTP_AES256_CM_SHA1_80 },
	{ "AES_256_CM_HMAC_SHA1_32", PC_SRTP_AES256_CM_SHA1_32 },
	{ "AEAD_AES_128_GCM", PC_SRTP_AEAD_AES_128_GCM },
	{ "AEAD_AES_256_GCM", PC_SRTP_AEAD_AES_256_GCM },
};

const char *pc_sdes_suite(enum pc_srtp_profile profile)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (suites[i].profile == profile)
			return suites[i].name;
	return NULL;
}

enum pc_srtp_profile pc_sdes_profile(const char *suite)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (strcasecmp(suites[i].name, suite) == 0)
			return suites[i].profile;
	return PC_SRTP_NONE;
}

static size_t key_len(enum pc_srtp_profile profile)
{
	return pc_srtp_key_len(profile) + pc_srtp_salt_len(profile);
}

int pc_sdes_new(struct pc_sdes *line, unsigned tag,
		enum pc_srtp_profile profile)
{
	size_t len = key_len(profile);

	memset(line, 0, sizeof(*line));
	line->tag = tag;
	line->profile = profile;
	return getrandom(line->key, len, 0) == (ssize_t)len ? 0 : -EIO;
}

void pc_sdes_text(const struct pc_sdes *line, char text[PC_SDES_TEXT])
{
	unsigned char key[4 * PC_SRTP_KEY_MAX / 3 + 8];

	EVP_EncodeBlock(key, line->key, (int)key_len(line->profile));
	snprintf(text, PC_SDES_TEXT, "%u %s inline:%s", line->tag,
		 pc_sdes_suite(line->profile), (char *)key);
	OPENSSL_cleanse(key, sizeof(key));
}

/* Base64 of exactly key_len bytes; its padding may be missing. */
static int read_key(struct pc_sdes *line, const char *text, size_t len)
{
	unsigned char padded[4 * PC_SRTP_KEY_MAX / 3 + 8];
	unsigned char key[PC_SRTP_KEY_MAX + 8];
	size_t want = key_len(line->profile);
	int rc = -EBADMSG;

	while (len > 0 && text[len - 1] == '=')
		len--;
	if (len != (want * 8 + 5) / 6)
		return -EBADMSG;
	memset(padded, '=', sizeof(padded));
	memcpy(padded, text, len);
	if (EVP_DecodeBlock(key, padded, (int)((len + 3) / 4 * 4)) > 0) {
		memcpy(line->key, key, want);
		rc = 0;
	}
	OPENSSL_cleanse(padded, sizeof(padded));
	OPENSSL_cleanse(key, sizeof(key));
	return rc;
}

/* "|2^20|1:4", "|1:4": what is no lifetime is an MKI, value:length. */
static int read_rest(struct pc_sdes *line, const char *text, size_t len)
{
	char word[64], *colon, *end;
	unsigned long long value;
	unsigned long n;

	while (len > 0) {
		size_t part = 1;

		while (part < len && text[part] != '|')
			part++;
		if (part - 1 >= sizeof(word))
			return -EBADMSG;
		memcpy(word, text + 1, part - 1);
		word[part - 1] = '\0';
		text += part;
		len -= part;
		colon = strchr(word, ':');
		if (!colon)
			continue; /* a lifetime: no call is that long */
		value = strtoull(word, &end, 10);
		n = strtoul(colon + 1, NULL, 10);
		if (end != colon || n < 1 || n > PC_SRTP_MKI_MAX)
			return -EBADMSG;
		line->mki_len = n;
		for (; n > 0; n--, value >>= 8)
			line->mki[n - 1] = (uint8_t)value;
	}
	return 0;
}

/* "inline:KEY|2^20|1:4"; of several keys (";") the first. */
static int read_inline(struct pc_sdes *line, const char *text, size_t len)
{
	const char *semicolon = memchr(text, ';', len), *bar;
	size_t key;
	int rc;

	if (len < 7 || strncasecmp(text, "inline:", 7) != 0)
		return -ENOTSUP;
	if (semicolon)
		len = (size_t)(semicolon - text);
	text += 7;
	len -= 7;
	bar = memchr(text, '|', len);
	key = bar ? (size_t)(bar - text) : len;
	rc = read_key(line, text, key);
	return rc < 0 ? rc : read_rest(line, text + key, len - key);
}

int pc_sdes_parse(struct pc_sdes *line, const char *value)
{
	struct pc_sdes l = { 0 };
	char suite[40];
	int at = 0, rc;
	size_t len;

	if (sscanf(value, "%9u %39s %n", &l.tag, suite, &at) < 2 || at == 0 ||
	    l.tag > TAG_MAX || value[0] < '0' || value[0] > '9')
		return -EBADMSG;
	l.profile = pc_sdes_profile(suite);
	if (l.profile == PC_SRTP_NONE)
		return -ENOTSUP;
	value += at;
	len = strcspn(value, " \t\r\n");
	rc = read_inline(&l, value, len);
	if (rc == 0 && !pc_sdp_sdes_plain(value + len))
		rc = -ENOTSUP;
	if (rc == 0)
		*line = l;
	OPENSSL_cleanse(&l, sizeof(l));
	return rc;
}

int pc_sdes_choose(const struct pc_sdes_list *mine,
		   const struct pc_sdes_list *theirs, struct pc_srtp_keys *keys)
{
	for (unsigned i = 0; i < theirs->n; i++) {
		const struct pc_sdes *t = &theirs->line[i];

		for (unsigned j = 0; j < mine->n; j++) {
			const struct pc_sdes *m = &mine->line[j];

			if (m->tag != t->tag || m->profile != t->profile)
				continue;
			memset(keys, 0, sizeof(*keys));
			keys->profile = t->profile;
			memcpy(keys->in, t->key, sizeof(keys->in));
			memcpy(keys->out, m->key, sizeof(keys->out));
			memcpy(keys->mki_in, t->mki, sizeof(keys->mki_in));
			keys->mki_in_len = t->mki_len;
			return 0;
		}
	}
	return -ENOENT;
}
