/* The values of headers, letter by letter (RFC 3261 25.1). See guard.h. */
#include "sip/guard.h"

#include <ctype.h>
#include <string.h>

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

const char *pc_sip_guard_uri(struct pc_sip_span uri)
{
	const char *end = uri.p + uri.len, *p = uri.p;

	if (uri.len == 0 || !isalpha((unsigned char)*p))
		return "not a URI";
	while (p < end && (isalnum((unsigned char)*p) || *p == '+' ||
			   *p == '-' || *p == '.'))
		p++;
	if (p == end || *p != ':' || p + 1 == end)
		return "not a URI";
	for (const char *q = p; q < end; q++)
		if ((unsigned char)*q <= ' ' || *q == 0x7f ||
		    strchr("<>\"", *q))
			return "a character that no URI may have";
	if ((pc_sip_span_is((struct pc_sip_span){ uri.p, (size_t)(p - uri.p) },
			    "sip") ||
	     pc_sip_span_is((struct pc_sip_span){ uri.p, (size_t)(p - uri.p) },
			    "sips")) &&
	    !escapes_ok(p, end))
		return "a broken escape in a URI";
	return NULL;
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

/* host [ COLON port ] (sent-by) */
static const char *skip_sent_by(struct cursor *c)
{
	struct pc_sip_span port;
	const char *from = c->p;

	if (at(c, '[')) {
		while (c->p < c->end && *c->p != ']')
			c->p++;
		c->p += c->p < c->end;
	} else {
		while (c->p < c->end && (isalnum((unsigned char)*c->p) ||
					 (*c->p && strchr("-._", *c->p))))
			c->p++;
	}
	if (c->p == from)
		return "a Via without a host";
	skip_blanks(c);
	if (!at(c, ':'))
		return NULL;
	c->p++;
	skip_blanks(c);
	port.p = c->p;
	while (c->p < c->end && isdigit((unsigned char)*c->p))
		c->p++;
	port.len = (size_t)(c->p - port.p);
	return pc_sip_guard_number(port, 65535) ? "a Via with a broken port"
						: NULL;
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
		why = skip_sent_by(&c);
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
