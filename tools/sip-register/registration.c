/*
 * A registration and its upkeep (RFC 3261 section 10), for each account. They
 * begin and end one after the other, so that a pool is no flood.
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

#define GOODBYE_MS      1500u /* for an account's removal ... */
#define GOODBYE_END_MS  1800u /* ... and for the last one's, from the start */
#define GOODBYE_PACE_MS 1u    /* from one removal to the next */
#define START_PACE_MS   5u    /* from one account's beginning to the next */

static const char *const state_names[] = {
	"idle", "registering", "registered", "waiting", "removing", "gone",
};

void registration_set_state(struct registration *r,
			    enum registration_state state, const char *why)
{
	struct account *a = r->account;

	if (r->state != state)
		pc_trace_state_with(r->app->tool, "registration",
				    state_names[r->state], state_names[state],
				    why, pc_json_fields("aor=%s", a->aor));
	r->state = state;
	a->registered =
		state == REGISTERED || (state == REGISTERING && a->registered);
}

static void forget_transaction(struct registration *r)
{
	if (r->tr)
		pc_sip_client_forget(r->tr);
	r->tr = NULL;
}

/* What our own Contact says besides its URI (RFC 5626 4.2, RFC 5627 4.2). */
static void own_contact(const struct account *a, char *text, size_t size)
{
	const struct config *cfg = a->app->cfg;
	char instance[200] = "", reg_id[32] = "";

	if (cfg->instance)
		snprintf(instance, sizeof instance, ";+sip.instance=\"<%s>\"",
			 cfg->instance);
	if (cfg->reg_id)
		snprintf(reg_id, sizeof reg_id, ";reg-id=%u", cfg->reg_id);
	snprintf(text, size, "<%s>%s%s", a->contact, instance, reg_id);
}

/* Contact and Expires, as the purpose has it (10.2). 0 or -errno. */
static int add_contacts(struct registration *r, osip_message_t *msg)
{
	const struct config *cfg = r->app->cfg;
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
		own_contact(r->account, text, sizeof text);
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
	struct account *a = r->account;
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
	if (!credentials && auth_again(a, &a->own, "REGISTER", uri, &again))
		credentials = again.data;
	if (rc == 0 && credentials)
		rc = pc_sip_add(msg, a->own.header, credentials);
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
	snprintf(from, sizeof from, "<%s>;tag=%s", r->account->aor, r->tag);
	snprintf(to, sizeof to, "<%s>", r->account->aor);
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
	r->at = app->way.at;
	r->round = app->way.round;
	if (rc < 0) {
		registration_unreachable(r, strerror(-rc), -rc);
		return;
	}
	pc_timer_set(r->timer, r->state == REMOVING
				       ? r->goodbye_ms
				       : app->cfg->common.timeout_ms);
}

void registration_begin(struct registration *r)
{
	char text[PC_ADDR_TEXT];

	r->challenges = 0;
	registration_set_state(r, REGISTERING, "begin");
	pc_event(r->app->tool, "registering", "aor=%s registrar=%s expires=%u",
		 r->account->aor, pc_addr_text(&r->app->registrar, text),
		 r->expires_s);
	registration_send(r, NULL);
}

static void on_timer(void *arg)
{
	struct registration *r = arg;

	switch (r->state) {
	case IDLE:
	case REGISTERED:
	case WAITING:
		registration_begin(r);
		break;
	case REMOVING:
		if (!r->tr) { /* its turn to go */
			registration_send(r, NULL);
			break;
		}
		__attribute__((fallthrough));
	case REGISTERING:
		forget_transaction(r);
		registration_unreachable(r, "no answer", ETIMEDOUT);
		break;
	case GONE:
		break;
	}
}

/* It keeps a NAT's mapping and finds a dead flow. */
static void on_keepalive(void *arg)
{
	struct app *app = arg;
	struct keepalive *k = &app->keepalive;

	k->running = false;
	if (registration_over(app))
		return;
	pc_sip_transport_ping(app->tp, &app->registrar,
			      app->cfg->stun || k->outbound, k->outbound);
	registration_keep_alive(app);
}

void registration_keep_alive(struct app *app)
{
	struct keepalive *k = &app->keepalive;

	if (k->running || k->ms == 0)
		return;
	k->running = true;
	pc_timer_set(k->timer, k->ms);
}

/* ---- all of them ---- */

static struct registration *registration_new(struct account *a)
{
	struct registration *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->app = a->app;
	r->account = a;
	r->expires_s = a->app->cfg->expires_s;
	r->goodbye_ms = GOODBYE_MS;
	r->timer = pc_timer_new(a->app->tool->loop, on_timer, r);
	if (!r->timer) {
		free(r);
		return NULL;
	}
	pc_sip_token(r->call_id);
	pc_sip_token(r->tag);
	return r;
}

int registration_start(struct app *app)
{
	struct account *a = app->accounts;

	app->keepalive.timer = pc_timer_new(app->tool->loop, on_keepalive, app);
	if (!app->keepalive.timer)
		return -ENOMEM;
	for (size_t i = 0; i < app->n_accounts; i++) {
		a[i].registration = registration_new(&a[i]);
		if (!a[i].registration)
			return -ENOMEM;
		if (i > 0)
			pc_timer_set(a[i].registration->timer,
				     i * START_PACE_MS);
	}
	registration_begin(a->registration);
	return 0;
}

bool registration_owns(const struct app *app, struct pc_sip_span call_id)
{
	for (size_t i = 0; i < app->n_accounts; i++) {
		const struct registration *r = app->accounts[i].registration;

		if (r && pc_sip_span_is(call_id, r->call_id))
			return true;
	}
	return false;
}

void registration_lost(struct app *app, const char *why)
{
	for (size_t i = 0; i < app->n_accounts; i++) {
		struct registration *r = app->accounts[i].registration;

		if (!r || r->state != REGISTERED || r->settled)
			continue;
		pc_event(app->tool, "lost", "why=%s aor=%s", why,
			 r->account->aor);
		registration_retry(r, 0);
	}
}

void registration_refresh(struct app *app, const struct account *only)
{
	uint64_t wait_ms = 0;

	for (size_t i = 0; i < app->n_accounts; i++) {
		struct registration *r = app->accounts[i].registration;

		if (!r || (only && only != r->account) ||
		    (r->state != REGISTERED && r->state != WAITING))
			continue;
		if (wait_ms == 0)
			registration_begin(r);
		else
			pc_timer_set(r->timer, wait_ms);
		wait_ms += START_PACE_MS;
	}
}

void registration_anew(struct app *app)
{
	uint64_t wait_ms = 0;

	for (size_t i = 0; i < app->n_accounts; i++) {
		struct registration *r = app->accounts[i].registration;

		if (r && r->state == REGISTERED && !r->settled)
			pc_timer_set(r->timer, wait_ms += START_PACE_MS);
	}
}

/* False: there is nothing to be removed. */
static bool remove_later(struct registration *r, unsigned wait_ms)
{
	pc_timer_cancel(r->timer);
	forget_transaction(r);
	if (!r->sent) {
		registration_set_state(r, GONE, "nothing to remove");
		return false;
	}
	r->challenges = 0;
	r->goodbye_ms = GOODBYE_END_MS - wait_ms;
	if (r->goodbye_ms > GOODBYE_MS)
		r->goodbye_ms = GOODBYE_MS;
	registration_set_state(r, REMOVING, "ending");
	if (wait_ms == 0)
		registration_send(r, NULL);
	else
		pc_timer_set(r->timer, wait_ms);
	return true;
}

void registration_stop(struct app *app)
{
	unsigned n = 0;

	if (app->keepalive.timer)
		pc_timer_cancel(app->keepalive.timer);
	for (size_t i = 0; i < app->n_accounts; i++) {
		struct registration *r = app->accounts[i].registration;

		if (r && r->state != GONE &&
		    remove_later(r, n * GOODBYE_PACE_MS))
			n++;
	}
}

bool registration_over(const struct app *app)
{
	for (size_t i = 0; i < app->n_accounts; i++) {
		const struct registration *r = app->accounts[i].registration;

		if (r && r->state != GONE)
			return false;
	}
	return true;
}
