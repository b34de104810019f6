/* What an attribute's value means, in words; for explain.c alone. */
#ifndef PC_STUN_VALUE_H
#define PC_STUN_VALUE_H

#include "base/buf.h"
#include "stun/secret.h"
#include "stun/stun.h"

/*
 * Append the meaning. Returns 0, or -EKEYREJECTED for a checksum or integrity
 * that is wrong.
 */
int pc_stun_say_value(struct pc_buf *out, const struct pc_stun_msg *msg,
		      const struct pc_stun_attr *attr,
		      const struct pc_stun_secret *secret);

/* "Binding success response" */
void pc_stun_say_type(struct pc_buf *out, const struct pc_stun_msg *msg);

/* "401 Unauthorized", from ERROR-CODE */
void pc_stun_say_error(struct pc_buf *out, const struct pc_stun_msg *msg);

#endif
