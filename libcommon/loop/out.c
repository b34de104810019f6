#include "loop/out.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/fd.h"

/* A reader may sleep through this much before it counts as dead. */
#define PIPE_BYTES (1 << 20)

struct pc_out {
	int fd, error;
	bool shared;   /* a FIFO or file others may write to as well */
	bool blocking; /* the shell's descriptor: not ours to change */
	struct pc_watch *reader;
	pc_out_gone_fn *gone;
	void *arg;
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

void pc_out_close(struct pc_out *o)
{
	if (!o)
		return;
	pc_watch_free(o->reader);
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
	o->gone(o->arg);
}

int pc_out_watch_reader(struct pc_out *o, struct pc_loop *loop,
			pc_out_gone_fn *fn, void *arg)
{
	struct statfs fs;

	if (fstatfs(o->fd, &fs) < 0 || fs.f_type != PIPEFS_MAGIC ||
	    (fcntl(o->fd, F_GETFL) & O_ACCMODE) != O_WRONLY)
		return 0;
	o->gone = fn;
	o->arg = arg;
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
