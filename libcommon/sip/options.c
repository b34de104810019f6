/* The options of how SIP travels; see options.h. */
#include "sip/options.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"

static int bad(const char *why)
{
	pc_warnx("%s", why);
	return -EINVAL;
}

int pc_sip_options_check(const struct pc_sip_options *o, struct pc_ws_url *url)
{
	const char *resolver = pc_sip_options_resolver(o);
	struct pc_addr addr;

	if (o->tcp + o->tls + (o->ws != NULL) > 1)
		return bad("one of --tcp, --tls and --ws, not more");
	if (o->key && !o->cert)
		return bad(
			"--key is the key of a certificate: give --cert too");
	if (o->ws && pc_ws_url_parse(url, o->ws) < 0) {
		pc_warnx("--ws %s: not a ws://HOST:PORT/PATH or wss://", o->ws);
		return -EINVAL;
	}
	if (resolver && pc_addr_parse(&addr, resolver, 53) < 0) {
		pc_warnx("--resolver %s: not an address (127.0.0.1:53)",
			 resolver);
		return -EINVAL;
	}
	if (o->no_verify)
		pc_warnx("--no-verify: the server's certificate is not "
			 "checked; whoever is in between can read all");
	return 0;
}

bool pc_sip_options_kind(const struct pc_sip_options *o,
			 const struct pc_ws_url *url,
			 enum pc_sip_transport_kind *kind)
{
	if (o->ws)
		*kind = url->secure ? PC_SIP_WSS : PC_SIP_WS;
	else if (o->tls)
		*kind = PC_SIP_TLS;
	else if (o->tcp)
		*kind = PC_SIP_TCP;
	else
		return false;
	return true;
}

const char *pc_sip_options_resolver(const struct pc_sip_options *o)
{
	const char *env = getenv("SIP_RESOLVER");

	if (o->resolver)
		return o->resolver;
	return env && *env ? env : NULL;
}

void pc_sip_options_apply(const struct pc_sip_options *o,
			  const struct pc_ws_url *url,
			  struct pc_sip_transport_config *config)
{
	config->tls = (struct pc_sip_tls_config){ .ca = o->ca,
						  .cert = o->cert,
						  .key = o->key,
						  .no_verify = o->no_verify };
	config->ws_url = url;
}
