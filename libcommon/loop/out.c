#include "loop/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/home.h"
#include "loop/fd.h"

/* A reader may sleep through this much before it counts as dead. */
#define PIPE_BYTES (1 << 20)

enum { AGAIN_MS = 10, PATIENCE_MS = 1000 };

struct pc_out {
	int fd, error;
	bool shared;   /* a FIFO or file others may write to as well */
	bool blocking; /* the shell's descriptor: not ours to change */
	struct pc_watch *reader;
	pc_out_failed_fn *failed;
	void *arg;
	struct pc_timer *again; /* hosted; set while some is late */
	struct pc_buf late;
	uint64_t moved_ms; /* when it last took some */
	bool locked;
};

int pc_out_open(struct pc_out **out, const char *path, unsigned wait_ms)
{
	struct pc_out *o;
	struct stat st;
	int fd = pc_fd_from_path(path, 1);

	if (fd == -ENOENT)
		fd = pc_fd_open_write(path, O_APPEND, 0666, wait_ms);
	if (fd < 0)
		return fd;
	o = calloc(1, sizeof(*o));
	if (!o) {
		close(fd);
		return -ENOMEM;
	}
	o->fd = fd;
	if (fstat(fd, &st) == 0)
		o->shared = S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode);
	o->blocking = !(fcntl(fd, F_GETFL) & O_NONBLOCK);
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES); /* EBADF if it is none */
	*out = o;
	return 0;
}

/*
 * As much as goes without waiting, for the reader or for who else writes. A
 * reader that takes nothing for a second counts as dead, as below.
 */
static int write_late(struct pc_out *o)
{
	ssize_t n;

	if (o->shared && !o->locked)
		o->locked = flock(o->fd, LOCK_EX | LOCK_NB) == 0;
	n = o->shared && !o->locked
		    ? 0
		    : pc_write_some(o->fd, o->late.data, o->late.len);
	if (n < 0)
		return (int)n;
	pc_buf_consume(&o->late, (size_t)n);
	if (n > 0)
		o->moved_ms = pc_now_ms();
	if (o->late.len == 0) {
		if (o->locked)
			(void)flock(o->fd, LOCK_UN);
		o->locked = false;
		return 0;
	}
	if (o->late.len > PIPE_BYTES || pc_now_ms() - o->moved_ms > PATIENCE_MS)
		return -EAGAIN;
	pc_timer_set(o->again, AGAIN_MS);
	return 0;
}

static int write_hosted(struct pc_out *o, const void *data, size_t len)
{
	bool was_late = o->late.len > 0;

	pc_buf_add(&o->late, data, len);
	if (o->late.oom)
		return -ENOMEM;
	if (was_late)
		return 0;
	o->moved_ms = pc_now_ms();
	return write_late(o);
}

void pc_out_close(struct pc_out *o)
{
	if (!o)
		return;
	pc_watch_free(o->reader);
	if (o->late.len > 0 && !o->error)
		(void)write_late(o);
	pc_timer_free(o->again);
	pc_buf_fini(&o->late);
	close(o->fd);
	free(o);
}

/* The write end of a pipe is never readable: what wakes us is its error. */
static void on_reader(int fd, unsigned what, void *arg)
{
	struct pc_out *o = arg;

	(void)fd;
	(void)what;
	pc_watch_set(o->reader, 0);
	if (o->error)
		return; /* told already, by a write */
	o->error = -EPIPE;
	o->failed(o->arg, o->error);
}

/* Other writers, and the reader, are looked at again a little later. */
static void on_again(void *arg)
{
	struct pc_out *o = arg;

	o->error = write_late(o);
	if (o->error)
		o->failed(o->arg, o->error);
}

int pc_out_watch(struct pc_out *o, struct pc_loop *loop, pc_out_failed_fn *fn,
		 void *arg)
{
	struct statfs fs;

	o->failed = fn;
	o->arg = arg;
	if (pc_home_is_hosted()) {
		o->again = pc_timer_new(loop, on_again, o);
		if (!o->again)
			return -ENOMEM;
	}
	if (fstatfs(o->fd, &fs) < 0 || fs.f_type != PIPEFS_MAGIC ||
	    (fcntl(o->fd, F_GETFL) & O_ACCMODE) != O_WRONLY)
		return 0;
	o->reader = pc_watch_new(loop, o->fd, PC_READ, on_reader, o);
	return o->reader ? 0 : -ENOMEM;
}

/*
 * A pipe that is ready takes PIPE_BUF bytes without blocking (poll(2)), so no
 * reader that has stopped can hold up a tool for more than a second.
 */
static int write_pieces(int fd, const char *data, size_t len)
{
	while (len > 0) {
		struct pollfd pfd = { .fd = fd, .events = POLLOUT };
		size_t n = len < PIPE_BUF ? len : PIPE_BUF;
		int rc = poll(&pfd, 1, 1000);

		if (rc < 0 && errno != EINTR)
			return -errno;
		if (rc == 0)
			return -EAGAIN;
		if (rc < 0)
			continue;
		rc = pc_write_all(fd, data, n);
		if (rc < 0)
			return rc;
		data += n;
		len -= n;
	}
	return 0;
}

int pc_out_write(struct pc_out *o, const void *data, size_t len)
{
	int rc;

	if (o->error)
		return o->error;
	if (o->again)
		return o->error = write_hosted(o, data, len);
	if (o->shared)
		(void)flock(o->fd, LOCK_EX);
	rc = o->blocking ? write_pieces(o->fd, data, len)
			 : pc_write_all(o->fd, data, len);
	if (o->shared)
		(void)flock(o->fd, LOCK_UN);
	if (rc < 0)
		o->error = rc;
	return rc;
}
