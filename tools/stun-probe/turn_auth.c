#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/bytes.h"
#include "stun/integrity.h"
#include "turn_auth.h"

/* The first algorithm of the list that we know (section 9.2.5); 0: none. */
static unsigned choose(const struct pc_stun_attr *list)
{
	for (size_t i = 0; i + 4 <= list->len;) {
		const uint8_t *p = list->value + i;
		unsigned number = pc_get16(p);
		size_t len = pc_get16(p + 2);

		if (number == PC_STUN_MD5 || number == PC_STUN_SHA256)
			return number;
		i += 4 + len + pc_pad4(len);
	}
	return 0;
}

static int take_algorithms(struct turn_auth *a, const struct pc_stun_msg *msg)
{
	unsigned features = pc_stun_features(a->nonce, a->nonce_len);
	const struct pc_stun_attr *list =
		pc_stun_find(msg, PC_STUN_PASSWORD_ALGORITHMS);
	unsigned number;

	a->anonymous = features & PC_STUN_FEATURE_ANONYMITY;
	a->sha256 = features & PC_STUN_FEATURE_ALGORITHMS && list;
	a->algorithm = PC_STUN_MD5;
	if (!a->sha256)
		return 0;
	number = choose(list);
	if (!number || list->len > sizeof(a->algorithms))
		return -EBADMSG;
	a->algorithm = (enum pc_stun_algorithm)number;
	memcpy(a->algorithms, list->value, list->len);
	a->algorithms_len = list->len;
	return 0;
}

int turn_auth_challenge(struct turn_auth *a, const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *realm = pc_stun_find(msg, PC_STUN_REALM);
	const struct pc_stun_attr *nonce = pc_stun_find(msg, PC_STUN_NONCE);
	int rc;

	if (!realm || !nonce || realm->len >= AUTH_TEXT ||
	    nonce->len > AUTH_TEXT || memchr(realm->value, 0, realm->len))
		return -EBADMSG;
	memcpy(a->realm, realm->value, realm->len);
	a->realm[realm->len] = '\0';
	memcpy(a->nonce, nonce->value, nonce->len);
	a->nonce_len = nonce->len;
	rc = take_algorithms(a, msg);
	if (rc != 0)
		return rc;
	a->key_len = pc_stun_secret_key(a->key, a->algorithm, a->user, a->realm,
					a->password);
	a->challenged = true;
	return 0;
}

void turn_auth_put(const struct turn_auth *a, struct pc_stun_build *b)
{
	uint8_t hash[32], chosen[4] = { 0, (uint8_t)a->algorithm, 0, 0 };

	if (!a->challenged)
		return;
	if (a->anonymous) {
		pc_stun_userhash(hash, a->user, a->realm);
		pc_stun_put(b, PC_STUN_USERHASH, hash, sizeof(hash));
	} else {
		pc_stun_put_text(b, PC_STUN_USERNAME, a->user);
	}
	pc_stun_put_text(b, PC_STUN_REALM, a->realm);
	pc_stun_put(b, PC_STUN_NONCE, a->nonce, a->nonce_len);
	if (!a->sha256) {
		pc_stun_put_integrity(b, a->key, a->key_len);
		return;
	}
	pc_stun_put(b, PC_STUN_PASSWORD_ALGORITHM, chosen, sizeof(chosen));
	pc_stun_put(b, PC_STUN_PASSWORD_ALGORITHMS, a->algorithms,
		    a->algorithms_len);
	pc_stun_put_integrity_sha256(b, a->key, a->key_len);
}

int turn_auth_check(const struct turn_auth *a, const struct pc_stun_msg *msg)
{
	int rc = pc_stun_check_integrity_sha256(msg, a->key, a->key_len);

	if (rc == -ENOENT)
		rc = pc_stun_check_integrity(msg, a->key, a->key_len);
	return rc;
}
