/*
 * SUBSCRIBE and NOTIFY (RFC 6665): message-summary (RFC 3842), presence (RFC
 * 3856), dialog (RFC 4235) and any other package; and the subscription that a
 * REFER outside of a call makes (RFC 3515).
 *
 *	SUBSCRIBE --> 200 --> NOTIFY --> NOTIFY ...   a dialog of its own
 *	              refreshed before it expires
 *	SUBSCRIBE, Expires: 0 --> 200 --> NOTIFY, terminated
 */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NOTIFY_MS PC_SIP_64_T1_MS /* timer N (4.1.2.4) */
#define RETRIES   5
#define REFRESH_S 3 /* at the latest before the end */

static const struct {
	const char *package, *type;
} types[] = {
	{ "message-summary", "application/simple-message-summary" },
	{ "presence", "application/pidf+xml" },
	{ "dialog", "application/dialog-info+xml" },
	{ "refer", "message/sipfrag" },
	{ "reg", "application/reginfo+xml" },
	{ "conference", "application/conference-info+xml" },
};

bool subscribe_is(const char *event, const char *package)
{
	size_t n = strcspn(event, "; \t"), m = strcspn(package, "; \t");

	return n == m && strncasecmp(event, package, n) == 0;
}

const char *subscribe_type(const char *package)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (subscribe_is(package, types[i].package))
			return types[i].type;
	return "application/octet-stream";
}

const char *subscribe_package(const struct call *c)
{
	return c->cfg->package ? c->cfg->package : "refer";
}

unsigned subscribe_seconds(osip_message_t *m, const char *header,
			   unsigned otherwise)
{
	char *value = headers_value(m, header);
	unsigned long seconds = otherwise;

	if (value && strspn(value, "0123456789") > 0)
		seconds = strtoul(value, NULL, 10);
	free(value);
	return seconds > 1000000 ? 1000000 : (unsigned)seconds;
}

uint64_t subscribe_refresh_ms(unsigned s)
{
	uint64_t ms = (uint64_t)s * 1000;

	if (s > 20 * REFRESH_S)
		return ms - ms / 10; /* a tenth before, as others do */
	return s > 2 * REFRESH_S ? ms - REFRESH_S * 1000 : ms / 2;
}

/* --- the request ----------------------------------------------------------- */

static ask_fn on_subscribed;
static void on_timer(void *arg);

static int add_expires(osip_message_t *m, unsigned seconds)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", seconds);
	return pc_sip_add(m, "Expires", number);
}

static int add_refer(const struct config *cfg, osip_message_t *m)
{
	char value[600];

	if (snprintf(value, sizeof(value), "<%s>", cfg->refer_to) >=
	    (int)sizeof(value))
		return -EINVAL;
	return pc_sip_add(m, "Refer-To", value);
}

static void request(struct call *c)
{
	bool refer = strcmp(c->cfg->method, "REFER") == 0;
	osip_message_t *m = ask_new(c, c->cfg->method);
	int rc = m ? 0 : -EINVAL;

	if (rc == 0)
		rc = refer ? add_refer(c->cfg, m)
			   : add_expires(m, c->ask->expires_s);
	if (rc == 0 && !c->cfg->accept)
		rc = pc_sip_add(m, "Accept",
				subscribe_type(subscribe_package(c)));
	if (rc < 0 && m) {
		osip_message_free(m);
		m = NULL;
	}
	ask_send(c, m, false, on_subscribed);
}

static void on_silence(void *arg)
{
	struct call *c = arg;

	pc_tool_error(c->tool, "%s: no notification came within %u s", c->uri,
		      NOTIFY_MS / 1000);
	c->ask->dialog ? ask_hangup(c, "timeout", PC_EXIT_NOANSWER)
		       : ask_over(c, PC_EXIT_NOANSWER);
}

void subscribe_start(struct call *c)
{
	struct ask *a = c->ask;

	pc_timer_free(a->timer);
	a->timer = pc_timer_new(c->tool->loop, on_timer, c);
	a->bound = pc_timer_new(c->tool->loop, on_silence, c);
	a->expires_s = c->cfg->expires_s;
	if (!a->timer || !a->bound) {
		ask_over(c, PC_EXIT_IO);
		return;
	}
	request(c);
}

/* What came back of the first, or of one in place of a lost one. */
static void on_subscribed(struct call *c, const struct pc_sip_response *r)
{
	struct ask *a = c->ask;
	osip_message_t *m;

	if (r->status == 423 && r->message && !a->retries++) { /* 4.1.2.1 */
		a->expires_s = subscribe_seconds(r->message, "Min-Expires",
						 a->expires_s);
		request(c);
		return;
	}
	if (r->status >= 300) {
		ask_refused(c, r);
		return;
	}
	a->retries = 0;
	m = r->message;
	if (!a->dialog && /* else its first NOTIFY was faster (4.1.2.4) */
	    pc_sip_dialog_uac(&a->dialog, a->asked, m) < 0)
		a->dialog = NULL;
	a->expires_s = subscribe_seconds(m, "Expires", a->expires_s);
	pc_event(c->tool, "subscribed", "package=%s expires=%u",
		 subscribe_package(c), a->expires_s);
	if (c->state == CALL_CALLING)
		pc_timer_set(a->bound, NOTIFY_MS);
	if (strcmp(c->cfg->method, "SUBSCRIBE") == 0 && c->cfg->expires_s)
		pc_timer_set(a->timer, subscribe_refresh_ms(a->expires_s));
}

/* --- refreshed, ended, lost -------------------------------------------------- */

void subscribe_lost(struct call *c, unsigned after_s)
{
	struct ask *a = c->ask;

	pc_sip_dialog_free(a->dialog);
	a->dialog = NULL;
	if (++a->retries > RETRIES) {
		pc_tool_error(c->tool,
			      "%s: it ends the subscription again and "
			      "again",
			      c->uri);
		ask_over(c, PC_EXIT_NO);
		return;
	}
	pc_verbose("subscribing again in %u s", after_s);
	a->expires_s = c->cfg->expires_s;
	pc_timer_set(a->timer, (uint64_t)after_s * 1000);
}

static void on_refreshed(struct call *c, void *arg, const osip_message_t *sent,
			 const struct pc_sip_response *r)
{
	struct ask *a = c->ask;

	(void)arg, (void)sent;
	if (r->status < 200 || c->state == CALL_OVER)
		return;
	if (c->state == CALL_ENDING) {
		if (r->status >= 300) /* else its last NOTIFY comes */
			ask_over(c, c->status);
		return;
	}
	if (r->status < 300) {
		a->expires_s =
			subscribe_seconds(r->message, "Expires", a->expires_s);
		pc_event(c->tool, "subscribed", "package=%s expires=%u",
			 subscribe_package(c), a->expires_s);
		pc_timer_set(a->timer, subscribe_refresh_ms(a->expires_s));
	} else if (r->status == 423) {
		a->expires_s = subscribe_seconds(r->message, "Min-Expires",
						 2 * a->expires_s);
		pc_timer_set(a->timer, 0);
	} else { /* 4.1.2.2: 481 ends it; others leave it as it was, to run out */
		pc_verbose("SUBSCRIBE: %d %s", r->status, r->reason);
		subscribe_lost(c, 0);
	}
}

static bool resubscribe(struct call *c, unsigned expires_s)
{
	struct ask *a = c->ask;
	osip_message_t *m;

	if (pc_sip_dialog_request(a->dialog, &m, "SUBSCRIBE") < 0)
		return false;
	if (pc_sip_add(m, "Event", subscribe_package(c)) < 0 ||
	    pc_sip_add(m, "Contact", c->contact) < 0 ||
	    pc_sip_add(m, "Accept", subscribe_type(subscribe_package(c))) < 0 ||
	    add_expires(m, expires_s) < 0) {
		osip_message_free(m);
		return false;
	}
	return outgoing_send(c, a->dialog, m, on_refreshed, NULL);
}

static void on_timer(void *arg)
{
	struct call *c = arg;

	if (!c->ask->dialog)
		request(c);
	else if (!resubscribe(c, c->ask->expires_s))
		ask_over(c, PC_EXIT_IO);
}

bool subscribe_end(struct call *c)
{
	return strcmp(c->cfg->method, "SUBSCRIBE") == 0 && c->ask->dialog &&
	       resubscribe(c, 0);
}
