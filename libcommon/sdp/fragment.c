#include "sdp/fragment.h"

#include "sdp/edit.h"

#include <string.h>

static const char why[] = "the fragment's";

/* Lines that RFC 8829 and RFC 8839 want in the session part. */
static bool for_session(const struct pc_sdp_line *line)
{
	return pc_sdp_line_attr(line, "ice-options") ||
	       pc_sdp_line_attr(line, "ice-lite");
}

static bool has_dtls(const struct pc_sdp_section *section)
{
	return strstr(section->first->text, "/TLS/") != NULL;
}

static int choose(const struct pc_sdp_section **chosen,
		  const struct pc_sdp_lay *lay, enum pc_sdp_lay_for what,
		  struct pc_sdp_error *err)
{
	const struct pc_sdp_section *s;
	unsigned fits = 0;

	*chosen = NULL;
	if (err)
		err->where = PC_SDP_IN_FRAGMENT;
	if (lay->name) {
		*chosen = pc_sdp_section_by_mid(lay->sdp, lay->name);
		if (*chosen)
			return 0;
		return pc_sdp_fail(err, NULL, "RFC 8840 section 9",
				   "expected a section with a=mid:%.32s",
				   lay->name);
	}
	for (s = lay->sdp->media; s; s = s->next) {
		if (lay->sdp->n_media == 1 ||
		    (what != PC_SDP_LAY_ANY &&
		     has_dtls(s) == (what == PC_SDP_LAY_WEBRTC))) {
			*chosen = s;
			fits++;
		}
	}
	if (fits == 1 || lay->sdp->n_media == 0)
		return 0;
	return pc_sdp_fail(err, NULL, "RFC 8840 section 9",
			   "%u of its %u sections would do: name one with "
			   "FRAGMENT#MID",
			   fits, lay->sdp->n_media);
}

/* Put the fragment's port into the m= line, between media and proto. */
static void lay_port(struct pc_sdp *sdp, struct pc_sdp_section *section,
		     const struct pc_sdp_section *from)
{
	const char *at = pc_sdp_value(from->first), *port, *rest;
	size_t len, kind;

	pc_sdp_word(&at, &len);
	port = pc_sdp_word(&at, &len);
	rest = pc_sdp_value(section->first);
	pc_sdp_word(&rest, &kind);
	kind = (size_t)(rest - section->first->text);
	pc_sdp_word(&rest, &(size_t){ 0 });
	pc_sdp_rewrite(sdp, section->first, why, "%.*s %.*s%s", (int)kind,
		       section->first->text, (int)len, port, rest);
}

static void lay_connection(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const struct pc_sdp_section *from)
{
	const struct pc_sdp_line *c = pc_sdp_find(from, 'c');
	struct pc_sdp_line *old = pc_sdp_find(section, 'c');

	if (c && old)
		pc_sdp_rewrite(sdp, old, why, "%s", c->text);
	else if (c)
		pc_sdp_add_ordered(sdp, section, why, "%s", c->text);
}

/* The length of "a=name" in an attribute line. */
static size_t name_len(const struct pc_sdp_line *line)
{
	return strcspn(line->text, ": \t");
}

static bool same_name(const struct pc_sdp_line *a, const struct pc_sdp_line *b)
{
	return name_len(a) == name_len(b) &&
	       memcmp(a->text, b->text, name_len(a)) == 0;
}

/* Is line the first of its name in its section? */
static bool first_of_name(const struct pc_sdp_line *line)
{
	const struct pc_sdp_line *before;

	for (before = line->prev; before; before = before->prev)
		if (same_name(before, line))
			return false;
	return true;
}

static void remove_name(struct pc_sdp *sdp, struct pc_sdp_section *section,
			const struct pc_sdp_line *like)
{
	struct pc_sdp_line *line = section->first, *next;

	for (; line; line = next) {
		next = line->next;
		if (same_name(line, like))
			pc_sdp_remove(sdp, section, line, why);
	}
}

/* Lay the attributes of one section of the fragment. */
static void lay_attributes(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const struct pc_sdp_section *from)
{
	const struct pc_sdp_line *line;
	struct pc_sdp_section *to;

	for (line = from->first; line; line = line->next) {
		if (pc_sdp_type(line) != 'a' || pc_sdp_line_attr(line, "mid"))
			continue;
		if (pc_sdp_line_attr(line, "group"))
			continue;
		to = for_session(line) ? &sdp->session : section;
		if (first_of_name(line)) {
			remove_name(sdp, section, line);
			if (to != section)
				remove_name(sdp, to, line);
		}
		pc_sdp_add(sdp, to, PC_SDP_LAST, why, "%s", line->text);
	}
}

int pc_sdp_lay(struct pc_sdp *sdp, struct pc_sdp_section *section,
	       const struct pc_sdp_lay *lay, enum pc_sdp_lay_for what,
	       struct pc_sdp_error *err)
{
	const struct pc_sdp_section *from;
	int rc = choose(&from, lay, what, err);

	if (rc)
		return rc;
	lay_attributes(sdp, section, &lay->sdp->session);
	if (!from)
		return 0;
	lay_port(sdp, section, from);
	lay_connection(sdp, section, from);
	lay_attributes(sdp, section, from);
	return 0;
}
