/* --turn: one run of the TURN check. */
#include <stdlib.h>
#include <time.h>

#include "app.h"
#include "reach.h"
#include "stun/ephemeral.h"
#include "turn.h"
#include "turn_report.h"

#define EPHEMERAL_S 3600

static int begin(struct app *app, const struct target *server);

/*
 * Try Alternate (RFC 8489 section 10), the same check there. True if it has
 * begun, or has failed for good.
 */
static bool follow(struct app *app, struct turn *t, const char *why)
{
	struct target there = app->server[0];
	int status;

	if (t->step[TURN_ALLOCATE].code != 300 || !t->alternate.len ||
	    t->alternate.sa.sa_family != t->cfg.server.sa.sa_family ||
	    app->turn_hops == REACH_HOPS)
		return false;
	app->turn_hops++;
	there.addr = t->alternate;
	pc_info("%s: that is done", why);
	turn_free(t);
	app->turn = NULL;
	status = begin(app, &there);
	if (status >= 0)
		app_end(app, status);
	return true;
}

static void on_done(void *arg, struct turn *t)
{
	struct app *app = arg;
	struct pc_buf text = { 0 }, why = { 0 };
	int status = turn_report_status(t);

	if (app->tool.stopping && t->step[TURN_ALLOCATE].outcome != TURN_OK) {
		app_end(app, app->last_status);
		return;
	}
	turn_report_failure(t, &why);
	if (follow(app, t, why.data)) {
		pc_buf_fini(&why);
		return;
	}
	if (why.len)
		pc_tool_error(&app->tool, "%s", why.data);
	if (t->step[TURN_ALLOCATE].outcome == TURN_OK)
		turn_report_text(t, &text);
	app_report(app, &text, turn_report_json(t), status);
	pc_buf_fini(&text);
	pc_buf_fini(&why);
}

/* What --user, --password-file and --turn-secret come to. */
static int credentials(struct app *app, struct turn_cfg *cfg)
{
	const char *name = app->cfg.user;

	if (app->turn_secret) {
		free(app->turn_user);
		free(app->turn_password);
		app->turn_user = app->turn_password = NULL;
		if (pc_turn_ephemeral(app->turn_secret, name,
				      time(NULL) + EPHEMERAL_S, &app->turn_user,
				      &app->turn_password) != 0)
			return PC_EXIT_IO;
		cfg->user = app->turn_user;
		cfg->password = app->turn_password;
		return -1;
	}
	if (!name != !app->password) {
		pc_warnx("--turn: a user needs a password and the other way "
			 "round (--user, and --password-file or "
			 "$TURN_PASSWORD)");
		return PC_EXIT_USAGE;
	}
	cfg->user = name;
	cfg->password = app->password;
	return -1;
}

static int begin(struct app *app, const struct target *server)
{
	struct turn_cfg cfg = { .env = app_env(app),
				.timeout_ms = app->cfg.common.timeout_ms,
				.silence_ms = app->cfg.silence_ms,
				.packets = app->cfg.packets,
				.done = on_done,
				.arg = app };
	int status, rc;

	cfg.server = server->addr;
	status = credentials(app, &cfg);
	if (status < 0)
		status = app_way(app, server, &cfg.way);
	if (status >= 0)
		return status;
	rc = turn_start(&app->turn, &cfg);
	return rc == 0 ? -1 : app_open_status(rc);
}

int turnmode_start(struct app *app)
{
	if (app->cfg.packets < 1 || app->cfg.packets > 1000000) {
		pc_warnx("--packets: from 1 to 1000000");
		return PC_EXIT_USAGE;
	}
	app->turn_hops = 0;
	return begin(app, &app->server[0]);
}
