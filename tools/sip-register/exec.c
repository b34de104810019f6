/*
 * --exec: a program per incoming call, as inetd starts them. What the caller
 * says reaches it as environment values and in no other way.
 */
#include "app.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/program.h"
#include "calls.h"
#include "sip/headers.h"

#define VALUE_MAX 1024 /* bytes of remote text in a variable */

extern char **environ;

struct child {
	struct child *next;
	struct app *app;
	pid_t pid;
	int pidfd;
	struct pc_watch *watch;
	char *invite; /* the call it was started for */
};

struct exec {
	const char **argv; /* what to run; ends with NULL */
	char *words;       /* the memory of its first ones */
	struct child *children;
};

int exec_check(struct app *app, const char *const *args, int n_args)
{
	struct exec *x = app->exec = calloc(1, sizeof(*x));
	char *word, *save;
	size_t n = 0;
	int rc;

	if (!x)
		return -ENOMEM;
	x->words = strdup(app->cfg->exec);
	x->argv = calloc(strlen(app->cfg->exec) / 2 + (size_t)n_args + 2,
			 sizeof(*x->argv));
	if (!x->words || !x->argv)
		return -ENOMEM;
	for (word = strtok_r(x->words, " \t", &save); word;
	     word = strtok_r(NULL, " \t", &save))
		x->argv[n++] = word;
	for (int i = 0; i < n_args; i++)
		x->argv[n++] = args[i];
	if (n == (size_t)n_args || !x->argv[0]) {
		pc_tool_error(app->tool, "--exec: no program named");
		return -EINVAL;
	}
	rc = pc_program_find(x->argv[0]);
	if (rc < 0)
		pc_tool_error(app->tool, "--exec %s: %s", x->argv[0],
			      strerror(-rc));
	return rc;
}

/* ---- the child's environment ---- */

struct variables {
	char *v[64];
	size_t n;
};

/* NAME=value, without control characters, cut to VALUE_MAX. */
static void set(struct variables *vars, const char *name, const char *value,
		size_t len)
{
	struct pc_buf b = { 0 };

	if (len > VALUE_MAX)
		len = VALUE_MAX;
	pc_buf_printf(&b, "%s=", name);
	for (size_t i = 0; value && i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		if (c >= 0x20 && c != 0x7f)
			pc_buf_add(&b, &value[i], 1);
	}
	if (!b.oom && vars->n < sizeof vars->v / sizeof *vars->v)
		vars->v[vars->n++] = b.data;
	else
		pc_buf_fini(&b);
}

static void set_text(struct variables *vars, const char *name,
		     const char *value)
{
	set(vars, name, value, strlen(value));
}

static void set_span(struct variables *vars, const char *name,
		     struct pc_sip_span s)
{
	set(vars, name, s.p, s.len);
}

/* The display name of a From (25.1), its quotes taken off; heap. */
static char *display_name(struct pc_sip_span from)
{
	const char *p = from.p, *end;
	struct pc_buf name = { 0 };

	pc_buf_adds(&name, "");
	if (!p || !memchr(p, '<', from.len))
		return name.data;
	if (*p != '"') {
		const char *stop = memchr(p, '<', from.len);

		while (stop > p && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		pc_buf_add(&name, p, (size_t)(stop - p));
		return name.data;
	}
	end = p + from.len;
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		pc_buf_add(&name, p, 1);
	}
	return name.data;
}

/* As CGI has them: X-Account of the INVITE is SIP_HEADER_X_ACCOUNT. */
static void set_header(void *arg, const char *name, const char *value,
		       size_t len)
{
	char variable[80];
	size_t n;

	snprintf(variable, sizeof variable, "SIP_HEADER_%s", name);
	for (n = strlen("SIP_HEADER_"); variable[n]; n++) {
		char c = variable[n];

		if (c >= 'a' && c <= 'z')
			variable[n] = (char)(c - 'a' + 'A');
		else if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9'))
			variable[n] = '_';
	}
	set(arg, variable, value, len);
}

static void set_variables(struct variables *vars, const struct call *c)
{
	const char *data = c->invite;
	size_t len = c->invite_len;
	struct pc_sip_span from = pc_sip_text_get(data, len, "From");
	struct pc_sip_start start;
	char source[PC_ADDR_TEXT], *name = display_name(from);

	pc_sip_text_start(&start, data, len);
	set_text(vars, "SIP_LINE", line_server_path(c->app));
	set_text(vars, "SIP_INVITE", c->id);
	set_text(vars, "SIP_ACCOUNT", c->account->aor ? c->account->aor : "");
	set_text(vars, "SIP_CALL_ID", c->call_id);
	set_span(vars, "SIP_FROM", pc_sip_text_uri(from));
	set_text(vars, "SIP_FROM_NAME", name ? name : "");
	set_span(vars, "SIP_TO",
		 pc_sip_text_uri(pc_sip_text_get(data, len, "To")));
	set_span(vars, "SIP_REQUEST_URI", start.uri);
	set_text(vars, "SIP_SOURCE", pc_addr_text(&c->peer, source));
	pc_sip_headers_each(data, len, set_header, vars);
	free(name);
}

/* Ours, without the secret and without another call's variables. */
static bool inherited(const char *variable, const struct variables *vars)
{
	if (!strncmp(variable, "SIP_PASSWORD=", 13) ||
	    !strncmp(variable, "SIP_HEADER_", 11))
		return false;
	for (size_t i = 0; i < vars->n; i++) {
		size_t n = strcspn(vars->v[i], "=") + 1;

		if (!strncmp(variable, vars->v[i], n))
			return false;
	}
	return true;
}

static char **make_environment(const struct variables *vars)
{
	size_t n = 0, max = 0;
	char **env;

	while (environ[max])
		max++;
	env = calloc(max + vars->n + 1, sizeof *env);
	for (size_t i = 0; env && i < max; i++)
		if (inherited(environ[i], vars))
			env[n++] = environ[i];
	for (size_t i = 0; env && i < vars->n; i++)
		env[n++] = vars->v[i];
	return env;
}

/* ---- children ---- */

/*
 * In the child, with all signals blocked: a handler of the loop's, run here,
 * would tell the parent through the pipe they still share. What the program
 * says goes to people, not among the events.
 */
static _Noreturn void become(struct exec *x, char **env, pid_t parent)
{
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	close(0);
	if (open("/dev/null", O_RDONLY) != 0 || dup2(2, 1) < 0)
		_exit(127);
	environ = env;
	/* execvp's type is older than const; it changes nothing */
	execvp(x->argv[0], (char *const *)(uintptr_t)x->argv);
	_exit(127);
}

static void child_free(struct child *k)
{
	struct exec *x = k->app->exec;

	for (struct child **p = &x->children; *p; p = &(*p)->next) {
		if (*p == k) {
			*p = k->next;
			break;
		}
	}
	pc_watch_free(k->watch);
	if (k->pidfd >= 0)
		close(k->pidfd);
	free(k->invite);
	free(k);
}

/* If it took no call, nobody will. */
static void release_call(struct child *k, bool well)
{
	struct call *c = k->app->calls;

	while (c && !(c->id && !strcmp(c->id, k->invite)))
		c = c->next;
	if (!c || c->state != CALL_WAITING)
		return;
	if (well || c->app->tool->stopping)
		ending_refuse(c, 480, "Temporarily Unavailable");
	else
		ending_refuse(c, 500, "Server Internal Error");
}

static void on_child_end(int fd, unsigned what, void *arg)
{
	struct child *k = arg;
	struct app *app = k->app;
	int status = 0;
	bool well;

	(void)fd, (void)what;
	if (waitpid(k->pid, &status, WNOHANG) == 0)
		return;
	well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (WIFSIGNALED(status))
		pc_event(app->tool, "exec-ended", "pid=%d invite=%s signal=%d",
			 k->pid, k->invite, WTERMSIG(status));
	else
		pc_event(app->tool, "exec-ended", "pid=%d invite=%s status=%d",
			 k->pid, k->invite, WEXITSTATUS(status));
	if (!well)
		pc_verbose("--exec: process %d ended with %s %d", (int)k->pid,
			   WIFSIGNALED(status) ? "signal" : "status",
			   WIFSIGNALED(status) ? WTERMSIG(status)
					       : WEXITSTATUS(status));
	release_call(k, well);
	child_free(k);
	app_ending_step(app);
}

static int watch_child(struct child *k)
{
	struct pc_loop *loop = k->app->tool->loop;

	k->pidfd = (int)syscall(SYS_pidfd_open, k->pid, 0);
	if (k->pidfd < 0)
		return -errno;
	(void)fcntl(k->pidfd, F_SETFD, FD_CLOEXEC);
	k->watch = pc_watch_new(loop, k->pidfd, PC_READ, on_child_end, k);
	return k->watch ? 0 : -ENOMEM;
}

/* The child's pid, or -errno. */
static pid_t spawn(struct exec *x, char **env)
{
	sigset_t all, before;
	pid_t self = getpid(), pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0)
		become(x, env, self);
	pid = pid < 0 ? -errno : pid;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid > 0)
		setpgid(pid, pid); /* whoever of both comes first */
	return pid;
}

static void signal_child(const struct child *k, int signo)
{
	if (kill(-k->pid, signo) < 0)
		kill(k->pid, signo);
}

static int child_new(struct app *app, struct call *call, char **env)
{
	struct child *k = calloc(1, sizeof(*k));
	int rc = -ENOMEM;

	if (!k)
		return rc;
	k->app = app;
	k->pidfd = -1;
	k->invite = strdup(call->id);
	k->pid = k->invite ? spawn(app->exec, env) : rc;
	if (k->pid < 0) {
		rc = k->pid;
		free(k->invite);
		free(k);
		return rc;
	}
	k->next = app->exec->children;
	app->exec->children = k;
	rc = watch_child(k);
	if (rc < 0) { /* its end would not be seen */
		signal_child(k, SIGKILL);
		child_free(k);
		return rc;
	}
	pc_event(app->tool, "exec", "pid=%d invite=%s command=%s", k->pid,
		 call->id, app->exec->argv[0]);
	return 0;
}

int exec_run(struct app *app, struct call *call)
{
	struct variables vars = { .n = 0 };
	char **env;
	int rc;

	set_variables(&vars, call);
	env = make_environment(&vars);
	rc = env ? child_new(app, call, env) : -ENOMEM;
	if (rc < 0)
		pc_tool_error(app->tool, "--exec %s: %s", app->exec->argv[0],
			      strerror(-rc));
	free(env);
	while (vars.n > 0)
		free(vars.v[--vars.n]);
	return rc;
}

void exec_cancel(struct app *app, struct call *call)
{
	struct child *k = app->exec ? app->exec->children : NULL;

	for (; k; k = k->next)
		if (!strcmp(k->invite, call->id))
			signal_child(k, SIGTERM);
}

void exec_stop(struct app *app)
{
	struct child *k = app->exec ? app->exec->children : NULL;

	for (; k; k = k->next)
		signal_child(k, SIGTERM);
}

bool exec_over(const struct app *app)
{
	return !app->exec || !app->exec->children;
}

void exec_kill(struct app *app)
{
	struct child *k = app->exec ? app->exec->children : NULL;

	for (; k; k = k->next)
		signal_child(k, SIGKILL);
}
