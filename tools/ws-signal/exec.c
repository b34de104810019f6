#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "spawn.h"
#include "ws-signal.h"

#define TERM_MS 700 /* after its stdin ended; then as long until SIGKILL */

struct child {
	struct child *next, **link;
	struct execs *execs;
	struct pc_ws_conn *conn; /* NULL once it is closed */
	char id[16];
	pid_t pid;
	int in, out, pidfd; /* its stdin, its stdout; -1 when ended */
	struct pc_watch *in_watch, *out_watch, *pid_watch;
	struct pc_timer *term;
	bool termed;
	bool out_ended, exited;
	int status;
	struct pc_buf to_child, from_child;
};

static void child_free(struct child *c)
{
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	pc_watch_free(c->in_watch);
	pc_watch_free(c->out_watch);
	pc_watch_free(c->pid_watch);
	pc_timer_free(c->term);
	if (c->in >= 0)
		close(c->in);
	if (c->out >= 0)
		close(c->out);
	if (c->pidfd >= 0)
		close(c->pidfd);
	pc_buf_fini(&c->to_child);
	pc_buf_fini(&c->from_child);
	free(c);
}

/* It has ended and all it wrote was read: end the connection, or ourselves. */
static void settle(struct child *c)
{
	struct execs *execs = c->execs;
	char reason[64] = "the program has ended";
	bool ok = WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0;

	if (!c->exited || (!c->out_ended && c->conn))
		return;
	if (c->conn) {
		if (WIFSIGNALED(c->status))
			snprintf(reason, sizeof(reason),
				 "the program was ended by signal %d",
				 WTERMSIG(c->status));
		else if (!ok)
			snprintf(reason, sizeof(reason),
				 "the program ended with status %d",
				 WEXITSTATUS(c->status));
		pc_ws_conn_close(c->conn, ok ? PC_WS_NORMAL : PC_WS_INTERNAL,
				 reason);
		return;
	}
	child_free(c);
	execs->ended(execs->arg);
}

static void on_exit_status(int fd, unsigned what, void *arg)
{
	struct child *c = arg;

	(void)fd;
	(void)what;
	if (waitpid(c->pid, &c->status, WNOHANG) != c->pid)
		return;
	pc_watch_free(c->pid_watch);
	c->pid_watch = NULL;
	c->exited = true;
	pc_event(c->execs->tool, "exited", "id=%s pid=%d status=%d signal=%d",
		 c->id, (int)c->pid,
		 WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1,
		 WIFSIGNALED(c->status) ? WTERMSIG(c->status) : 0);
	settle(c);
}

static void end_input(struct child *c)
{
	pc_watch_free(c->in_watch);
	c->in_watch = NULL;
	if (c->in >= 0)
		close(c->in);
	c->in = -1;
}

static void write_input(struct child *c)
{
	ssize_t n = 0;

	while (c->in >= 0 && c->to_child.len) {
		n = write(c->in, c->to_child.data, c->to_child.len);
		if (n < 0)
			break;
		pc_buf_consume(&c->to_child, (size_t)n);
	}
	if (c->in >= 0 && n < 0 && errno != EAGAIN && errno != EINTR) {
		pc_buf_clear(&c->to_child); /* it does not read any more */
		end_input(c);
	}
	if (!c->conn && !c->to_child.len)
		end_input(c);
	if (c->in_watch)
		pc_watch_set(c->in_watch, c->to_child.len ? PC_WRITE : 0);
	if (c->conn)
		pc_ws_conn_pause(c->conn, c->to_child.len > 0);
}

static void on_writable(int fd, unsigned what, void *arg)
{
	(void)fd;
	(void)what;
	write_input(arg);
}

void exec_message(struct child *c, const char *text, size_t len)
{
	size_t line_len;
	char *line = message_line(text, len, &line_len);

	if (!line) {
		pc_tool_malformed(c->execs->tool, "WebSocket",
				  pc_ws_conn_remote(c->conn),
				  "several lines that are not JSON");
		return;
	}
	if (c->in >= 0)
		pc_buf_add(&c->to_child, line, line_len);
	free(line);
	write_input(c);
}

static void send_line(struct child *c, const char *line, size_t len)
{
	if (len && line[len - 1] == '\r')
		len--;
	if (!c->conn)
		return;
	if (!pc_utf8_valid(line, len))
		pc_tool_error(c->execs->tool,
			      "%s: the program wrote a line that is not UTF-8",
			      c->id);
	else
		(void)pc_ws_conn_send(c->conn, line, len);
}

static void send_lines(struct child *c)
{
	struct pc_buf *b = &c->from_child;
	char *newline;

	while (b->len && (newline = memchr(b->data, '\n', b->len))) {
		size_t len = (size_t)(newline - b->data);

		send_line(c, b->data, len);
		pc_buf_consume(b, len + 1);
	}
	if (b->oom || b->len > c->execs->line_max) {
		pc_tool_error(c->execs->tool,
			      "%s: the program wrote a line "
			      "over %zu bytes (see --max-message)",
			      c->id, c->execs->line_max);
		if (c->conn)
			pc_ws_conn_close(c->conn, PC_WS_INTERNAL,
					 "the program's line is too long");
		pc_buf_clear(b);
	}
	if (c->conn && pc_ws_conn_is_full(c->conn) && c->out_watch)
		pc_watch_set(c->out_watch, 0);
}

static void on_output(int fd, unsigned what, void *arg)
{
	struct child *c = arg;
	char chunk[16384];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		pc_buf_add(&c->from_child, chunk, (size_t)n);
		send_lines(c);
		return;
	}
	if (c->from_child.len) /* a last line without its newline */
		send_line(c, c->from_child.data, c->from_child.len);
	pc_buf_clear(&c->from_child);
	pc_watch_free(c->out_watch);
	c->out_watch = NULL;
	c->out_ended = true;
	settle(c);
}

void exec_drained(struct child *c)
{
	if (c->out_watch)
		pc_watch_set(c->out_watch, PC_READ);
}

static void on_term(void *arg)
{
	struct child *c = arg;

	(void)kill(-c->pid, c->termed ? SIGKILL : SIGTERM);
	if (!c->termed)
		pc_timer_set(c->term, TERM_MS);
	c->termed = true;
}

void exec_closed(struct child *c)
{
	c->conn = NULL;
	if (c->exited) {
		settle(c);
		return;
	}
	pc_timer_set(c->term, TERM_MS);
	if (c->out_watch)
		pc_watch_set(c->out_watch, PC_READ);
	write_input(c);
}

void execs_fini(struct execs *execs)
{
	for (struct child *c = execs->first, *next; c; c = next) {
		next = c->next;
		if (!c->exited) {
			(void)kill(-c->pid, SIGKILL);
			(void)waitpid(c->pid, NULL, 0);
		}
		child_free(c);
	}
}

static int watch(struct child *c)
{
	struct pc_loop *loop = c->execs->tool->loop;

	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0)
		return -errno;
	(void)fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
	c->term = pc_timer_new(loop, on_term, c);
	c->in_watch = pc_watch_new(loop, c->in, 0, on_writable, c);
	c->out_watch = pc_watch_new(loop, c->out, PC_READ, on_output, c);
	c->pid_watch = pc_watch_new(loop, c->pidfd, PC_READ, on_exit_status, c);
	return c->term && c->in_watch && c->out_watch && c->pid_watch ? 0
								      : -ENOMEM;
}

static int start(struct child *c, const char *from, const char *origin)
{
	const struct spawn_config cfg = {
		.command = c->execs->command,
		.variables = { { "WS_ID", c->id },
			       { "WS_FROM", from },
			       { "WS_ORIGIN", origin } },
	};
	int rc = spawn_program(&cfg, &c->pid, &c->in, &c->out);

	if (rc < 0)
		return rc;
	rc = watch(c);
	if (rc < 0) {
		(void)kill(-c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
	}
	return rc;
}

struct child *exec_start(struct execs *execs, struct pc_ws_conn *conn,
			 const char *id, const char *from, const char *origin)
{
	struct child *c = calloc(1, sizeof(*c));
	int rc;

	if (!c) {
		pc_tool_error(execs->tool, "--exec: out of memory");
		return NULL;
	}
	*c = (struct child){ .execs = execs,
			     .conn = conn,
			     .in = -1,
			     .out = -1,
			     .pidfd = -1,
			     .next = execs->first,
			     .link = &execs->first };
	snprintf(c->id, sizeof(c->id), "%s", id);
	if (c->next)
		c->next->link = &c->next;
	execs->first = c;
	rc = start(c, from, origin);
	if (rc < 0) {
		pc_tool_error(execs->tool, "--exec %s: %s", execs->command,
			      strerror(-rc));
		child_free(c);
		return NULL;
	}
	pc_event(execs->tool, "started", "id=%s pid=%d command=%s", id,
		 (int)c->pid, execs->command);
	return c;
}
