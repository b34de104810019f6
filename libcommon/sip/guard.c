/* Messages, as a whole, letter by letter. See guard.h. */
#include "sip/guard.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A message as guard's parts see it. */
struct message {
	const char *data;
	size_t len, head; /* head: with its empty line */
	struct pc_sip_start start;
};

static struct pc_sip_span first_line(const char *data, size_t len)
{
	const char *nl = memchr(data, '\n', len);
	size_t n = nl ? (size_t)(nl - data) : len;

	if (n > 0 && data[n - 1] == '\r')
		n--;
	return (struct pc_sip_span){ data, n };
}

/* "SIP/7.0" at the end of a request's first line; or whether 2.0 it is. */
static const char *request_version(struct pc_sip_span line)
{
	const char *p = line.p + line.len;

	while (p > line.p && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	while (p > line.p && p[-1] != ' ')
		p--;
	return (size_t)(line.p + line.len - p) >= 5 && p > line.p &&
			       !strncasecmp(p, "SIP/", 4)
		       ? p
		       : NULL;
}

static bool is_ack(const char *data, size_t len)
{
	return len > 4 && !memcmp(data, "ACK ", 4);
}

static void bad(struct pc_sip_verdict *v, const struct message *m, int status,
		const char *why)
{
	v->good = false;
	v->request = !m->start.status;
	v->why = why;
	v->status = m->start.status || is_ack(m->data, m->len) ? 0 : status;
}

/* 19.1.1: no headers; 8.2.2.1: of a scheme that we know. */
static bool request_uri(struct pc_sip_verdict *v, struct message *m)
{
	struct pc_sip_span uri = m->start.uri, rest, scheme;
	const char *why = pc_sip_guard_uri(uri), *host;

	if (why) {
		bad(v, m, 400, why);
		return false;
	}
	scheme = (struct pc_sip_span){
		uri.p,
		(size_t)((const char *)memchr(uri.p, ':', uri.len) - uri.p)
	};
	if (!pc_sip_span_is(scheme, "sip") && !pc_sip_span_is(scheme, "sips") &&
	    !pc_sip_span_is(scheme, "tel")) {
		bad(v, m, 416, "an unknown scheme");
		return false;
	}
	host = memchr(uri.p, '@', uri.len); /* before it ? is a letter */
	rest.p = host ? host : uri.p;
	rest.len = (size_t)(uri.p + uri.len - rest.p);
	if (memchr(rest.p, '?', rest.len)) {
		bad(v, m, 400, "headers in the Request-URI");
		return false;
	}
	return true;
}

/* The first line. False: v has the verdict. */
static bool start_line(struct pc_sip_verdict *v, struct message *m)
{
	struct pc_sip_span line = first_line(m->data, m->len);
	const char *version;

	if (pc_sip_text_start(&m->start, m->data, m->len) == 0) {
		if (m->start.status)
			return true;
		return request_uri(v, m);
	}
	version = request_version(line);
	if (!version || !isalnum((unsigned char)m->data[0])) {
		bad(v, m, 0, "not SIP");
		return false;
	}
	if (strncasecmp(version, "SIP/2.0", 7) != 0)
		bad(v, m, 505, "another version of SIP");
	else
		bad(v, m, 400, "a broken request line");
	return false;
}

static bool known_method(struct pc_sip_span method)
{
	static const char *const names[] = {
		"INVITE",    "ACK",     "BYE",    "CANCEL", "OPTIONS",
		"REGISTER",  "INFO",    "UPDATE", "PRACK",  "MESSAGE",
		"SUBSCRIBE", "PUBLISH", "NOTIFY", "REFER",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == method.len &&
		    !memcmp(names[i], method.p, method.len))
			return true;
	return false;
}

/* What may stand but once (7.3.1), and would mean something else if twice. */
static const char *twice(const struct message *m)
{
#define ONCE(name)                                                             \
	{                                                                      \
		name, "more than one " name                                    \
	}
	static const struct {
		const char *name, *why;
	} once[] = {
		ONCE("From"),
		ONCE("To"),
		ONCE("Call-ID"),
		ONCE("CSeq"),
		ONCE("Max-Forwards"),
		ONCE("Content-Length"),
		ONCE("Content-Type"),
		ONCE("Expires"),
		ONCE("Event"),
		ONCE("Refer-To"),
		ONCE("Referred-By"),
		ONCE("Replaces"),
		ONCE("RSeq"),
		ONCE("RAck"),
		ONCE("Min-SE"),
		ONCE("Session-Expires"),
		ONCE("Subscription-State"),
	};
#undef ONCE
	struct pc_sip_span name, v;
	uint32_t seen = 0;
	size_t pos = 0;

	while (pc_sip_text_each(m->data, m->head, &pos, &name, &v))
		for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++) {
			if (!pc_sip_text_named(name, once[i].name))
				continue;
			if (seen & 1u << i)
				return once[i].why;
			seen |= 1u << i;
		}
	return NULL;
}

static const char *vias(const struct message *m)
{
	struct pc_sip_span v, branch, top = { 0 };
	const char *why;
	size_t pos = 0;

	while (pc_sip_text_header(m->data, m->head, "Via", &pos, &v)) {
		why = pc_sip_guard_via(v);
		if (why)
			return why;
		if (!top.p)
			top = v;
	}
	if (!top.p)
		return "no Via";
	if (pc_sip_text_param(pc_sip_text_first(top), "branch", &branch) &&
	    pc_sip_span_is(branch, "z9hG4bK")) /* and no more (8.1.1.7) */
		return "a branch without its own part";
	return NULL;
}

/* 8.1.3.3: a response to us has one Via, ours. */
static const char *one_via(const struct message *m)
{
	struct pc_sip_span v, first;
	size_t pos = 0;

	pc_sip_text_header(m->data, m->head, "Via", &pos, &v);
	first = pc_sip_text_first(v);
	if (first.len != v.len ||
	    pc_sip_text_header(m->data, m->head, "Via", &pos, &v))
		return "a response with more than one Via";
	return NULL;
}

/* What a dialog is made of, and its requests go by (12.1). */
static const char *ways(const struct message *m)
{
	static const char *const names[] = { "Contact", "Record-Route",
					     "Route" };
	struct pc_sip_span v;
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t pos = 0;

		while (!why &&
		       pc_sip_text_header(m->data, m->head, names[i], &pos, &v))
			if (i > 0 || !pc_sip_span_is(v, "*"))
				why = pc_sip_guard_address(v, true);
	}
	return why;
}

/* 20.16; 8.1.1.5: below 2**31. */
static const char *cseq(const struct message *m)
{
	struct pc_sip_span v = pc_sip_text_get(m->data, m->head, "CSeq");
	struct pc_sip_span number = v, method;
	const char *why;

	if (!v.p)
		return "no CSeq";
	number.len = 0;
	while (number.len < v.len && isdigit((unsigned char)v.p[number.len]))
		number.len++;
	why = pc_sip_guard_number(number, (1ull << 31) - 1);
	if (why)
		return "a CSeq that is no number below 2**31";
	method = (struct pc_sip_span){ v.p + number.len, v.len - number.len };
	if (method.len == 0 || !isspace((unsigned char)*method.p))
		return "a CSeq without a method";
	while (method.len > 0 && isspace((unsigned char)*method.p))
		method.p++, method.len--;
	if (m->start.status == 0 &&
	    (method.len != m->start.method.len ||
	     memcmp(method.p, m->start.method.p, method.len) != 0))
		return "CSeq names another method";
	return NULL;
}

/* 20.14: no longer than what came; in a datagram the rest is not ours. */
static const char *content_length(const struct message *m)
{
	struct pc_sip_span v =
		pc_sip_text_get(m->data, m->head, "Content-Length");
	unsigned long long n = 0;

	if (!v.p)
		return NULL;
	if (pc_sip_guard_number(v, 1u << 30))
		return "a wrong Content-Length";
	for (size_t i = 0; i < v.len; i++)
		n = n * 10 + (unsigned long long)(v.p[i] - '0');
	return n > m->len - m->head ? "shorter than its Content-Length" : NULL;
}

static const char *body(const struct message *m)
{
	struct pc_sip_span type =
		pc_sip_text_get(m->data, m->head, "Content-Type");

	if (!type.p || type.len < 9 || strncasecmp(type.p, "multipart", 9))
		return NULL;
	return pc_sip_guard_multipart(
		(struct pc_sip_span){ m->data + m->head, m->len - m->head });
}

static const char *others(const struct message *m)
{
	struct pc_sip_span id = pc_sip_text_get(m->data, m->head, "Call-ID");
	struct pc_sip_span hops =
		pc_sip_text_get(m->data, m->head, "Max-Forwards");

	if (!id.p || id.len == 0)
		return "no Call-ID";
	for (size_t i = 0; i < id.len; i++)
		if (isspace((unsigned char)id.p[i]))
			return "a blank in the Call-ID";
	if (hops.p && pc_sip_guard_number(hops, 255)) /* 20.22 */
		return "a Max-Forwards that is not from 0 to 255";
	return m->start.status ? one_via(m) : NULL;
}

static const char *headers(const struct message *m)
{
	struct pc_sip_span from = pc_sip_text_get(m->data, m->head, "From");
	struct pc_sip_span to = pc_sip_text_get(m->data, m->head, "To");
	const char *why = vias(m);

	if (!why)
		why = twice(m);
	if (!why)
		why = from.p ? pc_sip_guard_address(from, false) : "no From";
	if (!why)
		why = to.p ? pc_sip_guard_address(to, false) : "no To";
	if (!why)
		why = cseq(m);
	if (!why)
		why = others(m);
	if (!why)
		why = ways(m);
	if (!why)
		why = content_length(m);
	return why ? why : body(m);
}

static void judge(struct pc_sip_verdict *v, struct message *m)
{
	const char *why;

	*v = (struct pc_sip_verdict){ .good = true };
	if (!start_line(v, m))
		return;
	v->request = !m->start.status;
	why = headers(m);
	if (why) {
		bad(v, m, 400, why);
	} else if (memchr(m->data, '\0', m->head)) {
		/* In a quoted pair it is SIP (25.1), but not for osip2. */
		bad(v, m,
		    m->start.method.p && !known_method(m->start.method) ? 501
									: 400,
		    "a NUL among the headers");
	}
}

/* To be answered it needs a Via to copy. */
static void answerable(struct pc_sip_verdict *v, const struct message *m)
{
	if (!v->good && v->status &&
	    !pc_sip_text_get(m->data, m->head, "Via").p)
		v->status = 0;
}

void pc_sip_guard(struct pc_sip_verdict *v, const char *data, size_t len)
{
	const char *empty = memmem(data, len, "\r\n\r\n", 4);
	struct message m = { .data = data, .len = len };

	m.head = empty ? (size_t)(empty - data) + 4 : len;
	judge(v, &m);
	if (v->good && !empty)
		bad(v, &m, 400, "no end of headers");
	answerable(v, &m);
}

void pc_sip_guard_stream(struct pc_sip_verdict *v, const char *data, size_t len)
{
	if (!memmem(data, len, "\r\n\r\n", 4)) {
		*v = (struct pc_sip_verdict){ .why = "not SIP" };
		return;
	}
	pc_sip_guard(v, data, len);
	if (!v->good)
		return;
	*v = (struct pc_sip_verdict){
		.status = is_ack(data, len) ? 0 : 400,
		.request = v->request,
		.why = "no Content-Length" /* 18.3: a stream needs it */
	};
}

void pc_sip_guard_refusal(struct pc_buf *out, const struct pc_sip_verdict *v,
			  const char *data, size_t len)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	char tag[24], reason[96];

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 1099511628211u;
	snprintf(tag, sizeof(tag), "g%016" PRIx64, hash);
	snprintf(reason, sizeof(reason), "%s (%s)",
		 v->status == 400   ? "Bad Request"
		 : v->status == 416 ? "Unsupported URI Scheme"
		 : v->status == 501 ? "Not Implemented"
				    : "Version Not Supported",
		 v->why);
	pc_sip_text_reply(out, data, len, v->status, reason, tag, NULL);
}
