/*
 * The attributes (a=) that are known: where they may stand, what they look
 * like, and where that is written. Private to libcommon/sdp.
 *
 *	const struct pc_sdp_attribute *a = pc_sdp_attribute_of(line);
 *	if (a && !(a->levels & PC_SDP_AT_MEDIA)) ...
 */
#ifndef PC_SDP_ATTRIBUTE_H
#define PC_SDP_ATTRIBUTE_H

#include "sdp/sdp.h"

enum { PC_SDP_AT_SESSION = 1, PC_SDP_AT_MEDIA = 2, PC_SDP_AT_BOTH = 3 };

struct pc_sdp_attribute {
	const char *name;
	unsigned levels;
	const char *pattern; /* of the value (pattern.h); NULL: it has none */
	const char *form;    /* what is expected, for people */
	const char *rfc;
};

/* What line, an a= line, is; NULL when it is of no kind that is known. */
const struct pc_sdp_attribute *
pc_sdp_attribute_of(const struct pc_sdp_line *line);

/* The length of the name in an a= line. */
size_t pc_sdp_attribute_name_len(const struct pc_sdp_line *line);

#endif
