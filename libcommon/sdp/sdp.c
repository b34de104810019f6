/*
 * Reading lines and attributes, and writing them back.
 */
#include "sdp/sdp.h"

#include <string.h>

static void write_section(const struct pc_sdp *sdp,
			  const struct pc_sdp_section *section,
			  struct pc_buf *out, bool *open)
{
	const struct pc_sdp_line *line;

	for (line = section->first; line; line = line->next) {
		if (*open) /* a line was put behind the one without an end */
			pc_buf_adds(out, sdp->eol);
		pc_buf_add(out, line->text, line->len);
		pc_buf_adds(out, line->eol);
		*open = !strchr(line->eol, '\n');
	}
}

void pc_sdp_write(const struct pc_sdp *sdp, struct pc_buf *out)
{
	const struct pc_sdp_section *section;
	bool open = false;

	write_section(sdp, &sdp->session, out, &open);
	for (section = sdp->media; section; section = section->next)
		write_section(sdp, section, out, &open);
}

char pc_sdp_type(const struct pc_sdp_line *line)
{
	return line->text[0] && line->text[1] == '=' ? line->text[0] : 0;
}

const char *pc_sdp_value(const struct pc_sdp_line *line)
{
	return line->len >= 2 ? line->text + 2 : "";
}

static struct pc_sdp_line *find(struct pc_sdp_line *line, char type)
{
	while (line && pc_sdp_type(line) != type)
		line = line->next;
	return line;
}

struct pc_sdp_line *pc_sdp_find(const struct pc_sdp_section *section, char type)
{
	return find(section->first, type);
}

const char *pc_sdp_line_attr(const struct pc_sdp_line *line, const char *name)
{
	const char *text = line->text;
	size_t n = strlen(name);

	if (text[0] != 'a' || text[1] != '=' || strncmp(text + 2, name, n) != 0)
		return NULL;
	text += 2 + n;
	if (*text == ':')
		return text + 1;
	while (*text == ' ' || *text == '\t')
		text++;
	return *text ? NULL : text;
}

struct pc_sdp_line *pc_sdp_find_attr(struct pc_sdp_line *from, const char *name)
{
	while (from && !pc_sdp_line_attr(from, name))
		from = from->next;
	return from;
}

const char *pc_sdp_attr(const struct pc_sdp_section *section, const char *name)
{
	const struct pc_sdp_line *line;
	const char *value;

	for (line = section->first; line; line = line->next) {
		value = pc_sdp_line_attr(line, name);
		if (value)
			return value;
	}
	return NULL;
}

const char *pc_sdp_attr_inherited(const struct pc_sdp *sdp,
				  const struct pc_sdp_section *section,
				  const char *name)
{
	const char *value = pc_sdp_attr(section, name);

	return value ? value : pc_sdp_attr(&sdp->session, name);
}

struct pc_sdp_section *pc_sdp_section_by_mid(const struct pc_sdp *sdp,
					     const char *mid)
{
	struct pc_sdp_section *section;
	const char *has;

	for (section = sdp->media; section; section = section->next) {
		has = pc_sdp_attr(section, "mid");
		if (has && strcmp(has, mid) == 0)
			return section;
	}
	return NULL;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *pc_sdp_word(const char **text, size_t *len)
{
	const char *start = *text, *end;

	while (blank(*start))
		start++;
	for (end = start; *end && !blank(*end); end++)
		;
	*text = end;
	*len = (size_t)(end - start);
	return *len ? start : NULL;
}

bool pc_sdp_section_rejected(const struct pc_sdp_section *section)
{
	const char *at = pc_sdp_value(section->first), *port;
	size_t len;

	pc_sdp_word(&at, &len);
	port = pc_sdp_word(&at, &len);
	return port && len == strspn(port, "0") &&
	       !pc_sdp_attr(section, "bundle-only");
}
