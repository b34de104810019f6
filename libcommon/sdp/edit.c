#include "sdp/edit.h"

#include "sdp/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void report(struct pc_sdp *sdp, unsigned number, const char *before,
		   const char *after, const char *why)
{
	if (sdp->report)
		sdp->report(sdp->report_arg, number, before, after, why);
}

static char *vformat(struct pc_sdp *sdp, size_t *len, const char *fmt,
		     va_list ap)
{
	va_list again;
	char *text = NULL;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n >= 0)
		text = pc_sdp_arena_alloc(sdp->arena, (size_t)n + 1);
	if (!text) {
		sdp->oom = true;
		return NULL;
	}
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	*len = (size_t)n;
	return text;
}

/* Link line behind after, or first when after is NULL. */
static void link_line(struct pc_sdp_section *section, struct pc_sdp_line *after,
		      struct pc_sdp_line *line)
{
	line->prev = after;
	line->next = after ? after->next : section->first;
	if (line->next)
		line->next->prev = line;
	else
		section->last = line;
	if (after)
		after->next = line;
	else
		section->first = line;
}

static void unlink_line(struct pc_sdp_section *section,
			struct pc_sdp_line *line)
{
	if (line->prev)
		line->prev->next = line->next;
	else
		section->first = line->next;
	if (line->next)
		line->next->prev = line->prev;
	else
		section->last = line->prev;
}

static struct pc_sdp_line *new_line(struct pc_sdp *sdp, const char *why,
				    const char *fmt, va_list ap)
{
	struct pc_sdp_line *line =
		pc_sdp_arena_alloc(sdp->arena, sizeof(*line));

	if (line)
		line->text = vformat(sdp, &line->len, fmt, ap);
	if (!line || !line->text) {
		sdp->oom = true;
		return NULL;
	}
	line->eol = sdp->eol;
	report(sdp, 0, NULL, line->text, why);
	return line;
}

struct pc_sdp_line *pc_sdp_add(struct pc_sdp *sdp,
			       struct pc_sdp_section *section,
			       struct pc_sdp_line *after, const char *why,
			       const char *fmt, ...)
{
	struct pc_sdp_line *line;
	va_list ap;

	va_start(ap, fmt);
	line = new_line(sdp, why, fmt, ap);
	va_end(ap);
	if (!line)
		return NULL;
	if (after == PC_SDP_LAST) {
		after = section->last;
		while (after && !after->len)
			after = after->prev;
	}
	link_line(section, after, line);
	return line;
}

/* RFC 8866 section 5; only m= sections have an m= line, their first. */
static const char order[] = "mvosiuepcbtrzka";
#define UNKNOWN_RANK sizeof(order)

/* The place of a type letter in its section; unknown ones go last. */
static size_t rank(const struct pc_sdp_line *line)
{
	const char type = pc_sdp_type(line);
	const char *at = type ? strchr(order, type) : NULL;

	return at ? (size_t)(at - order) : UNKNOWN_RANK;
}

struct pc_sdp_line *pc_sdp_add_ordered(struct pc_sdp *sdp,
				       struct pc_sdp_section *section,
				       const char *why, const char *fmt, ...)
{
	struct pc_sdp_line *line, *after;
	va_list ap;

	va_start(ap, fmt);
	line = new_line(sdp, why, fmt, ap);
	va_end(ap);
	if (!line)
		return NULL;
	after = section->last;
	while (after && rank(after) > rank(line))
		after = after->prev;
	link_line(section, after, line);
	return line;
}

void pc_sdp_rewrite(struct pc_sdp *sdp, struct pc_sdp_line *line,
		    const char *why, const char *fmt, ...)
{
	va_list ap;
	size_t len;
	char *text;

	va_start(ap, fmt);
	text = vformat(sdp, &len, fmt, ap);
	va_end(ap);
	if (!text || strcmp(text, line->text) == 0)
		return;
	report(sdp, line->number, line->text, text, why);
	line->text = text;
	line->len = len;
	line->number = 0;
}

void pc_sdp_remove(struct pc_sdp *sdp, struct pc_sdp_section *section,
		   struct pc_sdp_line *line, const char *why)
{
	unlink_line(section, line);
	report(sdp, line->number, line->text, NULL, why);
}

bool pc_sdp_remove_attr(struct pc_sdp *sdp, struct pc_sdp_section *section,
			const char *name, const char *why)
{
	struct pc_sdp_line *line = section->first;
	bool any = false;

	while ((line = pc_sdp_find_attr(line, name))) {
		struct pc_sdp_line *next = line->next;

		pc_sdp_remove(sdp, section, line, why);
		line = next;
		any = true;
	}
	return any;
}

void pc_sdp_set_attr(struct pc_sdp *sdp, struct pc_sdp_section *section,
		     const char *name, const char *value, const char *why)
{
	struct pc_sdp_line *line = pc_sdp_find_attr(section->first, name);
	const char *colon = value[0] ? ":" : "";

	if (!line) {
		pc_sdp_add(sdp, section, PC_SDP_LAST, why, "a=%s%s%s", name,
			   colon, value);
		return;
	}
	pc_sdp_rewrite(sdp, line, why, "a=%s%s%s", name, colon, value);
	line = line->next;
	while ((line = pc_sdp_find_attr(line, name))) {
		struct pc_sdp_line *next = line->next;

		pc_sdp_remove(sdp, section, line, why);
		line = next;
	}
}

void pc_sdp_section_remove(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const char *why)
{
	const struct pc_sdp_line *line;

	for (line = section->first; line; line = line->next)
		report(sdp, line->number, line->text, NULL, why);
	if (section->prev)
		section->prev->next = section->next;
	else
		sdp->media = section->next;
	if (section->next)
		section->next->prev = section->prev;
	else
		sdp->last_media = section->prev;
	sdp->n_media--;
}

void pc_sdp_section_append(struct pc_sdp *sdp, struct pc_sdp_section *section)
{
	section->next = NULL;
	section->prev = sdp->last_media;
	if (section->prev)
		section->prev->next = section;
	else
		sdp->media = section;
	sdp->last_media = section;
	sdp->n_media++;
}

struct pc_sdp_section *pc_sdp_section_insert(struct pc_sdp *sdp,
					     struct pc_sdp_section *before,
					     const char *why, const char *fmt,
					     ...)
{
	struct pc_sdp_section *section =
		pc_sdp_arena_alloc(sdp->arena, sizeof(*section));
	struct pc_sdp_line *line;
	va_list ap;

	va_start(ap, fmt);
	line = section ? new_line(sdp, why, fmt, ap) : NULL;
	va_end(ap);
	if (!line) {
		sdp->oom = true;
		return NULL;
	}
	link_line(section, NULL, line);
	section->next = before;
	section->prev = before ? before->prev : sdp->last_media;
	if (section->prev)
		section->prev->next = section;
	else
		sdp->media = section;
	if (before)
		before->prev = section;
	else
		sdp->last_media = section;
	sdp->n_media++;
	return section;
}

void pc_sdp_sort(struct pc_sdp *sdp, struct pc_sdp_section *section)
{
	struct pc_sdp_section sorted = { 0 };
	struct pc_sdp_line *line, *next;
	size_t r, last = 0;

	for (line = section->first; line && rank(line) >= last;
	     line = line->next)
		last = rank(line);
	if (!line)
		return;
	for (r = 0; r <= UNKNOWN_RANK; r++) {
		for (line = section->first; line; line = next) {
			next = line->next;
			if (rank(line) != r)
				continue;
			unlink_line(section, line);
			link_line(&sorted, sorted.last, line);
		}
	}
	report(sdp, 0, "(the order of its lines)", "(the order of RFC 8866)",
	       "readers may insist on the order of RFC 8866 section 5");
	section->first = sorted.first;
	section->last = sorted.last;
}
