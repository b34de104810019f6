/* The peer's description and candidates: from a file, stdin or control. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "fragment.h"

#define PENDING_MAX 65536 /* bytes of candidates kept for a description */

/* --- candidates ------------------------------------------------------- */

static void skipped(void *arg, const char *candidate, const char *why)
{
	struct app *app = arg;

	pc_event(&app->tool, "skipped", "candidate=%s why=%s", candidate, why);
	pc_verbose("skipped %s: %s", candidate, why);
}

static int keep_for_later(struct app *app, const char *candidate)
{
	if (app->pending.len + strlen(candidate) > PENDING_MAX) {
		pc_tool_error(&app->tool, "too many candidates before a "
					  "description");
		return -EFBIG;
	}
	pc_buf_add(&app->pending, candidate, strlen(candidate) + 1);
	return 0;
}

static int take_candidate(struct app *app, const char *candidate)
{
	const char *why = NULL;
	int rc;

	if (!*app->remote_ufrag ||
	    !ice_candidate_of(candidate, app->remote_ufrag))
		return keep_for_later(app, candidate);
	rc = ice_candidate(app->ice, candidate, &why);
	if (rc == -EINVAL)
		pc_tool_error(&app->tool, "candidate \"%s\": %s", candidate,
			      why);
	else if (rc != 0)
		skipped(app, candidate, why);
	return rc == -EINVAL ? rc : 0;
}

/* Those that came before their description. */
static void take_pending(struct app *app)
{
	struct pc_buf pending = app->pending;

	app->pending = (struct pc_buf){ 0 };
	for (size_t at = 0; at < pending.len;) {
		const char *candidate = pending.data + at;

		at += strlen(candidate) + 1;
		if (ice_candidate_of(candidate, app->remote_ufrag))
			take_candidate(app, candidate);
		else
			skipped(app, candidate, "of other credentials");
	}
	pc_buf_fini(&pending);
}

/* --- the description -------------------------------------------------- */

static int take_remote(struct app *app, const char *data, size_t len)
{
	struct fragment_count count;
	struct pc_buf error = { 0 };
	struct fragment_peer peer = { .ufrag = app->remote_ufrag,
				      .awaited = app->awaiting };
	int rc;

	app->commanded &= app->awaiting; /* else what begins is the peer's */
	rc = fragment_read(app->ice, data, len, &peer, &count, skipped, app,
			   &error);
	if (rc != 0) {
		pc_tool_error(&app->tool, "the peer's description: %s",
			      error.data ? error.data : strerror(-rc));
		pc_buf_fini(&error);
		return rc;
	}
	pc_buf_fini(&error);
	app->awaiting = false;
	if (!*app->remote_ufrag && !app->connected)
		pc_timer_set(app->deadline, app->cfg.common.timeout_ms);
	memcpy(app->remote_ufrag, peer.new_ufrag, sizeof(app->remote_ufrag));
	memcpy(app->remote_mid, peer.mid, sizeof(app->remote_mid));
	pc_event(&app->tool, "remote",
		 "ufrag=%s candidates=%u skipped=%u trickle=%c lite=%c end=%c",
		 app->remote_ufrag, count.used, count.skipped, count.trickle,
		 count.lite, count.end);
	take_pending(app);
	if (app->cfg.answer && app->gather_over)
		app_tell_fragment(app);
	return 0;
}

/* A description that was the argument: without it nothing can be done. */
static void remote_done(struct app *app, const char *data, size_t len)
{
	int rc;

	if (len == 0) {
		pc_tool_error(&app->tool,
			      "%s: empty: the peer's SDP or "
			      "fragment is expected",
			      app->cfg.remote);
		app_end(app, PC_EXIT_NOINPUT);
		return;
	}
	rc = take_remote(app, data, len);
	if (rc != 0)
		app_end(app, PC_EXIT_DATA);
}

static void on_stdin(void *arg, const char *data, size_t len)
{
	remote_done(arg, data, len);
}

static void remote_close(struct app *app)
{
	pc_watch_free(app->remote_watch);
	app->remote_watch = NULL;
	close(app->remote_fd);
}

static void on_remote(int fd, unsigned what, void *arg)
{
	struct app *app = arg;
	char chunk[16384];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && app->remote_doc.len + (size_t)n <= PC_TOOL_DOC_MAX) {
		pc_buf_add(&app->remote_doc, chunk, (size_t)n);
		return;
	}
	remote_close(app);
	if (n != 0) {
		pc_tool_error(&app->tool, "%s: %s", app->cfg.remote,
			      n < 0 ? strerror(errno) : "too large");
		app_end(app, n < 0 ? PC_EXIT_IO : PC_EXIT_DATA);
		return;
	}
	remote_done(app, app->remote_doc.data, app->remote_doc.len);
}

static int read_whole(struct app *app)
{
	int rc = pc_buf_read_fd(&app->remote_doc, app->remote_fd,
				PC_TOOL_DOC_MAX);

	close(app->remote_fd);
	if (rc != 0) {
		pc_tool_error(&app->tool, "%s: %s", app->cfg.remote,
			      strerror(-rc));
		return rc == -EFBIG ? PC_EXIT_DATA : PC_EXIT_IO;
	}
	remote_done(app, app->remote_doc.data, app->remote_doc.len);
	return -1;
}

/* A FIFO is read as it comes: its writer may wait for our own fragment. */
int app_remote_open(struct app *app, const char *path)
{
	if (strcmp(path, "-") == 0)
		return pc_tool_read_stdin(&app->tool, on_stdin) == 0
			       ? -1
			       : PC_EXIT_IO;
	app->remote_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (app->remote_fd < 0) {
		pc_tool_error(&app->tool, "%s: %s", path, strerror(errno));
		return errno == ENOENT ? PC_EXIT_NOINPUT : PC_EXIT_IO;
	}
	app->remote_watch = pc_watch_new(app->tool.loop, app->remote_fd,
					 PC_READ, on_remote, app);
	return app->remote_watch ? -1 : read_whole(app);
}

/* --- control ---------------------------------------------------------- */

static int command_remote(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;
	const char *sdp = cmd->object ? pc_json_str(cmd->object, "sdp") : NULL;
	const char *path = pc_command_arg(cmd, "file", 0);
	struct pc_buf doc = { 0 };
	int rc;

	if (sdp)
		return take_remote(app, sdp, strlen(sdp));
	if (!path) {
		pc_tool_error(&app->tool, "remote FILE, or {\"command\":"
					  "\"remote\",\"sdp\":\"...\"}");
		return -EINVAL;
	}
	rc = pc_buf_read_file(&doc, path, PC_TOOL_DOC_MAX);
	if (rc == 0)
		rc = take_remote(app, doc.data ? doc.data : "", doc.len);
	else
		pc_tool_error(&app->tool, "%s: %s", path, strerror(-rc));
	pc_buf_fini(&doc);
	return rc;
}

/* A candidate of a section that BUNDLE has not chosen is of no use. */
static bool other_section(const struct app *app, const struct pc_command *cmd)
{
	const char *mid = cmd->object ? pc_json_str(cmd->object, "mid") : NULL;

	return mid && *mid && *app->remote_mid &&
	       strcmp(mid, app->remote_mid) != 0;
}

static int command_candidate(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;
	struct pc_buf line = { 0 };
	const char *text;
	int rc;

	for (int i = 0; !cmd->object && i < cmd->argc; i++)
		pc_buf_printf(&line, "%s%s", i ? " " : "", cmd->argv[i]);
	text = cmd->object ? pc_json_str(cmd->object, "candidate") : line.data;
	if (other_section(app, cmd)) {
		skipped(app, text ? text : "", "of another m= section");
		rc = 0;
	} else {
		rc = take_candidate(app, text ? text : "");
	}
	pc_buf_fini(&line);
	return rc;
}

static int command_stats(void *arg, const struct pc_command *cmd)
{
	(void)cmd;
	app_stats(arg);
	return 0;
}

static int command_hangup(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;

	(void)cmd;
	pc_tool_stop(&app->tool, "hangup");
	return 0;
}

const struct pc_tool_command app_commands[] = {
	{ "remote", command_remote, "remote FILE: the peer's SDP or fragment" },
	{ "candidate", command_candidate,
	  "candidate [candidate:...]: one of the peer's, none: the end" },
	{ "pairs", app_command_pairs,
	  "pairs: a pairs event, with the state of each and why" },
	{ "restart", app_command_restart,
	  "restart: an ICE restart; our new fragment is in its event" },
	{ "stats", command_stats, "stats: a stats event" },
	{ "hangup", command_hangup, "hangup: end" },
	{ "quit", command_hangup, "quit: the same" },
	{ NULL, NULL, NULL },
};
