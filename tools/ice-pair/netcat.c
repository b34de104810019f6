/* Data on our stdin and stdout, or a command's, over the connected path. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app.h"
#include "command.h"
#include "data.h"

#define EARLY_MAX 65536
#define KILL_MS   1500 /* from SIGTERM: a tool has two seconds to end */
#define KILLED_MS 200

static int exit_status(int wait_status)
{
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
				      : 128 + WTERMSIG(wait_status);
}

static void on_ended(void *arg, int error)
{
	struct app *app = arg;

	if (error == EPROTO) {
		pc_tool_error(&app->tool,
			      app->cfg.reliable
				      ? "--reliable: the peer sends datagrams: "
					"it has to be --reliable, too"
				      : "the peer is --reliable: so has this "
					"end to be");
		app_end(app, PC_EXIT_PROTOCOL);
	} else if (app->tool.n_operands > 0) {
		/* what it does not read is no error; its status is ours */
		if (app->child > 0 && error != 0 && error != EPIPE)
			app_end(app, PC_EXIT_NOANSWER);
		else if (app->child == 0)
			app_end(app, app->child_status);
	} else if (error == EPIPE) {
		pc_tool_error(&app->tool, "stdout: its reader is gone");
		app_end(app, PC_EXIT_IO);
	} else if (error != 0) {
		pc_tool_error(&app->tool, "the stream: %s", strerror(error));
		app_end(app, PC_EXIT_NOANSWER);
	} else {
		app_end(app, PC_EXIT_OK);
	}
}

static void command_ended(struct app *app, int status)
{
	app->child = 0;
	app->child_status = status;
	pc_event(&app->tool, "command", "status=%d", status);
	if (app->data)
		data_linger(app->data); /* what it wrote still goes out */
}

/* The command, or what it left behind: that is then ours (start_command). */
static void on_child(int signo, void *arg)
{
	struct app *app = arg;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == app->child)
			command_ended(app, exit_status(status));
	if (app->group > 0 && kill(-app->group, 0) != 0)
		app->group = 0;
	app_end_if_over(app);
}

void app_netcat_end(struct app *app)
{
	data_free(app->data);
	app->data = NULL;
	if (app->group == 0)
		return;
	kill(-app->group, SIGTERM);
	pc_timer_set(app->killing, KILL_MS);
}

/* Whoever does not heed SIGTERM; the second time, nor SIGKILL. */
void app_on_killing(void *arg)
{
	struct app *app = arg;

	if (!app->killed) {
		app->killed = true;
		kill(-app->group, SIGKILL);
		pc_timer_set(app->killing, KILLED_MS);
		return;
	}
	app->group = 0;
	app_end_if_over(app);
}

static int start_command(struct app *app, const struct ice_pair *pair, int *in,
			 int *out)
{
	int rc = pc_loop_signal(app->tool.loop, SIGCHLD, on_child, app);

	/* what outlives its parent becomes our child, and its end is told */
	if (rc == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		rc = -errno;
	if (rc == 0)
		rc = command_start(app->tool.operands, app->cfg.datagrams, pair,
				   in, out);
	if (rc < 0)
		return rc;
	app->child = app->group = rc;
	return 0;
}

/* Our own go, so that their other ends see the ends of the data. */
static int take_stdio(struct app *app, int *in, int *out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	*in = fcntl(0, F_DUPFD_CLOEXEC, 3);
	*out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	if (null < 0 || *in < 0 || *out < 0)
		return -errno;
	pc_tool_product_end(&app->tool);
	if (dup2(null, 0) < 0)
		return -errno;
	close(null);
	return 0;
}

bool app_has_data(const struct app *app)
{
	return app->cfg.offer || app->cfg.answer || app->tool.n_operands > 0;
}

/* The peer may have the path before us, and be in a hurry. */
void app_netcat_early(struct app *app, const void *data, size_t len)
{
	if (app->early.len + sizeof(len) + len > EARLY_MAX)
		return; /* a datagram may be lost */
	pc_buf_add(&app->early, &len, sizeof(len));
	pc_buf_add(&app->early, data, len);
}

static void take_early(struct app *app)
{
	struct pc_buf early = app->early;
	size_t at = 0, len;

	app->early = (struct pc_buf){ 0 };
	while (at < early.len) {
		memcpy(&len, early.data + at, sizeof(len));
		at += sizeof(len);
		data_take(app->data, early.data + at, len);
		at += len;
	}
	pc_buf_fini(&early);
}

static enum data_kind kind_of(const struct config *cfg)
{
	return cfg->reliable    ? DATA_RELIABLE
	       : cfg->datagrams ? DATA_DATAGRAMS
				: DATA_PIECES;
}

void app_netcat_start(struct app *app, const struct ice_pair *pair)
{
	int in = -1, out = -1, rc;

	rc = app->tool.n_operands > 0 ? start_command(app, pair, &in, &out)
				      : take_stdio(app, &in, &out);
	if (rc == 0)
		rc = data_start(&app->data, &app->tool, app->ice, in, out,
				kind_of(&app->cfg), on_ended, app);
	if (rc == 0) {
		take_early(app);
		return;
	}
	pc_tool_error(&app->tool, "%s: %s",
		      app->tool.n_operands > 0 ? app->tool.operands[0]
					       : "stdin and stdout",
		      strerror(-rc));
	app_end(app, PC_EXIT_IO);
}

void app_netcat_fini(struct app *app)
{
	if (app->group > 0) /* there is no more time */
		kill(-app->group, SIGKILL);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	data_free(app->data);
	pc_buf_fini(&app->early);
}
