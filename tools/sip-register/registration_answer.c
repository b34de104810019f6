/* What a registrar answers, and what follows from it (RFC 3261 10.2, 10.3). */
#include "registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define CHALLENGES_A_ROUND 3
#define REDIRECTS_MAX      5

/*
 * Where the registrar saw us (RFC 3581 4): behind a NAT that, and not what
 * we are bound to, is where calls will find us. Over TCP only the address
 * counts: the port is that of the connection.
 */
static void learn_address(struct registration *r, osip_message_t *msg)
{
	struct app *app = r->app;
	struct account *a = r->account;
	const struct pc_sip_identity *id = pc_sip_transport_identity(app->tp);
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	osip_generic_param_t *received = NULL, *rport = NULL;
	struct pc_addr local, seen;
	char ip[PC_ADDR_TEXT];
	unsigned long port;
	bool moved;

	if (!via || id->host || /* a name that leads nowhere, and never did */
	    pc_sip_transport_local(app->tp, &app->registrar, &local) < 0)
		return;
	osip_via_param_get_byname(via, (char *)(uintptr_t) "received",
				  &received);
	osip_via_param_get_byname(via, (char *)(uintptr_t) "rport", &rport);
	pc_addr_ip(&local, ip);
	port = rport && rport->gvalue ? strtoul(rport->gvalue, NULL, 10) : 0;
	if (port == 0 || port > 65535)
		port = pc_addr_port(&local);
	if (pc_addr_from_ip(
		    &seen, received && received->gvalue ? received->gvalue : ip,
		    (uint16_t)port) < 0)
		return;
	pc_addr_set_port(&local, (uint16_t)port);
	moved = id->reliable && !id->flow
			? !pc_addr_equal(&seen, &local)
			: pc_addr_port(&seen) != pc_addr_port(&id->local) ||
				  !pc_addr_equal(&seen, &local);
	if (!moved)
		return;
	snprintf(r->old_contact, sizeof r->old_contact, "%s", a->contact);
	account_make_contact(a, &seen);
	if (!strcmp(r->old_contact, a->contact)) {
		r->old_contact[0] = '\0';
		return;
	}
	r->behind_nat = true;
	pc_event(app->tool, "nat", "contact=%s was=%s aor=%s", a->contact,
		 r->old_contact, a->aor);
	line_server_hello_all(app);
}

/* The seconds our binding was given (10.2.4): of its Contact, or Expires. */
static unsigned granted(struct registration *r, osip_message_t *msg)
{
	const char *header = pc_sip_header(msg, "Expires", 0);
	unsigned expires = r->expires_s;
	struct pc_sip_span value, rest, one, param;
	size_t len, at = 0;
	char *text = pc_sip_text(msg, &len), *number;

	if (header)
		expires = (unsigned)strtoul(header, NULL, 10);
	while (text && pc_sip_text_header(text, len, "Contact", &at, &value)) {
		for (rest = value; pc_sip_text_next(&rest, &one);) {
			if (!pc_sip_span_is(pc_sip_text_uri(one),
					    r->account->contact) ||
			    !pc_sip_text_param(one, "expires", &param))
				continue;
			number = pc_sip_span_dup(param);
			if (number)
				expires = (unsigned)strtoul(number, NULL, 10);
			free(number);
		}
	}
	osip_free(text);
	return expires;
}

/* Early enough that a lost REGISTER can be sent again (10.2.4). */
static unsigned refresh_in(unsigned expires)
{
	unsigned margin = expires / 10;

	if (margin < 5)
		margin = 5;
	if (margin > 60)
		margin = 60;
	return expires > 2 * margin ? expires - margin : (expires + 1) / 2;
}

/*
 * RFC 5626: Require says that keep-alives are answered (4.2.1, 4.4), and
 * Flow-Timer how often they are wanted (4.4.1: at random, a bit more often).
 */
static void keep_alive(struct registration *r, osip_message_t *msg)
{
	struct app *app = r->app;
	struct keepalive *k = &app->keepalive;
	const char *require = pc_sip_header(msg, "Require", 0);
	const char *timer = pc_sip_header(msg, "Flow-Timer", 0);
	unsigned long s = timer ? strtoul(timer, NULL, 10) : 0;
	unsigned random = 0, ms = app->cfg->keepalive_ms;

	k->outbound = require && strcasestr(require, "outbound");
	if (s > 0 && s < 86400 && ms > s * 800) {
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			random = 0;
		ms = (unsigned)s * (800 + random % 200);
	}
	if (!r->behind_nat && !pc_sip_transport_identity(app->tp)->reliable &&
	    !app->cfg->stun && !k->outbound)
		return;
	k->ms = ms;
	registration_keep_alive(app);
}

/* Our own among the bindings: its GRUUs are ours. Borrowed, or NULL. */
static json_t *own_binding(const struct account *a, json_t *bindings)
{
	json_t *one;
	size_t i;

	json_array_foreach(bindings, i, one)
	{
		const char *uri = pc_json_str(one, "uri");

		if (uri && !strcmp(uri, a->contact))
			return one;
	}
	return NULL;
}

static void say_registered(struct registration *r, osip_message_t *msg,
			   unsigned expires, unsigned next)
{
	struct account *a = r->account;
	size_t len = 0;
	char *text = pc_sip_text(msg, &len);
	json_t *all, *own;

	if (!text)
		return;
	all = bindings_of(text, len);
	own = own_binding(a, all);
	bindings_routes(a, text, len);
	pc_event(r->app->tool, "registered",
		 "aor=%s contact=%s expires=%u next_refresh=%u pub_gruu=%s "
		 "temp_gruu=%s path=%p service_route=%p contacts=%p",
		 a->aor, a->contact, expires, next,
		 pc_json_str(own, "pub_gruu"), pc_json_str(own, "temp_gruu"),
		 (void *)bindings_header(text, len, "Path"),
		 (void *)json_incref(a->routes), (void *)all);
	osip_free(text);
}

/* --fetch and --remove: what is bound now is all that was wanted. */
static void told(struct registration *r, osip_message_t *msg)
{
	struct app *app = r->app;
	size_t len = 0;
	char *text = pc_sip_text(msg, &len);
	json_t *all = text ? bindings_of(text, len) : NULL;

	registration_set_state(r, GONE, "2xx");
	pc_info("%s has %zu binding%s", r->account->aor, json_array_size(all),
		json_array_size(all) == 1 ? "" : "s");
	pc_event(app->tool, "bindings", "aor=%s contacts=%p", r->account->aor,
		 (void *)all);
	osip_free(text);
	accounts_step(app);
}

/* Of a pool it is said how many they are (accounts_step). */
static void say_first(const struct account *a, unsigned expires)
{
	if (accounts_are_pool(a->app))
		pc_verbose("%s registered at %s for %u s", a->aor, a->contact,
			   expires);
	else
		pc_info("%s registered at %s for %u s", a->aor, a->contact,
			expires);
}

static void registered(struct registration *r,
		       const struct pc_sip_response *resp)
{
	struct app *app = r->app;
	unsigned expires = granted(r, resp->message),
		 next = refresh_in(expires);
	bool first = !r->ever;

	if (r->old_contact[0]) { /* it bound what nobody can reach */
		r->old_bound = true;
		registration_send(r, NULL);
		return;
	}
	r->failures = r->redirects = 0;
	r->ever = true;
	app->way.warned = false;
	registration_set_state(r, REGISTERED, "2xx");
	say_registered(r, resp->message, expires, next);
	if (first)
		say_first(r->account, expires);
	line_server_hello_all(app);
	r->settled = app->cfg->once;
	if (!r->settled) {
		pc_timer_set(r->timer, next * 1000ull);
		keep_alive(r, resp->message);
	}
	accounts_step(app);
}

static void challenged(struct registration *r,
		       const struct pc_sip_response *resp)
{
	struct app *app = r->app;
	struct pc_buf value = { 0 };
	const char *why = NULL;
	size_t len;
	char *text = pc_sip_text(resp->message, &len), uri[300];
	bool stale = text && auth_stale(text, len);
	int rc = -ENOMEM;

	snprintf(uri, sizeof uri, "%s:%s", app->secure ? "sips" : "sip",
		 app->host);
	if (r->authorized && !stale) {
		why = "wrong user or password";
	} else if (++r->challenges > CHALLENGES_A_ROUND) {
		why = "it challenges again and again";
	} else if (text) {
		rc = auth_answer(r->account, &r->account->own, text, len,
				 "REGISTER", uri, &value, &why);
	}
	osip_free(text);
	if (rc == 0)
		registration_send(r, value.data);
	else
		registration_refused(
			r, resp,
			rc == -EINVAL ? PC_EXIT_PROTOCOL : PC_EXIT_NOPERM, why);
	pc_buf_fini(&value);
}

/* 423 (10.3): the registrar wants longer, and says how long. */
static void too_brief(struct registration *r,
		      const struct pc_sip_response *resp)
{
	const char *min = pc_sip_header(resp->message, "Min-Expires", 0);
	unsigned long s = min ? strtoul(min, NULL, 10) : 0;

	if (s <= r->expires_s || s > 86400 * 7) {
		registration_refused(r, resp, PC_EXIT_PROTOCOL,
				     "without a Min-Expires that helps");
		return;
	}
	pc_verbose("registration must be for %lu s at least", s);
	r->expires_s = (unsigned)s;
	registration_send(r, NULL);
}

/* It is known where the other registrar is, or that it is nowhere. */
static void redirected(struct app *app)
{
	bool there = app->way.n > 0 && way_open(app) < 0;

	for (size_t i = 0; i < app->n_accounts; i++) {
		struct registration *r = app->accounts[i].registration;

		if (!r->redirecting)
			continue;
		r->redirecting = false;
		if (r->state != REGISTERING)
			continue;
		if (there)
			registration_begin(r);
		else
			registration_give_up(r, PC_EXIT_NOANSWER);
	}
}

/*
 * 3xx (8.1.3.4): the Contact is another registrar, for all who ask from now
 * on. False: not followed.
 */
static bool moved(struct registration *r, const struct pc_sip_response *resp)
{
	const osip_contact_t *contact =
		osip_list_get(&resp->message->contacts, 0);
	char *uri = NULL;
	bool follows;

	if (resp->status < 300 || resp->status > 302 || r->state == REMOVING ||
	    r->redirects++ >= REDIRECTS_MAX || !contact || !contact->url ||
	    osip_uri_to_str(contact->url, &uri) != 0)
		return false;
	r->redirecting = true;
	follows = way_redirect(r->app, uri, redirected) < 0;
	r->redirecting = r->redirecting && follows;
	if (follows)
		pc_event(r->app->tool, "redirected", "status=%d to=%s aor=%s",
			 resp->status, uri, r->account->aor);
	osip_free(uri);
	return follows;
}

void registration_answered(void *arg, struct pc_sip_client *tr,
			   const struct pc_sip_response *resp)
{
	struct registration *r = arg;
	struct app *app = r->app;

	(void)tr;
	if (resp->status < 200)
		return;
	r->tr = NULL;
	pc_timer_cancel(r->timer);
	if (!resp->message) {
		registration_unreachable(r, resp->reason, resp->err);
		return;
	}
	if (r->state != REMOVING && !app->cfg->remove)
		learn_address(r, resp->message);
	if (resp->status == 401 || resp->status == 407) {
		challenged(r, resp);
	} else if (resp->status == 423) {
		too_brief(r, resp);
	} else if (resp->status == 503 && r->state != REMOVING &&
		   registration_next_target(r, 0)) { /* RFC 3263 4.3 */
		registration_begin(r);
	} else if (resp->status >= 300 && moved(r, resp)) {
		return;
	} else if (resp->status >= 300) {
		registration_refused(r, resp,
				     resp->status < 500 || resp->status >= 600
					     ? PC_EXIT_NO
					     : PC_EXIT_NOANSWER,
				     NULL);
	} else if (r->state == REMOVING) {
		registration_set_state(r, GONE, "2xx");
		pc_event(app->tool, "unregistered", "aor=%s", r->account->aor);
		app_ending_step(app);
	} else if (app->cfg->fetch || app->cfg->remove) {
		told(r, resp->message);
	} else {
		registered(r, resp);
	}
}
