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

static int use_stun(struct ice *ice, const char *server)
{
	gchar *host;
	guint port;

	if (split_server(server, &host, &port) != 0)
		return -EINVAL;
	g_object_set(ice->agent, "stun-server", host, "stun-server-port", port,
		     NULL);
	g_free(host);
	return 0;
}

static int use_turn(struct ice *ice, const struct ice_config *cfg)
{
	bool tcp = strcmp(cfg->turn_transport, "tcp") == 0;
	gchar *host;
	guint port;

	if (split_server(cfg->turn, &host, &port) != 0)
		return -EINVAL;
	nice_agent_set_relay_info(ice->agent, ice->stream, RTP, host, port,
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
static int use_servers(struct ice *ice, const struct ice_config *cfg)
{
	bool both = cfg->stun && cfg->turn && strcmp(cfg->stun, cfg->turn) == 0;
	int rc = 0;

	if (cfg->stun && !(both && strcmp(cfg->turn_transport, "udp") == 0))
		rc = use_stun(ice, cfg->stun);
	if (rc == 0 && cfg->turn)
		rc = use_turn(ice, cfg);
	return rc;
}

int ice_gather(struct ice *ice)
{
	const struct ice_config *cfg = &ice->cfg;
	int rc;

	ice->stream = nice_agent_add_stream(ice->agent, 1);
	rc = use_servers(ice, cfg);
	if (rc != 0)
		return rc;
	if (cfg->port_max)
		nice_agent_set_port_range(ice->agent, ice->stream, RTP,
					  cfg->port_min, cfg->port_max);
	if (ice->ufrag)
		nice_agent_set_local_credentials(ice->agent, ice->stream,
						 ice->ufrag, ice->pwd);
	else
		nice_agent_get_local_credentials(ice->agent, ice->stream,
						 &ice->ufrag, &ice->pwd);
	/* Without a reader libnice would not read its sockets at all. */
	nice_agent_attach_recv(ice->agent, ice->stream, RTP,
			       pc_loop_glib_context(ice->tool->loop),
			       ice_on_data, ice);
	if (!nice_agent_gather_candidates(ice->agent, ice->stream)) {
		pc_warnx("no local address and port could be bound: check "
			 "--address and --port-range");
		return -EADDRNOTAVAIL;
	}
	return 0;
}
