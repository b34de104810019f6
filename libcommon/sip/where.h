/*
 * Where somebody said it should go: a SIP URI, USER@HOST, or HOST[:PORT]
 * (RFC 3261 19.1, RFC 3263 4). Pure.
 *
 *	struct pc_sip_where w;
 *	if (pc_sip_where_parse(&w, "sips:bob@pbx.example") == 0)
 *		w.host "pbx.example", w.port 0, w.secure, w.any
 *
 *	if (pc_sip_where_uri(&uri, "bob@pbx.example:5070", why) == 0)
 *		uri "sip:bob@pbx.example:5070"
 */
#ifndef PC_SIP_WHERE_H
#define PC_SIP_WHERE_H

#include "sip/resolve.h"

struct pc_sip_where {
	char host[PC_SIP_HOST_MAX]; /* without [ ]; maddr's, if there is one */
	uint16_t port;              /* 0: none given */
	bool secure;                /* sips: */
	bool any;                   /* no ;transport=; else kind */
	enum pc_sip_transport_kind kind;
};

/*
 * 0, -EINVAL (neither), -ERANGE (what follows the host is no port) or
 * -EPROTONOSUPPORT (a ;transport= that is not known).
 */
int pc_sip_where_parse(struct pc_sip_where *w, const char *text);

/*
 * The question for its addresses, but for what resolve.h wants besides
 * (resolver, timeout_ms, found, arg). force: --tcp and its like; NULL: none.
 */
void pc_sip_where_question(const struct pc_sip_where *w,
			   const enum pc_sip_transport_kind *force,
			   struct pc_sip_resolve_config *q);

#define PC_SIP_WHY_MAX 160

/*
 * The URI that a person meant, who may have left out its sip:.
 *   uri   receives it; heap (free)
 *   text  sip:..., sips:..., USER@HOST, HOST, HOST:PORT, [V6]:PORT or V6, with
 *         parameters or without
 *   why   receives, on -EINVAL, what is wrong and what to write, for people
 * 0, -EINVAL or -ENOMEM. What has a port or transport that pc_sip_where_parse
 * would not take is still a URI.
 */
int pc_sip_where_uri(char **uri, const char *text, char why[PC_SIP_WHY_MAX]);

#endif
