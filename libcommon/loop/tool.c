/* Starting and ending; events and traces are in event.c. */
#include "loop/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/home.h"
#include "loop/state.h"

#define FIFO_WAIT_MS 5000
#define SAME_WISH_MS 100

static int usage_error(const struct pc_tool_spec *spec)
{
	const char *synopsis = spec->usage.synopsis;

	pc_info("usage: %s %.*s", spec->usage.name,
		(int)strcspn(synopsis, "\n"), synopsis);
	return PC_EXIT_USAGE;
}

/*
 * What ends while we write must not kill us: EPIPE and EFBIG say so. No socket
 * may become stdin, stdout or stderr; a closed stdout still fails (EBADF).
 */
static void prepare_process(void)
{
	if (pc_home_is_hosted())
		return; /* the host has done it */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
}

unsigned pc_tool_fifo_wait_ms(const struct pc_tool_common *common)
{
	unsigned ms = common->timeout_ms;

	return ms > 0 && ms < FIFO_WAIT_MS ? ms : FIFO_WAIT_MS;
}

/* Say why an output could not be opened. Returns the exit status, or -1. */
static int output_status(int rc, const char *option, const char *path)
{
	if (rc == 0)
		return -1;
	if (rc == -ENXIO)
		pc_warnx("--%s %s: nobody reads this FIFO (start its reader "
			 "first, e.g. cat %s &)",
			 option, path, path);
	else if (rc == -EINVAL)
		pc_warnx("--%s %s: fd:N is a descriptor's number", option,
			 path);
	else
		pc_warnx("--%s %s: %s", option, path, strerror(-rc));
	return rc == -EINVAL ? PC_EXIT_USAGE : PC_EXIT_IO;
}

static int open_out(struct pc_tool *tool, struct pc_out **out, const char *path,
		    const char *option, pc_out_failed_fn *failed)
{
	int rc = 0;

	if (path)
		rc = pc_out_open(out, path, pc_tool_fifo_wait_ms(tool->common));
	if (path && rc == 0)
		rc = pc_out_watch(*out, tool->loop, failed, tool);
	return output_status(rc, option, path);
}

static int check_events_path(const struct pc_tool_spec *spec,
			     const char *events)
{
	if (!events || spec->product_is_events)
		return 0;
	if (strcmp(events, "-") != 0 && strcmp(events, "fd:1") != 0)
		return 0;
	pc_warnx("--events %s: stdout is for the product; use a file, a FIFO "
		 "or fd:3 with 3>...",
		 events);
	return -EINVAL;
}

static void on_pid_end(int fd, unsigned what, void *arg)
{
	struct pc_tool *tool = arg;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < tool->state->n_pids; i++)
		pc_watch_set(tool->state->pids[i].watch, 0);
	pc_tool_stop(tool, "the process named by --pid ended");
}

/* pidfd_open(2): readable when the process ends; nothing to poll. */
static int watch_pid(struct pc_tool *tool, const char *text)
{
	struct pc_tool_state *s = tool->state;
	char *end;
	long pid = strtol(text, &end, 10);
	int fd;

	if (*text < '0' || *text > '9' || *end != '\0' || pid <= 0) {
		pc_warnx("--pid: \"%s\" is not a process id", text);
		return PC_EXIT_USAGE;
	}
	fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (fd < 0 && errno == ESRCH) {
		pc_warnx("--pid %ld: no such process", pid);
		return PC_EXIT_NOINPUT;
	}
	if (fd < 0) {
		pc_warn("--pid %ld", pid);
		return PC_EXIT_IO;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	s->pids[s->n_pids].fd = fd;
	s->pids[s->n_pids].watch =
		pc_watch_new(tool->loop, fd, PC_READ, on_pid_end, tool);
	s->n_pids++;
	return -1;
}

static int open_outputs(struct pc_tool *tool)
{
	const struct pc_tool_common *c = tool->common;
	struct pc_tool_state *s = tool->state;
	const char *events = c->events;
	int status;

	if (!events && tool->spec->product_is_events)
		events = "-";
	if (check_events_path(tool->spec, events) < 0)
		return PC_EXIT_USAGE;
	status = open_out(tool, &s->events, events, "events", pc_events_failed);
	if (status < 0)
		status = open_out(tool, &s->trace, c->trace, "trace",
				  pc_trace_failed);
	if (status < 0 && c->pcap)
		status = output_status(pc_pcapng_open(&s->pcap, c->pcap,
						      tool->spec->usage.name,
						      pc_tool_fifo_wait_ms(c)),
				       "pcap", c->pcap);
	tool->pcap = s->pcap != NULL;
	return status;
}

static int open_inputs(struct pc_tool *tool)
{
	const struct pc_tool_common *c = tool->common;
	int rc = 0;

	for (unsigned i = 0; i < c->pids.n; i++) {
		int status = watch_pid(tool, c->pids.v[i]);

		if (status >= 0)
			return status;
	}
	if (c->control)
		rc = pc_control_open(&tool->state->control, tool, c->control);
	if (rc < 0) {
		pc_warnx("--control %s: %s", c->control, strerror(-rc));
		return rc == -ENOENT ? PC_EXIT_NOINPUT : PC_EXIT_IO;
	}
	return -1;
}

/*
 * timeout(1) signals its child and then its process group: what comes so soon
 * is the same wish, not a second, and has to leave time for the goodbye.
 */
static void on_signal(int signo, void *arg)
{
	struct pc_tool *tool = arg;
	uint64_t *first_ms = &tool->state->signal_ms, now_ms = pc_now_ms();

	if (*first_ms && now_ms - *first_ms < SAME_WISH_MS)
		return;
	if (*first_ms) {
		tool->state->status = 128 + signo;
		pc_loop_stop(tool->loop);
		return;
	}
	*first_ms = now_ms;
	pc_tool_stop(tool, signo == SIGINT   ? "SIGINT"
			   : signo == SIGHUP ? "SIGHUP"
					     : "SIGTERM");
}

static void on_stop_deadline(void *arg)
{
	struct pc_tool *tool = arg;

	pc_verbose("no goodbye within %d s", PC_TOOL_STOP_MS / 1000);
	pc_tool_exit(tool,
		     tool->state->fatal ? tool->state->fatal : PC_EXIT_OK);
}

static void on_fatal(void *arg)
{
	struct pc_tool *tool = arg;

	pc_tool_stop(tool, tool->state->fatal_why);
}

static int open_loop(struct pc_tool *tool)
{
	struct pc_tool_state *s = tool->state;

	tool->loop = pc_loop_new();
	if (!tool->loop)
		return -ENOMEM;
	s->deadline = pc_timer_new(tool->loop, on_stop_deadline, tool);
	s->pcap_flush = pc_timer_new(tool->loop, pc_pcap_flush, tool);
	s->fatal_timer = pc_timer_new(tool->loop, on_fatal, tool);
	return s->deadline && s->pcap_flush && s->fatal_timer ? 0 : -ENOMEM;
}

/* Until the loop can obey them, signals end the process as they always do. */
static int catch_signals(struct pc_tool *tool)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		int rc =
			pc_loop_signal(tool->loop, signals[i], on_signal, tool);

		if (rc < 0) {
			pc_warnx("signals: %s", strerror(-rc));
			return PC_EXIT_IO;
		}
	}
	return -1;
}

/* --help and its kin. Returns the exit status, or -1 to go on. */
static int informational(const struct pc_tool_spec *spec,
			 const struct pc_tool_common *c)
{
	if (c->help) {
		pc_opt_help(&spec->usage, stdout);
		for (const struct pc_tool_command *k = spec->commands;
		     k && k->name; k++)
			printf("%s  %s\n",
			       k == spec->commands ? "\ncontrol commands:\n"
						   : "",
			       k->help);
	} else if (c->help_mdoc) {
		pc_opt_mdoc(&spec->usage, stdout);
	} else if (c->version) {
		printf("%s (pipecall) %s\n", spec->usage.name, PC_VERSION);
	} else {
		return -1;
	}
	if (fflush(stdout) == 0)
		return PC_EXIT_OK;
	pc_warn("stdout");
	return PC_EXIT_IO;
}

static void close_all(struct pc_tool *tool)
{
	struct pc_tool_state *s = tool->state;

	pc_control_close(s->control);
	pc_watch_free(s->input.watch);
	pc_timer_free(s->input.start);
	pc_buf_fini(&s->input.data);
	for (unsigned i = 0; i < s->n_pids; i++) {
		pc_watch_free(s->pids[i].watch);
		close(s->pids[i].fd);
	}
	pc_out_close(s->events);
	pc_out_close(s->trace);
	pc_pcapng_close(s->pcap);
	pc_timer_free(s->deadline);
	pc_timer_free(s->pcap_flush);
	pc_timer_free(s->fatal_timer);
	pc_loop_free(tool->loop);
	free(tool->operands);
	free(s->why);
	free(s);
	tool->state = NULL;
}

int pc_tool_init(struct pc_tool *tool, const struct pc_tool_spec *spec,
		 void *config, int argc, char **argv)
{
	struct pc_tool_common *common = config;
	struct pc_tool_state *s = calloc(1, sizeof(*s));
	int status;

	prepare_process();
	pc_log_init(spec->usage.name);
	*tool = (struct pc_tool){
		.spec = spec, .common = common, .arg = config, .state = s
	};
	tool->operands = calloc((size_t)argc + 1, sizeof(char *));
	if (!s || !tool->operands || open_loop(tool) < 0) {
		pc_warnx("out of memory");
		return PC_EXIT_IO;
	}
	s->status = -1;
	if (pc_opt_parse(&spec->usage, config, argc, argv, tool->operands,
			 &tool->n_operands) < 0)
		status = usage_error(spec);
	else
		status = informational(spec, common);
	if (status < 0) {
		pc_log_set_level(common->quiet ? PC_LOG_QUIET
					       : common->verbose);
		if (spec->instead && !pc_home_is_hosted())
			status = spec->instead(config, argc, argv);
	}
	if (status < 0)
		status = open_outputs(tool);
	if (status < 0)
		status = catch_signals(tool);
	if (status < 0)
		status = open_inputs(tool);
	if (status >= 0)
		close_all(tool);
	return status;
}

int pc_tool_run(struct pc_tool *tool)
{
	if (tool->state->status < 0)
		pc_loop_run(tool->loop);
	return pc_tool_finish(tool);
}

int pc_tool_finish(struct pc_tool *tool)
{
	struct pc_tool_state *s = tool->state;
	int status;

	status = s->status < 0 ? PC_EXIT_IO : s->status;
	/* what broke is why it ended, whatever the goodbye came to */
	if (s->fatal && (tool->stopping || status == PC_EXIT_OK))
		status = s->fatal;
	if (status == PC_EXIT_OK)
		status = s->spoilt;
	pc_event(tool, "exit", "status=%d meaning=%s why=%s", status,
		 pc_exit_text(status), s->why);
	if (tool->spec->fini)
		tool->spec->fini(tool->arg);
	close_all(tool);
	return status;
}

void pc_tool_exit(struct pc_tool *tool, int status)
{
	if (tool->exited) {
		tool->exited(tool->arg, status);
		return;
	}
	if (tool->state->status < 0)
		tool->state->status = status;
	pc_loop_stop(tool->loop);
}

void pc_tool_stop(struct pc_tool *tool, const char *why)
{
	struct pc_tool_state *s = tool->state;

	if (tool->stopping || s->status >= 0)
		return;
	tool->stopping = true;
	s->why = strdup(why);
	pc_verbose("ending: %s", why);
	pc_event(tool, "stopping", "why=%s", why);
	pc_timer_set(s->deadline, PC_TOOL_STOP_MS);
	if (tool->spec->stop)
		tool->spec->stop(tool->arg);
	else
		pc_tool_exit(tool, PC_EXIT_OK);
}

void pc_tool_fatal(struct pc_tool *tool, int status, const char *why)
{
	struct pc_tool_state *s = tool->state;

	if (s->fatal)
		return;
	s->fatal = status;
	s->fatal_why = why;
	pc_timer_set(s->fatal_timer, 0);
}
