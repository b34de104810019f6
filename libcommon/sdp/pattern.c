#include "sdp/pattern.h"

#include <ctype.h>
#include <string.h>

struct match {
	const char *far; /* the furthest that any try came */
};

static bool is_token(char c)
{
	return isalnum((unsigned char)c) ||
	       (c && strchr("!#$%&'*+-.^_`{|}~", c));
}

static bool is_ice(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/';
}

static bool fits(char kind, char c)
{
	switch (kind) {
	case 'd':
		return isdigit((unsigned char)c);
	case 't':
		return is_token(c);
	case 'w':
		return c && c != ' ';
	case 'i':
		return is_ice(c);
	default: /* 'r' */
		return c != '\0';
	}
}

/* 4A:AD:B9 */
static const char *take_hex(const char *text)
{
	while (isxdigit((unsigned char)text[0]) &&
	       isxdigit((unsigned char)text[1])) {
		text += 2;
		if (*text != ':')
			return text;
		text++;
	}
	return NULL;
}

/* Behind what a %kind takes of text; NULL: nothing fits. */
static const char *take(char kind, const char *text)
{
	const char *start = text;

	if (kind == 'x')
		return take_hex(text);
	if (kind == 'y') {
		text += *text == '-';
		start = text;
		while (isdigit((unsigned char)*text))
			text++;
		if (text == start)
			return NULL;
		return text + (*text && strchr("dhms", *text) ? 1 : 0);
	}
	while (fits(kind, *text))
		text++;
	return text == start ? NULL : text;
}

/* Behind the ] or } that ends the group whose content begins at pattern. */
static const char *group_end(const char *pattern)
{
	unsigned depth = 1;

	for (; depth; pattern++) {
		if (*pattern == '[' || *pattern == '{')
			depth++;
		else if (*pattern == ']' || *pattern == '}')
			depth--;
	}
	return pattern;
}

/* Match pattern up to its end or its closing ]}; behind it in text, or NULL. */
static const char *match(struct match *m, const char *pattern, const char *text)
	__attribute__((nonnull));
static const char *match(struct match *m, const char *pattern, const char *text)
{
	while (*pattern && *pattern != ']' && *pattern != '}') {
		const char *behind = NULL;

		if (*pattern == '[' || *pattern == '{') {
			const char again = *pattern;

			do {
				behind = match(m, pattern + 1, text);
				if (behind)
					text = behind;
			} while (behind && again == '{');
			pattern = group_end(pattern + 1);
			continue;
		}
		if (*pattern == '%')
			behind = take(*++pattern, text);
		else if (*pattern == *text)
			behind = text + 1;
		if (!behind)
			return NULL;
		text = behind;
		if (text > m->far)
			m->far = text;
		pattern++;
	}
	return text;
}

bool pc_sdp_pattern(const char *pattern, const char *text, size_t *column)
{
	struct match m = { .far = text };
	const char *end = match(&m, pattern, text);

	if (end && !*end)
		return true;
	*column = (size_t)(m.far - text);
	return false;
}
