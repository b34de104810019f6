/*
 * Each line by itself and their order (RFC 8866 section 9).
 */
#include "sdp/attribute.h"
#include "sdp/judge.h"
#include "sdp/pattern.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct type {
	char letter;
	const char *pattern, *form, *rfc;
	bool once; /* in a section */
};

/* In the order that RFC 8866 section 5 demands; m= begins a section. */
static const struct type types[] = {
	{ 'v', "0", "version 0", "RFC 8866 section 5.1", true },
	{ 'o', "%w %d %d %t %t %w",
	  "<username> <id> <version> IN IP4|IP6 <address>",
	  "RFC 8866 section 5.2", true },
	{ 's', "[%r]", "a name, or - or one space", "RFC 8866 section 5.3",
	  true },
	{ 'i', "%r", "text", "RFC 8866 section 5.4", true },
	{ 'u', "%r", "a URI", "RFC 8866 section 5.5", true },
	{ 'e', "%r", "an email address", "RFC 8866 section 5.6", false },
	{ 'p', "%r", "a phone number", "RFC 8866 section 5.6", false },
	{ 'c', "%t %t %w", "IN IP4|IP6 <address>", "RFC 8866 section 5.7",
	  false },
	{ 'b', "%t:%d", "<kind>:<kilobits per second>", "RFC 8866 section 5.8",
	  false },
	{ 't', "%d %d", "<start> <stop>", "RFC 8866 section 5.9", false },
	{ 'r', "%y %y{ %y}", "<interval> <duration> <offsets>",
	  "RFC 8866 section 5.10", false },
	{ 'z', "%d %y{ %d %y}", "<time> <offset>", "RFC 8866 section 5.11",
	  true },
	{ 'k', "%t[:%r]", "<method>[:<key>]", "RFC 8866 section 5.12", true },
	{ 'a', "%t[:%r]", "<name>[:<value>]", "RFC 8866 section 5.13", false },
};
#define N_TYPES (sizeof(types) / sizeof(types[0]))
static const char session_only[] = "vosueptrz";
static const char media_pattern[] = "%t %d[/%d] %w %w{ %w}";
static const char rfc_order[] = "RFC 8866 section 5";

void pc_sdp_blame(struct pc_sdp_judge *judge, enum pc_sdp_severity severity,
		  const struct pc_sdp_line *line, size_t column,
		  const char *rfc, const char *fmt, ...)
{
	struct pc_sdp_error err = { .where = judge->where, .rfc = rfc };
	va_list ap;

	err.line = line ? line->number : 0;
	err.column = line ? (unsigned)column : 0;
	va_start(ap, fmt);
	vsnprintf(err.what, sizeof(err.what), fmt, ap);
	va_end(ap);
	if (severity == PC_SDP_ERROR)
		judge->errors++;
	else
		judge->warnings++;
	if (judge->fn)
		judge->fn(judge->arg, severity, &err);
}

static const struct type *type_of(char letter)
{
	size_t i;

	for (i = 0; i < N_TYPES; i++)
		if (types[i].letter == letter)
			return &types[i];
	return NULL;
}

/* a=name or a=name:value, when the name is known. */
static void judge_attribute(struct pc_sdp_judge *j,
			    const struct pc_sdp_line *line, bool in_media)
{
	const struct pc_sdp_attribute *a = pc_sdp_attribute_of(line);
	const size_t n = pc_sdp_attribute_name_len(line);
	const char *behind = pc_sdp_value(line) + n;
	size_t column;

	if (!a)
		return;
	if (!(a->levels & (in_media ? PC_SDP_AT_MEDIA : PC_SDP_AT_SESSION)))
		pc_sdp_blame(j, PC_SDP_WARNING, line, 1, a->rfc,
			     "a=%s belongs in %s", a->name,
			     in_media ? "the session part" : "an m= section");
	if (!a->pattern) {
		if (*behind)
			pc_sdp_blame(j, PC_SDP_ERROR, line, n + 3, a->rfc,
				     "expected a=%s without a value", a->name);
	} else if (*behind != ':') {
		pc_sdp_blame(j, PC_SDP_ERROR, line, n + 3, a->rfc,
			     "expected a=%s:%s", a->name, a->form);
	} else if (!pc_sdp_pattern(a->pattern, behind + 1, &column)) {
		pc_sdp_blame(j, PC_SDP_ERROR, line, n + 4 + column, a->rfc,
			     "expected a=%s:%s", a->name, a->form);
	}
}

static void judge_media_line(struct pc_sdp_judge *j,
			     const struct pc_sdp_line *line)
{
	struct pc_sdp_error err = { 0 };
	size_t column;

	if (pc_sdp_check_m(line, &err))
		pc_sdp_blame(j, PC_SDP_ERROR, line, err.column, err.rfc, "%s",
			     err.what);
	else if (!pc_sdp_pattern(media_pattern, pc_sdp_value(line), &column))
		pc_sdp_blame(j, PC_SDP_ERROR, line, column + 3,
			     "RFC 8866 section 5.14",
			     "expected m=<media> <port> <proto> <fmt>..., "
			     "with one space between each");
}

static void judge_value(struct pc_sdp_judge *j, const struct pc_sdp_line *line,
			bool in_media)
{
	const struct type *type = type_of(pc_sdp_type(line));
	size_t column;

	if (!type) {
		pc_sdp_blame(j, PC_SDP_ERROR, line, 1, rfc_order,
			     "expected a letter of %s, not %c", rfc_order,
			     pc_sdp_type(line));
	} else if (in_media && strchr(session_only, type->letter)) {
		pc_sdp_blame(j, PC_SDP_ERROR, line, 1, type->rfc,
			     "expected %c= only in the session part, before "
			     "any m= line",
			     type->letter);
	} else if (!pc_sdp_pattern(type->pattern, pc_sdp_value(line),
				   &column)) {
		pc_sdp_blame(j, PC_SDP_ERROR, line, column + 3, type->rfc,
			     "expected %c=%s", type->letter, type->form);
	} else if (type->letter == 'a') {
		judge_attribute(j, line, in_media);
	}
}

/* What no line may have, whatever its type. false: look no further. */
static bool judge_text(struct pc_sdp_judge *j, const struct pc_sdp_line *line)
{
	static const char rfc[] = "RFC 8866 section 9";
	const char *cr = memchr(line->text, '\r', line->len);

	if (!line->len) {
		pc_sdp_blame(j, PC_SDP_ERROR, line, 1, rfc,
			     "expected no blank line");
		return false;
	}
	if (cr) {
		pc_sdp_blame(j, PC_SDP_ERROR, line,
			     (size_t)(cr - line->text) + 1, rfc,
			     "expected a line feed after the CR");
		return false;
	}
	if (line->len < 2 || !isalpha((unsigned char)line->text[0]) ||
	    line->text[1] != '=') {
		pc_sdp_blame(j, PC_SDP_ERROR, line, 1, rfc_order,
			     "expected <letter>=<value>");
		return false;
	}
	return true;
}

/* The place of a letter in its section; SIZE_MAX: none. */
static size_t rank(char letter)
{
	const struct type *type = type_of(letter);

	if (letter == 'm')
		return 0;
	/* RFC 8866 lets t= and r= lines repeat in turn. */
	if (letter == 'r')
		letter = 't', type = type_of(letter);
	return type ? (size_t)(type - types) : SIZE_MAX;
}

static void judge_section(struct pc_sdp_judge *j,
			  const struct pc_sdp_section *section, bool in_media)
{
	const struct pc_sdp_line *line;
	unsigned seen[128] = { 0 };
	size_t at = 0, r;

	for (line = section->first; line; line = line->next) {
		const char letter = pc_sdp_type(line);

		if (!judge_text(j, line))
			continue;
		if (letter == 'm' && in_media)
			judge_media_line(j, line);
		else
			judge_value(j, line, in_media);
		r = rank(letter);
		if (r == SIZE_MAX)
			continue;
		if (r < at)
			pc_sdp_blame(j, PC_SDP_ERROR, line, 1, rfc_order,
				     "expected %c= before %c=", letter,
				     types[at].letter);
		else
			at = r;
		if (seen[(unsigned char)letter]++ && type_of(letter) &&
		    (type_of(letter)->once || (letter == 'c' && !in_media)))
			pc_sdp_blame(j, PC_SDP_ERROR, line, 1, rfc_order,
				     "expected one %c= line only", letter);
	}
}

static void judge_endings(const struct pc_sdp *sdp, struct pc_sdp_judge *j)
{
	static const char rfc[] = "RFC 8866 section 5";
	const struct pc_sdp_section *s = &sdp->session;
	const struct pc_sdp_line *line;

	for (; s; s = s == &sdp->session ? sdp->media : s->next) {
		for (line = s->first; line; line = line->next) {
			if (strcmp(line->eol, "\r\n") == 0)
				continue;
			pc_sdp_blame(j, PC_SDP_WARNING, line, line->len + 1,
				     rfc,
				     "expected CRLF at the end of this "
				     "and every line");
			return;
		}
	}
}

static void judge_required(const struct pc_sdp *sdp, struct pc_sdp_judge *j)
{
	static const char required[] = "vost";
	const char *at;

	for (at = required; *at; at++)
		if (!pc_sdp_find(&sdp->session, *at))
			pc_sdp_blame(j, PC_SDP_ERROR, sdp->session.last, 1,
				     type_of(*at)->rfc,
				     "expected %c=%s among the session's "
				     "lines, which end here",
				     *at, type_of(*at)->form);
}

void pc_sdp_grammar(const struct pc_sdp *sdp, struct pc_sdp_judge *judge)
{
	const struct pc_sdp_section *s;

	judge_section(judge, &sdp->session, false);
	judge_required(sdp, judge);
	for (s = sdp->media; s; s = s->next)
		judge_section(judge, s, true);
	judge_endings(sdp, judge);
}
