/*
 * A STUN message for a reader: every field with its offset, its bytes, what
 * it means and where that is written.
 *
 *	   0  01 01                    Binding success response  [RFC 8489 5]
 *	   2  00 0c                    12 bytes of attributes    [RFC 8489 5]
 *	   ...
 *	  20  00 20 00 08              XOR-MAPPED-ADDRESS, 8 bytes
 *	                                                    [RFC 8489 14.2]
 *	  24  00 01 a1 47 e1 12 a6 43  192.0.2.1:32853, XORed with ...
 */
#ifndef PC_STUN_EXPLAIN_H
#define PC_STUN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "stun/secret.h"
#include "stun/stun.h"

struct pc_stun_field {
	size_t offset, len;
	const uint8_t *bytes;
	const char *meaning; /* borrowed, in the callback only */
	const char *section; /* "8489 14.2", or NULL */
	const char *name;    /* of the attribute whose value this is, or NULL */
};

typedef void pc_stun_field_fn(void *arg, const struct pc_stun_field *field);

/*
 * Call fn for each field, in the order of their offsets. Takes anything: what
 * is broken is told as far as it can be read, and then said.
 *   secret  to check MESSAGE-INTEGRITY with; NULL: it is not checked
 * ChannelData of TURN is explained, too.
 * Returns pc_stun_decode's result (0 for ChannelData), or -EKEYREJECTED when the message is sound
 * but a FINGERPRINT or a MESSAGE-INTEGRITY that was checked is wrong.
 */
int pc_stun_explain_each(const uint8_t *buf, size_t len,
			 const struct pc_stun_secret *secret,
			 pc_stun_field_fn *fn, void *arg);

/* Append it as lines ending in \n; the same result. */
int pc_stun_explain(struct pc_buf *out, const uint8_t *buf, size_t len,
		    const struct pc_stun_secret *secret);

/* One line: "Binding success response, mapped to 192.0.2.1:32853". */
void pc_stun_summary(struct pc_buf *out, const uint8_t *buf, size_t len);

#endif
