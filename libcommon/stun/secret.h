/*
 * Whose MESSAGE-INTEGRITY is it? The same password makes several keys
 * (RFC 8489 section 9): the short-term one, and the long-term ones of a user
 * in a realm. A message seldom says which, so all are tried.
 *
 *	struct pc_stun_secret s = { .password = "VOkJxbRl1RmTxUk/WvJxBt" };
 *	const char *which;
 *	if (pc_stun_secret_check(&s, &msg, PC_STUN_MESSAGE_INTEGRITY, &which)
 *	    == 0)
 *		...		which: "short-term"
 */
#ifndef PC_STUN_SECRET_H
#define PC_STUN_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "stun/stun.h"

struct pc_stun_secret {
	const char *password;
	/* NULL: from the message, if it has USERNAME and REALM */
	const char *user, *realm;
};

/* RFC 8489 section 18.5.1: the numbers of PASSWORD-ALGORITHM. */
enum pc_stun_algorithm { PC_STUN_MD5 = 1, PC_STUN_SHA256 = 2 };

/*
 * A long-term key: MD5 or SHA-256 of user ":" realm ":" password.
 * Returns its length, 16 or 32.
 */
size_t pc_stun_secret_key(uint8_t key[32], enum pc_stun_algorithm algorithm,
			  const char *user, const char *realm,
			  const char *password);

/*
 * Check MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 (type) with each key.
 *   which  set to "short-term", "long-term, MD5", "long-term, SHA-256"
 * Returns 0, -ENOENT (the message has none) or -EBADMSG (no key fits).
 */
int pc_stun_secret_check(const struct pc_stun_secret *secret,
			 const struct pc_stun_msg *msg, uint16_t type,
			 const char **which);

#endif
