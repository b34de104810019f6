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
