/*
 * JSON as the tools write it: jansson, with two needs of ours.
 *
 * Text from the network may be anything; jansson takes UTF-8 only. And an
 * event is easiest to write, and to have checked by the compiler, as a
 * printf-like line:
 *
 *	json_t *o = pc_json_fields("status=%d reason=%s", 486, reason);
 *	-> {"status": 486, "reason": "Busy Here"}
 *
 * Conversions: %d %u %ld %lu %lld %llu %zu %zd (integer), %f (real, rounded
 * to 6 decimals), %s (text; NULL leaves the field out), %p (json_t *, stolen;
 * NULL leaves it out), %c (bool: pass 0 or 1).
 */
#ifndef PC_BASE_JSON_H
#define PC_BASE_JSON_H

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>

/* A JSON string of bytes that may not be UTF-8 (bad ones become U+FFFD). */
json_t *pc_json_text(const char *s, size_t len);

json_t *pc_json_fields(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

/* Add such fields to an object. */
void pc_json_vadd(json_t *object, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
void pc_json_add(json_t *object, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* One line: compact, order kept, ends in \n. Heap; the caller frees. */
char *pc_json_line(const json_t *object, size_t *len);

/* Borrowed text of a member, or NULL when missing or not a string. */
const char *pc_json_str(const json_t *object, const char *key);

#endif
