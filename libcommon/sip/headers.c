/* Headers for people; see headers.h. */
#include "sip/headers.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "sip/text.h"

#define NAME_MAX_BYTES 60
#define EACH_MAX       64 /* each costs a look at the whole message */

const char *const pc_sip_headers_shown[] = {
	"Reason",      "P-Asserted-Identity",
	"Diversion",   "History-Info",
	"Subject",     "Call-Info",
	"Alert-Info",  "Referred-By",
	"Retry-After", NULL
};

/* --- out ------------------------------------------------------------------ */

/* RFC 3261 25.1. */
static size_t token_len(const char *text)
{
	size_t n = 0;

	while (isalnum((unsigned char)text[n]) ||
	       (text[n] && strchr("-.!%*_+`'~", text[n])))
		n++;
	return n;
}

/* What the message is made of: a user's would break it. */
static bool reserved(const char *name, size_t len)
{
	static const char *const names[] = { "Via",          "From",
					     "To",           "Call-ID",
					     "CSeq",         "Contact",
					     "Route",        "Record-Route",
					     "Max-Forwards", "Content-Length",
					     "Content-Type", "RSeq",
					     "RAck" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len &&
		    strncasecmp(names[i], name, len) == 0)
			return true;
	return len == 1; /* a compact name */
}

bool pc_sip_header_valid(const char *line, const char **why)
{
	size_t n = token_len(line);
	const char *colon = line + n + strspn(line + n, " \t");

	*why = "is not 'Name: value'";
	if (n == 0 || n > NAME_MAX_BYTES || *colon != ':')
		return false;
	for (const char *p = colon; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f)
			return false;
	*why = "is made by the call itself";
	return !reserved(line, n);
}

int pc_sip_header_add(osip_message_t *msg, const char *line)
{
	size_t n = token_len(line);
	const char *colon = strchr(line + n, ':');
	char name[NAME_MAX_BYTES + 1];

	if (!colon || n == 0 || n > NAME_MAX_BYTES)
		return -EINVAL;
	snprintf(name, sizeof(name), "%.*s", (int)n, line);
	return pc_sip_add(msg, name, colon + 1 + strspn(colon + 1, " \t"));
}

/* --- in ------------------------------------------------------------------- */

/* All values of one header, joined; out stays empty when there is none. */
static bool join(struct pc_buf *out, const char *data, size_t len,
		 const char *name)
{
	struct pc_sip_span value;
	bool any = false;
	size_t at = 0;

	while (pc_sip_text_header(data, len, name, &at, &value)) {
		if (any)
			pc_buf_adds(out, ", ");
		any = true;
		for (size_t i = 0; i < value.len; i++) /* folded (7.3.1) */
			if (value.p[i] != '\r' && value.p[i] != '\n')
				pc_buf_add(out, &value.p[i], 1);
	}
	return any;
}

static void show(json_t **object, const char *data, size_t len,
		 const char *name)
{
	struct pc_buf value = { 0 };

	if (join(&value, data, len, name) && !value.oom) {
		if (!*object)
			*object = json_object();
		json_object_set_new(
			*object, name,
			pc_json_text(value.data ? value.data : "", value.len));
	}
	pc_buf_fini(&value);
}

json_t *pc_sip_headers(const char *data, size_t len, const char *const *more,
		       size_t n)
{
	json_t *object = NULL;

	for (const char *const *name = pc_sip_headers_shown; *name; name++)
		show(&object, data, len, *name);
	for (size_t i = 0; i < n; i++)
		show(&object, data, len, more[i]);
	return object;
}

/* The header line at p: its name, and where the next line begins. */
static const char *line_at(const char *p, const char *end, char *name,
			   size_t size)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	size_t n = token_len(p);

	name[0] = '\0';
	if (n > 0 && n < size && p[n + strspn(p + n, " \t")] == ':')
		snprintf(name, size, "%.*s", (int)n, p);
	return nl ? nl + 1 : end;
}

static bool seen(const char *data, const char *at, const char *name)
{
	char before[NAME_MAX_BYTES + 1];

	for (const char *p = data; p < at;) {
		p = line_at(p, at, before, sizeof(before));
		if (strcasecmp(before, name) == 0)
			return true;
	}
	return false;
}

/* Names are equal in any case (7.3.1): a program wants but one of them. */
static void canonical(char *name)
{
	bool first = true;

	for (char *p = name; *p; p++) {
		*p = (char)(first ? toupper((unsigned char)*p)
				  : tolower((unsigned char)*p));
		first = *p == '-';
	}
}

void pc_sip_headers_each(const char *data, size_t len, pc_sip_headers_fn *fn,
			 void *arg)
{
	const char *end = data + len, *p, *next;
	char name[NAME_MAX_BYTES + 1], ignored[2];
	unsigned n = 0;

	for (p = line_at(data, end, ignored, sizeof(ignored));
	     p < end && n < EACH_MAX; p = next) {
		struct pc_buf value = { 0 };

		if (*p == '\r' || *p == '\n')
			break; /* the body */
		next = line_at(p, end, name, sizeof(name));
		if (name[0] && !reserved(name, strlen(name)) &&
		    !seen(data, p, name) && join(&value, data, len, name)) {
			canonical(name);
			n++;
			fn(arg, name, value.data ? value.data : "", value.len);
		}
		pc_buf_fini(&value);
	}
}

/* --- Reason ---------------------------------------------------------------- */

/* A quoted string without its quotes; a token as it is. */
static void unquote(char *to, size_t size, struct pc_sip_span s)
{
	bool quoted = s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"';
	size_t used = 0;

	for (size_t i = quoted; i < s.len - quoted && used + 1 < size; i++) {
		if (quoted && s.p[i] == '\\' && i + 1 < s.len - quoted)
			i++;
		to[used++] = s.p[i];
	}
	to[used] = '\0';
}

static bool reason_parse(struct pc_sip_reason *r, struct pc_sip_span value)
{
	struct pc_sip_span param;
	char number[8];
	size_t n = 0, after;

	*r = (struct pc_sip_reason){ .cause = 0 };
	while (n < value.len && n + 1 < sizeof(r->protocol) &&
	       (isalnum((unsigned char)value.p[n]) ||
		strchr("-.!%*_+`'~", value.p[n])))
		n++;
	for (after = n; after < value.len && strchr(" \t\r\n", value.p[after]);)
		after++;
	if (n == 0 || (after < value.len && value.p[after] != ';'))
		return false;
	memcpy(r->protocol, value.p, n);
	if (pc_sip_text_param(value, "cause", &param)) {
		unquote(number, sizeof(number), param);
		r->cause = (int)strtol(number, NULL, 10);
	}
	if (pc_sip_text_param(value, "text", &param))
		unquote(r->text, sizeof(r->text), param);
	return true;
}

bool pc_sip_reason_of(struct pc_sip_reason *reason, const char *data,
		      size_t len)
{
	struct pc_sip_span value = pc_sip_text_get(data, len, "Reason");

	return value.p && reason_parse(reason, pc_sip_text_first(value));
}

/* No control characters, and every quote closed. */
static bool one_line(const char *text)
{
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return false;
		if (quoted && *p == '\\' && p[1])
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return !quoted;
}

int pc_sip_reason_make(char *value, size_t size, const char *written)
{
	struct pc_sip_span span = { written, strlen(written) };
	struct pc_sip_reason r;
	const char *phrase;
	int n;

	if (!one_line(written))
		return -EINVAL;
	if (strspn(written, "0123456789") == 3 && !written[3]) {
		if (written[0] < '1' || written[0] > '6')
			return -EINVAL;
		phrase = osip_message_get_reason(atoi(written));
		n = snprintf(value, size, "SIP;cause=%s%s%s%s", written,
			     phrase ? ";text=\"" : "", phrase ? phrase : "",
			     phrase ? "\"" : "");
	} else {
		if (!reason_parse(&r, span) || !strchr(written, ';') ||
		    (r.cause == 0 && !r.text[0]))
			return -EINVAL;
		n = snprintf(value, size, "%s", written);
	}
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}
