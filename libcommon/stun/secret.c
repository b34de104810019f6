#include <errno.h>
#include <string.h>

#include "stun/integrity.h"
#include "stun/secret.h"

#define NAME_MAX_BYTES 768 /* USERNAME has less than 513, REALM than 763 */

size_t pc_stun_secret_key(uint8_t key[32], enum pc_stun_algorithm algorithm,
			  const char *user, const char *realm,
			  const char *password)
{
	if (algorithm == PC_STUN_SHA256) {
		pc_stun_long_term_key_sha256(key, user, realm, password);
		return 32;
	}
	pc_stun_long_term_key(key, user, realm, password);
	return 16;
}

static int check(const struct pc_stun_msg *msg, uint16_t type, const void *key,
		 size_t len)
{
	if (type == PC_STUN_MESSAGE_INTEGRITY_SHA256)
		return pc_stun_check_integrity_sha256(msg, key, len);
	return pc_stun_check_integrity(msg, key, len);
}

/* given, or the message's attribute as a string; NULL if there is neither. */
static const char *text_of(const char *given, const struct pc_stun_msg *msg,
			   uint16_t type, char out[NAME_MAX_BYTES])
{
	const struct pc_stun_attr *a = pc_stun_find(msg, type);

	if (given)
		return given;
	if (!a || a->len >= NAME_MAX_BYTES || memchr(a->value, 0, a->len))
		return NULL;
	memcpy(out, a->value, a->len);
	out[a->len] = '\0';
	return out;
}

int pc_stun_secret_check(const struct pc_stun_secret *s,
			 const struct pc_stun_msg *msg, uint16_t type,
			 const char **which)
{
	static const char *const names[] = {
		[PC_STUN_MD5] = "long-term, MD5",
		[PC_STUN_SHA256] = "long-term, SHA-256",
	};
	char user_text[NAME_MAX_BYTES], realm_text[NAME_MAX_BYTES];
	const char *user = text_of(s->user, msg, PC_STUN_USERNAME, user_text);
	const char *realm = text_of(s->realm, msg, PC_STUN_REALM, realm_text);
	uint8_t key[32];
	int rc = check(msg, type, s->password, strlen(s->password));

	*which = "short-term";
	if (rc != -EBADMSG || !user || !realm)
		return rc;
	for (int i = PC_STUN_MD5; i <= PC_STUN_SHA256; i++) {
		size_t len = pc_stun_secret_key(key, (enum pc_stun_algorithm)i,
						user, realm, s->password);

		*which = names[i];
		if (check(msg, type, key, len) == 0)
			return 0;
	}
	return -EBADMSG;
}
