/*
 * Change the lines of a description; the others stay as they are.
 *
 *	pc_sdp_add(sdp, section, NULL, "the leg's", "a=rtcp:%u", port);
 *	if (sdp->oom) ...
 *
 * Every change has a reason (why: static text), which goes to sdp->report.
 * What finds no memory sets sdp->oom and does nothing: look once at the end.
 */
#ifndef PC_SDP_EDIT_H
#define PC_SDP_EDIT_H

#include "sdp/sdp.h"

/* Where pc_sdp_add puts a line. */
#define PC_SDP_LAST NULL

/*
 * Add a line behind after, which is in section; or PC_SDP_LAST: behind the
 * section's last line that is not blank. Returns it, or NULL (sdp->oom).
 */
struct pc_sdp_line *
pc_sdp_add(struct pc_sdp *sdp, struct pc_sdp_section *section,
	   struct pc_sdp_line *after, const char *why, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * Add a line of type where RFC 8866 section 5 has it: behind the section's
 * last line of a type that comes no later.
 */
struct pc_sdp_line *pc_sdp_add_ordered(struct pc_sdp *sdp,
				       struct pc_sdp_section *section,
				       const char *why, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Give a line other text. The same text is no change. */
void pc_sdp_rewrite(struct pc_sdp *sdp, struct pc_sdp_line *line,
		    const char *why, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

void pc_sdp_remove(struct pc_sdp *sdp, struct pc_sdp_section *section,
		   struct pc_sdp_line *line, const char *why);

/* Remove every a=name line of a section; true if there was one. */
bool pc_sdp_remove_attr(struct pc_sdp *sdp, struct pc_sdp_section *section,
			const char *name, const char *why);

/* Make the section's first a=name line be this, removing others of the name. */
void pc_sdp_set_attr(struct pc_sdp *sdp, struct pc_sdp_section *section,
		     const char *name, const char *value, const char *why);

/* Remove an m= section and its lines. */
void pc_sdp_section_remove(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const char *why);

/* Put a section that is in no list at the end. It is not a change. */
void pc_sdp_section_append(struct pc_sdp *sdp, struct pc_sdp_section *section);

/*
 * Insert an m= section of one line before another, or at the end (NULL).
 * Returns it, or NULL (sdp->oom).
 */
struct pc_sdp_section *
pc_sdp_section_insert(struct pc_sdp *sdp, struct pc_sdp_section *before,
		      const char *why, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Put the section's lines in the order RFC 8866 section 5 demands, if they
 * are not; lines of one type keep theirs.
 */
void pc_sdp_sort(struct pc_sdp *sdp, struct pc_sdp_section *section);

#endif
