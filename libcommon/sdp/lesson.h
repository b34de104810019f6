/*
 * What can be said of a line without reading its value. Private to
 * libcommon/sdp.
 *
 *	const struct pc_sdp_lesson *l = pc_sdp_lesson_of(line);
 */
#ifndef PC_SDP_LESSON_H
#define PC_SDP_LESSON_H

#include "sdp/sdp.h"

struct pc_sdp_lesson {
	const char *name; /* "c", or "a:setup" */
	const char *what, *why;
	const char *rfc; /* NULL: as the table of attributes has it */
	const char *try; /* or NULL */
};

/* Never NULL: of what is not known there is a lesson, too. */
const struct pc_sdp_lesson *pc_sdp_lesson_of(const struct pc_sdp_line *line);

#endif
