/*
 * The way to the registrar (RFC 3263): its targets, tried in turn, and the
 * transport to the one in use.
 */
#include "app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

static void on_found(void *arg, const struct pc_sip_target *targets, size_t n,
		     const char *why)
{
	struct app *app = arg;
	struct way *w = &app->way;

	memcpy(w->targets, targets, n * sizeof *targets);
	w->n = n;
	w->at = 0;
	pc_sip_resolve_free(w->question); /* targets are its */
	w->question = NULL;
	if (app->tool->stopping)
		return;
	if (n == 0) {
		pc_tool_error(app->tool, "%s: %s", w->text, why);
		if (!w->redirect) {
			pc_tool_exit(app->tool, PC_EXIT_NOANSWER);
			return;
		}
	}
	w->next(app);
}

static int family_of(const struct app *app)
{
	const char *text = app->cfg->local ? app->cfg->local : app->cfg->listen;
	struct pc_addr local;

	if (!text || pc_addr_parse_own(&local, text, 0) < 0)
		return 0;
	return local.sa.sa_family;
}

/* What is to be looked up: --ws, --registrar, or the host of AOR; or NULL. */
static const char *text_of(const struct app *app)
{
	const struct config *cfg = app->cfg;

	if (app->way.redirect && !cfg->sip.ws)
		return app->way.redirect;
	if (cfg->sip.ws)
		return app->ws_url.host;
	if (cfg->no_register)
		return NULL;
	return cfg->registrar ? cfg->registrar : app->host;
}

int way_find(struct app *app, way_found_fn *next)
{
	struct pc_sip_resolve_config q;
	enum pc_sip_transport_kind kind;
	struct way *w = &app->way;
	bool forced = pc_sip_options_kind(&app->cfg->sip, &app->ws_url, &kind);

	w->next = next;
	w->text = text_of(app);
	if (!w->text) {
		next(app);
		return -1;
	}
	if (pc_sip_where_parse(&w->where, w->text) < 0) {
		pc_warnx("%s%s: not an address",
			 app->cfg->registrar ? "--registrar " : "", w->text);
		return PC_EXIT_USAGE;
	}
	w->where.secure = w->where.secure || app->secure;
	if (!w->where.any && !forced && w->where.kind >= PC_SIP_WS) {
		pc_warnx("%s: for WebSocket give its --ws URL", w->text);
		return PC_EXIT_USAGE;
	}
	pc_sip_where_question(&w->where, forced ? &kind : NULL, &q);
	q.family = family_of(app);
	q.resolver = pc_sip_options_resolver(&app->cfg->sip);
	q.timeout_ms = app->cfg->common.timeout_ms;
	q.found = on_found;
	q.arg = app;
	return pc_sip_resolve(&w->question, app->tool, &q) < 0 ? PC_EXIT_IO
							       : -1;
}

int way_redirect(struct app *app, const char *uri, way_found_fn *next)
{
	if (app->way.question) /* for another account: it goes there too */
		return -1;
	free(app->way.redirect);
	app->way.redirect = strdup(uri);
	return app->way.redirect ? way_find(app, next) : PC_EXIT_IO;
}

/* ---- the transport ---- */

static void on_received(void *arg, const char *data, size_t len,
			const struct pc_addr *from, const struct pc_addr *local)
{
	struct app *app = arg;
	struct pc_sip_start start;

	if (pc_sip_text_start(&start, data, len) == 0 && start.status &&
	    registration_owns(app, pc_sip_text_get(data, len, "Call-ID")))
		pc_sip_ua_received(app->ua, data, len, from, local);
	else
		calls_received(app, data, len, from, local);
}

static void on_unreachable(void *arg, int err, const struct pc_addr *to)
{
	struct app *app = arg;
	bool registrar =
		app->registrar.len && pc_addr_equal(&app->registrar, to);

	pc_sip_ua_unreachable(app->ua, err, to);
	line_server_unreachable(app, err, to);
	ending_unreachable(app, to);
	if (registrar)
		registration_lost(app, pc_sip_transport_why(app->tp, err));
}

static void on_closed(void *arg, int err, const char *why)
{
	struct app *app = arg;

	pc_sip_ua_unreachable(app->ua, err, NULL);
	registration_lost(app, why);
}

static int local_address(struct app *app, struct pc_addr *local)
{
	const char *text = app->cfg->local ? app->cfg->local : app->cfg->listen;
	const struct pc_addr *to =
		app->registrar.len ? &app->registrar : &app->proxy;
	int rc;

	if (text && pc_addr_parse_own(local, text, 0) < 0) {
		pc_warnx("--%s %s: not an address (127.0.0.1:5060)",
			 app->cfg->local ? "local" : "listen", text);
		return PC_EXIT_USAGE;
	}
	if (text)
		return -1;
	rc = to->len ? pc_addr_towards(local, to)
		     : pc_addr_parse(local, "0.0.0.0:0", 0);
	if (rc < 0) {
		pc_warnx("no way to the registrar: %s", strerror(-rc));
		return PC_EXIT_NOANSWER;
	}
	return -1;
}

static int open_kind(struct app *app, enum pc_sip_transport_kind kind)
{
	struct pc_sip_transport_config config = { .kind = kind,
						  .listen = true,
						  .server = app->registrar,
						  .received = on_received,
						  .closed = on_closed,
						  .unreachable = on_unreachable,
						  .arg = app };
	struct pc_sip_transport *old = app->tp;
	struct pc_addr local;
	char text[PC_ADDR_TEXT];
	int status = local_address(app, &local), rc;

	if (status >= 0)
		return status;
	config.local = &local;
	pc_sip_options_apply(&app->cfg->sip, &app->ws_url, &config);
	rc = pc_sip_transport_open(&app->tp, app->tool, &config);
	if (rc < 0) {
		app->tp = old;
		if (rc == -EKEYREJECTED) /* it has been said which file */
			return PC_EXIT_NOINPUT;
		pc_warnx("%s: %s", pc_addr_text(&local, text), strerror(-rc));
		return PC_EXIT_IO;
	}
	app->kind = kind;
	pc_sip_ua_set_transport(app->ua, app->tp);
	pc_sip_transport_close(old);
	return -1;
}

/* Not of those that are registered there: a NAT may have had its say. */
static void make_contacts(struct app *app, const struct pc_addr *seen,
			  bool moved)
{
	for (size_t i = 0; i < app->n_accounts; i++)
		if (moved || !app->accounts[i].registered)
			account_make_contact(&app->accounts[i], seen);
}

int way_open(struct app *app)
{
	enum pc_sip_transport_kind kind = PC_SIP_UDP;
	struct way *w = &app->way;
	struct pc_addr seen;
	bool moved = true, opened = false;
	int status = -1;

	pc_sip_options_kind(&app->cfg->sip, &app->ws_url, &kind);
	if (w->n > 0) {
		kind = w->targets[w->at].kind;
		moved = !app->registrar.len ||
			!pc_addr_equal(&app->registrar,
				       &w->targets[w->at].addr);
		app->registrar = w->targets[w->at].addr;
		if (!app->cfg->proxy)
			app->proxy = app->registrar;
	}
	if (!app->tp || kind != app->kind || (kind >= PC_SIP_WS && moved)) {
		moved = opened = true;
		status = open_kind(app, kind);
	}
	if (status >= 0)
		return status;
	if (w->n > 0) /* RFC 5922 4: its certificate must say so */
		pc_sip_transport_named(app->tp, &app->registrar, w->where.host);
	seen = pc_sip_transport_identity(app->tp)->local;
	if (app->registrar.len)
		pc_sip_transport_local(app->tp, &app->registrar, &seen);
	if (!pc_addr_is_any(&seen))
		make_contacts(app, &seen, moved);
	if (opened)
		registration_anew(app);
	return -1;
}

bool way_next(struct app *app, int err)
{
	struct way *w = &app->way;
	char was[PC_ADDR_TEXT], is[PC_ADDR_TEXT];

	pc_addr_text(&app->registrar, was);
	for (w->at++; w->at < w->n; w->at++) {
		w->warned = false;
		/* who is in between must not get us to do without TLS */
		if (err == EKEYREJECTED && w->targets[w->at].kind != PC_SIP_TLS)
			continue;
		if (way_open(app) >= 0)
			continue;
		pc_event(app->tool, "failover", "from=%s to=%s transport=%s",
			 was, pc_addr_text(&app->registrar, is),
			 pc_sip_transport_word(app->kind));
		line_server_hello_all(app);
		return true;
	}
	w->round++;
	w->at = 0; /* the next round begins with the best */
	way_open(app);
	return false;
}
