/* The values of headers, letter by letter (RFC 3261 25.1). See guard.h. */
#include "sip/guard.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct cursor {
	const char *p, *end;
};

static bool at(const struct cursor *c, char wanted)
{
	return c->p < c->end && *c->p == wanted;
}

static void skip_blanks(struct cursor *c)
{
	while (c->p < c->end && *c->p && strchr(" \t\r\n", *c->p))
		c->p++;
}

static bool is_token(char ch)
{
	return isalnum((unsigned char)ch) || (ch && strchr("-.!%*_+`'~", ch));
}

static bool skip_token(struct cursor *c)
{
	const char *from = c->p;

	while (c->p < c->end && is_token(*c->p))
		c->p++;
	return c->p > from;
}

/* From one " to the other; a backslash takes its neighbour along. */
static bool skip_quoted(struct cursor *c)
{
	for (c->p++; c->p < c->end; c->p++) {
		if (*c->p == '\\')
			c->p++;
		else if (*c->p == '"')
			break;
	}
	if (c->p >= c->end)
		return false;
	c->p++;
	return true;
}

/* What follows = in a parameter: a token, a host, a quoted string. */
static const char *skip_param_value(struct cursor *c)
{
	const char *from = c->p;

	if (at(c, '"'))
		return skip_quoted(c) ? NULL : "a quote that does not close";
	while (c->p < c->end && !strchr(" \t\r\n;,\"<>", *c->p))
		c->p++;
	return c->p > from ? NULL : "a parameter without its value";
}

/* *( SEMI name [ EQUAL value ] ) */
static const char *skip_params(struct cursor *c)
{
	const char *why;

	for (skip_blanks(c); at(c, ';'); skip_blanks(c)) {
		c->p++;
		skip_blanks(c);
		if (!skip_token(c))
			return "an empty parameter";
		skip_blanks(c);
		if (!at(c, '='))
			continue;
		c->p++;
		skip_blanks(c);
		why = skip_param_value(c);
		if (why)
			return why;
	}
	return NULL;
}

static bool escapes_ok(const char *p, const char *end)
{
	for (; p < end; p++)
		if (*p == '%' &&
		    (end - p < 3 || !isxdigit((unsigned char)p[1]) ||
		     !isxdigit((unsigned char)p[2])))
			return false;
	return true;
}

/* host [ COLON port ]: of a URI without blanks, of a Via with */
static const char *skip_host(struct cursor *c, bool blanks)
{
	struct pc_sip_span port;
	const char *from = c->p;

	if (at(c, '[')) {
		while (c->p < c->end && *c->p != ']')
			c->p++;
		if (c->p++ == c->end)
			return "a [ that does not close";
	} else {
		while (c->p < c->end && (isalnum((unsigned char)*c->p) ||
					 (*c->p && strchr("-._", *c->p))))
			c->p++;
	}
	if (c->p == from)
		return "no host";
	if (blanks)
		skip_blanks(c);
	if (!at(c, ':'))
		return NULL;
	c->p++;
	if (blanks)
		skip_blanks(c);
	port.p = c->p;
	while (c->p < c->end && isdigit((unsigned char)*c->p))
		c->p++;
	port.len = (size_t)(c->p - port.p);
	return pc_sip_guard_number(port, 65535) ? "a broken port" : NULL;
}

/* What follows sip: (19.1.1): [ user @ ] host [ : port ] *( ; p [ = v ] ) ... */
static const char *sip_uri(struct cursor c)
{
	const char *host, *why;

	if (c.p >= c.end)
		return "no host";
	host = memchr(c.p, '@', (size_t)(c.end - c.p));
	if (!escapes_ok(c.p, c.end))
		return "a broken escape in a URI";
	if (host == c.p)
		return "a URI without a user before its @";
	c.p = host ? host + 1 : c.p;
	why = skip_host(&c, false);
	while (!why && at(&c, ';')) {
		c.p++;
		if (c.p == c.end || strchr(";?=", *c.p))
			return "an empty parameter in a URI";
		while (c.p < c.end && !strchr(";?", *c.p))
			c.p++;
		if (c.p[-1] == '=')
			return "a parameter of a URI without its value";
	}
	if (!why && c.p < c.end && *c.p != '?')
		why = "a character that no host may have";
	return why;
}

const char *pc_sip_guard_uri(struct pc_sip_span uri)
{
	struct pc_sip_span scheme = { uri.p, 0 };
	struct cursor c = { uri.p, uri.p + uri.len };

	if (uri.len == 0 || !isalpha((unsigned char)*c.p))
		return "not a URI";
	while (c.p < c.end && (isalnum((unsigned char)*c.p) || *c.p == '+' ||
			       *c.p == '-' || *c.p == '.'))
		c.p++;
	if (!at(&c, ':') || c.p + 1 == c.end)
		return "not a URI";
	scheme.len = (size_t)(c.p++ - uri.p);
	for (const char *q = c.p; q < c.end; q++)
		if ((unsigned char)*q <= ' ' || *q == 0x7f ||
		    strchr("<>\"", *q))
			return "a character that no URI may have";
	if (pc_sip_span_is(scheme, "sip") || pc_sip_span_is(scheme, "sips"))
		return sip_uri(c);
	/* osip2 takes all that begin so for one of those two */
	return strncasecmp(uri.p, "sip", 3) ? NULL : "an unknown scheme";
}

/* "Bob" <uri>, Bob <uri>, <uri>: up to the <; or nothing of it. */
static const char *skip_display_name(struct cursor *c)
{
	const char *from = c->p;

	if (at(c, '"')) {
		if (!skip_quoted(c))
			return "a quote that does not close";
		skip_blanks(c);
		return at(c, '<') ? NULL : "a name without <URI>";
	}
	while (c->p < c->end &&
	       ((unsigned char)*c->p >= ' ' || strchr("\t\r\n", *c->p)) &&
	       !strchr("\"<>,;:@\\", *c->p))
		c->p++;
	if (!at(c, '<'))
		c->p = from;
	return NULL;
}

static const char *skip_address(struct cursor *c)
{
	struct pc_sip_span uri;
	const char *why, *close;

	skip_blanks(c);
	why = skip_display_name(c);
	if (why)
		return why;
	if (at(c, '<')) {
		close = memchr(c->p, '>', (size_t)(c->end - c->p));
		if (!close)
			return "a < that does not close";
		uri = (struct pc_sip_span){ c->p + 1,
					    (size_t)(close - c->p - 1) };
		c->p = close + 1;
	} else {
		uri.p = c->p;
		while (c->p < c->end && !strchr(" \t\r\n;,", *c->p))
			c->p++;
		uri.len = (size_t)(c->p - uri.p);
		if (memchr(uri.p, '?', uri.len)) /* 20.10 */
			return "a URI with ? and without <>";
	}
	why = pc_sip_guard_uri(uri);
	return why ? why : skip_params(c);
}

const char *pc_sip_guard_address(struct pc_sip_span value, bool list)
{
	struct cursor c = { value.p, value.p + value.len };
	const char *why;

	for (;;) {
		why = skip_address(&c);
		if (why)
			return why;
		if (c.p == c.end)
			return NULL;
		if (!at(&c, ','))
			return "something after its URI";
		if (!list)
			return "more than one value";
		c.p++;
	}
}

const char *pc_sip_guard_number(struct pc_sip_span value,
				unsigned long long max)
{
	unsigned long long n = 0;

	if (value.len == 0)
		return "not a number";
	for (size_t i = 0; i < value.len; i++) {
		if (!isdigit((unsigned char)value.p[i]))
			return "not a number";
		n = n * 10 + (unsigned long long)(value.p[i] - '0');
		if (n > max)
			return "too large a number";
	}
	return NULL;
}

/* SIP / 2.0 / UDP: blanks may stand around each slash. */
static bool skip_protocol(struct cursor *c)
{
	for (int i = 0; i < 3; i++) {
		if (i > 0) {
			if (!at(c, '/'))
				return false;
			c->p++;
		}
		skip_blanks(c);
		if (!skip_token(c))
			return false;
		if (i < 2)
			skip_blanks(c);
	}
	return true;
}

const char *pc_sip_guard_via(struct pc_sip_span value)
{
	struct cursor c = { value.p, value.p + value.len };
	const char *why;

	for (;; c.p++) {
		skip_blanks(&c);
		if (!skip_protocol(&c))
			return "a Via without its protocol";
		if (c.p == c.end || !strchr(" \t\r\n", *c.p))
			return "a Via without a host";
		skip_blanks(&c);
		why = skip_host(&c, true);
		if (!why)
			why = skip_params(&c);
		if (why)
			return why;
		if (c.p == c.end)
			return NULL;
		if (!at(&c, ','))
			return "a Via with something after it";
	}
}

static bool is_content_type(struct cursor line)
{
	struct pc_sip_span name = { line.p, 0 };

	while (line.p < line.end && is_token(*line.p))
		line.p++;
	name.len = (size_t)(line.p - name.p);
	skip_blanks(&line);
	return at(&line, ':') && (pc_sip_span_is(name, "Content-Type") ||
				  pc_sip_span_is(name, "c"));
}

const char *pc_sip_guard_multipart(struct pc_sip_span body)
{
	const char *end = body.p + body.len, *nl;
	bool heads = false; /* in the headers of a part */
	int types = 0;

	for (const char *p = body.p; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end - 1;
		if (nl - p >= 2 && p[0] == '-' && p[1] == '-') {
			heads = true;
			types = 0;
		} else if (*p == '\r' || *p == '\n') {
			heads = false;
		} else if (heads && is_content_type((struct cursor){ p, nl })) {
			types++;
		}
		if (types > 1)
			return "more than one Content-Type of a part";
	}
	return NULL;
}
