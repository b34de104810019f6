/* What is gathered: host addresses, and what STUN and TURN servers say. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ice_private.h"
#include "loop_glib.h"

/* "host:port", "[v6]:port" or "host" into host (heap) and port. */
static int split_server(const char *text, gchar **host, guint *port)
{
	const char *colon = strrchr(text, ':');
	struct pc_addr addr;
	char ip[PC_ADDR_TEXT];

	if (pc_addr_parse(&addr, text, 3478) == 0) {
		*host = g_strdup(pc_addr_ip(&addr, ip));
		*port = pc_addr_port(&addr);
		return 0;
	}
	*port = 3478;
	if (colon)
		*port = (guint)strtoul(colon + 1, NULL, 10);
	if (*port == 0 || *port > 65535 || colon == text || !*text) {
		pc_warnx("%s: a server is HOST or HOST:PORT", text);
		return -EINVAL;
	}
	*host = g_strndup(text, colon ? (gsize)(colon - text) : strlen(text));
	return 0;
}

static int use_stun(struct ice_generation *g, const char *server)
{
	gchar *host;
	guint port;

	if (split_server(server, &host, &port) != 0)
		return -EINVAL;
	g_object_set(g->agent, "stun-server", host, "stun-server-port", port,
		     NULL);
	g_free(host);
	return 0;
}

static int use_turn(struct ice_generation *g, const struct ice_config *cfg)
{
	bool tcp = strcmp(cfg->turn_transport, "tcp") == 0;
	gchar *host;
	guint port;

	if (split_server(cfg->turn, &host, &port) != 0)
		return -EINVAL;
	nice_agent_set_relay_info(g->agent, g->stream, RTP, host, port,
				  cfg->turn_user, cfg->turn_password,
				  tcp ? NICE_RELAY_TYPE_TURN_TCP
				      : NICE_RELAY_TYPE_TURN_UDP);
	g_free(host);
	return 0;
}

/*
 * A server that is both is asked as a TURN server only: its answer to
 * Allocate has our mapped address too (RFC 8656 section 7.3), and libnice
 * takes a STUN answer from a relay's address for that relay's.
 */
static int use_servers(struct ice_generation *g)
{
	const struct ice_config *cfg = &g->ice->cfg;
	bool both = cfg->stun && cfg->turn && strcmp(cfg->stun, cfg->turn) == 0;
	int rc = 0;

	if (cfg->stun && !(both && strcmp(cfg->turn_transport, "udp") == 0))
		rc = use_stun(g, cfg->stun);
	if (rc == 0 && cfg->turn)
		rc = use_turn(g, cfg);
	return rc;
}

int ice_add_stream(struct ice_generation *g)
{
	const struct ice_config *cfg = &g->ice->cfg;
	int rc;

	g->stream = nice_agent_add_stream(g->agent, 1);
	rc = use_servers(g);
	if (rc != 0)
		return rc;
	if (cfg->port_max)
		nice_agent_set_port_range(g->agent, g->stream, RTP,
					  cfg->port_min, cfg->port_max);
	if (g->ufrag)
		nice_agent_set_local_credentials(g->agent, g->stream, g->ufrag,
						 g->pwd);
	else
		nice_agent_get_local_credentials(g->agent, g->stream, &g->ufrag,
						 &g->pwd);
	return 0;
}

int ice_gather(struct ice_generation *g)
{
	/* Without a reader libnice would not read its sockets at all. */
	nice_agent_attach_recv(g->agent, g->stream, RTP,
			       pc_loop_glib_context(g->ice->tool->loop),
			       ice_on_data, g);
	return nice_agent_gather_candidates(g->agent, g->stream)
		       ? 0
		       : -EADDRNOTAVAIL;
}
