#include "ws/http.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* RFC 9110 section 5.6.2. */
static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct pc_http_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (!is_token_char((unsigned char)t.s[i]))
			return false;
	return t.len > 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct pc_http_text trim(struct pc_http_text t)
{
	while (t.len && is_blank(t.s[0])) {
		t.s++;
		t.len--;
	}
	while (t.len && is_blank(t.s[t.len - 1]))
		t.len--;
	return t;
}

/* No control character but TAB in what people and programs will read. */
static bool is_clean(struct pc_http_text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.s[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/*
 * The line at buf, without CRLF; a single LF is taken too (RFC 9112 2.2).
 * Returns how many bytes it took, 0 when its end is not there.
 */
static size_t take_line(struct pc_http_text *line, const char *buf, size_t len)
{
	const char *lf = len ? memchr(buf, '\n', len) : NULL;

	if (!lf)
		return 0;
	line->s = buf;
	line->len = (size_t)(lf - buf);
	if (line->len && buf[line->len - 1] == '\r')
		line->len--;
	return (size_t)(lf - buf) + 1;
}

/* "HTTP/1.x" at the beginning of t: x, or -EPROTO, or -EBADMSG. */
static int decode_version(struct pc_http_text t)
{
	if (t.len < 8 || memcmp(t.s, "HTTP/", 5) != 0 || t.s[6] != '.')
		return -EBADMSG;
	if (t.s[5] != '1' || t.s[7] < '0' || t.s[7] > '9')
		return -EPROTO;
	return t.s[7] - '0';
}

static int decode_request_line(struct pc_http_head *head,
			       struct pc_http_text line)
{
	const char *end = line.s + line.len, *sp, *last;
	struct pc_http_text version;

	sp = memchr(line.s, ' ', line.len);
	last = memrchr(line.s, ' ', line.len);
	if (!sp || last == sp || !is_clean(line))
		return -EBADMSG;
	head->method = (struct pc_http_text){ line.s, (size_t)(sp - line.s) };
	head->target = (struct pc_http_text){ sp + 1, (size_t)(last - sp - 1) };
	version = (struct pc_http_text){ last + 1, (size_t)(end - last - 1) };
	if (!is_token(head->method) || !head->target.len ||
	    memchr(head->target.s, ' ', head->target.len) || version.len != 8)
		return -EBADMSG;
	if (head->target.len > PC_HTTP_TARGET_MAX)
		return -ENAMETOOLONG;
	head->minor = decode_version(version);
	return head->minor < 0 ? head->minor : 0;
}

static int decode_status_line(struct pc_http_head *head,
			      struct pc_http_text line)
{
	head->minor = decode_version(line);
	if (head->minor < 0)
		return head->minor;
	if (line.len < 12 || line.s[8] != ' ' || !is_clean(line))
		return -EBADMSG;
	for (size_t i = 9; i < 12; i++) {
		if (line.s[i] < '0' || line.s[i] > '9')
			return -EBADMSG;
		head->status = head->status * 10 + (line.s[i] - '0');
	}
	if (line.len > 12 && line.s[12] != ' ')
		return -EBADMSG;
	if (line.len > 13)
		head->reason =
			(struct pc_http_text){ line.s + 13, line.len - 13 };
	return 0;
}

static int decode_field(struct pc_http_head *head, struct pc_http_text line)
{
	const char *colon = memchr(line.s, ':', line.len);
	struct pc_http_text name, value;

	/* A folded line begins with a blank: refused, RFC 9112 5.2. */
	if (!colon)
		return -EBADMSG;
	name = (struct pc_http_text){ line.s, (size_t)(colon - line.s) };
	value = (struct pc_http_text){ colon + 1, line.len - name.len - 1 };
	if (!is_token(name) || !is_clean(value))
		return -EBADMSG;
	if (head->n_fields == PC_HTTP_FIELDS_MAX)
		return -EMSGSIZE;
	head->fields[head->n_fields].name = name;
	head->fields[head->n_fields].value = trim(value);
	head->n_fields++;
	return 0;
}

typedef int start_line_fn(struct pc_http_head *, struct pc_http_text);

static ssize_t decode(struct pc_http_head *head, const char *buf, size_t len,
		      start_line_fn *start_line)
{
	struct pc_http_text line;
	size_t at, n;
	int rc;

	memset(head, 0, sizeof(*head));
	at = take_line(&line, buf, len);
	if (!at) {
		/* Method and version beside the target fit in 64 octets. */
		if (len > PC_HTTP_TARGET_MAX + 64)
			return -ENAMETOOLONG;
		return -EAGAIN;
	}
	rc = start_line(head, line);
	if (rc < 0)
		return rc;
	for (;;) {
		n = take_line(&line, buf + at, len - at);
		if (at + n > PC_HTTP_HEAD_MAX ||
		    (!n && len >= PC_HTTP_HEAD_MAX))
			return -EMSGSIZE;
		if (!n)
			return -EAGAIN;
		at += n;
		if (!line.len)
			return (ssize_t)at;
		rc = decode_field(head, line);
		if (rc < 0)
			return rc;
	}
}

ssize_t pc_http_request_decode(struct pc_http_head *head, const char *buf,
			       size_t len)
{
	ssize_t n = decode(head, buf, len, decode_request_line);
	size_t hosts;

	if (n < 0)
		return n;
	/* RFC 9112 3.2: one Host, and none at all only in HTTP/1.0. */
	hosts = pc_http_field_count(head, "Host");
	if (hosts > 1 || (hosts == 0 && head->minor > 0))
		return -EBADMSG;
	return n;
}

ssize_t pc_http_response_decode(struct pc_http_head *head, const char *buf,
				size_t len)
{
	return decode(head, buf, len, decode_status_line);
}

struct pc_http_text pc_http_field(const struct pc_http_head *head,
				  const char *name)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (pc_http_is_nocase(head->fields[i].name, name))
			return head->fields[i].value;
	return (struct pc_http_text){ NULL, 0 };
}

size_t pc_http_field_count(const struct pc_http_head *head, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < head->n_fields; i++)
		n += pc_http_is_nocase(head->fields[i].name, name);
	return n;
}

static bool list_has(struct pc_http_text list, const char *token)
{
	while (list.len) {
		const char *comma = memchr(list.s, ',', list.len);
		size_t n = comma ? (size_t)(comma - list.s) : list.len;

		if (pc_http_is_nocase(trim((struct pc_http_text){ list.s, n }),
				      token))
			return true;
		n += comma != NULL;
		list.s += n;
		list.len -= n;
	}
	return false;
}

bool pc_http_has_token(const struct pc_http_head *head, const char *name,
		       const char *token)
{
	for (size_t i = 0; i < head->n_fields; i++)
		if (pc_http_is_nocase(head->fields[i].name, name) &&
		    list_has(head->fields[i].value, token))
			return true;
	return false;
}

bool pc_http_is(struct pc_http_text text, const char *s)
{
	return text.s && text.len == strlen(s) &&
	       memcmp(text.s, s, text.len) == 0;
}

bool pc_http_is_nocase(struct pc_http_text text, const char *s)
{
	return text.s && text.len == strlen(s) &&
	       strncasecmp(text.s, s, text.len) == 0;
}

bool pc_http_keep_alive(const struct pc_http_head *head)
{
	if (pc_http_has_token(head, "Connection", "close"))
		return false;
	return head->minor > 0 ||
	       pc_http_has_token(head, "Connection", "keep-alive");
}

bool pc_http_has_body(const struct pc_http_head *head)
{
	struct pc_http_text length = pc_http_field(head, "Content-Length");

	return pc_http_field_count(head, "Transfer-Encoding") ||
	       (length.s && !pc_http_is(length, "0"));
}

const char *pc_http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} table[] = {
		{ 101, "Switching Protocols" },
		{ 200, "OK" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 426, "Upgrade Required" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].reason;
	return "";
}
