/*
 * When a registrar says no, or nothing: another target, another time, or the
 * end (RFC 3261 10.2, 21.4, 21.5; RFC 3263 4.3; RFC 5626 4.5).
 */
#include "registration.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define RETRY_FIRST_MS 1000u
#define RETRY_MAX_MS   120000u

void registration_give_up(struct registration *r, int status)
{
	struct app *app = r->app;

	registration_set_state(r, GONE, "given up");
	if (!app->failed)
		app->failed = status;
	if (accounts_are_pool(app))
		pc_event(app->tool, "given-up", "aor=%s status=%d",
			 r->account->aor, status);
	accounts_step(app);
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

	if (cfg->once || cfg->fetch || cfg->remove)
		return false;
	return r->ever || cfg->keep_trying ||
	       (!refused && (cfg->line || accounts_any_registered(r->app)));
}

/* The unregistering one must end, whatever came. */
static bool over_when_removing(struct registration *r)
{
	if (r->state != REMOVING)
		return false;
	registration_set_state(r, GONE, "removal failed");
	app_ending_step(r->app);
	return true;
}

void registration_retry(struct registration *r, unsigned at_least_ms)
{
	unsigned ms = backoff_ms(r->failures++);

	if (ms < at_least_ms)
		ms = at_least_ms;
	registration_set_state(r, WAITING, "to try again");
	line_server_hello_all(r->app);
	pc_event(r->app->tool, "waiting", "seconds=%f aor=%s", ms / 1000.0,
		 r->account->aor);
	pc_verbose("%s: again in %.1f s", r->account->aor, ms / 1000.0);
	pc_timer_set(r->timer, ms);
	accounts_step(r->app);
}

bool registration_next_target(struct registration *r, int err)
{
	const struct way *w = &r->app->way;

	if (r->round != w->round)
		return false;
	return r->at < w->at || way_next(r->app, err);
}

/* Of a pool's accounts, the first one says it for all. */
static void warn_unreachable(struct registration *r, const char *registrar,
			     const char *why)
{
	struct way *w = &r->app->way;

	if (!w->warned || !accounts_are_pool(r->app))
		pc_warnx("registrar %s: %s", registrar, why);
	w->warned = true;
}

void registration_unreachable(struct registration *r, const char *why, int err)
{
	bool rejected = err == EKEYREJECTED || err == EPROTO;
	const struct way *w = &r->app->way;
	bool passed = r->round == w->round && r->at < w->at;
	char text[PC_ADDR_TEXT];

	pc_addr_text(passed ? &w->targets[r->at].addr : &r->app->registrar,
		     text);
	r->account->registered = false;
	if (over_when_removing(r))
		return;
	pc_event(r->app->tool, "unreachable", "registrar=%s why=%s aor=%s",
		 text, why, r->account->aor);
	warn_unreachable(r, text, why);
	if (registration_next_target(r, err))
		registration_begin(r);
	else if (may_retry(r, rejected))
		registration_retry(r, 0);
	else
		registration_give_up(r, err == EKEYREJECTED ? PC_EXIT_NOPERM
					: err == EPROTO     ? PC_EXIT_PROTOCOL
							    : PC_EXIT_NOANSWER);
}

static unsigned retry_after_ms(const struct pc_sip_response *resp)
{
	const char *value =
		resp->message ? pc_sip_header(resp->message, "Retry-After", 0)
			      : NULL;
	unsigned long s = value ? strtoul(value, NULL, 10) : 0;

	return (s > 3600 ? 3600 : (unsigned)s) * 1000;
}

/* Refusals the user has to mend; the others may pass (21.4, 21.5). */
static bool definite(int status)
{
	return (status >= 300 && status < 500 && status != 408 &&
		status != 429 && status != 480) ||
	       status >= 600;
}

void registration_refused(struct registration *r,
			  const struct pc_sip_response *resp, int status,
			  const char *hint)
{
	pc_event(r->app->tool, "refused", "status=%d reason=%s why=%s aor=%s",
		 resp->status, resp->reason, hint, r->account->aor);
	if (over_when_removing(r))
		return;
	r->account->registered = false;
	pc_warnx("%s: the registrar refused: %d %s%s%s", r->account->aor,
		 resp->status, resp->reason, hint ? ": " : "",
		 hint ? hint : "");
	auth_forget(&r->account->own);
	if (may_retry(r, definite(resp->status)))
		registration_retry(r, retry_after_ms(resp));
	else
		registration_give_up(r, status);
}
