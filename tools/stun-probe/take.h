/* What an answer says, once it is believed (RFC 8489 section 6.3). */
#ifndef STUN_PROBE_TAKE_H
#define STUN_PROBE_TAKE_H

#include "talk.h"

/* Fill the answer from a response; VERDICT_ANSWER, _ERROR or _BROKEN. */
enum verdict take(struct answer *answer, const struct pc_stun_msg *msg);

#endif
