/*
 * A way given by the user: --route, a pre-loaded route set (RFC 3261 8.1.1.1),
 * and --proxy, which is its first hop (8.1.2).
 */
#include "call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_uri(const char *text)
{
	return strncasecmp(text, "sip:", 4) == 0 ||
	       strncasecmp(text, "sips:", 5) == 0;
}

static osip_uri_t *parse(const char *text)
{
	osip_uri_t *uri;

	if (!is_uri(text) || strpbrk(text, "<>\" \t\r\n,"))
		return NULL;
	if (osip_uri_init(&uri) != 0)
		return NULL;
	if (osip_uri_parse(uri, text) == 0 && uri->host && *uri->host)
		return uri;
	osip_uri_free(uri);
	return NULL;
}

bool route_valid(const char *text)
{
	osip_uri_t *uri = parse(text);
	bool valid = uri != NULL;

	osip_uri_free(uri);
	return valid;
}

const char *route_first(const struct config *cfg)
{
	return cfg->proxy      ? cfg->proxy
	       : cfg->routes.n ? cfg->routes.v[0]
			       : NULL;
}

int route_hop(struct pc_addr *hop, const char *text)
{
	osip_uri_t *uri;
	int rc;

	if (!is_uri(text)) /* HOST:PORT */
		return pc_addr_resolve(hop, text, PC_SIP_PORT);
	uri = parse(text);
	rc = uri ? pc_sip_uri_addr(hop, uri) : -EINVAL;
	osip_uri_free(uri);
	return rc;
}

/*
 * 12.2.1.1, as 16.12.1.2 shows it: a first Route without ;lr is a strict
 * router, which wants itself in the Request-URI and the target as the last
 * Route.
 */
static int make_strict(osip_message_t *m)
{
	osip_route_t *first = osip_list_get(&m->routes, 0);
	osip_uri_t *target = m->req_uri;
	osip_route_t *last;

	if (!first || pc_sip_uri_param(first->url, "lr"))
		return 0;
	if (osip_route_init(&last) != 0)
		return -ENOMEM;
	last->url = target;
	m->req_uri = first->url;
	first->url = NULL;
	osip_list_remove(&m->routes, 0);
	osip_route_free(first);
	if (osip_list_add(&m->routes, last, -1) < 0) {
		osip_route_free(last);
		return -ENOMEM;
	}
	return 0;
}

static int add(osip_message_t *m, const char *uri)
{
	char value[512];

	if (snprintf(value, sizeof(value), "<%s>", uri) >= (int)sizeof(value))
		return -EINVAL;
	return pc_sip_add(m, "Route", value);
}

int route_line(const struct call *c, osip_message_t *m)
{
	const struct pc_sip_identity *id = pc_sip_transport_identity(c->tp);
	int rc = 0;

	if (route_first(c->cfg)) /* the user knows better */
		return 0;
	for (size_t i = 0; rc == 0 && i < id->n_routes; i++)
		rc = pc_sip_add(m, "Route", id->routes[i]);
	return rc;
}

int route_apply(const struct config *cfg, osip_message_t *m)
{
	int rc = 0;

	if (cfg->proxy && is_uri(cfg->proxy))
		rc = add(m, cfg->proxy);
	for (unsigned i = 0; rc == 0 && i < cfg->routes.n; i++)
		rc = add(m, cfg->routes.v[i]);
	return rc < 0 ? rc : make_strict(m);
}
