/*
 * UTF-8 (RFC 3629): enough to tell text from bytes.
 */
#ifndef PC_BASE_UTF8_H
#define PC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The length, 1 to 4, of the well-formed character at s, which has len bytes
 * left; 0 when there is none (overlong forms and surrogates are not).
 */
size_t pc_utf8_char(const char *s, size_t len);

bool pc_utf8_valid(const char *s, size_t len);

#endif
