/*
 * ICE restart (RFC 8445 section 9): both ends take new credentials and check
 * all pairs anew, while media goes on over the pair they have. It is begun by
 * the `restart` command, or by a description with other credentials. Our new
 * fragment is in the event: stdout has long been closed.
 */
#include <errno.h>

#include "app.h"
#include "fragment.h"

void app_restarted(struct app *app, const char *by)
{
	struct pc_buf out = { 0 };

	app->restarting = app->connected;
	app->awaiting = false;
	checks_clear(app->checks);
	pc_timer_set(app->deadline, app->cfg.common.timeout_ms);
	fragment_write(app->ice, app->gather_over, &out);
	if (!out.oom)
		pc_event(&app->tool, "restart", "by=%s fragment=%s", by,
			 out.data);
	pc_verbose("ICE restart (by %s)", by);
	pc_buf_fini(&out);
}

int app_command_restart(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;

	(void)cmd;
	if (!*app->remote_ufrag) {
		pc_tool_error(&app->tool, "restart: the peer's description has "
					  "not come yet");
		return -EINVAL;
	}
	if (ice_restart(app->ice) != 0) {
		pc_tool_error(&app->tool, "restart: ICE cannot be restarted");
		return -EIO;
	}
	app_restarted(app, "us");
	app->awaiting = true;
	return 0;
}
