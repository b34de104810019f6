/*
 * The descriptions of --offer and --answer: two files, or two FIFOs. Ours is
 * there whole or not at all; the peer's is waited for, and one that is older
 * than our offer is no answer to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app.h"

#define RETRY_MS 50 /* until somebody reads a FIFO of ours */

/* --- ours ------------------------------------------------------------- */

static bool is_fifo(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static int write_file(const char *path, const struct pc_buf *doc)
{
	char temporary[4096];
	int fd, rc;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.tmp", path) >=
	    sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	rc = pc_write_all(fd, doc->data, doc->len);
	if (close(fd) != 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(temporary, path) != 0)
		rc = -errno;
	if (rc != 0)
		unlink(temporary);
	return rc;
}

/* -ENXIO: nobody reads it yet. A description fits into a pipe. */
static int write_fifo(const char *path, const struct pc_buf *doc)
{
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = pc_write_all(fd, doc->data, doc->len);
	close(fd);
	return rc;
}

static void tell(void *arg)
{
	struct app *app = arg;
	const char *path = app->ours_path;
	int rc = is_fifo(path) ? write_fifo(path, &app->ours)
			       : write_file(path, &app->ours);

	if (rc == -ENXIO) {
		pc_timer_set(app->telling, RETRY_MS);
	} else if (rc != 0) {
		pc_tool_error(&app->tool, "%s: %s", path, strerror(-rc));
		app_end(app, PC_EXIT_IO);
	}
}

void app_exchange_tell(struct app *app, struct pc_buf *doc)
{
	app->ours = *doc;
	*doc = (struct pc_buf){ 0 };
	app->telling = pc_timer_new(app->tool.loop, tell, app);
	if (app->telling)
		tell(app);
	else
		app_end(app, PC_EXIT_IO);
}

/* --- the peer's ------------------------------------------------------- */

/* True if it was opened, or that failed for good. */
static bool try_open(struct app *app)
{
	const char *path = app->cfg.remote;
	int status;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return false;
	status = app_remote_open(app, path);
	if (status >= 0)
		app_end(app, status);
	return true;
}

static void on_change(int fd, unsigned what, void *arg)
{
	union {
		struct inotify_event event;
		char bytes[4096];
	} u;
	struct app *app = arg;
	ssize_t n = read(fd, u.bytes, sizeof(u.bytes));

	(void)what;
	if (n <= 0)
		return;
	for (char *at = u.bytes; at < u.bytes + n;) {
		struct inotify_event event;

		memcpy(&event, at, sizeof(event));
		/* a file that is only just made has nothing in it yet */
		if (event.len > 0 &&
		    strcmp(at + sizeof(event), app->theirs_name) == 0 &&
		    (!(event.mask & IN_CREATE) || is_fifo(app->cfg.remote)) &&
		    try_open(app)) {
			pc_watch_free(app->change_watch);
			app->change_watch = NULL;
			close(fd);
			app->change_fd = -1;
			return;
		}
		at += sizeof(event) + event.len;
	}
}

static int watch_folder(struct app *app)
{
	char dir[4096], name[4096];

	snprintf(dir, sizeof(dir), "%s", app->cfg.remote);
	snprintf(name, sizeof(name), "%s", app->cfg.remote);
	snprintf(app->theirs_name, sizeof(app->theirs_name), "%s",
		 basename(name));
	app->change_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (app->change_fd < 0)
		return -errno;
	if (inotify_add_watch(app->change_fd, dirname(dir),
			      IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) < 0)
		return -errno;
	app->change_watch = pc_watch_new(app->tool.loop, app->change_fd,
					 PC_READ, on_change, app);
	return app->change_watch ? 0 : -ENOMEM;
}

int app_exchange_watch(struct app *app)
{
	const char *path = app->cfg.remote;
	struct stat st;
	int rc;

	if (strcmp(path, "-") == 0)
		return -1;
	app->theirs_old =
		app->cfg.offer && stat(path, &st) == 0 && S_ISREG(st.st_mode);
	if (app->theirs_old)
		pc_verbose("%s: older than our offer: waiting for another",
			   path);
	rc = watch_folder(app);
	if (rc == 0)
		return -1;
	pc_tool_error(&app->tool, "%s: %s", path, strerror(-rc));
	return rc == -ENOENT ? PC_EXIT_NOINPUT : PC_EXIT_IO;
}

int app_exchange_open(struct app *app)
{
	if (strcmp(app->cfg.remote, "-") == 0)
		return app_remote_open(app, app->cfg.remote);
	if (!app->theirs_old && try_open(app)) {
		pc_watch_free(app->change_watch);
		app->change_watch = NULL;
	}
	return -1;
}

void app_exchange_fini(struct app *app)
{
	pc_timer_free(app->telling);
	pc_watch_free(app->change_watch);
	if (app->change_fd > 0)
		close(app->change_fd);
	pc_buf_fini(&app->ours);
}
