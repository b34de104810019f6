/* The document on stdin and the one on stdout. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/home.h"
#include "loop/state.h"

static void end_input(struct pc_tool *tool)
{
	struct pc_tool_state *s = tool->state;

	pc_watch_free(s->input.watch);
	s->input.watch = NULL;
	(void)fcntl(0, F_SETFL, s->input.flags);
}

/* All of it has come. */
static void deliver(struct pc_tool *tool)
{
	struct pc_tool_state *s = tool->state;

	end_input(tool);
	s->input.fn(tool->arg, s->input.data.data ? s->input.data.data : "",
		    s->input.data.len);
}

static void fail(struct pc_tool *tool, int rc)
{
	end_input(tool);
	if (rc == -EFBIG)
		pc_tool_error(tool,
			      "stdin: more than %u bytes is no "
			      "description",
			      PC_TOOL_DOC_MAX);
	else
		pc_tool_error(tool, "stdin: %s", strerror(-rc));
	pc_tool_fatal(tool, rc == -EFBIG ? PC_EXIT_DATA : PC_EXIT_IO,
		      "stdin failed");
}

static void on_stdin(int fd, unsigned what, void *arg)
{
	struct pc_tool *tool = arg;
	struct pc_buf *data = &tool->state->input.data;
	char chunk[16384];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		fail(tool, -errno);
		return;
	}
	if (n == 0) {
		deliver(tool);
		return;
	}
	pc_buf_add(data, chunk, (size_t)n);
	if (data->oom)
		fail(tool, -ENOMEM);
	else if (data->len > PC_TOOL_DOC_MAX)
		fail(tool, -EFBIG);
}

/* A plain file cannot be watched and need not be: it never makes us wait. */
static void read_file(void *arg)
{
	struct pc_tool *tool = arg;
	int rc = pc_buf_read_fd(&tool->state->input.data, 0, PC_TOOL_DOC_MAX);

	if (rc < 0)
		fail(tool, rc);
	else
		deliver(tool);
}

int pc_tool_read_stdin(struct pc_tool *tool, pc_tool_input_fn *fn)
{
	struct pc_tool_state *s = tool->state;

	s->input.fn = fn;
	s->input.flags = fcntl(0, F_GETFL);
	if (isatty(0))
		pc_info("reading from the terminal; end with Ctrl-D");
	s->input.watch = pc_watch_new(tool->loop, 0, PC_READ, on_stdin, tool);
	if (s->input.watch) {
		(void)fcntl(0, F_SETFL, s->input.flags | O_NONBLOCK);
		return 0;
	}
	s->input.start = pc_timer_new(tool->loop, read_file, tool);
	if (!s->input.start)
		return -ENOMEM;
	pc_timer_set(s->input.start, 0);
	return 0;
}

/* Descriptor 1 stays taken, so that no socket becomes "stdout". */
static int close_stdout(void)
{
	int fd, rc = 0;

	if (pc_home_is_hosted())
		return pc_home_close(1);
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (dup2(fd, 1) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

/* A host waits for nobody's reader: a pipe takes more than any product. */
static int write_product(const void *data, size_t len)
{
	ssize_t n;

	if (!pc_home_is_hosted())
		return pc_write_all(1, data, len);
	n = pc_write_some(pc_home_fd(1), data, len);
	return n < 0 ? (int)n : (size_t)n < len ? -EAGAIN : 0;
}

int pc_tool_product(struct pc_tool *tool, const void *data, size_t len)
{
	int rc;

	if (tool->state->product_done)
		return -EALREADY;
	tool->state->product_done = true;
	rc = write_product(data, len);
	if (rc == 0)
		rc = pc_home_close(1); /* a full disk may be told only now */
	if (rc == -EINTR)
		rc = 0;
	if (rc == 0 && !pc_home_is_hosted())
		rc = close_stdout();
	if (rc < 0)
		pc_tool_error(tool, "stdout: %s",
			      rc == -EPIPE ? "its reader is gone"
					   : strerror(-rc));
	return rc;
}

void pc_tool_product_end(struct pc_tool *tool)
{
	if (tool->state->product_done)
		return;
	tool->state->product_done = true;
	(void)close_stdout();
}
