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

static bool same_kind(const struct pc_sdp_section *a,
		      const struct pc_sdp_section *b)
{
	const size_t n = strcspn(a->first->text, " \t");

	return strncmp(a->first->text, b->first->text, n) == 0 &&
	       strcspn(b->first->text, " \t") == n;
}

/* Does a line of a fragment speak of ICE, or only name the section? */
static bool of_ice(const struct pc_sdp_line *line)
{
	static const char *const names[] = { "mid", "candidate",
					     "end-of-candidates", "group",
					     "remote-candidates" };
	size_t i;

	if (pc_sdp_type(line) == 'c')
		return strstr(line->text, "0.0.0.0") ||
		       strstr(line->text, "::");
	if (strncmp(line->text, "a=ice-", 6) == 0 || !line->len)
		return true;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (pc_sdp_line_attr(line, names[i]))
			return true;
	return false;
}

/* m=audio 9 and the rest of the line; port 0 stays. */
static void write_media(const struct pc_sdp_line *line, struct pc_buf *out)
{
	const char *at = pc_sdp_value(line), *kind, *port;
	size_t kind_len, len;

	kind = pc_sdp_word(&at, &kind_len);
	port = pc_sdp_word(&at, &len);
	pc_buf_adds(out, "m=");
	pc_buf_add(out, kind ? kind : "", kind_len);
	pc_buf_printf(out, " %c%s", port && *port == '0' ? '0' : '9', at);
}

void pc_sdp_write_fragment(const struct pc_sdp *sdp, struct pc_buf *out)
{
	const struct pc_sdp_section *s = &sdp->session;
	const struct pc_sdp_line *line;

	for (; s; s = s == &sdp->session ? sdp->media : s->next) {
		for (line = s->first; line; line = line->next) {
			if (pc_sdp_type(line) != 'm' &&
			    (pc_sdp_type(line) != 'a' || !of_ice(line)))
				continue;
			if (pc_sdp_type(line) == 'm')
				write_media(line, out);
			else
				pc_buf_add(out, line->text, line->len);
			pc_buf_adds(out, sdp->eol);
		}
	}
}

/* Port 9 or 0 (RFC 8840 section 9). */
static bool no_port(const struct pc_sdp_section *section)
{
	const char *at = pc_sdp_value(section->first), *port;
	size_t len;

	pc_sdp_word(&at, &len);
	port = pc_sdp_word(&at, &len);
	return port && len == 1 && (*port == '9' || *port == '0');
}

/* ice-pair's: it has no media of its own. */
static bool ice_only(const struct pc_sdp_section *section)
{
	const struct pc_sdp_line *line = section->first;

	if (!no_port(section))
		return false;
	for (line = line->next; line; line = line->next)
		if (!of_ice(line))
			return false;
	return true;
}

static int no_section(struct pc_sdp_error *err, const char *name)
{
	return pc_sdp_fail(err, NULL, "RFC 8840 section 9",
			   "expected a section with a=mid:%.32s", name);
}

/* Is s, a section of a fragment, for a section like this one? */
static bool is_for(const struct pc_sdp_section *s,
		   const struct pc_sdp_section *section)
{
	return same_kind(s, section) || ice_only(s);
}

static int choose(const struct pc_sdp_section **chosen,
		  const struct pc_sdp_lay *lay,
		  const struct pc_sdp_section *section, unsigned what,
		  struct pc_sdp_error *err)
{
	const unsigned either = PC_SDP_LAY_DTLS | PC_SDP_LAY_PLAIN;
	const struct pc_sdp_section *s;
	unsigned fits = 0, like = 0;

	*chosen = NULL;
	if (err)
		err->where = PC_SDP_IN_FRAGMENT;
	if (lay->name) {
		s = pc_sdp_section_by_mid(lay->sdp, lay->name);
		if (s && is_for(s, section))
			*chosen = s;
		return s ? 0 : no_section(err, lay->name);
	}
	for (s = lay->sdp->media; s; s = s->next)
		like += is_for(s, section);
	for (s = lay->sdp->media; s; s = s->next) {
		if (!is_for(s, section) ||
		    (like > 1 &&
		     (!(what & either) ||
		      has_dtls(s) != ((what & PC_SDP_LAY_DTLS) != 0))))
			continue;
		*chosen = s;
		fits++;
	}
	if (fits == 1 || like == 0)
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

static bool skipped(const struct pc_sdp_line *line, unsigned what)
{
	if (pc_sdp_type(line) != 'a' || pc_sdp_line_attr(line, "mid") ||
	    pc_sdp_line_attr(line, "group"))
		return true;
	return (what & PC_SDP_LAY_AGAIN) &&
	       (for_session(line) || pc_sdp_line_attr(line, "candidate") ||
		pc_sdp_line_attr(line, "end-of-candidates"));
}

/* Lay the attributes of one section of the fragment. */
static void lay_attributes(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const struct pc_sdp_section *from, unsigned what)
{
	const struct pc_sdp_line *line;
	struct pc_sdp_section *to;

	for (line = from->first; line; line = line->next) {
		if (skipped(line, what))
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
	       const struct pc_sdp_lay *lay, unsigned what,
	       struct pc_sdp_error *err)
{
	const struct pc_sdp_section *from;
	int rc = choose(&from, lay, section, what, err);

	if (rc)
		return rc;
	lay_attributes(sdp, section, &lay->sdp->session, what);
	if (!from || ((what & PC_SDP_LAY_ANOTHER) && !ice_only(from)))
		return 0;
	lay_port(sdp, section, from);
	lay_connection(sdp, section, from);
	lay_attributes(sdp, section, from, what);
	return 0;
}

/* Is s, of this fragment, about media of the section's kind, or any? */
static bool about_media(const struct pc_sdp_lay *lay,
			const struct pc_sdp_section *s,
			const struct pc_sdp_section *section)
{
	const char *mid = pc_sdp_attr(s, "mid");

	if (lay->name && (!mid || strcmp(mid, lay->name) != 0))
		return false;
	return !ice_only(s) && (!section || same_kind(s, section));
}

bool pc_sdp_lay_has(const struct pc_sdp_lay *lays, unsigned n,
		    const struct pc_sdp_section *section)
{
	const struct pc_sdp_section *s;
	unsigned i;

	for (i = 0; i < n; i++)
		for (s = lays[i].sdp->media; s; s = s->next)
			if (about_media(&lays[i], s, section))
				return true;
	return false;
}

bool pc_sdp_lay_has_dtls(const struct pc_sdp_lay *lays, unsigned n,
			 const struct pc_sdp_section *section)
{
	const struct pc_sdp_section *s;
	bool found = false;
	unsigned i;

	for (i = 0; i < n; i++)
		for (s = lays[i].sdp->media; s; s = s->next) {
			if (!about_media(&lays[i], s, section))
				continue;
			if (!has_dtls(s))
				return false;
			found |= !no_port(s);
		}
	return found;
}

struct pc_sdp_line *pc_sdp_lay_find(const struct pc_sdp_lay *lays, unsigned n,
				    const struct pc_sdp_section *section,
				    const char *name)
{
	const struct pc_sdp_section *s;
	struct pc_sdp_line *line = NULL;
	unsigned i;

	for (i = 0; i < n && !line; i++) {
		line = pc_sdp_find_attr(lays[i].sdp->session.first, name);
		for (s = lays[i].sdp->media; s && !line; s = s->next)
			if (about_media(&lays[i], s, section))
				line = pc_sdp_find_attr(s->first, name);
	}
	return line;
}
