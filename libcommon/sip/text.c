/* SIP messages as text: start line, headers, parameters. See text.h. */
#include "sip/text.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	char compact;
} compact_forms[] = {
	/* 20, and RFC 3515, 3892, 6665 for the last ones */
	{ "Via", 'v' },          { "From", 'f' },
	{ "To", 't' },           { "Call-ID", 'i' },
	{ "Contact", 'm' },      { "Content-Length", 'l' },
	{ "Content-Type", 'c' }, { "Content-Encoding", 'e' },
	{ "Supported", 'k' },    { "Subject", 's' },
	{ "Refer-To", 'r' },     { "Referred-By", 'b' },
	{ "Event", 'o' },        { "Allow-Events", 'u' },
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct pc_sip_span trim(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	while (end > p && is_blank(end[-1]))
		end--;
	return (struct pc_sip_span){ p, (size_t)(end - p) };
}

/* The end of the line at p: where its CR or LF is, or end. */
static const char *line_end(const char *p, const char *end)
{
	const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

	if (!nl)
		return end;
	return nl > p && nl[-1] == '\r' ? nl - 1 : nl;
}

static const char *next_line(const char *p, const char *end)
{
	const char *nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

	return nl ? nl + 1 : end;
}

static int start_response(struct pc_sip_start *start, const char *p,
			  const char *end)
{
	p += strlen("SIP/2.0 ");
	if (end - p < 3 || !isdigit((unsigned char)p[0]) ||
	    !isdigit((unsigned char)p[1]) || !isdigit((unsigned char)p[2]) ||
	    (end - p > 3 && p[3] != ' ') || p[0] == '0' || p[0] > '6')
		return -EBADMSG;
	start->status = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	start->reason = trim(p + 3, end);
	return 0;
}

int pc_sip_text_start(struct pc_sip_start *start, const char *data, size_t len)
{
	static const char version[] = " SIP/2.0";
	const size_t vlen = sizeof version - 1;
	const char *end = line_end(data, data + len), *sp;

	*start = (struct pc_sip_start){ 0 };
	if ((size_t)(end - data) > vlen && !strncasecmp(data, "SIP/2.0 ", 8))
		return start_response(start, data, end);
	if ((size_t)(end - data) < vlen + 3 ||
	    strncasecmp(end - vlen, version, vlen))
		return -EBADMSG;
	end -= vlen;
	sp = memchr(data, ' ', (size_t)(end - data));
	if (!sp || sp == data || sp + 1 == end)
		return -EBADMSG;
	start->method = (struct pc_sip_span){ data, (size_t)(sp - data) };
	start->uri = (struct pc_sip_span){ sp + 1, (size_t)(end - sp - 1) };
	for (size_t i = 0; i < start->method.len; i++)
		if (!isalnum((unsigned char)data[i]) &&
		    !strchr("-.!%*_+`'~", data[i]))
			return -EBADMSG;
	return memchr(start->uri.p, ' ', start->uri.len) ? -EBADMSG : 0;
}

bool pc_sip_text_named(struct pc_sip_span name, const char *want)
{
	if (name.len != 1)
		return pc_sip_span_is(name, want);
	for (size_t i = 0; i < sizeof compact_forms / sizeof *compact_forms;
	     i++)
		if (!strcasecmp(compact_forms[i].name, want))
			return tolower((unsigned char)*name.p) ==
			       compact_forms[i].compact;
	return false;
}

bool pc_sip_text_each(const char *data, size_t len, size_t *at,
		      struct pc_sip_span *name, struct pc_sip_span *value)
{
	const char *end = data + len, *p = data + *at, *stop, *colon;

	if (*at == 0)
		p = next_line(p, end); /* the start line */
	for (; p < end && line_end(p, end) > p; p = stop) {
		stop = next_line(p, end);
		while (stop < end && (*stop == ' ' || *stop == '\t'))
			stop = next_line(stop, end);
		colon = memchr(p, ':', (size_t)(stop - p));
		if (!colon)
			continue;
		*name = trim(p, colon);
		*value = trim(colon + 1, stop);
		*at = (size_t)(stop - data);
		return true;
	}
	return false;
}

bool pc_sip_text_header(const char *data, size_t len, const char *name,
			size_t *at, struct pc_sip_span *value)
{
	struct pc_sip_span found, v;

	while (pc_sip_text_each(data, len, at, &found, &v))
		if (pc_sip_text_named(found, name)) {
			*value = v;
			return true;
		}
	return false;
}

struct pc_sip_span pc_sip_text_get(const char *data, size_t len,
				   const char *name)
{
	struct pc_sip_span value = { NULL, 0 };
	size_t at = 0;

	pc_sip_text_header(data, len, name, &at, &value);
	return value;
}

/* From p, the first of the characters of stop outside "" and <>; or end. */
static const char *scan(const char *p, const char *end, const char *stop)
{
	bool quoted = false, angled = false;

	for (; p < end; p++) {
		if (quoted && *p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (angled)
			angled = *p != '>';
		else if (*p && strchr(stop, *p))
			return p;
		else
			angled = *p == '<';
	}
	return end;
}

struct pc_sip_span pc_sip_text_first(struct pc_sip_span value)
{
	if (!value.p)
		return value;
	return trim(value.p, scan(value.p, value.p + value.len, ","));
}

bool pc_sip_text_next(struct pc_sip_span *rest, struct pc_sip_span *value)
{
	const char *end, *comma;

	if (!rest->p)
		return false;
	end = rest->p + rest->len;
	while (rest->p < end) {
		comma = scan(rest->p, end, ",");
		*value = trim(rest->p, comma);
		rest->p = comma < end ? comma + 1 : end;
		rest->len = (size_t)(end - rest->p);
		if (value->len > 0)
			return true;
	}
	return false;
}

bool pc_sip_text_param(struct pc_sip_span value, const char *name,
		       struct pc_sip_span *param)
{
	const char *end, *p, *next, *eq;

	if (!value.p)
		return false;
	end = value.p + value.len;
	for (p = scan(value.p, end, ";"); p < end; p = next) {
		next = scan(++p, end, ";,");
		eq = scan(p, next, "=");
		if (pc_sip_span_is(trim(p, eq), name)) {
			*param = trim(eq < next ? eq + 1 : next, next);
			return true;
		}
		if (next < end && *next == ',')
			break;
	}
	return false;
}

struct pc_sip_span pc_sip_text_uri(struct pc_sip_span value)
{
	const char *end, *p, *close;

	if (!value.p)
		return value;
	end = value.p + value.len;
	p = scan(value.p, end, "<"); /* of an addr-spec: the end */
	if (p == end)
		return trim(value.p, scan(value.p, end, ";,"));
	close = memchr(p, '>', (size_t)(end - p));
	return trim(p + 1, close ? close : end);
}

bool pc_sip_span_is(struct pc_sip_span s, const char *text)
{
	return s.p && strlen(text) == s.len && !strncasecmp(s.p, text, s.len);
}

char *pc_sip_span_dup(struct pc_sip_span s)
{
	return strndup(s.p ? s.p : "", s.len);
}
