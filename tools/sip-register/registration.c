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
#include "app.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define RETRY_FIRST_MS 1000u
#define RETRY_MAX_MS 120000u
#define GOODBYE_MS 1500u
#define KEEPALIVE_MS 25000u /* RFC 5626 4.4: 24 to 29 s for UDP */
#define CHALLENGES_A_ROUND 3

enum state { IDLE, REGISTERING, REGISTERED, WAITING, REMOVING, GONE };

static const char *const state_names[] = {
	"idle", "registering", "registered", "waiting", "removing", "gone",
};

struct registration {
	struct app *app;
	enum state state;
	struct pc_sip_client *tr;
	struct pc_timer *timer, *keepalive;
	char call_id[PC_SIP_TOKEN], tag[PC_SIP_TOKEN];
	uint32_t cseq;
	unsigned expires_s, failures;
	bool authorized;     /* the last request answered a challenge */
	unsigned challenges; /* of this round */
	bool ever;           /* it has been registered */
	bool sent, behind_nat, old_bound;
	char old_contact[256]; /* to be removed by the next REGISTER */
};

static void send_register(struct registration *r, const char *credentials);

static void set_state(struct registration *r, enum state state, const char *why)
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

/* ---- failures ---- */

/* The registrar said no, or nothing, and that is the end of it. */
static void give_up(struct registration *r, int status)
{
	set_state(r, GONE, "given up");
	pc_tool_exit(r->app->tool, status);
}

/* Full jitter over the upper half (RFC 5626 4.5). */
static unsigned backoff_ms(unsigned failures)
{
	unsigned base = RETRY_MAX_MS, random = 0;

	if (failures < 8 && RETRY_FIRST_MS << failures < RETRY_MAX_MS)
		base = RETRY_FIRST_MS << failures;
	if (getrandom(&random, sizeof random, 0) != sizeof random)
		random = 0;
	return base / 2 + random % (base / 2 + 1);
}

static bool may_retry(const struct registration *r, bool refused)
{
	const struct config *cfg = r->app->cfg;

	if (cfg->once)
		return false;
	return r->ever || cfg->keep_trying || (cfg->line && !refused);
}

/* The unregistering one must end, whatever came. */
static bool over_when_removing(struct registration *r)
{
	if (r->state != REMOVING)
		return false;
	set_state(r, GONE, "removal failed");
	app_ending_step(r->app);
	return true;
}

static void retry_later(struct registration *r, unsigned at_least_ms)
{
	unsigned ms = backoff_ms(r->failures++);

	if (ms < at_least_ms)
		ms = at_least_ms;
	set_state(r, WAITING, "to try again");
	if (r->app->registered) {
		r->app->registered = false;
		line_server_hello_all(r->app);
	}
	pc_event(r->app->tool, "waiting", "seconds=%f", ms / 1000.0);
	pc_verbose("again in %.1f s", ms / 1000.0);
	pc_timer_set(r->timer, ms);
}

static void unreachable(struct registration *r, const char *why)
{
	char text[PC_ADDR_TEXT];

	pc_addr_text(&r->app->registrar, text);
	r->app->registered = false;
	if (over_when_removing(r))
		return;
	pc_event(r->app->tool, "unreachable", "registrar=%s why=%s", text, why);
	pc_warnx("registrar %s: %s", text, why);
	if (may_retry(r, false))
		retry_later(r, 0);
	else
		give_up(r, PC_EXIT_NOANSWER);
}

static unsigned retry_after_ms(const struct pc_sip_response *resp)
{
	const char *value = resp->message
				? pc_sip_header(resp->message, "Retry-After", 0)
				: NULL;
	unsigned long s = value ? strtoul(value, NULL, 10) : 0;

	return (s > 3600 ? 3600 : (unsigned)s) * 1000;
}

/* Refusals the user has to mend; the others may pass (21.4, 21.5). */
static bool definite(int status)
{
	return (status >= 300 && status < 500 && status != 408 &&
		status != 429 && status != 480) || status >= 600;
}

static void refused(struct registration *r, const struct pc_sip_response *resp,
		    int status, const char *hint)
{
	pc_event(r->app->tool, "refused", "status=%d reason=%s why=%s",
		 resp->status, resp->reason, hint);
	if (over_when_removing(r))
		return;
	r->app->registered = false;
	pc_warnx("%s: the registrar refused: %d %s%s%s", r->app->aor,
		 resp->status, resp->reason, hint ? ": " : "",
		 hint ? hint : "");
	auth_forget(&r->app->own);
	if (may_retry(r, definite(resp->status)))
		retry_later(r, retry_after_ms(resp));
	else
		give_up(r, status);
}

/* ---- what came back ---- */

/*
 * Where the registrar saw us (RFC 3581 4): behind a NAT that, and not what
 * we are bound to, is where calls will find us. Over TCP only the address
 * counts: the port is that of the connection.
 */
static void learn_address(struct registration *r, osip_message_t *msg)
{
	struct app *app = r->app;
	const struct pc_sip_identity *id = pc_sip_transport_identity(app->tp);
	osip_via_t *via = osip_list_get(&msg->vias, 0);
	osip_generic_param_t *received = NULL, *rport = NULL;
	struct pc_addr local, seen;
	char ip[PC_ADDR_TEXT];
	unsigned long port;
	bool moved;

	if (!via ||
	    pc_sip_transport_local(app->tp, &app->registrar, &local) < 0)
		return;
	osip_via_param_get_byname(via, (char *)(uintptr_t)"received",
				  &received);
	osip_via_param_get_byname(via, (char *)(uintptr_t)"rport", &rport);
	pc_addr_ip(&local, ip);
	port = rport && rport->gvalue ? strtoul(rport->gvalue, NULL, 10) : 0;
	if (port == 0 || port > 65535)
		port = pc_addr_port(&local);
	if (pc_addr_from_ip(&seen,
			    received && received->gvalue ? received->gvalue
							 : ip,
			    (uint16_t)port) < 0)
		return;
	pc_addr_set_port(&local, (uint16_t)port);
	moved = id->reliable ? !pc_addr_equal(&seen, &local)
			     : pc_addr_port(&seen) !=
					   pc_addr_port(&id->local) ||
				       !pc_addr_equal(&seen, &local);
	if (!moved)
		return;
	snprintf(r->old_contact, sizeof r->old_contact, "%s", app->contact);
	app_make_contact(app, &seen);
	if (!strcmp(r->old_contact, app->contact)) {
		r->old_contact[0] = '\0';
		return;
	}
	r->behind_nat = true;
	pc_event(app->tool, "nat", "contact=%s was=%s", app->contact,
		 r->old_contact);
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
					    r->app->contact) ||
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

static void registered(struct registration *r,
		       const struct pc_sip_response *resp)
{
	struct app *app = r->app;
	unsigned expires = granted(r, resp->message), next = refresh_in(expires);
	bool first = !r->ever;

	if (r->old_contact[0]) { /* it bound what nobody can reach */
		r->old_bound = true;
		send_register(r, NULL);
		return;
	}
	r->failures = 0;
	r->ever = true;
	set_state(r, REGISTERED, "2xx");
	pc_event(app->tool, "registered",
		 "aor=%s contact=%s expires=%u next_refresh=%u", app->aor,
		 app->contact, expires, next);
	if (first)
		pc_info("%s registered at %s for %u s", app->aor, app->contact,
			expires);
	line_server_hello_all(app);
	if (app->cfg->once) {
		pc_tool_exit(app->tool, PC_EXIT_OK);
		return;
	}
	pc_timer_set(r->timer, next * 1000ull);
	if (r->behind_nat || pc_sip_transport_identity(app->tp)->reliable)
		pc_timer_set(r->keepalive, KEEPALIVE_MS);
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

	snprintf(uri, sizeof uri, "sip:%s", app->host);
	if (r->authorized && !stale) {
		why = "wrong user or password";
	} else if (++r->challenges > CHALLENGES_A_ROUND) {
		why = "it challenges again and again";
	} else if (text) {
		rc = auth_answer(app, &app->own, text, len, "REGISTER", uri,
				 &value, &why);
	}
	osip_free(text);
	if (rc == 0)
		send_register(r, value.data);
	else
		refused(r, resp, rc == -EINVAL ? PC_EXIT_PROTOCOL
					       : PC_EXIT_NOPERM, why);
	pc_buf_fini(&value);
}

/* 423 (10.3): the registrar wants longer, and says how long. */
static void too_brief(struct registration *r, const struct pc_sip_response *resp)
{
	const char *min = pc_sip_header(resp->message, "Min-Expires", 0);
	unsigned long s = min ? strtoul(min, NULL, 10) : 0;

	if (s <= r->expires_s || s > 86400 * 7) {
		refused(r, resp, PC_EXIT_PROTOCOL,
			"without a Min-Expires that helps");
		return;
	}
	pc_verbose("registration must be for %lu s at least", s);
	r->expires_s = (unsigned)s;
	send_register(r, NULL);
}

static void on_response(void *arg, struct pc_sip_client *tr,
			const struct pc_sip_response *resp)
{
	struct registration *r = arg;

	(void)tr;
	if (resp->status < 200)
		return;
	r->tr = NULL;
	pc_timer_cancel(r->timer);
	if (!resp->message) {
		unreachable(r, resp->err ? strerror(resp->err) : resp->reason);
		return;
	}
	if (r->state != REMOVING)
		learn_address(r, resp->message);
	if (resp->status == 401 || resp->status == 407) {
		challenged(r, resp);
	} else if (resp->status == 423) {
		too_brief(r, resp);
	} else if (resp->status >= 300) {
		refused(r, resp,
			resp->status < 500 || resp->status >= 600
				? PC_EXIT_NO
				: PC_EXIT_NOANSWER,
			NULL);
	} else if (r->state == REMOVING) {
		set_state(r, GONE, "2xx");
		r->app->registered = false;
		pc_event(r->app->tool, "unregistered", "aor=%s", r->app->aor);
		app_ending_step(r->app);
	} else {
		registered(r, resp);
	}
}

/* ---- what goes out ---- */

static int add_headers(struct registration *r, osip_message_t *msg,
		       const char *credentials)
{
	struct app *app = r->app;
	struct pc_buf again = { 0 };
	char number[16], old[300], uri[300];
	int rc;

	snprintf(uri, sizeof uri, "sip:%s", app->host);
	snprintf(number, sizeof number, "%u",
		 r->state == REMOVING ? 0 : r->expires_s);
	rc = pc_sip_add(msg, "Expires", number);
	if (rc == 0 && r->old_contact[0]) {
		snprintf(old, sizeof old, "<%s>;expires=0", r->old_contact);
		r->old_contact[0] = '\0';
		if (r->old_bound || r->ever)
			rc = pc_sip_add(msg, "Contact", old);
		r->old_bound = false;
	}
	if (rc == 0)
		rc = pc_sip_add(msg, "Allow", PC_SIP_ALLOW);
	r->authorized = credentials != NULL;
	if (!credentials &&
	    auth_again(app, &app->own, "REGISTER", uri, &again))
		credentials = again.data;
	if (rc == 0 && credentials)
		rc = pc_sip_add(msg, app->own.header, credentials);
	pc_buf_fini(&again);
	return rc;
}

static void send_register(struct registration *r, const char *credentials)
{
	struct app *app = r->app;
	osip_message_t *msg = NULL;
	char uri[300], from[400], to[400], contact[300];
	int rc;

	snprintf(uri, sizeof uri, "sip:%s", app->host);
	snprintf(from, sizeof from, "<%s>;tag=%s", app->aor, r->tag);
	snprintf(to, sizeof to, "<%s>", app->aor);
	snprintf(contact, sizeof contact, "<%s>", app->contact);
	rc = pc_sip_request_new(&msg, &(struct pc_sip_request){
		.method = "REGISTER", .uri = uri, .from = from, .to = to,
		.call_id = r->call_id, .cseq = ++r->cseq,
		.contact = contact });
	if (rc == 0)
		rc = add_headers(r, msg, credentials);
	if (rc == 0)
		rc = pc_sip_ua_send(app->ua, msg, &app->registrar, on_response,
				    r, &r->tr);
	else if (msg)
		osip_message_free(msg);
	r->sent = true;
	if (rc < 0) {
		unreachable(r, strerror(-rc));
		return;
	}
	pc_timer_set(r->timer, r->state == REMOVING
				   ? GOODBYE_MS
				   : app->cfg->common.timeout_ms);
}

static void begin(struct registration *r)
{
	char text[PC_ADDR_TEXT];

	r->challenges = 0;
	set_state(r, REGISTERING, "begin");
	pc_event(r->app->tool, "registering", "aor=%s registrar=%s expires=%u",
		 r->app->aor, pc_addr_text(&r->app->registrar, text),
		 r->expires_s);
	send_register(r, NULL);
}

static void on_timer(void *arg)
{
	struct registration *r = arg;

	switch (r->state) {
	case REGISTERED:
	case WAITING:
		begin(r);
		break;
	case REGISTERING:
	case REMOVING:
		forget_transaction(r);
		unreachable(r, "no answer");
		break;
	case IDLE:
	case GONE:
		break;
	}
}

/* A double CRLF keeps a NAT's mapping and finds a dead connection. */
static void on_keepalive(void *arg)
{
	struct registration *r = arg;

	if (r->state == GONE)
		return;
	pc_sip_transport_send(r->app->tp, "\r\n\r\n", 4, &r->app->registrar);
	pc_timer_set(r->keepalive, KEEPALIVE_MS);
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
	begin(r);
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
	retry_later(r, 0);
}

void registration_refresh(struct app *app)
{
	struct registration *r = app->registration;

	if (r && (r->state == REGISTERED || r->state == WAITING))
		begin(r);
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
		set_state(r, GONE, "nothing to remove");
		return;
	}
	r->challenges = 0;
	set_state(r, REMOVING, "ending");
	send_register(r, NULL);
}

bool registration_over(const struct app *app)
{
	return !app->registration || app->registration->state == GONE;
}

void registration_free(struct app *app)
{
	struct registration *r = app->registration;

	if (!r)
		return;
	pc_timer_free(r->timer);
	pc_timer_free(r->keepalive);
	free(r);
	app->registration = NULL;
}
