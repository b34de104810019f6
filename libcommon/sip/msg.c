/* What is read from SIP messages. What is built is in msg_new.c. */
#include "sip/msg.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"

/* osip2's default is to say what it dislikes on stdout. */
static void on_trace(const char *file, int line, osip_trace_level_t level,
		     const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));
static void on_trace(const char *file, int line, osip_trace_level_t level,
		     const char *fmt, va_list ap)
{
	char text[256];

	(void)file, (void)line, (void)level;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\r\n")] = '\0';
	pc_debug("osip2: %s", text);
}

void pc_sip_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	parser_init();
	osip_trace_initialize_func(OSIP_ERROR, on_trace);
}

static const char *list_param(const osip_list_t *params, const char *name)
{
	for (int i = 0; i < osip_list_size(params); i++) {
		const osip_uri_param_t *p = osip_list_get(params, i);

		if (p->gname && strcasecmp(p->gname, name) == 0)
			return p->gvalue ? p->gvalue : "";
	}
	return NULL;
}

const char *pc_sip_uri_param(const osip_uri_t *uri, const char *name)
{
	return list_param(&uri->url_params, name);
}

const char *pc_sip_tag(const osip_from_t *from_or_to)
{
	const char *tag =
		from_or_to ? list_param(&from_or_to->gen_params, "tag") : NULL;

	return tag ? tag : "";
}

const char *pc_sip_branch(const osip_message_t *msg)
{
	const osip_via_t *via = osip_list_get(&msg->vias, 0);
	const char *branch =
		via ? list_param(&via->via_params, "branch") : NULL;

	return branch ? branch : "";
}

uint32_t pc_sip_cseq(const osip_message_t *msg)
{
	return (uint32_t)strtoul(msg->cseq->number, NULL, 10);
}

/* CSeq must be below 2^31 (8.1.1.5), and nothing but digits. */
static bool cseq_ok(const osip_cseq_t *cseq)
{
	size_t n;

	if (!cseq || !cseq->number || !cseq->method || !cseq->method[0])
		return false;
	n = strspn(cseq->number, "0123456789");
	return n > 0 && n <= 10 && cseq->number[n] == '\0' &&
	       strtoull(cseq->number, NULL, 10) < (1ull << 31);
}

static bool uri_ok(const osip_uri_t *uri)
{
	if (!uri || !uri->scheme)
		return false;
	if (strcasecmp(uri->scheme, "sip") && strcasecmp(uri->scheme, "sips"))
		return uri->string != NULL; /* tel: and others: kept as text */
	return uri->host && uri->host[0];
}

static bool via_ok(const osip_message_t *msg)
{
	const osip_via_t *via = osip_list_get(&msg->vias, 0);

	return via && via->host && via->host[0] && via->protocol &&
	       via->version && strcmp(via->version, "2.0") == 0;
}

/* What keeps this message from being used at all; NULL: nothing. */
static const char *broken(const osip_message_t *m)
{
	if (!via_ok(m))
		return "no usable Via";
	if (!m->from || !uri_ok(m->from->url))
		return "no usable From";
	if (!m->to || !uri_ok(m->to->url))
		return "no usable To";
	if (!m->call_id || !m->call_id->number || !m->call_id->number[0])
		return "no Call-ID";
	if (!cseq_ok(m->cseq))
		return "no usable CSeq";
	if (MSG_IS_RESPONSE(m))
		return m->status_code < 100 || m->status_code > 699
			       ? "its status is not from 100 to 699"
			       : NULL;
	if (!m->sip_method || !m->sip_method[0])
		return "no method";
	if (!m->req_uri)
		return "no Request-URI";
	return NULL;
}

/* What makes this request one to answer with 400; NULL: nothing. */
static const char *refused(const osip_message_t *m)
{
	if (!MSG_IS_REQUEST(m))
		return NULL;
	if (strcmp(m->cseq->method, m->sip_method) != 0)
		return "CSeq names another method";
	return NULL;
}

/* osip2 stops at a NUL in the headers and takes the rest for nothing. */
static bool has_nul(const char *data, size_t len)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);

	return memchr(data, '\0', end ? (size_t)(end - data) : len) != NULL;
}

/* osip2 takes any number: "SIP/2.0 4294967501 x" for 205. */
static bool status_line_ok(const char *data, size_t len)
{
	if (len < 13 || strncasecmp(data, "SIP/2.0 ", 8) != 0)
		return true; /* a request, or for osip2 to refuse */
	return isdigit((unsigned char)data[8]) &&
	       isdigit((unsigned char)data[9]) &&
	       isdigit((unsigned char)data[10]) && data[11] == ' ';
}

static int parse_text(osip_message_t *m, const char *data, size_t len)
{
	size_t n = len;
	char *longer = pc_sip_lengthen(data, len, &n);
	int rc = osip_message_parse(m, longer ? longer : data, n);

	free(longer);
	return rc;
}

int pc_sip_parse(osip_message_t **msg, const char *data, size_t len,
		 const char **why)
{
	osip_message_t *m;

	pc_sip_init();
	*msg = NULL;
	*why = "out of memory";
	if (osip_message_init(&m) != 0)
		return -EINVAL;
	*why = "a NUL in its headers";
	if (has_nul(data, len))
		goto bad;
	*why = "its status is not a number of three digits";
	if (!status_line_ok(data, len))
		goto bad;
	*why = "not SIP, or its headers do not parse";
	if (parse_text(m, data, len) != 0)
		goto bad;
	*why = broken(m);
	if (*why)
		goto bad;
	pc_sip_keep_uris(m, data, len);
	*why = refused(m);
	*msg = m;
	return *why ? -EBADMSG : 0;
bad:
	osip_message_free(m);
	return -EINVAL;
}

static bool type_is(const osip_content_type_t *ct, const char *type)
{
	size_t n = strcspn(type, "/");

	return ct && ct->type && ct->subtype && type[n] &&
	       strlen(ct->type) == n && strncasecmp(ct->type, type, n) == 0 &&
	       strcasecmp(ct->subtype, type + n + 1) == 0;
}

const char *pc_sip_body(const osip_message_t *msg, const char *type,
			size_t *len)
{
	int n = osip_list_size(&msg->bodies);

	for (int i = 0; i < n; i++) {
		const osip_body_t *body = osip_list_get(&msg->bodies, i);

		if (!body->body || body->length == 0)
			continue;
		if (type_is(body->content_type, type) ||
		    (n == 1 && type_is(msg->content_type, type))) {
			*len = body->length;
			return body->body;
		}
	}
	return NULL;
}

bool pc_sip_accepts(const osip_message_t *msg, const char *type)
{
	int n = osip_list_size(&msg->accepts);
	size_t slash = strcspn(type, "/");

	for (int i = 0; i < n; i++) {
		const osip_accept_t *a = osip_list_get(&msg->accepts, i);

		if (type_is(a, type) ||
		    (a->type && a->subtype && strcmp(a->subtype, "*") == 0 &&
		     (strcmp(a->type, "*") == 0 ||
		      (strlen(a->type) == slash &&
		       strncasecmp(a->type, type, slash) == 0))))
			return true;
	}
	return n == 0;
}

const char *pc_sip_header(const osip_message_t *msg, const char *name, int n)
{
	for (int i = 0; i < osip_list_size(&msg->headers); i++) {
		const osip_header_t *h = osip_list_get(&msg->headers, i);

		if (h->hname && strcasecmp(h->hname, name) == 0 && n-- == 0)
			return h->hvalue ? h->hvalue : "";
	}
	return NULL;
}

const char *pc_sip_summary(const osip_message_t *msg, char *text, size_t size)
{
	char *uri = NULL;

	if (MSG_IS_RESPONSE(msg)) {
		snprintf(text, size, "%d %s (%s)", msg->status_code,
			 msg->reason_phrase ? msg->reason_phrase : "",
			 msg->cseq ? msg->cseq->method : "?");
		return text;
	}
	if (osip_uri_to_str(msg->req_uri, &uri) != 0)
		uri = NULL;
	snprintf(text, size, "%s %s", msg->sip_method, uri ? uri : "?");
	osip_free(uri);
	return text;
}

int pc_sip_uri_addr(struct pc_addr *addr, const osip_uri_t *uri)
{
	const char *host = pc_sip_uri_param(uri, "maddr");
	unsigned long port = PC_SIP_PORT;
	char text[280];
	size_t n;

	if (!host || !*host)
		host = uri->host;
	if (uri->port && *uri->port) {
		char *end;

		port = strtoul(uri->port, &end, 10);
		if (*end || !isdigit((unsigned char)uri->port[0]))
			return -EINVAL;
	}
	if (!host || port == 0 || port > 65535)
		return -EINVAL;
	n = strlen(host);
	if (n > 255)
		return -EINVAL;
	if (strchr(host, ':') && host[0] != '[')
		snprintf(text, sizeof(text), "[%s]", host);
	else
		snprintf(text, sizeof(text), "%s", host);
	return pc_addr_resolve(addr, text, (uint16_t)port);
}
