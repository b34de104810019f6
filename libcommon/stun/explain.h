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

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Append the explanation, lines ending in \n. Takes anything: what is broken
 * is shown as far as it can be read, and then said.
 */
void pc_stun_explain(struct pc_buf *out, const uint8_t *buf, size_t len);

/* One line: "Binding success response, XOR-MAPPED-ADDRESS 192.0.2.1:32853". */
void pc_stun_summary(struct pc_buf *out, const uint8_t *buf, size_t len);

#endif
