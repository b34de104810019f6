/*
 * Binding messages of RFC 3489, without the cookie: so libnice asks STUN
 * servers, and so they answer. All else of them is as in RFC 8489.
 */
#ifndef ICE_PAIR_OLD_STUN_H
#define ICE_PAIR_OLD_STUN_H

#include <stddef.h>
#include <stdint.h>

#include "stun/stun.h"

#define OLD_STUN_MAX 1500

/*
 * Decode one, with the cookie put in.
 *   copy  what it was made of, len bytes; msg borrows it
 * Returns 0 or -EINVAL.
 */
int old_stun_decode(struct pc_stun_msg *msg, uint8_t copy[static OLD_STUN_MAX],
		    const uint8_t *data, size_t len);

#endif
