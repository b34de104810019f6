/*
 * Long-term credentials (RFC 8489 section 9.2): what the server's challenge
 * says goes into every request after it.
 *
 *	struct turn_auth auth = { .user = "u", .password = "p" };
 *	turn_auth_challenge(&auth, msg);		a 401 or 438
 *	turn_auth_put(&auth, &b);			at a request's end
 *	turn_auth_check(&auth, msg);			its answer
 */
#ifndef STUN_PROBE_TURN_AUTH_H
#define STUN_PROBE_TURN_AUTH_H

#include <stdbool.h>
#include <time.h>

#include "stun/build.h"
#include "stun/secret.h"

#define AUTH_TEXT 764 /* RFC 8489: REALM and NONCE have less than 764 bytes */

struct turn_auth {
	const char *user, *password;
	bool challenged;
	char realm[AUTH_TEXT];
	uint8_t nonce[AUTH_TEXT];
	size_t nonce_len;
	bool sha256;    /* the server said that it does password algorithms */
	bool anonymous; /* and that it wants USERHASH */
	enum pc_stun_algorithm algorithm;
	uint8_t algorithms[64]; /* its list, to be sent back */
	size_t algorithms_len;
	uint8_t key[32];
	size_t key_len;
};

/* Take REALM and NONCE. 0, or -EBADMSG: it has none that can be used. */
int turn_auth_challenge(struct turn_auth *auth, const struct pc_stun_msg *msg);

/* Put USERNAME, REALM, NONCE and the integrity; nothing before a challenge. */
void turn_auth_put(const struct turn_auth *auth, struct pc_stun_build *b);

/* Is the answer the server's own? 0, -ENOENT (no integrity) or -EBADMSG. */
int turn_auth_check(const struct turn_auth *auth,
		    const struct pc_stun_msg *msg);

#endif
