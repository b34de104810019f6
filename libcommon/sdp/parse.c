/*
 * Bytes to lines and sections (RFC 8866 sections 5 and 9). One pass: each
 * byte is looked at a fixed number of times, whatever the document.
 */
#include "sdp/arena.h"
#include "sdp/sdp.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	struct pc_sdp *sdp;
	struct pc_sdp_error *err;
	unsigned flags, number;
	bool versioned; /* v= was seen */
};

int pc_sdp_fail(struct pc_sdp_error *err, const struct pc_sdp_line *line,
		const char *rfc, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -EBADMSG;
	err->line = line ? line->number : 0;
	err->column = line ? 1 : 0;
	err->rfc = rfc;
	va_start(ap, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

void pc_sdp_error_text(const struct pc_sdp_error *err, struct pc_buf *out)
{
	if (err->line)
		pc_buf_printf(out, "line %u: ", err->line);
	if (err->column > 1)
		pc_buf_printf(out, "column %u: ", err->column);
	pc_buf_add_printable(out, err->what, strlen(err->what));
	pc_buf_printf(out, " (%s)", err->rfc);
}

static int fail_in(struct pc_sdp_error *err, unsigned number, size_t column,
		   const char *rfc, const char *what)
{
	struct pc_sdp_line here = { .number = number };

	pc_sdp_fail(err, &here, rfc, "%s", what);
	if (err)
		err->column = (unsigned)column + 1;
	return -EBADMSG;
}

static int fail_at(struct parser *p, size_t column, const char *rfc,
		   const char *what)
{
	return fail_in(p->err, p->number, column, rfc, what);
}

/* A decimal number of at most max at *text, moving behind it; or -1. */
static long number(const char **text, long max)
{
	const char *p = *text;
	long value = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++) {
		value = value * 10 + (*p - '0');
		if (value > max)
			return -1;
	}
	*text = p;
	return value;
}

/* m=<media> <port>[/<count>] <proto> <fmt> ... (RFC 8866 section 5.14) */
int pc_sdp_check_m(const struct pc_sdp_line *m, struct pc_sdp_error *err)
{
	static const char rfc[] = "RFC 8866 section 5.14";
	const char *line = m->text, *at = line + 2, *word;
	size_t len;
	long port;

	if (!pc_sdp_word(&at, &len))
		return fail_in(err, m->number, 2, rfc,
			       "expected m=<media> <port> <proto> <fmt>");
	word = pc_sdp_word(&at, &len);
	if (!word)
		return fail_in(err, m->number, strlen(line), rfc,
			       "expected a port");
	at = word;
	port = number(&at, 65535);
	if (port >= 0 && *at == '/') {
		at++;
		port = number(&at, 65535);
	}
	if (port < 0 || at != word + len)
		return fail_in(err, m->number, (size_t)(word - line), rfc,
			       "expected a port from 0 to 65535");
	if (!pc_sdp_word(&at, &len))
		return fail_in(err, m->number, strlen(line), rfc,
			       "expected a protocol, like RTP/AVP");
	return 0;
}

static int check_version(struct parser *p, const char *line)
{
	static const char rfc[] = "RFC 8866 section 5.1";
	const char *at = line + 2, *word;
	size_t len;

	if (line[0] != 'v')
		return fail_at(p, 0, rfc,
			       "expected v=0, which begins a description");
	word = pc_sdp_word(&at, &len);
	if (!word || len != 1 || word[0] != '0')
		return fail_at(p, 2, rfc, "expected version 0");
	p->versioned = true;
	return 0;
}

static int check_line(struct parser *p, const struct pc_sdp_line *l)
{
	const char *line = l->text, *cr = memchr(line, '\r', l->len);
	const size_t len = l->len;

	if (p->flags & PC_SDP_LENIENT)
		return 0;
	if (cr)
		return fail_at(p, (size_t)(cr - line), "RFC 8866 section 9",
			       "expected a line feed after the CR");
	if (len < 2 || !isalpha((unsigned char)line[0]) || line[1] != '=')
		return fail_at(p, 0, "RFC 8866 section 5",
			       "expected <letter>=<value>");
	if (!p->versioned && !(p->flags & PC_SDP_FRAGMENT))
		return check_version(p, line);
	if (line[0] == 'm')
		return pc_sdp_check_m(l, p->err);
	return 0;
}

static void append_line(struct pc_sdp_section *section,
			struct pc_sdp_line *line)
{
	line->prev = section->last;
	if (section->last)
		section->last->next = line;
	else
		section->first = line;
	section->last = line;
}

static struct pc_sdp_section *new_section(struct pc_sdp *sdp)
{
	struct pc_sdp_section *section =
		pc_sdp_arena_alloc(sdp->arena, sizeof(*section));

	if (!section)
		return NULL;
	section->prev = sdp->last_media;
	if (sdp->last_media)
		sdp->last_media->next = section;
	else
		sdp->media = section;
	sdp->last_media = section;
	sdp->n_media++;
	return section;
}

/* The bytes at..end that end a line, as text that outlives the NUL we put. */
static const char *line_ending(struct pc_sdp *sdp, const char *at, size_t len)
{
	if (len == 0)
		return "";
	if (len == 1 && at[0] == '\n')
		return "\n";
	if (len == 2 && at[0] == '\r' && at[1] == '\n')
		return "\r\n";
	return pc_sdp_arena_text(sdp->arena, at, len); /* "\r\r\n" is seen */
}

/* Take one line of len bytes, its ending included. */
static int take_line(struct parser *p, char *text, size_t len)
{
	struct pc_sdp_section *section = p->sdp->last_media;
	struct pc_sdp_line *line;
	size_t end = len;
	int rc;

	if (end && text[end - 1] == '\n')
		end--;
	while (end && text[end - 1] == '\r')
		end--;
	line = pc_sdp_arena_alloc(p->sdp->arena, sizeof(*line));
	if (!line)
		return -ENOMEM;
	line->eol = line_ending(p->sdp, text + end, len - end);
	if (!line->eol)
		return -ENOMEM;
	line->number = ++p->number;
	line->text = text;
	line->len = end;
	if (!p->sdp->eol && text[len - 1] == '\n')
		p->sdp->eol = line->eol;
	text[end] = '\0';
	rc = end ? check_line(p, line) : 0;
	if (rc)
		return rc;
	if (text[0] == 'm' && text[1] == '=')
		section = new_section(p->sdp);
	else if (!section)
		section = &p->sdp->session;
	if (!section)
		return -ENOMEM;
	append_line(section, line);
	return 0;
}

static int take_all(struct parser *p, char *text, size_t len)
{
	const char *nul = memchr(text, '\0', len);
	size_t at = 0;

	while (at < len) {
		const char *lf = memchr(text + at, '\n', len - at);
		size_t n = (lf ? (size_t)(lf + 1 - text) : len) - at;
		int rc;

		if (nul && nul < text + at + n) {
			p->number++;
			return fail_at(p, (size_t)(nul - text) - at,
				       "RFC 8866 section 9",
				       "expected text, not a NUL byte");
		}
		rc = take_line(p, text + at, n);
		if (rc)
			return rc;
		at += n;
	}
	if (!p->versioned && !(p->flags & (PC_SDP_FRAGMENT | PC_SDP_LENIENT)))
		return pc_sdp_fail(p->err, NULL, "RFC 8866 section 5.1",
				   "expected a description, which begins with "
				   "v=0, not an empty document");
	return 0;
}

int pc_sdp_parse(struct pc_sdp **sdp, const char *data, size_t len,
		 unsigned flags, struct pc_sdp_error *err)
{
	struct parser p = { .flags = flags, .err = err };
	char *text = NULL;
	int rc = -ENOMEM;

	p.sdp = calloc(1, sizeof(*p.sdp));
	if (!p.sdp)
		return -ENOMEM;
	p.sdp->arena = pc_sdp_arena_new();
	if (p.sdp->arena)
		text = pc_sdp_arena_text(p.sdp->arena, data, len);
	if (text)
		rc = take_all(&p, text, len);
	if (rc) {
		pc_sdp_free(p.sdp);
		return rc;
	}
	if (!p.sdp->eol)
		p.sdp->eol = "\r\n";
	*sdp = p.sdp;
	return 0;
}

void pc_sdp_free(struct pc_sdp *sdp)
{
	if (!sdp)
		return;
	pc_sdp_arena_free(sdp->arena);
	free(sdp);
}
