/*
 * They transfer us: their REFER (RFC 3515), and what we tell of its progress.
 * Whether anything is called is the user's policy: a REFER makes a phone call
 * whom somebody else likes.
 */
#include "beside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sip/text.h"

#define SUBSCRIPTION_S 180

static void forget(struct referral *r)
{
	free(r->uri);
	free(r->replaces);
	free(r->referred_by);
	r->uri = r->replaces = r->referred_by = NULL;
	r->active = false;
}

/* --- the NOTIFY ----------------------------------------------------------- */

static void on_notified(struct call *c, void *arg, const osip_message_t *sent,
			const struct pc_sip_response *r)
{
	(void)arg, (void)sent;
	if (r->status < 300)
		return;
	pc_verbose("NOTIFY: %d %s", r->status, r->reason);
	if (r->status == 481) /* 6665 4.2.2: nobody wants to hear more */
		c->beside->referral.silent = true;
}

static int add_state(const struct referral *r, osip_message_t *m, bool last)
{
	uint64_t now = pc_now_ms();
	char text[64];
	int rc;

	if (r->count > 1) /* RFC 3515 2.4.6 */
		snprintf(text, sizeof(text), "refer;id=%u", r->id);
	else
		snprintf(text, sizeof(text), "refer");
	rc = pc_sip_add(m, "Event", text);
	if (last)
		snprintf(text, sizeof(text), "terminated;reason=noresource");
	else
		snprintf(text, sizeof(text), "active;expires=%u",
			 (unsigned)(r->end_ms > now ? (r->end_ms - now) / 1000
						    : 0));
	return rc < 0 ? rc : pc_sip_add(m, "Subscription-State", text);
}

void referred_notify(struct call *c, int status, const char *reason)
{
	struct referral *r = &c->beside->referral;
	osip_message_t *m;
	char body[160];
	int n;

	if (!r->active)
		return;
	if (status >= 200)
		r->active = false;
	if (r->silent || c->state != CALL_UP)
		return;
	m = beside_new(c, "NOTIFY", NULL);
	if (!m)
		return;
	if (add_state(r, m, status >= 200) < 0 ||
	    pc_sip_add(m, "Contact", c->contact) < 0) {
		osip_message_free(m);
		return;
	}
	n = snprintf(body, sizeof(body), "SIP/2.0 %d %.100s\r\n", status,
		     reason);
	beside_send(c, m, "message/sipfrag;version=2.0", body, (size_t)n,
		    on_notified, NULL);
}

/* --- the REFER ------------------------------------------------------------ */

/* A header that the URI brings for the new request; heap or NULL. */
static char *uri_header(const osip_uri_t *uri, const char *name)
{
	for (int i = 0; i < osip_list_size(&uri->url_headers); i++) {
		const osip_uri_header_t *h =
			osip_list_get(&uri->url_headers, i);

		if (h->gname && strcasecmp(h->gname, name) == 0 && h->gvalue &&
		    !strpbrk(h->gvalue, "\r\n"))
			return strdup(h->gvalue);
	}
	return NULL;
}

/*
 * Refer-To into r: whom to call, and what it replaces there. Other headers in
 * the URI are not ours to put into a request (RFC 3261 19.1.5).
 */
static int take_target(struct referral *r, const char *refer_to)
{
	struct pc_sip_span value = { refer_to, strlen(refer_to) };
	struct pc_sip_span span = pc_sip_text_uri(value);
	char *text = span.p ? pc_sip_span_dup(span) : NULL, *whole = NULL;
	const char *method;
	osip_uri_t *uri;
	int rc = -EINVAL;

	if (!text || osip_uri_init(&uri) != 0) {
		free(text);
		return -EINVAL;
	}
	if (osip_uri_parse(uri, text) == 0 && uri->scheme &&
	    !strcasecmp(uri->scheme, "sip") && uri->host && *uri->host) {
		method = pc_sip_uri_param(uri, "method");
		r->replaces = uri_header(uri, "Replaces");
		osip_list_special_free(&uri->url_headers,
				       (void (*)(void *))osip_uri_param_free);
		if ((!method || !strcasecmp(method, "INVITE")) &&
		    osip_uri_to_str(uri, &whole) == 0)
			r->uri = strdup(whole);
		rc = r->uri ? 0 : -EOPNOTSUPP;
	}
	osip_free(whole);
	osip_uri_free(uri);
	free(text);
	return rc;
}

static void accept_it(struct call *c, struct pc_sip_server *tr)
{
	struct referral *r = &c->beside->referral;
	osip_message_t *m;
	int rc = pc_sip_response_new(&m, pc_sip_server_request(tr),
				     r->silent ? 200 : 202,
				     r->silent ? NULL : "Accepted", c->tag);

	if (rc == 0)
		rc = pc_sip_add(m, "Contact", c->contact);
	if (rc == 0 && r->silent) /* RFC 4488 4 */
		rc = pc_sip_add(m, "Refer-Sub", "false");
	if (rc < 0)
		return;
	pc_sip_ua_respond(tr, m);
	r->active = true;
	r->end_ms = pc_now_ms() + SUBSCRIPTION_S * 1000;
	referred_notify(c, 100, "Trying");
}

static void decide(struct call *c, struct pc_sip_server *tr,
		   const char *refer_to)
{
	struct referral *r = &c->beside->referral;
	bool follow = c->cfg->follow_refer, ask = c->cfg->ask_refer && !follow;

	pc_event(c->tool, "refer",
		 "refer_to=%s uri=%s replaces=%s referred_by=%s policy=%s",
		 refer_to, r->uri, r->replaces, r->referred_by,
		 follow ? "follow"
		 : ask  ? "ask"
			: "refuse");
	pc_info("they want us to call %s%s", r->uri,
		follow || ask ? "" : ": refused (see --follow-refer)");
	if (!follow && !ask) {
		forget(r);
		pc_sip_ua_reply(tr, 603, "Decline", NULL, NULL, NULL);
		return;
	}
	accept_it(c, tr);
	if (follow)
		second_start(c);
}

void referred_received(struct call *c, struct pc_sip_server *tr,
		       osip_message_t *m)
{
	struct referral *r = &c->beside->referral;
	char *refer_to = headers_value(m, "Refer-To"), *sub;
	int rc;

	if (c->state != CALL_UP) {
		pc_sip_ua_reply(tr, 491, NULL, NULL, NULL, NULL);
		goto out;
	}
	if (r->active) { /* one at a time */
		pc_sip_ua_reply(tr, 491, NULL, NULL, NULL, NULL);
		goto out;
	}
	forget(r);
	rc = refer_to ? take_target(r, refer_to) : -EINVAL;
	if (rc < 0) {
		forget(r);
		pc_sip_ua_reply(tr, rc == -EINVAL ? 400 : 501,
				rc == -EINVAL ? "No usable Refer-To"
					      : "Only INVITE is referred",
				NULL, NULL, NULL);
		goto out;
	}
	sub = headers_value(m, "Refer-Sub");
	r->silent = sub && strncasecmp(sub, "false", 5) == 0;
	free(sub);
	r->id = pc_sip_cseq(m);
	r->count++;
	r->referred_by = headers_value(m, "Referred-By");
	decide(c, tr, refer_to);
out:
	free(refer_to);
}

/* A script that follows by its own means tells how far it is. */
int referred_progress(void *arg, const struct pc_command *cmd)
{
	const char *code = pc_command_arg(cmd, "status", 0);
	struct call *c = arg;
	long status = code ? strtol(code, NULL, 10) : 0;
	const char *reason;

	if (!c->beside->referral.active) {
		pc_tool_error(c->tool, "refer-progress: nothing was asked");
		return -EINVAL;
	}
	if (status < 100 || status > 699) {
		pc_tool_error(c->tool, "refer-progress: a SIP code, please");
		return -EINVAL;
	}
	reason = osip_message_get_reason((int)status);
	referred_notify(c, (int)status, reason ? reason : "Unknown");
	return 0;
}
