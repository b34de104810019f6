/*
 * The grammar of one line as a pattern, and where a text leaves it. Private
 * to libcommon/sdp.
 *
 *	static const char rtpmap[] = "%d %t/%d[/%t]";
 *	if (pc_sdp_pattern(rtpmap, "111 opus:48000", &column) == false)
 *		column is 8: behind "111 opus"
 *
 * %d digits   %t token (RFC 8866 section 9)   %w word: no space   %r the
 * rest, at least one byte   %i ice-chars (RFC 8839 5.1)   %x bytes in hex
 * with colons   %y a time with its unit (RFC 8866 5.10)   [x] x or nothing
 * {x} x any number of times   others stand for themselves.
 */
#ifndef PC_SDP_PATTERN_H
#define PC_SDP_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Does all of text match? If not, *column is where it stops (from 0). */
bool pc_sdp_pattern(const char *pattern, const char *text, size_t *column);

#endif
