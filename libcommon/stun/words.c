#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "stun/words.h"
#include "stun/words_private.h"

/* --- what is computed ------------------------------------------------- */

static int put_integrity(struct pc_stun_maker *m, const char *word, bool sha256)
{
	const struct pc_stun_secret *s = m->secret;
	uint8_t key[32];
	const void *k;
	size_t len;

	if (!s)
		return pc_stun_word_wrong(
			m, word, "it needs a password (--password-file FILE)");
	k = s->password;
	len = strlen(s->password);
	if (m->user && m->realm) {
		k = key;
		len = pc_stun_secret_key(key, m->algorithm, m->user, m->realm,
					 s->password);
	}
	if (sha256)
		pc_stun_put_integrity_sha256(&m->b, k, len);
	else
		pc_stun_put_integrity(&m->b, k, len);
	return 0;
}

/* The bytes that the last attribute is padded with, as pad= wants them. */
static void pad_last(struct pc_stun_maker *m, size_t offset)
{
	size_t n;

	if (m->b.full || m->b.len <= offset)
		return;
	n = pc_pad4(pc_get16(m->b.buf + offset + 2));
	memset(m->b.buf + m->b.len - n, m->pad, n);
}

/* --- words ------------------------------------------------------------ */

/* A name, the old ones too, or 0xTYPE; -1 if it is neither. */
static int type_of(const char *name)
{
	int known = pc_stun_attr_number(name);
	char *end;
	unsigned long type;

	if (known >= 0)
		return known;
	if (strcasecmp(name, "integrity") == 0)
		return PC_STUN_MESSAGE_INTEGRITY;
	if (strcasecmp(name, "integrity-sha256") == 0)
		return PC_STUN_MESSAGE_INTEGRITY_SHA256;
	if (strncasecmp(name, "0x", 2) != 0)
		return -1;
	type = strtoul(name, &end, 16);
	return *end || end == name + 2 || type > 0xffff ? -1 : (int)type;
}

static int put_bare(struct pc_stun_maker *m, uint16_t type, const char *word)
{
	enum pc_stun_kind kind = pc_stun_attr_kind(type);

	if (kind == PC_STUN_IS_SHA1 || kind == PC_STUN_IS_SHA256)
		return put_integrity(m, word, kind == PC_STUN_IS_SHA256);
	if (kind == PC_STUN_IS_CRC)
		pc_stun_put_fingerprint(&m->b);
	else if (kind == PC_STUN_IS_EVEN)
		pc_stun_put(&m->b, type, "", 1);
	else
		pc_stun_put(&m->b, type, "", 0);
	return 0;
}

/* What an integrity that comes later is made of. */
static void remember(struct pc_stun_maker *m, uint16_t type, const char *value)
{
	if (type == PC_STUN_USERNAME && !m->secret_user)
		m->user = value;
	else if (type == PC_STUN_REALM)
		m->realm = value;
	else if (type == PC_STUN_PASSWORD_ALGORITHM)
		m->algorithm = strcasecmp(value, "sha-256") == 0
				       ? PC_STUN_SHA256
				       : PC_STUN_MD5;
}

static int put_word(struct pc_stun_maker *m, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	size_t offset = m->b.len;
	uint64_t pad;
	char name[48];
	int type, rc;

	snprintf(name, sizeof(name), "%.*s", (int)(len < 47 ? len : 47), word);
	if (strcasecmp(name, "id") == 0 && equals)
		return 0; /* taken already */
	if (strcasecmp(name, "pad") == 0 && equals) {
		if (!pc_stun_word_number(equals + 1, 0xff, &pad))
			return pc_stun_word_wrong(
				m, word, "a byte is expected, as in pad=0x20");
		m->pad = (uint8_t)pad;
		return 0;
	}
	type = type_of(name);
	if (type < 0)
		return pc_stun_word_wrong(m, word,
					  "not the name of an attribute, and "
					  "not 0xTYPE");
	if (!equals)
		rc = put_bare(m, (uint16_t)type, word);
	else
		rc = pc_stun_word_value(m, (uint16_t)type, word, equals + 1);
	if (equals)
		remember(m, (uint16_t)type, equals + 1);
	pad_last(m, offset);
	return rc;
}

/* --- method and class ------------------------------------------------- */

static int method_of(const char *word)
{
	int known = pc_stun_method_number(word);
	char *end;
	unsigned long n;

	if (known >= 0 || strncasecmp(word, "0x", 2) != 0)
		return known;
	n = strtoul(word, &end, 16);
	return *end || end == word + 2 || n > 0xfff ? -1 : (int)n;
}

static int class_of(const char *word)
{
	static const char *const names[] = {
		[PC_STUN_REQUEST] = "request",
		[PC_STUN_INDICATION] = "indication",
		[PC_STUN_SUCCESS] = "success",
		[PC_STUN_ERROR] = "error",
	};

	for (int i = PC_STUN_REQUEST; i <= PC_STUN_ERROR; i++)
		if (strcasecmp(word, names[i]) == 0)
			return i;
	return -1;
}

static int take_id(struct pc_stun_maker *m, const char *const *words, size_t n,
		   uint8_t id[PC_STUN_ID])
{
	for (size_t i = 2; i < n; i++)
		if (strncasecmp(words[i], "id=", 3) == 0 &&
		    pc_stun_from_hex(id, PC_STUN_ID, words[i] + 3,
				     strlen(words[i] + 3)) != PC_STUN_ID)
			return pc_stun_word_wrong(m, words[i],
						  "24 hex digits are expected");
	return 0;
}

ssize_t pc_stun_from_words(uint8_t *buf, size_t cap, const char *const *words,
			   size_t n, const uint8_t id[PC_STUN_ID],
			   const struct pc_stun_secret *secret,
			   char why[PC_STUN_WHY])
{
	struct pc_stun_maker m = { .secret = secret,
				   .secret_user = secret && secret->user,
				   .user = secret ? secret->user : NULL,
				   .realm = secret ? secret->realm : NULL,
				   .algorithm = PC_STUN_MD5,
				   .why = why };
	int method = n > 0 ? method_of(words[0]) : -1;
	int class = n > 1 ? class_of(words[1]) : -1;
	uint8_t own_id[PC_STUN_ID];
	int rc;

	if (method < 0 || class < 0)
		return pc_stun_word_wrong(
			&m, n > 0 ? words[method < 0 ? 0 : n > 1] : "nothing",
			"a method and a class come first, as in "
			"binding request");
	memcpy(own_id, id, PC_STUN_ID);
	rc = take_id(&m, words, n, own_id);
	pc_stun_build_init(&m.b, buf, cap, (enum pc_stun_class) class,
			   (uint16_t)method, own_id);
	for (size_t i = 2; rc == 0 && i < n; i++)
		rc = put_word(&m, words[i]);
	return rc ? rc : pc_stun_build_end(&m.b);
}
