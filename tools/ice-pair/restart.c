/*
 * ICE restart (RFC 8445 section 9): both ends take new credentials and other
 * ports and check all pairs anew, while media goes on over the pair they have.
 * It is begun by the `restart` command, or by a description with other
 * credentials. Our new fragment is in the event: stdout has long been closed.
 */
#include <errno.h>

#include "app.h"
#include "fragment.h"

/* ICE begins another session: for us, all is as at first but for the path. */
void app_on_restarted(void *arg)
{
	struct app *app = arg;

	app->restarting = app->connected;
	app->restart_untold = true;
	app->awaiting = app->commanded;
	app->gather_over = false;
	app->n_local = 0;
	app->has_srflx = app->has_relay = false;
	checks_restart(app->checks);
	pc_timer_set(app->deadline, app->cfg.common.timeout_ms);
	pc_timer_set(app->gather_bound, app->cfg.gather_ms);
	pc_verbose("ICE restart (by %s)", app->commanded ? "us" : "peer");
	if (app->cfg.trickle)
		app_tell_restart(app);
}

/* With --trickle at once, else when the candidates are there. */
void app_tell_restart(struct app *app)
{
	struct pc_buf out = { 0 };

	if (!app->restart_untold)
		return;
	app->restart_untold = false;
	fragment_write(app->ice, !app->cfg.trickle, &out);
	if (!out.oom)
		pc_event(&app->tool, "restart", "by=%s fragment=%s",
			 app->commanded ? "us" : "peer", out.data);
	pc_buf_fini(&out);
}

int app_command_restart(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;
	int rc;

	(void)cmd;
	if (!*app->remote_ufrag) {
		pc_tool_error(&app->tool, "restart: the peer's description has "
					  "not come yet");
		return -EINVAL;
	}
	app->commanded = true;
	rc = ice_restart(app->ice);
	if (rc != 0) {
		app->commanded = false;
		pc_tool_error(&app->tool, "restart: ICE cannot be restarted");
	}
	return rc;
}
