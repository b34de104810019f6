/*
 * The options of how SIP travels, the same in each tool that speaks it.
 *
 *	struct config { struct pc_tool_common common; struct pc_sip_options sip; };
 *	static const struct pc_opt options[] = {
 *		PC_TOOL_OPTIONS("10", "..."),
 *		PC_SIP_OPTIONS(struct config, sip),
 *		{ 0 }
 *	};
 */
#ifndef PC_SIP_OPTIONS_H
#define PC_SIP_OPTIONS_H

#include "base/opt.h"
#include "sip/resolve.h"
#include "ws/handshake.h"

struct pc_sip_options {
	bool tcp, tls, no_verify;
	const char *ws, *ca, *cert, *key, *resolver;
};

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): offsetof takes a member's name */
#define PC_SIP_OPT(l, n, m, h, k, config, member, field)                       \
	{ l, n, m, h, NULL, k, offsetof(config, member.field) }
/* NOLINTEND(bugprone-macro-parentheses) */
#define PC_SIP_OPTIONS(config, member)                                         \
	PC_SIP_OPT('T', "tcp", NULL, "SIP over TCP",                           \
		   PC_OPT_FLAG, config, member, tcp),                          \
	PC_SIP_OPT(0, "tls", NULL, "SIP over TLS",                             \
		   PC_OPT_FLAG, config, member, tls),                          \
	PC_SIP_OPT(0, "ws", "URL",                                             \
		   "SIP over WebSocket: all goes to this ws: or wss: URL",     \
		   PC_OPT_STR, config, member, ws),                            \
	PC_SIP_OPT(0, "ca", "PATH",                                            \
		   "TLS: trust who is in this PEM file or folder (else the "   \
		   "system's)", PC_OPT_STR, config, member, ca),               \
	PC_SIP_OPT(0, "cert", "FILE",                                          \
		   "TLS: our certificate, PEM; needed to be called",           \
		   PC_OPT_STR, config, member, cert),                          \
	PC_SIP_OPT(0, "key", "FILE",                                           \
		   "TLS: its key (else in the same file)",                     \
		   PC_OPT_STR, config, member, key),                           \
	PC_SIP_OPT(0, "no-verify", NULL,                                       \
		   "TLS: take any certificate from a server",                  \
		   PC_OPT_FLAG, config, member, no_verify),                    \
	PC_SIP_OPT(0, "resolver", "HOST:PORT",                                 \
		   "ask this DNS server (else $SIP_RESOLVER, else the "        \
		   "system's)", PC_OPT_STR, config, member, resolver)
/* clang-format on */

/*
 * Whether they go together; if not, it has been said.
 *   url   filled when there is --ws
 * 0 or -EINVAL.
 */
int pc_sip_options_check(const struct pc_sip_options *o, struct pc_ws_url *url);

/* The transport they ask for; false: none. url as filled by check. */
bool pc_sip_options_kind(const struct pc_sip_options *o,
			 const struct pc_ws_url *url,
			 enum pc_sip_transport_kind *kind);

/* --resolver or $SIP_RESOLVER, or NULL. */
const char *pc_sip_options_resolver(const struct pc_sip_options *o);

/* Fill what a transport of that kind needs of them. */
void pc_sip_options_apply(const struct pc_sip_options *o,
			  const struct pc_ws_url *url,
			  struct pc_sip_transport_config *config);

#endif
