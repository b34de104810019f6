/* --turn: one run of the TURN check. */
#include <stdlib.h>
#include <time.h>

#include "app.h"
#include "turn.h"
#include "turn_auth.h"
#include "turn_report.h"

#define EPHEMERAL_S 3600

static void on_done(void *arg, struct turn *t)
{
	struct app *app = arg;
	struct pc_buf text = { 0 }, why = { 0 };
	int status = turn_report_status(t);

	if (app->tool.stopping) {
		app_end(app, app->last_status);
		return;
	}
	turn_report_failure(t, &why);
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
		if (turn_auth_ephemeral(
			    app->turn_secret, name, time(NULL) + EPHEMERAL_S,
			    &app->turn_user, &app->turn_password) != 0)
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

int turnmode_start(struct app *app)
{
	struct turn_cfg cfg = { .env = app_env(app),
				.timeout_ms = app->cfg.common.timeout_ms,
				.silence_ms = app->cfg.silence_ms,
				.packets = app->cfg.packets,
				.done = on_done,
				.arg = app };
	int status, rc;

	if (app->n_servers != 1) {
		pc_warnx("--turn is for one server at a time");
		return PC_EXIT_USAGE;
	}
	if (cfg.packets < 1 || cfg.packets > 1000000) {
		pc_warnx("--packets: from 1 to 1000000");
		return PC_EXIT_USAGE;
	}
	cfg.server = app->server[0].addr;
	status = credentials(app, &cfg);
	if (status < 0)
		status = app_way(app, &app->server[0], &cfg.way);
	if (status >= 0)
		return status;
	rc = turn_start(&app->turn, &cfg);
	return rc == 0 ? -1 : app_open_status(rc);
}
