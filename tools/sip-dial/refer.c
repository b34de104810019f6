/*
 * We transfer: REFER (RFC 3515), blind, or to the other side of a call that
 * another sip-dial holds, which the new one replaces (RFC 3891; RFC 5589 has
 * the whole flow).
 *
 *	us ---- REFER, Refer-To: <sip:carol@pbx> ----> them
 *	   <--- 202 ------------------------------------
 *	   <--- NOTIFY, SIP/2.0 180 Ringing ------------    they call carol
 *	   <--- NOTIFY, SIP/2.0 200 OK -----------------
 *	   ---- BYE ----------------------------------->
 */
#include "beside.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sip/text.h"

static void transfer_end(struct call *c)
{
	c->beside->transferring = false;
	pc_timer_free(c->beside->transfer_bound);
	c->beside->transfer_bound = NULL;
}

static void transfer_failed(struct call *c, int status, const char *reason)
{
	transfer_end(c);
	if (status)
		pc_event(c->tool, "transfer-failed", "status=%d reason=%s",
			 status, reason);
	else
		pc_event(c->tool, "transfer-failed", "reason=%s", reason);
	pc_warnx("the transfer failed: %s; the call goes on", reason);
}

/* 5589 6.1: whoever asked for it hangs up when it is done. */
static void transfer_done(struct call *c)
{
	transfer_end(c);
	pc_event(c->tool, "transferred", NULL);
	pc_info("transferred");
	call_hangup(c, "transferred", PC_EXIT_OK);
}

static void on_bound(void *arg)
{
	transfer_failed(arg, 0, "nothing was heard of it in time");
}

static void on_answer(struct call *c, void *arg, const osip_message_t *sent,
		      const struct pc_sip_response *r)
{
	struct beside *b = c->beside;
	char *none;

	(void)arg, (void)sent;
	if (r->status < 200 || c->state != CALL_UP || !b->transferring)
		return;
	if (r->status >= 300) {
		transfer_failed(c, r->status, r->reason);
		return;
	}
	b->refer_id = sent ? pc_sip_cseq(sent) : 0;
	pc_event(c->tool, "transfer", "status=%d reason=%s state=%s", r->status,
		 r->reason, "accepted");
	none = headers_value(r->message, "Refer-Sub");
	if (b->refer_silent && none && strncasecmp(none, "false", 5) == 0)
		transfer_done(c); /* RFC 4488 4: no more will be heard */
	free(none);
}

/* --- the REFER ------------------------------------------------------------ */

/* Our address of record in this call, for Referred-By (RFC 3892). */
static void add_referred_by(const struct call *c, osip_message_t *m)
{
	const char *local = c->dialog->local;
	struct pc_sip_span value = { local, strlen(local) };
	struct pc_sip_span uri = pc_sip_text_uri(value);
	char text[600];

	if (uri.p && snprintf(text, sizeof(text), "<%.*s>", (int)uri.len,
			      uri.p) < (int)sizeof(text))
		pc_sip_add(m, "Referred-By", text);
}

static int send_refer(struct call *c, const struct pc_command *cmd,
		      const char *refer_to, bool silent)
{
	struct beside *b = c->beside;
	osip_message_t *m;
	int rc;

	if (b->transferring || c->state != CALL_UP) {
		pc_tool_error(c->tool, "%s: %s", cmd->name,
			      b->transferring ? "one is under way already"
					      : "no call is up");
		return -EINVAL;
	}
	b->transfer_bound = pc_timer_new(c->tool->loop, on_bound, c);
	m = b->transfer_bound ? beside_new(c, "REFER", cmd) : NULL;
	if (!m)
		return -EINVAL;
	rc = pc_sip_add(m, "Refer-To", refer_to);
	if (rc == 0)
		rc = pc_sip_add(m, "Contact", c->contact);
	if (rc == 0)
		rc = pc_sip_add(m, "Accept", "message/sipfrag");
	if (rc == 0 && silent)
		rc = pc_sip_add(m, "Refer-Sub", "false");
	if (rc == 0)
		rc = pc_sip_add(m, "Supported", "norefersub");
	if (rc < 0) {
		osip_message_free(m);
		return rc;
	}
	add_referred_by(c, m);
	b->transferring = true;
	b->refer_silent = silent;
	pc_timer_set(b->transfer_bound, c->cfg->common.timeout_ms);
	pc_event(c->tool, "transferring", "refer_to=%s", refer_to);
	rc = beside_send(c, m, NULL, NULL, 0, on_answer, NULL);
	if (rc < 0)
		transfer_failed(c, 0, "the REFER cannot be sent");
	return rc;
}

/* A URI that may stand between < and >; a number's tel: too. */
static bool plain_uri(const char *text)
{
	size_t scheme = strcspn(text, ":");

	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '<' ||
		    *p == '>' || *p == '"')
			return false;
	return text[scheme] == ':' && scheme > 0 && text[scheme + 1];
}

static bool silent_asked(const struct pc_command *cmd)
{
	const char *word = pc_command_arg(cmd, "norefersub", 1);

	if (cmd->object)
		return json_is_true(json_object_get(cmd->object, "norefersub"));
	return word && strcmp(word, "norefersub") == 0;
}

/*
 * Whom the other side is to call: also a tel URI, which it may know a way to.
 * Heap; NULL: it has been said why not.
 */
static char *whereto(struct call *c, const char *text)
{
	char why[PC_SIP_WHY_MAX] = "sip:carol@pbx [norefersub]";
	char *uri = NULL;

	if (text && strncasecmp(text, "tel:", 4) == 0 && plain_uri(text))
		return strdup(text);
	/* a bare name is a user of a host that is not said */
	if (text && strpbrk(text, "@.:") &&
	    pc_sip_where_uri(&uri, text, why) == 0)
		return uri;
	pc_tool_error(c->tool, "transfer: whereto? %s", why);
	return NULL;
}

int refer_transfer(void *arg, const struct pc_command *cmd)
{
	struct call *c = arg;
	char *uri = whereto(c, pc_command_arg(cmd, "uri", 0));
	char value[600];
	int n;

	if (!uri)
		return -EINVAL;
	n = snprintf(value, sizeof(value), "<%s>", uri);
	free(uri);
	if (n >= (int)sizeof(value)) {
		pc_tool_error(c->tool, "transfer: this URI is too long");
		return -EINVAL;
	}
	return send_refer(c, cmd, value, silent_asked(cmd));
}

/* RFC 3261 19.1.1: what a header in a URI has to have escaped. */
static void add_escaped(struct pc_buf *b, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (isalnum((unsigned char)*p) || strchr("-_.!~*'()", *p))
			pc_buf_add(b, p, 1);
		else
			pc_buf_printf(b, "%%%02X", (unsigned char)*p);
	}
}

/*
 * Their tag there is the to-tag to whom the INVITE goes, ours the from-tag
 * (RFC 3891 3).
 */
int refer_transfer_to(void *arg, const struct pc_command *cmd)
{
	const char *uri = pc_command_arg(cmd, "remote_target", 0);
	const char *call_id = pc_command_arg(cmd, "call_id", 1);
	const char *local_tag = pc_command_arg(cmd, "local_tag", 2);
	const char *remote_tag = pc_command_arg(cmd, "remote_tag", 3);
	struct pc_buf value = { 0 };
	struct call *c = arg;
	int rc;

	if (!uri || !plain_uri(uri) || !call_id || !local_tag || !remote_tag) {
		pc_tool_error(c->tool,
			      "transfer-to: the other call, as its event "
			      "\"established\" has it: transfer-to "
			      "REMOTE-TARGET CALL-ID LOCAL-TAG REMOTE-TAG");
		return -EINVAL;
	}
	pc_buf_printf(&value, "<%s%sReplaces=", uri,
		      strchr(uri, '?') ? "&" : "?");
	add_escaped(&value, call_id);
	add_escaped(&value, ";to-tag=");
	add_escaped(&value, remote_tag);
	add_escaped(&value, ";from-tag=");
	add_escaped(&value, local_tag);
	pc_buf_adds(&value, ">");
	rc = value.oom ? -ENOMEM : send_refer(c, cmd, value.data, false);
	pc_buf_fini(&value);
	return rc;
}

/* --- its NOTIFYs ------------------------------------------------------------ */

/* "SIP/2.0 180 Ringing" (RFC 3420): its status, or 0. */
static int sipfrag(const osip_message_t *m, char *reason, size_t size)
{
	struct pc_sip_span line;
	size_t len;
	const char *body = pc_sip_body(m, "message/sipfrag", &len);
	const char *end;
	int status;

	if (!body || len < 11 || strncasecmp(body, "SIP/2.0 ", 8) != 0)
		return 0;
	status = atoi(body + 8);
	end = memchr(body, '\n', len);
	line.p = body + 11;
	line.len = (size_t)((end ? end : body + len) - line.p);
	while (line.len && isspace((unsigned char)*line.p))
		line.p++, line.len--;
	while (line.len && isspace((unsigned char)line.p[line.len - 1]))
		line.len--;
	snprintf(reason, size, "%.*s", (int)line.len, line.p);
	return status >= 100 && status < 700 ? status : 0;
}

void refer_notified(struct call *c, struct pc_sip_server *tr, osip_message_t *m,
		    const char *state)
{
	bool last = strncasecmp(state, "terminated", 10) == 0;
	char reason[80] = "";
	int status = sipfrag(m, reason, sizeof(reason));

	if (!c->beside->transferring) {
		pc_sip_ua_reply(tr, 481, NULL, NULL, NULL, NULL);
		return;
	}
	pc_sip_ua_reply(tr, 200, NULL, NULL, NULL, NULL);
	pc_event(c->tool, "transfer", "status=%d reason=%s state=%s", status,
		 reason, last ? "terminated" : "active");
	if (status >= 200 && status < 300)
		transfer_done(c);
	else if (status >= 300)
		transfer_failed(c, status, reason);
	else if (last)
		transfer_failed(c, 0, "they tell no more of it");
}
