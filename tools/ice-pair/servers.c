/*
 * What STUN and TURN servers do not give, and whose fault that is: of a name
 * that nobody knows, of a certificate, of the credentials, or of a server that
 * is silent.
 */
#include "app.h"
#include "turn_tls.h"

static bool bad_credentials(unsigned code)
{
	return code == 401 || code == 403; /* RFC 8656 section 7.4 */
}

/* Without a relay there is nothing to wait for; a restart has the last one. */
bool app_relay_hopeless(const struct app *app)
{
	return app->cfg.relay_only && !app->connected && !app->restarting &&
	       (app->turn_unresolved || turn_tls_untrusted(app->turn_tls) ||
		checks_turn_refused(app->checks) != 0);
}

/* From within libnice, which must not be called from here. */
void app_on_refused(struct app *app)
{
	if (app->n_local == 0 && app_relay_hopeless(app))
		pc_timer_set(app->gather_bound, 0);
}

void app_on_unresolved(void *arg, bool turn)
{
	struct app *app = arg;
	bool *said = turn ? &app->turn_unresolved : &app->stun_unresolved;

	if (!*said)
		pc_tool_error(&app->tool,
			      "%s %s: no address is known for this name",
			      turn ? "--turn" : "--stun",
			      turn ? app->cfg.turn : app->cfg.stun);
	*said = true;
	app_on_refused(app);
}

static void why_no_relay(const struct app *app, struct pc_buf *out)
{
	unsigned code = checks_turn_refused(app->checks);

	if (app->turn_unresolved)
		pc_buf_adds(out, "its name cannot be resolved");
	else if (turn_tls_untrusted(app->turn_tls))
		pc_buf_adds(out, "its certificate is not trusted");
	else if (bad_credentials(code))
		pc_buf_printf(out,
			      "it answers %u: wrong user name or password "
			      "(--turn-user, --turn-password-file, "
			      "--turn-secret)",
			      code);
	else if (code)
		pc_buf_printf(out, "it answers %u%s", code,
			      code == 486   ? ": too many relays of this user"
			      : code == 508 ? ": it has no relay left"
			      : code == 300 ? " to each request: ask another"
			      : code == 438 ? " to each request: its nonce is "
					      "always stale"
					    : "");
	else
		pc_buf_adds(out, "it does not answer");
}

void app_no_candidates(struct app *app)
{
	bool refused = app->cfg.relay_only &&
		       (turn_tls_untrusted(app->turn_tls) ||
			bad_credentials(checks_turn_refused(app->checks)));
	struct pc_buf why = { 0 };

	if (app->cfg.relay_only) {
		pc_buf_printf(&why, ": no relay at --turn %s: ", app->cfg.turn);
		why_no_relay(app, &why);
	}
	pc_tool_error(&app->tool, "no candidate could be gathered%s",
		      why.data ? why.data : "");
	pc_buf_fini(&why);
	app_end(app, refused ? PC_EXIT_NOPERM : PC_EXIT_NOANSWER);
}

/* A server that gave us nothing. No srflx candidate may be for want of a NAT. */
void app_say_missing(const struct app *app, bool complete)
{
	const struct config *cfg = &app->cfg;
	struct pc_buf why = { 0 };
	unsigned code;

	if (cfg->turn && !app->has_relay) {
		why_no_relay(app, &why);
		pc_info("--turn %s: no relay%s: %s", cfg->turn,
			complete ? "" : " yet", why.data ? why.data : "");
	}
	code = checks_stun_refused(app->checks);
	if (cfg->stun && !app->has_srflx && code)
		pc_info("--stun %s: it answers %u%s", cfg->stun, code,
			code == 300 ? " to each request: ask another" : "");
	else if (cfg->stun && !app->has_srflx && !complete &&
		 !app->stun_unresolved)
		pc_info("--stun %s: no answer yet: going on without",
			cfg->stun);
	pc_buf_fini(&why);
}
