/* Where sip-dial's messages go out and come in. */
#include "call.h"

#include <errno.h>
#include <string.h>

/*
 * The transport is gone. A line that dies takes nothing with it: the goodbye
 * goes out from a socket of our own to where the line would have sent it.
 */
static void on_closed(void *arg, int err, const char *why)
{
	struct call *c = arg;

	if (c->kind != PC_SIP_LINE) { /* the next request makes a new one */
		pc_event(c->tool, "disconnected", "reason=%s", why);
		pc_verbose("%s", why);
		pc_sip_ua_unreachable(c->ua, err, NULL);
		return;
	}
	pc_tool_error(c->tool, "%s: %s", c->cfg->line, why);
	c->line_died = true;
	if (c->state == CALL_WAITING || c->state == CALL_OVER) {
		pc_tool_exit(c->tool, PC_EXIT_IO);
		return;
	}
	if (net_open(c, &c->hop, PC_SIP_UDP) == 0)
		call_hangup(c, "the line died", PC_EXIT_IO);
	else
		pc_tool_exit(c->tool, PC_EXIT_IO);
}

static void on_received(void *arg, const char *data, size_t len,
			const struct pc_addr *from, const struct pc_addr *local)
{
	struct call *c = arg;

	pc_sip_ua_received(c->ua, data, len, from, local);
}

static void on_unreachable(void *arg, int err, const struct pc_addr *to)
{
	struct call *c = arg;

	acks_unreachable(c, to);
	pc_sip_ua_unreachable(c->ua, err, to);
}

/* RFC 5922 4: its certificate must be for the name that led there. */
static void name_hop(struct call *c)
{
	if (c->way.where.host[0])
		pc_sip_transport_named(c->tp, &c->hop, c->way.where.host);
}

static int open_kind(struct call *c, const struct pc_addr *local, bool listen)
{
	struct pc_sip_transport *old = c->tp;
	struct pc_sip_transport_config config = { .kind = c->kind,
						  .local = local,
						  .line_path = c->cfg->line,
						  .line_as = c->line_as,
						  .listen = listen,
						  .server = c->hop,
						  .received = on_received,
						  .closed = on_closed,
						  .unreachable = on_unreachable,
						  .arg = c };
	int rc;

	pc_sip_options_apply(&c->cfg->sip, &c->ws_url, &config);
	rc = pc_sip_transport_open(&c->tp, c->tool, &config);
	if (rc < 0) {
		c->tp = old;
		return rc;
	}
	name_hop(c);
	pc_sip_ua_set_transport(c->ua, c->tp);
	pc_sip_transport_close(old);
	return 0;
}

static int failed(struct call *c, const char *where, int rc)
{
	if (rc == -EKEYREJECTED) { /* it has been said which file */
		pc_tool_exit(c->tool, PC_EXIT_NOINPUT);
		return rc;
	}
	pc_tool_error(c->tool, "%s: %s%s", where, strerror(-rc),
		      rc == -EADDRINUSE ? " (another program has this port)"
		      : c->kind == PC_SIP_LINE
			      ? " (is sip-register --line running?)"
			      : "");
	pc_tool_exit(c->tool, PC_EXIT_IO);
	return rc;
}

/* The line, as the account that --from names. */
static int open_line(struct call *c)
{
	char why[PC_SIP_WHY_MAX];
	int rc;

	c->kind = PC_SIP_LINE;
	if (c->cfg->from && !c->line_as &&
	    pc_sip_where_uri(&c->line_as, c->cfg->from, why) < 0)
		c->line_as = NULL;
	rc = open_kind(c, NULL, false);
	return rc < 0 ? failed(c, c->cfg->line, rc) : 0;
}

int net_open(struct call *c, const struct pc_addr *hop,
	     enum pc_sip_transport_kind kind)
{
	const char *wanted = c->cfg->local;
	struct pc_addr local;
	int rc;

	if (c->cfg->line && !c->line_died)
		return open_line(c);
	if (c->line_died) /* as the line did */
		pc_sip_transport_kind_of(
			&kind, pc_sip_transport_identity(c->tp)->transport);
	c->kind = kind;
	rc = wanted ? pc_addr_parse_own(&local, wanted, 0)
		    : pc_addr_towards(&local, hop);
	if (rc == 0)
		rc = open_kind(c, &local, false);
	return rc < 0 ? failed(c, wanted ? wanted : "no way there", rc) : 0;
}

int net_move(struct call *c, enum pc_sip_transport_kind kind)
{
	if (c->cfg->line)
		return 0;
	if (c->cfg->local && kind == c->kind && kind < PC_SIP_WS) {
		name_hop(c); /* that port is ours already */
		return 0;
	}
	return net_open(c, &c->hop, kind);
}

int net_listen(struct call *c)
{
	const char *wanted = c->listen;
	struct pc_addr local;
	int rc;

	if (c->cfg->line)
		return net_open(c, NULL, PC_SIP_LINE);
	if (!pc_sip_options_kind(&c->cfg->sip, &c->ws_url, &c->kind))
		c->kind = PC_SIP_UDP;
	rc = pc_addr_parse_own(&local, wanted, pc_sip_transport_port(c->kind));
	if (rc == 0)
		rc = open_kind(c, &local, true);
	return rc < 0 ? failed(c, wanted, rc) : 0;
}
