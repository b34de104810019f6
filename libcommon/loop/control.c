#include "loop/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/home.h"
#include "loop/fd.h"
#include "loop/state.h"

#define WORDS_MAX 16

struct pc_control {
	struct pc_tool *tool;
	struct pc_watch *watch;
	struct pc_timer *script;
	struct pc_buf in;
	int fd, flags;
	bool skipping; /* the rest of a line that was too long */
};

const char *pc_command_arg(const struct pc_command *cmd, const char *key,
			   int position)
{
	if (cmd->object)
		return pc_json_str(cmd->object, key);
	return position < cmd->argc ? cmd->argv[position] : NULL;
}

static void run(struct pc_tool *tool, const struct pc_command *cmd)
{
	const struct pc_tool_command *c = tool->spec->commands;

	for (; c && c->name; c++)
		if (strcmp(c->name, cmd->name) == 0) {
			(void)c->fn(tool->arg, cmd);
			return;
		}
	if (strcmp(cmd->name, "hangup") == 0 || strcmp(cmd->name, "quit") == 0)
		pc_tool_stop(tool, cmd->name);
	else
		pc_tool_error(tool, "control: unknown command \"%s\"",
			      cmd->name);
}

static void run_object(struct pc_tool *tool, const char *line, size_t len)
{
	json_error_t error;
	json_t *object = json_loadb(line, len, 0, &error);
	struct pc_command cmd = { .object = object };

	if (!object) {
		pc_tool_error(tool, "control: not JSON: %s", error.text);
		return;
	}
	cmd.name = pc_json_str(object, "command");
	if (cmd.name)
		run(tool, &cmd);
	else
		pc_tool_error(tool, "control: the object has no \"command\"");
	json_decref(object);
}

static void run_words(struct pc_tool *tool, char *line)
{
	const char *words[WORDS_MAX];
	struct pc_command cmd = { .argv = words };
	char *save, *word = strtok_r(line, " \t\r", &save), *rest;

	if (!word)
		return;
	cmd.name = word;
	cmd.rest = rest = strdup(save + strspn(save, " \t"));
	if (rest)
		rest[strcspn(rest, "\r")] = '\0';
	while ((word = strtok_r(NULL, " \t\r", &save)) && cmd.argc < WORDS_MAX)
		words[cmd.argc++] = word;
	run(tool, &cmd);
	free(rest);
}

static void run_line(struct pc_control *c, char *line, size_t len)
{
	size_t blank = strspn(line, " \t");

	if (strlen(line) != len)
		pc_tool_error(c->tool, "control: a line with a NUL byte");
	else if (line[blank] == '{')
		run_object(c->tool, line, len);
	else
		run_words(c->tool, line);
}

static void run_lines(struct pc_control *c)
{
	char *newline;

	while (c->in.len && (newline = memchr(c->in.data, '\n', c->in.len))) {
		size_t len = (size_t)(newline - c->in.data);

		*newline = '\0';
		if (!c->skipping)
			run_line(c, c->in.data, len);
		c->skipping = false;
		pc_buf_consume(&c->in, len + 1);
	}
	if (c->in.len > PC_CONTROL_LINE_MAX) {
		if (!c->skipping)
			pc_tool_error(c->tool, "control: a line over %u bytes",
				      PC_CONTROL_LINE_MAX);
		c->skipping = true;
		pc_buf_clear(&c->in);
	}
}

static void on_readable(int fd, unsigned what, void *arg)
{
	struct pc_control *c = arg;
	char chunk[16384];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		pc_buf_add(&c->in, chunk, (size_t)n);
		run_lines(c);
		return;
	}
	if (c->in.len && !c->skipping) /* a last line without its newline */
		run_line(c, c->in.data, c->in.len);
	pc_watch_free(c->watch);
	c->watch = NULL;
	pc_tool_stop(c->tool, n < 0 ? "control failed" : "end of control");
}

/* A plain file is a script: run in the loop's first turn; we outlive it. */
static void run_file(void *arg)
{
	struct pc_control *c = arg;
	struct stat st;
	int rc = pc_buf_read_fd(&c->in, c->fd, PC_CONTROL_LINE_MAX);

	if (rc < 0) {
		pc_tool_error(c->tool, "control: %s", strerror(-rc));
		pc_tool_fatal(c->tool, PC_EXIT_IO, "control failed");
		return;
	}
	if (c->in.len && c->in.data[c->in.len - 1] != '\n')
		pc_buf_adds(&c->in, "\n");
	run_lines(c);
	if (fstat(c->fd, &st) == 0 && !S_ISREG(st.st_mode)) /* /dev/null */
		pc_tool_stop(c->tool, "end of control");
}

static int open_fd(const char *path)
{
	char room[PC_HERE];
	struct stat st;
	int fd = pc_fd_from_path(path, 0);

	if (fd != -ENOENT)
		return fd;
	path = pc_here(path, room);
	if (stat(path, &st) < 0)
		return -errno;
	/* read and write: a FIFO then never ends when a writer leaves */
	fd = open(path, (S_ISFIFO(st.st_mode) ? O_RDWR : O_RDONLY) | O_CLOEXEC |
				O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int pc_control_open(struct pc_control **control, struct pc_tool *tool,
		    const char *path)
{
	struct pc_control *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->tool = tool;
	c->fd = open_fd(path);
	if (c->fd < 0) {
		int rc = c->fd;

		free(c);
		return rc;
	}
	c->flags = fcntl(c->fd, F_GETFL);
	c->watch = pc_watch_new(tool->loop, c->fd, PC_READ, on_readable, c);
	if (c->watch) {
		(void)fcntl(c->fd, F_SETFL, c->flags | O_NONBLOCK);
	} else {
		c->script = pc_timer_new(tool->loop, run_file, c);
		if (c->script)
			pc_timer_set(c->script, 0);
	}
	*control = c;
	return 0;
}

void pc_control_close(struct pc_control *c)
{
	if (!c)
		return;
	pc_watch_free(c->watch);
	pc_timer_free(c->script);
	/* the descriptor may be the shell's, too */
	(void)fcntl(c->fd, F_SETFL, c->flags);
	close(c->fd);
	pc_buf_fini(&c->in);
	free(c);
}
