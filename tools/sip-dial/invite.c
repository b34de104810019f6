/* The caller: the way there and the INVITE (RFC 3261 13.2.1). */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sip/headers.h"

/* --- the way there ------------------------------------------------------ */

/* What would break out of a header or a name-addr is no URI. */
static bool plain(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f ||
		    strchr("<>\"", *p))
			return false;
	return *text != '\0';
}

/* sip:bob@pbx, tel:+1; not bob@pbx:5060, which has its colon too late. */
static bool has_scheme(const char *uri)
{
	return uri[strcspn(uri, ":@")] == ':';
}

/* sip:bob@pbx, sip:pbx, or bob@pbx. */
bool caller_from_valid(const char *text)
{
	bool scheme = strncasecmp(text, "sip:", 4) == 0 ||
		      strncasecmp(text, "sips:", 5) == 0;
	bool valid = false;
	osip_uri_t *uri;
	char *full;

	if (!plain(text) || has_scheme(text) != scheme ||
	    (!scheme && !strchr(text, '@')) ||
	    asprintf(&full, "%s%s", scheme ? "" : "sip:", text) < 0)
		return false;
	if (osip_uri_init(&uri) == 0) {
		valid = osip_uri_parse(uri, full) == 0 && uri->host &&
			*uri->host;
		osip_uri_free(uri);
	}
	free(full);
	return valid;
}

static const char *why_not(int rc)
{
	switch (rc) {
	case -EINVAL:
		return "not a SIP URI (like sip:bob@example.org)";
	case -ERANGE:
		return "what follows the host is not a port (1 to 65535)";
	case -EPROTONOSUPPORT:
		return "this transport is not known: use ;transport=udp, tcp "
		       "or tls, or --ws URL";
	default:
		return strerror(-rc);
	}
}

/* The URI that was meant, and taken apart. 0 or -errno; why: if not NULL. */
static int parse(const char *given, char **text, osip_uri_t **uri, char *why)
{
	char unsaid[PC_SIP_WHY_MAX];
	struct pc_sip_where where;
	osip_uri_t *u;
	char *t;
	int rc = pc_sip_where_uri(&t, given, why ? why : unsaid);

	if (rc < 0)
		return rc;
	if (osip_uri_init(&u) != 0) {
		free(t);
		return -ENOMEM;
	}
	rc = osip_uri_parse(u, t) != 0 || !u->host || !*u->host
		     ? -EINVAL
		     : pc_sip_where_parse(&where, t);
	if (rc < 0) {
		if (why)
			snprintf(why, PC_SIP_WHY_MAX, "%s", why_not(-EINVAL));
		osip_uri_free(u);
		free(t);
		return rc;
	}
	*text = t;
	*uri = u;
	return 0;
}

static int parse_target(struct call *c, const char *given, osip_uri_t **uri)
{
	char *text;
	int rc = parse(given, &text, uri, NULL);

	if (rc < 0)
		return rc;
	free(c->target); /* given may be it */
	c->target = text;
	return 0;
}

int caller_uri_check(const char *given)
{
	char why[PC_SIP_WHY_MAX];
	osip_uri_t *uri;
	char *text;
	int rc = parse(given, &text, &uri, why);

	if (rc == 0) {
		osip_uri_free(uri);
		free(text);
		return 0;
	}
	if (rc == -EINVAL)
		pc_warnx("%s: %s", *given ? given : "''", why);
	else
		pc_warnx("%s: %s", given, why_not(rc));
	return -EINVAL;
}

/* The target that was found, or the line's (8.1.2). */
static int find_hop(struct call *c, const osip_uri_t *uri)
{
	const char *route = route_first(c->cfg);
	const struct pc_sip_identity *id;

	if (way_target(c)) {
		c->hop = way_target(c)->addr;
		return 0;
	}
	if (route)
		return route_hop(&c->hop, route);
	id = c->tp ? pc_sip_transport_identity(c->tp) : NULL;
	if (id && id->proxy.len) {
		c->hop = id->proxy;
		return 0;
	}
	return pc_sip_uri_addr(&c->hop, uri);
}

static int open_way(struct call *c, const osip_uri_t *uri)
{
	int rc = 0;

	if (c->cfg->line) /* the hop is the line's to say */
		rc = net_open(c, NULL, PC_SIP_LINE);
	if (rc < 0)
		return rc;
	rc = find_hop(c, uri);
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: no address found for this host",
			      route_first(c->cfg) ? route_first(c->cfg)
						  : c->uri);
		pc_tool_exit(c->tool,
			     rc == -EINVAL ? PC_EXIT_USAGE : PC_EXIT_NOANSWER);
		return rc;
	}
	return c->cfg->line ? 0 : net_open(c, &c->hop, way_kind(c));
}

/* --- the INVITE ---------------------------------------------------------- */

static void add_name(struct pc_buf *b, const char *name)
{
	pc_buf_adds(b, "\"");
	for (const char *p = name; *p; p++) {
		if (*p == '"' || *p == '\\')
			pc_buf_adds(b, "\\");
		if ((unsigned char)*p >= ' ' && *p != 0x7f)
			pc_buf_add(b, p, 1);
	}
	pc_buf_adds(b, "\" ");
}

static int set_from(struct call *c)
{
	const struct pc_sip_identity *id = pc_sip_transport_identity(c->tp);
	const char *uri = c->cfg->from ? c->cfg->from : id->aor;
	char ip[PC_ADDR_TEXT];
	struct pc_buf b = { 0 };
	struct pc_addr local;
	int rc = 0;

	if (c->cfg->from_name)
		add_name(&b, c->cfg->from_name);
	if (uri) {
		bool scheme = has_scheme(uri);

		pc_buf_printf(&b, "<%s%s>", scheme ? "" : "sip:", uri);
		rc = plain(uri) ? 0 : -EINVAL;
	} else {
		rc = pc_sip_transport_local(c->tp, &c->hop, &local);
		if (rc == 0)
			pc_buf_printf(&b, "<sip:%s@%s%s%s>",
				      c->cfg->user ? c->cfg->user : "pipecall",
				      local.sa.sa_family == AF_INET6 ? "[" : "",
				      pc_addr_ip(&local, ip),
				      local.sa.sa_family == AF_INET6 ? "]"
								     : "");
	}
	pc_buf_printf(&b, ";tag=%s", pc_sip_token(c->tag));
	if (rc == 0 && (b.oom || b.len >= sizeof(c->from)))
		rc = -ENAMETOOLONG;
	if (rc == 0)
		memcpy(c->from, b.data, b.len + 1);
	pc_buf_fini(&b);
	return rc;
}

static int add_headers(const struct call *c, osip_message_t *m)
{
	const struct pc_opt_list *list = &c->cfg->headers;
	int rc = route_line(c, m);

	if (rc == 0)
		rc = route_apply(c->cfg, m);
	for (unsigned i = 0; rc == 0 && i < list->n; i++)
		rc = pc_sip_header_add(m, list->v[i]);
	return rc;
}

int caller_request(struct call *c, const char *method, uint32_t cseq,
		   osip_message_t **out)
{
	osip_message_t *m;
	int rc;

	rc = pc_sip_request_new(
		&m, &(struct pc_sip_request){ .method = method,
					      .uri = c->target,
					      .from = c->from,
					      .to = c->to,
					      .call_id = c->call_id,
					      .cseq = cseq,
					      .contact = c->contact });
	if (rc < 0)
		return rc;
	rc = add_headers(c, m);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

static int invite_new(struct call *c, osip_message_t **out)
{
	osip_message_t *m;
	int rc = caller_request(c, "INVITE", ++c->cseq, &m);

	if (rc < 0)
		return rc;
	rc = call_capabilities(c, m, true);
	if (rc == 0 && !c->late_offer)
		rc = pc_sip_set_body(m, SDP_TYPE, c->local_sdp.data,
				     c->local_sdp.len);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

int caller_invite(struct call *c, osip_message_t *m)
{
	char hop[PC_ADDR_TEXT];
	int rc = pc_sip_ua_send(c->ua, m, &c->hop, caller_response, c,
				&c->invite);

	if (rc == 0)
		pc_event(c->tool, "calling", "uri=%s call_id=%s to=%s from=%s",
			 c->target, c->call_id, pc_addr_text(&c->hop, hop),
			 c->from);
	return rc;
}

static void cannot_start(struct call *c, int rc)
{
	pc_tool_error(c->tool, "%s: %s", c->uri, why_not(rc));
	pc_tool_exit(c->tool,
		     rc == -EINVAL || rc == -ERANGE || rc == -EPROTONOSUPPORT
			     ? PC_EXIT_USAGE
			     : PC_EXIT_IO);
}

int caller_prepare(struct call *c)
{
	char id[PC_SIP_TOKEN];
	osip_uri_t *uri;
	int rc = parse_target(c, c->uri, &uri);

	if (rc < 0) {
		cannot_start(c, rc);
		return rc;
	}
	rc = open_way(c, uri); /* says itself what failed */
	osip_uri_free(uri);
	if (rc < 0)
		return rc;
	snprintf(c->call_id, sizeof(c->call_id), "%s", pc_sip_token(id));
	rc = -EINVAL;
	if (snprintf(c->to, sizeof(c->to), "<%s>", c->target) <
	    (int)sizeof(c->to))
		rc = set_from(c);
	if (rc == 0)
		rc = way_contact(c);
	if (rc < 0)
		cannot_start(c, rc);
	return rc;
}

int caller_repeat(struct call *c)
{
	osip_message_t *m;
	int rc = invite_new(c, &m);

	return rc < 0 ? rc : caller_invite(c, m);
}

/* The way to a redirect's target is known. */
static int redirected(struct call *c)
{
	osip_uri_t *uri;
	int rc = parse_target(c, c->target, &uri);

	if (rc < 0)
		return rc;
	rc = find_hop(c, uri);
	osip_uri_free(uri);
	if (rc == 0)
		rc = net_move(c, way_kind(c));
	if (rc == 0)
		rc = way_contact(c);
	return rc < 0 ? rc : c->follow.again(c);
}

int caller_redirect(struct call *c, const char *where)
{
	osip_uri_t *uri;
	int rc = parse_target(c, where, &uri);

	if (rc < 0)
		return rc;
	osip_uri_free(uri);
	return way_find(c, c->target, redirected);
}

void caller_go(struct call *c)
{
	osip_message_t *m;
	int rc;

	if (caller_prepare(c) < 0)
		return;
	c->state = CALL_CALLING;
	c->follow.again = caller_repeat;
	rc = invite_new(c, &m);
	if (rc == 0)
		rc = c->cfg->dry_run ? dry_run(c, m) : caller_invite(c, m);
	if (rc < 0)
		cannot_start(c, rc);
	else if (!c->cfg->dry_run)
		pc_timer_set(c->deadline, c->cfg->common.timeout_ms);
}

/* stdin came to its end: that is our offer, or our answer to theirs. */
static void input(void *arg, const char *sdp, size_t len)
{
	struct call *c = arg;
	int status;

	if (c->tool->stopping || c->state > CALL_UP ||
	    (c->late_offer &&
	     (c->local_sdp.len > 0 || (len == 0 && c->cfg->common.control))))
		return; /* the command answer brought it, or will */
	if (len == 0) {
		pc_tool_error(c->tool,
			      "stdin: no %s (give an SDP: sip-dial %s%s <%s)",
			      c->late_offer ? "answer" : "offer",
			      c->late_offer ? "--late-offer " : "", c->uri,
			      c->late_offer ? "answer.sdp" : "offer.sdp");
		status = PC_EXIT_NOINPUT;
	} else if (session_ours(c, sdp, len,
				c->late_offer ? "stdin: the answer"
					      : "stdin: the offer") < 0) {
		status = PC_EXIT_DATA;
	} else {
		if (c->late_offer)
			caller_answer(c);
		else
			caller_go(c);
		return;
	}
	if (c->late_offer)
		call_hangup(c, "no answer", status);
	else
		pc_tool_exit(c->tool, status);
}

int caller_start(struct call *c)
{
	c->late_offer = c->cfg->late_offer;
	if (c->late_offer)
		caller_go(c);
	return pc_tool_read_stdin(c->tool, input);
}
