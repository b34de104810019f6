/*
 * A registration and its upkeep (RFC 3261 section 10).
 *
 *	        +-------- backing off: no answer, 5xx -------+
 *	        v                                            |
 *	REGISTERING --2xx--> REGISTERED --refresh--> REGISTERING
 *	        |                 |
 *	    401, 407, 423:    REMOVING --> GONE
 *	    again at once
 */
#include "registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOODBYE_MS 1500u

static const char *const state_names[] = {
	"idle", "registering", "registered", "waiting", "removing", "gone",
};

void registration_set_state(struct registration *r,
			    enum registration_state state, const char *why)
{
	if (r->state != state)
		pc_trace_state(r->app->tool, "registration",
			       state_names[r->state], state_names[state], why);
	r->state = state;
	r->app->registered = state == REGISTERED ||
			     (state == REGISTERING && r->app->registered);
}

static void forget_transaction(struct registration *r)
{
	if (r->tr)
		pc_sip_client_forget(r->tr);
	r->tr = NULL;
}

/* What our own Contact says besides its URI (RFC 5626 4.2, RFC 5627 4.2). */
static void own_contact(const struct app *app, char *text, size_t size)
{
	const struct config *cfg = app->cfg;
	char instance[200] = "", reg_id[32] = "";

	if (cfg->instance)
		snprintf(instance, sizeof instance, ";+sip.instance=\"<%s>\"",
			 cfg->instance);
	if (cfg->reg_id)
		snprintf(reg_id, sizeof reg_id, ";reg-id=%u", cfg->reg_id);
	snprintf(text, size, "<%s>%s%s", app->contact, instance, reg_id);
}

/* Contact and Expires, as the purpose has it (10.2). 0 or -errno. */
static int add_contacts(struct registration *r, osip_message_t *msg)
{
	struct app *app = r->app;
	const struct config *cfg = app->cfg;
	char number[16], text[600];
	int rc = 0;

	if (cfg->fetch) /* 10.2.3: none */
		return 0;
	snprintf(number, sizeof number, "%u",
		 r->state == REMOVING || cfg->remove ? 0 : r->expires_s);
	if (cfg->remove) {
		bool all = strcmp(cfg->remove, "*") == 0;

		snprintf(text, sizeof text, all ? "%s" : "<%s>", cfg->remove);
		rc = pc_sip_add(msg, "Contact", text);
	} else {
		own_contact(app, text, sizeof text);
		rc = pc_sip_add(msg, "Contact", text);
		for (unsigned i = 0; rc == 0 && i < cfg->contacts.n; i++)
			rc = pc_sip_add(msg, "Contact", cfg->contacts.v[i]);
	}
	if (rc == 0)
		rc = pc_sip_add(msg, "Expires", number);
	if (rc == 0 && r->old_contact[0]) {
		snprintf(text, sizeof text, "<%s>;expires=0", r->old_contact);
		r->old_contact[0] = '\0';
		if (r->old_bound || r->ever)
			rc = pc_sip_add(msg, "Contact", text);
		r->old_bound = false;
	}
	return rc;
}

static int add_headers(struct registration *r, osip_message_t *msg,
		       const char *credentials)
{
	struct app *app = r->app;
	struct pc_buf again = { 0 };
	char uri[300];
	int rc = add_contacts(r, msg);

	snprintf(uri, sizeof uri, "%s:%s", app->secure ? "sips" : "sip",
		 app->host);
	if (rc == 0)
		rc = pc_sip_add(msg, "Allow", PC_SIP_ALLOW);
	if (rc == 0)
		rc = pc_sip_add(msg, "Supported",
				app->cfg->reg_id     ? "path, gruu, outbound"
				: app->cfg->instance ? "path, gruu"
						     : "path");
	r->authorized = credentials != NULL;
	if (!credentials && auth_again(app, &app->own, "REGISTER", uri, &again))
		credentials = again.data;
	if (rc == 0 && credentials)
		rc = pc_sip_add(msg, app->own.header, credentials);
	pc_buf_fini(&again);
	return rc;
}

void registration_send(struct registration *r, const char *credentials)
{
	struct app *app = r->app;
	osip_message_t *msg = NULL;
	char uri[300], from[400], to[400];
	int rc;

	snprintf(uri, sizeof uri, "%s:%s", app->secure ? "sips" : "sip",
		 app->host);
	snprintf(from, sizeof from, "<%s>;tag=%s", app->aor, r->tag);
	snprintf(to, sizeof to, "<%s>", app->aor);
	rc = pc_sip_request_new(&msg,
				&(struct pc_sip_request){ .method = "REGISTER",
							  .uri = uri,
							  .from = from,
							  .to = to,
							  .call_id = r->call_id,
							  .cseq = ++r->cseq });
	if (rc == 0)
		rc = add_headers(r, msg, credentials);
	if (rc == 0)
		rc = pc_sip_ua_send(app->ua, msg, &app->registrar,
				    registration_answered, r, &r->tr);
	else if (msg)
		osip_message_free(msg);
	r->sent = true;
	if (rc < 0) {
		registration_unreachable(r, strerror(-rc), -rc);
		return;
	}
	pc_timer_set(r->timer, r->state == REMOVING
				       ? GOODBYE_MS
				       : app->cfg->common.timeout_ms);
}

void registration_begin(struct registration *r)
{
	char text[PC_ADDR_TEXT];

	r->challenges = 0;
	registration_set_state(r, REGISTERING, "begin");
	pc_event(r->app->tool, "registering", "aor=%s registrar=%s expires=%u",
		 r->app->aor, pc_addr_text(&r->app->registrar, text),
		 r->expires_s);
	registration_send(r, NULL);
}

static void on_timer(void *arg)
{
	struct registration *r = arg;

	switch (r->state) {
	case REGISTERED:
	case WAITING:
		registration_begin(r);
		break;
	case REGISTERING:
	case REMOVING:
		forget_transaction(r);
		registration_unreachable(r, "no answer", ETIMEDOUT);
		break;
	case IDLE:
	case GONE:
		break;
	}
}

/* RFC 5626 4.4: it keeps a NAT's mapping and finds a dead flow. */
static void on_keepalive(void *arg)
{
	struct registration *r = arg;
	struct app *app = r->app;

	if (r->state == GONE)
		return;
	pc_sip_transport_ping(app->tp, &app->registrar,
			      app->cfg->stun || r->outbound, r->outbound);
	pc_timer_set(r->keepalive, r->keepalive_ms);
}

int registration_start(struct app *app)
{
	struct registration *r = calloc(1, sizeof *r);

	if (!r)
		return -ENOMEM;
	r->app = app;
	r->expires_s = app->cfg->expires_s;
	r->timer = pc_timer_new(app->tool->loop, on_timer, r);
	r->keepalive = pc_timer_new(app->tool->loop, on_keepalive, r);
	if (!r->timer || !r->keepalive) {
		pc_timer_free(r->timer);
		pc_timer_free(r->keepalive);
		free(r);
		return -ENOMEM;
	}
	pc_sip_token(r->call_id);
	pc_sip_token(r->tag);
	app->registration = r;
	registration_begin(r);
	return 0;
}

bool registration_owns(const struct app *app, struct pc_sip_span call_id)
{
	const struct registration *r = app->registration;

	return r && pc_sip_span_is(call_id, r->call_id);
}

void registration_lost(struct app *app, const char *why)
{
	struct registration *r = app->registration;

	if (!r || r->state != REGISTERED)
		return;
	pc_event(app->tool, "lost", "why=%s", why);
	registration_retry(r, 0);
}

void registration_refresh(struct app *app)
{
	struct registration *r = app->registration;

	if (r && (r->state == REGISTERED || r->state == WAITING))
		registration_begin(r);
}

void registration_stop(struct app *app)
{
	struct registration *r = app->registration;

	if (!r || r->state == GONE)
		return;
	pc_timer_cancel(r->keepalive);
	pc_timer_cancel(r->timer);
	forget_transaction(r);
	if (r->state == WAITING && !app->registered && !r->sent) {
		registration_set_state(r, GONE, "nothing to remove");
		return;
	}
	r->challenges = 0;
	registration_set_state(r, REMOVING, "ending");
	registration_send(r, NULL);
}

bool registration_over(const struct app *app)
{
	return !app->registration || app->registration->state == GONE;
}
