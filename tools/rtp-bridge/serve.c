/* One process for many bridges; see serve.h. */
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/home.h"
#include "bridge.h"
#include "loop/unix.h"
#include "loop_epoll.h"

struct guest {
	struct server *server;
	struct guest *next, **at;
	int conn;
	pid_t pid; /* whose it is */
	struct pc_watch *watch;
	struct pc_home home;
	json_t *request; /* owns what argv points at */
	char **argv;
	bool runs;
	struct bridge bridge;
};

struct server {
	struct pc_tool *tool;
	struct pc_tool_spec spec; /* a bridge's, as far as it fits */
	struct pc_home *home;
	const char *path;
	int fd;
	struct pc_watch *watch;
	struct guest *guests;
	bool ending;
	char packet[SERVE_PACKET_MAX];
};

/* What the server's own events tell of a bridge. */
static void say(struct guest *g, const char *state, int status)
{
	const char *call = g->bridge.cfg.common.call;
	struct pc_home *before = pc_home;

	if (!call) {
		pc_home = &g->home;
		call = pc_home_env("PIPECALL_CALL");
		pc_home = before;
	}
	if (status < 0)
		pc_event(g->server->tool, "bridge", "state=%s pid=%d of=%s",
			 state, (int)g->pid, call);
	else
		pc_event(g->server->tool, "bridge",
			 "state=%s pid=%d of=%s status=%d", state, (int)g->pid,
			 call, status);
}

static void answer(struct guest *g, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void answer(struct guest *g, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)!send(g->conn, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Its bridge has ended, or never began. */
static void guest_free(struct guest *g)
{
	struct server *s = g->server;
	char room[PC_HERE];

	*g->at = g->next;
	if (g->next)
		g->next->at = g->at;
	pc_watch_free(g->watch);
	close(g->conn);
	pc_home_fini(&g->home);
	(void)pc_here(".", room); /* and stay in nobody's folder */
	free(g->argv);
	json_decref(g->request);
	free(g);
	if (s->watch) /* there are descriptors again */
		pc_watch_set(s->watch, PC_READ);
	if (s->ending && !s->guests)
		pc_tool_exit(s->tool, PC_EXIT_OK);
}

/* Called when nothing of its bridge is running. */
static void on_ended(void *arg)
{
	struct guest *g = arg;
	int status;

	pc_home = &g->home;
	status = pc_tool_finish(&g->bridge.tool);
	pc_home = g->server->home;
	say(g, "ended", status);
	answer(g, "{\"status\": %d}\n", status);
	guest_free(g);
}

static void begin(struct guest *g, int argc)
{
	int status;

	pc_home = &g->home;
	status = rtp_bridge_begin(&g->bridge, argc, g->argv);
	if (status < 0)
		loop_ended(g->bridge.tool.loop, on_ended, g);
	pc_home = g->server->home;
	g->runs = status < 0;
	say(g, g->runs ? "began" : "ended", status);
	if (g->runs) {
		answer(g, "{\"began\": true}\n");
		return;
	}
	answer(g, "{\"status\": %d}\n", status);
	guest_free(g);
}

/* The words of a list, borrowed; ends with NULL. NULL: it is none. */
static char **words(const json_t *list)
{
	size_t n = json_array_size(list), i;
	char **word = n > 0 ? calloc(n + 1, sizeof(*word)) : NULL;

	for (i = 0; word && i < n; i++) {
		const json_t *v = json_array_get(list, i);

		word[i] = (char *)(uintptr_t)json_string_value(v);
		if (!word[i]) {
			free(word);
			return NULL;
		}
	}
	return word;
}

static int take_environment(struct pc_home *home, const json_t *list)
{
	size_t n = json_array_size(list);

	home->environment = calloc(n + 1, sizeof(char *));
	if (!home->environment)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		home->environment[i] = strdup(text ? text : "");
		if (!home->environment[i])
			return -ENOMEM;
	}
	return 0;
}

/* fds[i] is what names[i] says. All are the home's from now on. */
static int take_fds(struct pc_home *home, const json_t *names, const int *fds,
		    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const json_t *name = json_array_get(names, i);
		const char *path = json_string_value(name);

		if (path && strcmp(path, ".") == 0 && home->cwd < 0) {
			home->cwd = fds[i];
			continue;
		}
		home->fds[home->n_fds].fd = fds[i];
		home->fds[home->n_fds].number = (int)json_integer_value(name);
		home->fds[home->n_fds].path = path ? strdup(path) : NULL;
		home->n_fds++;
	}
	return home->cwd >= 0 && json_array_size(names) == n ? 0 : -EBADMSG;
}

/* 0, -ENOMEM, or -EBADMSG: it is no request. */
static int take_request(struct guest *g, size_t len, const int *fds, size_t n)
{
	json_t *r = json_loadb(g->server->packet, len, 0, NULL);
	int rc;

	g->request = r;
	g->home.cwd = -1;
	g->home.host = g->server->tool->loop;
	g->home.umask = (mode_t)json_integer_value(json_object_get(r, "umask"));
	rc = take_fds(&g->home, json_object_get(r, "fds"), fds, n);
	if (rc == 0)
		rc = take_environment(&g->home,
				      json_object_get(r, "environment"));
	g->argv = words(json_object_get(r, "argv"));
	return rc == 0 && !g->argv ? -EBADMSG : rc;
}

/* One packet, and the descriptors that come with it. */
static ssize_t receive(struct guest *g, int *fds, size_t *n, bool *cut)
{
	struct iovec iov = { g->server->packet, SERVE_PACKET_MAX };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(PC_HOME_FDS * sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.space,
			      .msg_controllen = sizeof(control.space) };
	ssize_t len = recvmsg(g->conn, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = len > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	*n = 0;
	*cut = len > 0 && msg.msg_flags & (MSG_CTRUNC | MSG_TRUNC);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		*n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *n * sizeof(int));
	}
	return len;
}

static void on_request(struct guest *g)
{
	struct pc_tool *tool = g->server->tool;
	int fds[PC_HOME_FDS], rc;
	size_t n;
	bool cut;
	ssize_t len = receive(g, fds, &n, &cut);

	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	rc = len > 0 ? take_request(g, (size_t)len, fds, n) : -EPIPE;
	if (rc == 0 && !cut) {
		begin(g, (int)json_array_size(
				 json_object_get(g->request, "argv")));
		return;
	}
	if (cut)
		answer(g, "{\"error\": \"no descriptor is left\"}\n");
	else if (rc != -EPIPE)
		answer(g, "{\"error\": \"%s\"}\n", strerror(-rc));
	if (rc == -EBADMSG && !cut)
		pc_tool_malformed(tool, "serve", NULL, "not a request");
	guest_free(g);
}

/* A signal that its process got, or its process is gone. */
static void on_signal(struct guest *g)
{
	char *buf = g->server->packet;
	ssize_t n = recv(g->conn, buf, SERVE_PACKET_MAX, MSG_DONTWAIT);
	json_t *msg = n > 0 ? json_loadb(buf, (size_t)n, 0, NULL) : NULL;
	int signo =
		n > 0 ? (int)json_integer_value(json_object_get(msg, "signal"))
		      : SIGTERM;

	json_decref(msg);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		pc_watch_set(g->watch, 0);
	pc_home = &g->home;
	loop_raise(g->bridge.tool.loop, signo);
	pc_home = g->server->home;
}

static void on_conn(int fd, unsigned what, void *arg)
{
	struct guest *g = arg;

	(void)fd;
	(void)what;
	if (g->runs)
		on_signal(g);
	else
		on_request(g);
}

static void on_listener(int fd, unsigned what, void *arg)
{
	struct server *s = arg;
	pid_t pid = 0;
	int conn = pc_unix_accept(fd, &pid);
	struct guest *g;

	(void)what;
	if (conn == -EMFILE || conn == -ENFILE) {
		pc_tool_error(s->tool, "serve: %s", strerror(-conn));
		pc_watch_set(s->watch, 0); /* until one ends */
	}
	if (conn < 0)
		return;
	g = calloc(1, sizeof(*g));
	if (g)
		g->watch =
			pc_watch_new(s->tool->loop, conn, PC_READ, on_conn, g);
	if (!g || !g->watch) {
		free(g);
		close(conn);
		return;
	}
	g->server = s;
	g->conn = conn;
	g->pid = pid;
	g->home.cwd = -1;
	g->next = s->guests;
	if (g->next)
		g->next->at = &g->next;
	g->at = &s->guests;
	s->guests = g;
}

static void stop_listening(struct server *s)
{
	char room[PC_HERE];

	if (s->fd < 0)
		return;
	pc_watch_free(s->watch);
	s->watch = NULL;
	(void)unlink(pc_here(s->path, room));
	close(s->fd);
	s->fd = -1;
}

/* All bridges end politely, and then this does. */
static void on_stop(void *arg)
{
	struct server *s = arg;
	struct guest *g, *next;

	stop_listening(s);
	for (g = s->guests; g; g = next) {
		next = g->next;
		if (!g->runs) {
			guest_free(g);
			continue;
		}
		pc_home = &g->home;
		pc_tool_stop(&g->bridge.tool, "the server ends");
		pc_home = s->home;
	}
	s->ending = true;
	if (!s->guests)
		pc_tool_exit(s->tool, PC_EXIT_OK);
}

static void on_fini(void *arg)
{
	stop_listening(arg);
}

static int start(struct server *s)
{
	struct rlimit files;

	/* A call has a dozen descriptors. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	/* The folder and umask to come back to. */
	s->home->cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	s->home->umask = umask(0);
	(void)umask(s->home->umask);
	s->fd = pc_unix_listen(s->path);
	if (s->fd >= 0)
		s->watch = pc_watch_new(s->tool->loop, s->fd, PC_READ,
					on_listener, s);
	if (!s->watch) {
		pc_tool_error(s->tool, "--serve %s: %s", s->path,
			      pc_unix_text(s->fd < 0 ? s->fd : -ENOMEM));
		return PC_EXIT_IO;
	}
	pc_info("listening unix %s", s->path);
	pc_event(s->tool, "listening", "transport=%s address=%s", "unix",
		 s->path);
	pc_tool_product_end(s->tool);
	return -1;
}

int serve_run(struct pc_tool *tool, const char *path)
{
	struct server *s = calloc(1, sizeof(*s));
	int status = PC_EXIT_USAGE;

	if (!s) {
		pc_tool_error(tool, "out of memory");
		pc_tool_exit(tool, PC_EXIT_IO);
		return pc_tool_finish(tool);
	}
	*s = (struct server){ .tool = tool,
			      .spec = *tool->spec,
			      .home = pc_home,
			      .path = path,
			      .fd = -1 };
	s->spec.commands = NULL; /* hangup and quit are left */
	s->spec.stop = on_stop;
	s->spec.fini = on_fini;
	tool->spec = &s->spec;
	tool->arg = s;
	if (tool->n_operands > 0)
		pc_tool_error(tool,
			      "--serve has no leg: say --via %s where the legs "
			      "are",
			      path);
	else
		status = start(s);
	if (status >= 0)
		pc_tool_exit(tool, status);
	status = pc_tool_run(tool);
	free(s);
	return status;
}
