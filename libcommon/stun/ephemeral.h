/*
 * Ephemeral credentials for a TURN server that shares a secret with us, as REST
 * APIs give them out (draft-uberti-behave-turn-rest; coturn's
 * use-auth-secret): the user is "EXPIRY:NAME" (or EXPIRY alone), the password
 * base64(HMAC-SHA1(secret, user)).
 *
 *	rc = pc_turn_ephemeral(secret, "alice", time(NULL) + 3600, &user, &pw);
 */
#ifndef PC_STUN_EPHEMERAL_H
#define PC_STUN_EPHEMERAL_H

#include <time.h>

/*
 *   name            whose; or NULL
 *   expiry          in seconds since 1970
 *   user, password  set to heap strings; the caller frees
 * Returns 0 or -ENOMEM.
 */
int pc_turn_ephemeral(const char *secret, const char *name, time_t expiry,
		      char **user, char **password);

#endif
