/* SIP messages as text: framing, received/rport, replies. See text.h. */
#include "sip/text.h"

#include <errno.h>
#include <string.h>

/* The length of start line, headers and the empty line; 0: not all there. */
static size_t head_length(const char *buf, size_t len)
{
	const char *p = memmem(buf, len, "\r\n\r\n", 4);

	return p ? (size_t)(p - buf) + 4 : 0;
}

/* 20.14. Returns the length, -ENOENT (no such header) or -EBADMSG. */
static ssize_t content_length(const char *buf, size_t head)
{
	struct pc_sip_span v = pc_sip_text_get(buf, head, "Content-Length");
	ssize_t n = 0;

	if (!v.p)
		return -ENOENT;
	if (v.len == 0 || v.len > 9)
		return -EBADMSG;
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return -EBADMSG;
		n = n * 10 + (v.p[i] - '0');
	}
	return n;
}

ssize_t pc_sip_text_frame(const char *buf, size_t len, size_t max)
{
	struct pc_sip_start start;
	size_t head = head_length(buf, len);
	ssize_t body;

	if (memchr(buf, '\n', len) && pc_sip_text_start(&start, buf, len) < 0)
		return -EBADMSG;
	if (head == 0)
		return len > max ? -EMSGSIZE : 0;
	body = content_length(buf, head);
	if (body < 0)
		return -EBADMSG;
	if (head + (size_t)body > max)
		return -EMSGSIZE;
	return head + (size_t)body <= len ? (ssize_t)head + body : 0;
}

struct pc_sip_span pc_sip_text_body(const char *data, size_t len)
{
	size_t head = head_length(data, len);
	struct pc_sip_span body = { data + head, len - head };
	ssize_t n;

	if (head == 0)
		return (struct pc_sip_span){ data + len, 0 };
	n = content_length(data, head);
	if (n >= 0 && (size_t)n < body.len)
		body.len = (size_t)n;
	return body;
}

static const char *skip(const char *p, const char *end, const char *set)
{
	while (p < end && *p && strchr(set, *p))
		p++;
	return p;
}

static const char *skip_to(const char *p, const char *end, const char *set)
{
	while (p < end && !(*p && strchr(set, *p)))
		p++;
	return p;
}

/* sent-by's host (20.42): behind "SIP/2.0/UDP ", up to a colon or blank. */
static struct pc_sip_span via_host(struct pc_sip_span via)
{
	const char *end = via.p + via.len, *p = via.p, *from;

	for (int slashes = 0; p < end && slashes < 2; p++)
		slashes += *p == '/';
	p = skip(p, end, " \t"); /* blanks may stand around the slash */
	p = skip(skip_to(p, end, " \t"), end, " \t\r\n");
	from = p < end && *p == '[' ? ++p : p;
	p = skip_to(p, end,
		    from > via.p && from[-1] == '[' ? "]" : ":; \t\r\n");
	return (struct pc_sip_span){ from, (size_t)(p - from) };
}

struct pc_sip_span pc_sip_text_via_transport(const char *data, size_t len)
{
	struct pc_sip_span via =
		pc_sip_text_first(pc_sip_text_get(data, len, "Via"));
	const char *p = via.p, *end = via.p ? via.p + via.len : NULL, *from;

	if (!p)
		return (struct pc_sip_span){ NULL, 0 };
	for (int slashes = 0; p < end && slashes < 2; p++)
		slashes += *p == '/';
	from = p = skip(p, end, " \t\r\n");
	p = skip_to(p, end, " \t\r\n");
	return (struct pc_sip_span){ from, (size_t)(p - from) };
}

void pc_sip_text_back(struct pc_addr *back, const char *request, size_t len,
		      const struct pc_addr *from, bool reliable)
{
	struct pc_sip_span via, host, rport;
	unsigned port = 5060;
	const char *p, *end;

	*back = *from;
	via = pc_sip_text_first(pc_sip_text_get(request, len, "Via"));
	if (reliable || !via.p || pc_sip_text_param(via, "rport", &rport) ||
	    !pc_sip_span_is(pc_sip_text_via_transport(request, len), "UDP"))
		return;
	host = via_host(via);
	end = via.p + via.len;
	p = skip(host.p + host.len, end, "] \t");
	if (p < end && *p == ':')
		for (port = 0, p++; p < end && *p >= '0' && *p <= '9'; p++)
			port = (port * 10 + (unsigned)(*p - '0')) % 65536;
	pc_addr_set_port(back, (uint16_t)port);
}

/* Append the via without its parameters received and rport. */
static void add_stripped(struct pc_buf *out, struct pc_sip_span via)
{
	struct pc_sip_span name;
	const char *end = via.p + via.len, *p = via.p, *next;

	for (; p < end; p = next) {
		next = memchr(p + 1, ';', (size_t)(end - p - 1));
		next = next ? next : end;
		name.p = skip(p + 1, next, " \t\r\n");
		name.len = (size_t)(skip_to(name.p, next, "= \t\r\n") - name.p);
		if (*p == ';' && (pc_sip_span_is(name, "received") ||
				  pc_sip_span_is(name, "rport")))
			continue;
		pc_buf_add(out, p, (size_t)(next - p));
	}
}

int pc_sip_text_received(struct pc_buf *out, const char *data, size_t len,
			 const struct pc_addr *from)
{
	struct pc_sip_span via = pc_sip_text_get(data, len, "Via"), rport;
	char ip[PC_ADDR_TEXT];
	bool has_rport;

	via = pc_sip_text_first(via);
	if (!via.p || via.len == 0)
		return -EBADMSG;
	has_rport = pc_sip_text_param(via, "rport", &rport);
	pc_addr_ip(from, ip);
	pc_buf_add(out, data, (size_t)(via.p - data));
	add_stripped(out, via);
	if (has_rport || !pc_sip_span_is(via_host(via), ip))
		pc_buf_printf(out, ";received=%s", ip);
	if (has_rport)
		pc_buf_printf(out, ";rport=%u", pc_addr_port(from));
	pc_buf_add(out, via.p + via.len,
		   (size_t)(data + len - via.p) - via.len);
	return out->oom ? -ENOMEM : 0;
}

static void copy_headers(struct pc_buf *out, const char *data, size_t len,
			 const char *name)
{
	struct pc_sip_span v;
	size_t at = 0;

	while (pc_sip_text_header(data, len, name, &at, &v)) {
		pc_buf_printf(out, "%s: ", name);
		pc_buf_add(out, v.p, v.len); /* it may hold a NUL */
		pc_buf_adds(out, "\r\n");
	}
}

void pc_sip_text_reply(struct pc_buf *out, const char *request, size_t len,
		       int status, const char *reason, const char *to_tag,
		       const char *extra)
{
	struct pc_sip_span to = pc_sip_text_get(request, len, "To"), tag;

	pc_buf_printf(out, "SIP/2.0 %d %s\r\n", status, reason);
	copy_headers(out, request, len, "Via");
	copy_headers(out, request, len, "From");
	if (to.p) {
		pc_buf_adds(out, "To: ");
		pc_buf_add(out, to.p, to.len);
		if (to_tag && !pc_sip_text_param(to, "tag", &tag))
			pc_buf_printf(out, ";tag=%s", to_tag);
		pc_buf_adds(out, "\r\n");
	}
	copy_headers(out, request, len, "Call-ID");
	copy_headers(out, request, len, "CSeq");
	if (extra)
		pc_buf_adds(out, extra);
	pc_buf_adds(out, "Content-Length: 0\r\n\r\n");
}

void pc_sip_text_summary(struct pc_buf *out, const char *data, size_t len)
{
	struct pc_sip_span cseq = pc_sip_text_get(data, len, "CSeq");
	struct pc_sip_start s;
	struct pc_buf line = { 0 };
	const char *sp;

	if (pc_sip_text_start(&s, data, len) < 0) {
		pc_buf_adds(out, "not SIP");
		return;
	}
	if (s.status == 0) {
		pc_buf_printf(&line, "%.*s %.*s", (int)s.method.len, s.method.p,
			      (int)s.uri.len, s.uri.p);
	} else {
		pc_buf_printf(&line, "%d %.*s", s.status, (int)s.reason.len,
			      s.reason.p);
		sp = cseq.p ? memchr(cseq.p, ' ', cseq.len) : NULL;
		if (sp)
			pc_buf_printf(&line, " (%.*s)",
				      (int)(cseq.p + cseq.len - sp - 1),
				      sp + 1);
	}
	if (line.data)
		pc_buf_add_printable(out, line.data, line.len);
	pc_buf_fini(&line);
}
