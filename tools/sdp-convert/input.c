#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void input_stop(struct input *in)
{
	pc_watch_free(in->watch);
	in->watch = NULL;
	if (in->fd > 0)
		close(in->fd);
	in->fd = 0;
	pc_buf_fini(&in->data);
	in->data = (struct pc_buf){ 0 };
}

/* The data outlives this input, which fn may start again. */
static void finish(struct input *in, int rc)
{
	struct pc_buf data = in->data;

	in->data = (struct pc_buf){ 0 };
	input_stop(in);
	in->fn(in->arg, data.oom ? -ENOMEM : rc, &data);
	pc_buf_fini(&data);
}

static void on_readable(int fd, unsigned what, void *arg)
{
	struct input *in = arg;
	char chunk[4096];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		finish(in, -errno);
		return;
	}
	if (n == 0) {
		finish(in, 0);
		return;
	}
	pc_buf_add(&in->data, chunk, (size_t)n);
	if (in->data.oom || in->data.len > in->max)
		finish(in, -EFBIG);
}

/*
 * O_NONBLOCK: opening a FIFO does not wait for its writer, and Linux does not
 * call it ended before one has come.
 */
void input_start(struct input *in, struct pc_tool *tool, const char *path,
		 size_t max, input_fn *fn, void *arg)
{
	in->tool = tool;
	in->max = max;
	in->fn = fn;
	in->arg = arg;
	in->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (in->fd < 0) {
		finish(in, -errno);
		return;
	}
	in->watch = pc_watch_new(tool->loop, in->fd, PC_READ, on_readable, in);
	if (!in->watch) /* a plain file never makes us wait */
		finish(in, pc_buf_read_fd(&in->data, in->fd, max));
}
