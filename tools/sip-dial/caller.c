/* The caller: INVITE and what comes back (RFC 3261 13.2). */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *r);

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

static int parse_target(struct call *c, osip_uri_t **out)
{
	const char *transport;
	osip_uri_t *uri;
	char *text;
	int n;

	if (!plain(c->uri))
		return -EINVAL;
	n = strncasecmp(c->uri, "sip:", 4) == 0 || strchr(c->uri, ':') == NULL;
	n = asprintf(&text, "%s%s",
		     n && strncasecmp(c->uri, "sip:", 4) ? "sip:" : "", c->uri);
	if (n < 0)
		return -ENOMEM;
	free(c->target);
	c->target = text;
	if (osip_uri_init(&uri) != 0)
		return -ENOMEM;
	if (osip_uri_parse(uri, text) != 0 || !uri->scheme ||
	    strcasecmp(uri->scheme, "sip") != 0 || !uri->host || !*uri->host) {
		osip_uri_free(uri);
		return -EINVAL;
	}
	transport = pc_sip_uri_param(uri, "transport");
	if (transport && strcasecmp(transport, "tcp") &&
	    strcasecmp(transport, "udp")) {
		osip_uri_free(uri);
		return -EPROTONOSUPPORT;
	}
	*out = uri;
	return 0;
}

/* A proxy, the line's, or what the URI names (8.1.2). */
static int find_hop(struct call *c, const osip_uri_t *uri)
{
	const struct pc_sip_identity *id;

	if (c->cfg->proxy)
		return pc_addr_resolve(&c->hop, c->cfg->proxy, PC_SIP_PORT);
	if (c->cfg->line) {
		id = pc_sip_transport_identity(c->tp);
		if (id->proxy.len) {
			c->hop = id->proxy;
			return 0;
		}
	}
	return pc_sip_uri_addr(&c->hop, uri);
}

static int open_way(struct call *c, const osip_uri_t *uri)
{
	const char *transport = pc_sip_uri_param(uri, "transport");
	bool tcp = c->cfg->tcp ||
		   (transport && strcasecmp(transport, "tcp") == 0);
	int rc;

	if (c->cfg->line) { /* the hop is the line's to say */
		rc = net_open(c, NULL, false);
		if (rc < 0)
			return rc;
	}
	rc = find_hop(c, uri);
	if (rc < 0) {
		pc_tool_error(c->tool, "%s: no address found for this host",
			      c->cfg->proxy ? c->cfg->proxy : c->uri);
		pc_tool_exit(c->tool, rc == -EINVAL ? PC_EXIT_USAGE
						    : PC_EXIT_NOANSWER);
		return rc;
	}
	return c->cfg->line ? 0 : net_open(c, &c->hop, tcp);
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
		bool scheme = strncasecmp(uri, "sip:", 4) == 0;

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
	int rc = pc_sip_add(m, "Allow", PC_SIP_ALLOW);

	if (rc == 0)
		rc = pc_sip_add(m, "Accept", SDP_TYPE);
	for (unsigned i = 0; rc == 0 && i < list->n; i++) {
		const char *colon = strchr(list->v[i], ':');
		char name[64];

		snprintf(name, sizeof(name), "%.*s",
			 (int)(colon - list->v[i]), list->v[i]);
		rc = pc_sip_add(m, name, colon + 1 + strspn(colon + 1, " \t"));
	}
	return rc;
}

static int invite_new(struct call *c, osip_message_t **out)
{
	char id[PC_SIP_TOKEN], to[1100];
	osip_message_t *m;
	int rc;

	snprintf(c->call_id, sizeof(c->call_id), "%s", pc_sip_token(id));
	if (snprintf(to, sizeof(to), "<%s>", c->target) >= (int)sizeof(to))
		return -EINVAL;
	rc = set_from(c);
	if (rc == 0)
		rc = pc_sip_ua_contact(c->ua, c->cfg->user, &c->hop, c->contact,
				       sizeof(c->contact));
	if (rc < 0)
		return rc;
	rc = pc_sip_request_new(
		&m, &(struct pc_sip_request){ .method = "INVITE",
					      .uri = c->target,
					      .from = c->from,
					      .to = to,
					      .call_id = c->call_id,
					      .cseq = 1,
					      .contact = c->contact });
	if (rc < 0)
		return rc;
	rc = add_headers(c, m);
	if (rc == 0)
		rc = pc_sip_set_body(m, SDP_TYPE, c->local_sdp.data,
				     c->local_sdp.len);
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

static int send_invite(struct call *c, osip_message_t *m)
{
	char hop[PC_ADDR_TEXT];
	int rc = pc_sip_ua_send(c->ua, m, &c->hop, on_response, c, &c->invite);

	if (rc == 0)
		pc_event(c->tool, "calling", "uri=%s call_id=%s to=%s from=%s",
			 c->target, c->call_id, pc_addr_text(&c->hop, hop),
			 c->from);
	return rc;
}

static void cannot_start(struct call *c, int rc)
{
	if (rc == -EPROTONOSUPPORT)
		pc_tool_error(c->tool, "%s: this transport is not known: use "
				       ";transport=udp or tcp",
			      c->uri);
	else
		pc_tool_error(c->tool, "%s: %s", c->uri,
			      rc == -EINVAL ? "not a SIP URI (like "
					      "sip:bob@example.org)"
					    : strerror(-rc));
	pc_tool_exit(c->tool, rc == -EINVAL || rc == -EPROTONOSUPPORT
				      ? PC_EXIT_USAGE
				      : PC_EXIT_IO);
}

void caller_start(void *arg, const char *sdp, size_t len)
{
	struct call *c = arg;
	osip_message_t *invite;
	osip_uri_t *uri;
	int rc;

	if (c->tool->stopping)
		return;
	if (len == 0) {
		pc_tool_error(c->tool, "stdin: no offer (give an SDP: "
				       "sip-dial %s <offer.sdp)",
			      c->uri);
		pc_tool_exit(c->tool, PC_EXIT_NOINPUT);
		return;
	}
	if (session_take(c, &c->local_sdp, sdp, len, "stdin: the offer") < 0) {
		pc_tool_exit(c->tool, PC_EXIT_DATA);
		return;
	}
	rc = parse_target(c, &uri);
	if (rc < 0) {
		cannot_start(c, rc);
		return;
	}
	rc = open_way(c, uri); /* says itself what failed */
	osip_uri_free(uri);
	if (rc < 0)
		return;
	c->state = CALL_CALLING;
	rc = invite_new(c, &invite);
	if (rc == 0)
		rc = send_invite(c, invite);
	if (rc < 0)
		cannot_start(c, rc);
	else
		pc_timer_set(c->deadline, c->cfg->common.timeout_ms);
}

/* --- what comes back ---------------------------------------------------- */

/* An early dialog (12.1): what may come in it is then known. */
static void early_dialog(struct call *c, struct pc_sip_client *tr,
			 const osip_message_t *m)
{
	struct pc_sip_dialog *d;

	if (!pc_sip_tag(m->to)[0] ||
	    (c->dialog && strcmp(c->dialog->remote_tag, pc_sip_tag(m->to)) == 0))
		return;
	if (pc_sip_dialog_uac(&d, pc_sip_client_request(tr), m) < 0)
		return;
	pc_sip_dialog_free(c->dialog);
	c->dialog = d;
}

static void early_media(struct call *c, const osip_message_t *m)
{
	struct pc_buf sdp = { 0 };
	const char *body;
	size_t len;

	body = pc_sip_body(m, SDP_TYPE, &len);
	if (!body || session_take(c, &sdp, body, len, "early SDP") < 0)
		goto out;
	if (sdp.len == c->early_sdp.len &&
	    memcmp(sdp.data, c->early_sdp.data, sdp.len) == 0)
		goto out; /* sent again */
	pc_event(c->tool, "early", "status=%d tag=%s sdp=%s", m->status_code,
		 pc_sip_tag(m->to), sdp.data);
	if (c->cfg->early && c->early_sdp.len == 0 &&
	    pc_tool_product(c->tool, sdp.data, sdp.len) < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
	pc_buf_fini(&c->early_sdp);
	c->early_sdp = sdp;
	return;
out:
	pc_buf_fini(&sdp);
}

static void on_provisional(struct call *c, struct pc_sip_client *tr,
			   const struct pc_sip_response *r)
{
	const char *event = r->status == 100   ? "trying"
			    : r->status == 180 ? "ringing"
					       : "progress";

	pc_event(c->tool, event, "status=%d reason=%s", r->status, r->reason);
	pc_verbose("%d %s", r->status, r->reason);
	if (r->status == 100 || c->state != CALL_CALLING)
		return;
	early_dialog(c, tr, r->message);
	early_media(c, r->message);
}

/* 13.2.2.4: the ACK of a 2xx is ours to send, and to send again. */
static int send_ack(struct call *c, const struct pc_sip_dialog *d,
		    uint32_t cseq, osip_message_t **keep, struct pc_addr *to)
{
	osip_message_t *ack;
	int rc = pc_sip_dialog_ack(d, &ack, cseq);

	if (rc == 0 && c->auth_value)
		rc = pc_sip_add(ack, c->auth_header, c->auth_value);
	if (rc == 0)
		rc = pc_sip_dialog_next_hop(d, to);
	if (rc == 0)
		rc = pc_sip_ua_send_stateless(c->ua, ack, to);
	if (rc < 0)
		pc_tool_error(c->tool, "%s: ACK: %s", c->uri, strerror(-rc));
	if (rc == 0 && keep)
		*keep = ack;
	else
		osip_message_free(ack);
	return rc;
}

/* Up at the other side, and not wanted here: BYE at once. */
static void end_answered(struct call *c, const char *why, int status)
{
	c->state = CALL_UP;
	c->up_ms = pc_now_ms();
	call_hangup(c, why, status);
}

static void take_answer(struct call *c, const osip_message_t *m)
{
	const char *sdp;
	size_t len;

	sdp = pc_sip_body(m, SDP_TYPE, &len);
	if (!sdp) {
		pc_tool_error(c->tool, "%s: 200 without an SDP answer", c->uri);
		end_answered(c, "no answer in 200", PC_EXIT_PROTOCOL);
		return;
	}
	if (session_take(c, &c->remote_sdp, sdp, len, "the answer") < 0) {
		end_answered(c, "a broken answer in 200", PC_EXIT_PROTOCOL);
		return;
	}
	pc_event(c->tool, "answered", "status=%d reason=%s sdp=%s",
		 m->status_code, m->reason_phrase, c->remote_sdp.data);
	call_up(c);
	if (c->cfg->early && c->early_sdp.len > 0)
		return; /* printed; that of the 200 is in the event */
	if (pc_tool_product(c->tool, c->remote_sdp.data, c->remote_sdp.len) < 0)
		call_hangup(c, "stdout failed", PC_EXIT_IO);
}

static void on_success(struct call *c, struct pc_sip_client *tr,
		       const struct pc_sip_response *r)
{
	const osip_message_t *request = pc_sip_client_request(tr);
	struct pc_sip_dialog *d;

	if (pc_sip_dialog_uac(&d, request, r->message) < 0) {
		pc_tool_error(c->tool, "%s: 200 without a usable Contact",
			      c->uri);
		call_over(c, PC_EXIT_PROTOCOL);
		return;
	}
	pc_sip_dialog_free(c->dialog);
	c->dialog = d;
	send_ack(c, d, pc_sip_cseq(request), &c->ack, &c->ack_to);
	if (c->state == CALL_ENDING) /* our CANCEL was late (9.1) */
		end_answered(c, "answered after we hung up", c->status);
	else
		take_answer(c, r->message);
}

/* --- no ------------------------------------------------------------------ */

static int status_of(const struct call *c, const struct pc_sip_response *r)
{
	if (r->status == 408 || !r->message)
		return PC_EXIT_NOANSWER;
	if (r->status == 401 || r->status == 407 ||
	    (r->status == 403 && c->authorized))
		return PC_EXIT_NOPERM;
	return PC_EXIT_NO;
}

static void on_refused(struct call *c, const struct pc_sip_response *r)
{
	const osip_contact_t *contact =
		r->message ? osip_list_get(&r->message->contacts, 0) : NULL;
	char *elsewhere = NULL;

	if (r->status >= 300 && r->status < 400 && contact && contact->url &&
	    osip_uri_to_str(contact->url, &elsewhere) != 0)
		elsewhere = NULL;
	if (!r->message) {
		pc_event(c->tool, "failed", "reason=%s",
			 r->err == ETIMEDOUT ? "no answer" : r->reason);
		pc_warnx("%s: %s", c->uri,
			 r->err == ETIMEDOUT ? "no answer at all: is the "
					       "address right?"
					     : r->reason);
	} else {
		pc_event(c->tool, "rejected",
			 "status=%d reason=%s contact=%s warning=%s", r->status,
			 r->reason, elsewhere,
			 pc_sip_header(r->message, "Warning", 0));
		pc_warnx("%s: %d %s%s%s", c->uri, r->status, r->reason,
			 elsewhere ? ": call " : "", elsewhere ? elsewhere : "");
	}
	osip_free(elsewhere);
	call_over(c, status_of(c, r));
}

static void invite_again(struct call *c, osip_message_t *request)
{
	c->invite = NULL;
	if (c->state >= CALL_ENDING) {
		osip_message_free(request);
		call_over(c, c->status);
	} else if (!request) {
		call_over(c, PC_EXIT_NOPERM);
	} else if (send_invite(c, request) < 0) {
		call_over(c, PC_EXIT_IO);
	}
}

/* A second refusal is final, unless the nonce was only too old (22.4). */
static bool try_again(const struct call *c, const osip_message_t *m)
{
	const osip_list_t *list = m->status_code == 407 ? &m->proxy_authenticates
							: &m->www_authenticates;
	const osip_www_authenticate_t *w = osip_list_get(list, 0);

	if (c->challenges == 0)
		return true;
	return c->challenges < 3 && w && w->stale &&
	       strcasestr(w->stale, "true");
}

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *r)
{
	struct call *c = arg;
	bool ending = c->state >= CALL_ENDING;

	if (r->status < 200) {
		on_provisional(c, tr, r);
		return;
	}
	c->invite = NULL;
	if (r->status < 300) {
		on_success(c, tr, r);
	} else if (ending) {
		pc_event(c->tool, "cancelled", "by=%s status=%d", "us",
			 r->status);
		call_over(c, c->status);
	} else if ((r->status == 401 || r->status == 407) && r->message &&
		   try_again(c, r->message)) {
		c->challenges++;
		auth_answer(c, pc_sip_client_request(tr), r->message,
			    pc_sip_cseq(r->message) + 1, invite_again);
	} else {
		on_refused(c, r);
	}
}

/* 13.2.2.4: a 2xx again, or from another branch of a fork. */
void caller_stray(void *arg, osip_message_t *response,
		  const struct pc_addr *from)
{
	struct call *c = arg;
	struct pc_sip_dialog *d;
	struct pc_addr to;

	(void)from;
	if (!c->dialog || !c->ack ||
	    strcmp(response->call_id->number, c->call_id) != 0 ||
	    strcmp(pc_sip_tag(response->from), c->tag) != 0 ||
	    pc_sip_cseq(response) != pc_sip_cseq(c->ack))
		return;
	if (strcmp(pc_sip_tag(response->to), c->dialog->remote_tag) == 0) {
		pc_sip_ua_send_stateless(c->ua, c->ack, &c->ack_to);
		return;
	}
	if (pc_sip_dialog_uac(&d, c->ack, response) < 0)
		return;
	pc_event(c->tool, "forked", "remote_tag=%s remote_target=%s",
		 d->remote_tag, d->target);
	if (send_ack(c, d, pc_sip_cseq(c->ack), NULL, &to) == 0)
		call_bye_fork(c, d);
	pc_sip_dialog_free(d);
}
