/* From a URI or HOST:PORT to a question of RFC 3263; see where.h. */
#include "sip/where.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sip/msg.h"

static int take_port(struct pc_sip_where *w, const char *text)
{
	size_t n = strspn(text, "0123456789");
	unsigned long port = n > 0 && n < 6 ? strtoul(text, NULL, 10) : 0;

	if (text[n] || port == 0 || port > 65535)
		return -ERANGE;
	w->port = (uint16_t)port;
	return 0;
}

static int take_host(struct pc_sip_where *w, const char *host, size_t n)
{
	if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
		host++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof w->host)
		return -EINVAL;
	memcpy(w->host, host, n);
	w->host[n] = '\0';
	return 0;
}

/* HOST, HOST:PORT, [V6]:PORT, V6. */
static int from_text(struct pc_sip_where *w, const char *text)
{
	const char *colon = strrchr(text, ':'), *bracket = strchr(text, ']');
	int rc;

	if (text[strcspn(text, " \t\r\n<>\"@;?")])
		return -EINVAL;
	if (bracket ? bracket[1] != ':' : colon != strchr(text, ':'))
		colon = NULL;
	if (bracket && bracket[1] && !colon)
		return -EINVAL;
	rc = colon ? take_port(w, colon + 1) : 0;
	if (rc == 0)
		rc = take_host(w, text,
			       colon ? (size_t)(colon - text) : strlen(text));
	return rc;
}

static int from_uri(struct pc_sip_where *w, const osip_uri_t *uri)
{
	const char *transport = pc_sip_uri_param(uri, "transport");
	const char *host = pc_sip_uri_param(uri, "maddr");
	int rc = 0;

	if (!host || !*host)
		host = uri->host;
	w->secure = strcasecmp(uri->scheme, "sips") == 0;
	if (transport) {
		w->any = false;
		if (!pc_sip_transport_kind_of(&w->kind, transport))
			return -EPROTONOSUPPORT;
		if (w->secure && w->kind == PC_SIP_UDP)
			return -EPROTONOSUPPORT; /* no DTLS here */
		if (w->secure)
			w->kind =
				w->kind == PC_SIP_WS ? PC_SIP_WSS : PC_SIP_TLS;
	}
	if (uri->port && *uri->port)
		rc = take_port(w, uri->port);
	return rc < 0 ? rc : take_host(w, host, strlen(host));
}

int pc_sip_where_parse(struct pc_sip_where *out, const char *text)
{
	struct pc_sip_where w = { .any = true };
	bool has_scheme = strncasecmp(text, "sip:", 4) == 0 ||
			  strncasecmp(text, "sips:", 5) == 0;
	char full[1024];
	osip_uri_t *uri;
	int rc = -EINVAL;

	if (strlen(text) + 5 > sizeof full)
		return -EINVAL;
	snprintf(full, sizeof full, "%s%s", has_scheme ? "" : "sip:", text);
	if (!has_scheme && !strchr(text, '@')) {
		rc = from_text(&w, text);
	} else {
		pc_sip_init();
		if (osip_uri_init(&uri) != 0)
			return -ENOMEM;
		if (osip_uri_parse(uri, full) == 0 && uri->host && *uri->host)
			rc = from_uri(&w, uri);
		osip_uri_free(uri);
	}
	if (rc == 0)
		*out = w;
	return rc;
}

void pc_sip_where_question(const struct pc_sip_where *w,
			   const enum pc_sip_transport_kind *force,
			   struct pc_sip_resolve_config *q)
{
	*q = (struct pc_sip_resolve_config){ .host = w->host,
					     .port = w->port,
					     .any = w->any,
					     .kind = w->kind,
					     .secure = w->secure };
	if (force && !(w->secure && *force == PC_SIP_TCP)) {
		q->any = false;
		q->kind = *force;
	}
}

/* ---- what people write ---- */

static int wrong(char why[PC_SIP_WHY_MAX], const char *text)
{
	snprintf(why, PC_SIP_WHY_MAX, "%s", text);
	return -EINVAL;
}

/* :5070, and nothing but parameters behind it. */
static bool is_port(const char *text)
{
	size_t n;

	if (*text != ':')
		return false;
	n = 1 + strspn(text + 1, "0123456789");
	return n > 1 && (!text[n] || strchr(";?", text[n]));
}

static bool is_v6(const char *text)
{
	struct pc_addr addr;

	return strchr(text, ':') && *text != '[' &&
	       pc_addr_from_ip(&addr, text, 0) == 0;
}

/* A telephone number, where a host should be. */
static bool is_number(const char *host)
{
	size_t n = strspn(host, "+*#0123456789-()");

	return n > 0 && (!host[n] || strchr(":;?", host[n]));
}

/* What stands before the first colon, but not as HOST:PORT or USER@HOST. */
static bool is_foreign(const char *text)
{
	size_t n = strcspn(text, ":@[");

	return text[n] == ':' &&
	       (!is_port(text + n) || strncasecmp(text, "tel:", 4) == 0);
}

int pc_sip_where_uri(char **uri, const char *text, char why[PC_SIP_WHY_MAX])
{
	size_t scheme = strncasecmp(text, "sip:", 4) == 0    ? 4
			: strncasecmp(text, "sips:", 5) == 0 ? 5
							     : 0;
	const char *rest = text + scheme, *at = strrchr(rest, '@');
	const char *host = at ? at + 1 : rest;
	bool v6 = is_v6(text);

	if (text[strcspn(text, "<>\"")])
		return wrong(why, "write the URI alone, without <, > and "
				  "quotes: sip:USER@HOST");
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return wrong(why, "a URI has no blanks and no line "
					  "ends; %20 stands for a blank");
	if (!scheme && !v6 && is_foreign(text)) {
		snprintf(why, PC_SIP_WHY_MAX,
			 "'%.*s' is neither sip: nor sips:, and not a host "
			 "with its port: write sip:USER@HOST",
			 (int)strcspn(text, ":") + 1, text);
		return -EINVAL;
	}
	if (strncmp(rest, "//", 2) == 0)
		return wrong(why, "a SIP URI has no //: write sip:USER@HOST");
	if (at == rest)
		return wrong(why, "no user before the @: write sip:USER@HOST");
	if (!v6 && (!*host || strchr(":;?", *host)))
		return wrong(why, "no host: write sip:USER@HOST or sip:HOST");
	if (*host == '[' && !strchr(host, ']'))
		return wrong(why, "[ without ]: write sip:USER@[IPV6]:PORT");
	if (!at && !v6 && is_number(host))
		return wrong(why, "a number, but not at which host: write "
				  "sip:NUMBER@HOST");
	if (asprintf(uri, "%s%s%s%s", scheme ? "" : "sip:", v6 ? "[" : "", text,
		     v6 ? "]" : "") < 0)
		return -ENOMEM;
	return 0;
}
