/* The process that stands for a bridge in a server; see via.h. */
#include "via.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/home.h"
#include "loop/fd.h"
#include "loop/unix.h"
#include "serve.h"

enum {
	BEGIN_MS = 5000, /* for a server to begin a bridge */
	END_MS = PC_TOOL_STOP_MS + 500,
	SAME_WISH_MS = 100,
};

/* What goes with the request. */
struct luggage {
	int conn; /* what it goes over stays here */
	json_t *names;
	int fds[PC_HOME_FDS];
	int n;
};

static bool packed(const struct luggage *l, int fd)
{
	for (int i = 0; i < l->n; i++)
		if (l->fds[i] == fd)
			return true;
	return false;
}

/* Steals name. What is not open, or too much, is missed over there. */
static void pack(struct luggage *l, json_t *name, int fd)
{
	if (fd < 0 || fd == l->conn || l->n == PC_HOME_FDS || packed(l, fd) ||
	    fcntl(fd, F_GETFD) < 0) {
		json_decref(name);
		return;
	}
	json_array_append_new(l->names, name);
	l->fds[l->n++] = fd;
}

static bool ends_with(const char *start, const char *end, const char *tail)
{
	size_t len = strlen(tail);

	return (size_t)(end - start) >= len &&
	       strncmp(end - len, tail, len) == 0;
}

/* Is what is at `fd` in a word a descriptor's name, and no folder's? */
static bool names_fd(const char *word, const char *fd)
{
	if (fd[3] < '0' || fd[3] > '9')
		return false;
	if (fd[2] == ':')
		return fd == word || strchr(":,=", fd[-1]);
	return fd[2] == '/' && (ends_with(word, fd, "/dev/") ||
				ends_with(word, fd, "/proc/self/"));
}

/* fd:N and /dev/fd/N, wherever they are in a word. */
static void pack_named(struct luggage *l, const char *word)
{
	for (const char *at = word; (at = strstr(at, "fd")); at += 2)
		if (at[2] && names_fd(word, at)) {
			int fd = atoi(at + 3);

			pack(l, json_integer(fd), fd);
		}
}

static void pack_opened(struct luggage *l, const struct pc_tool_common *c,
			const char *path, int flags, mode_t mode)
{
	if (path && strcmp(path, "-") != 0 && strncmp(path, "fd:", 3) != 0)
		pack(l, json_string(path),
		     pc_fd_open_write(path, flags, mode,
				      pc_tool_fifo_wait_ms(c)));
}

static void pack_all(struct luggage *l, const struct config *cfg, char **argv)
{
	const struct pc_tool_common *c = &cfg->common;

	l->names = json_array();
	pack(l, json_string("."), open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
	for (int fd = 0; fd < 3; fd++)
		pack(l, json_integer(fd), fd);
	for (; *argv; argv++)
		pack_named(l, *argv);
	pack_opened(l, c, c->events, O_APPEND, 0666);
	pack_opened(l, c, c->trace, O_APPEND, 0666);
	pack_opened(l, c, c->pcap, O_TRUNC, 0600);
}

/* NULL: one of them is no UTF-8. */
static json_t *words(char **argv)
{
	json_t *list = json_array();

	for (; list && *argv; argv++)
		if (json_array_append_new(list, json_string(*argv)) < 0) {
			json_decref(list);
			list = NULL;
		}
	return list;
}

static json_t *environment(void)
{
	static const char *const names[] = { "PIPECALL_CALL", "SSLKEYLOGFILE" };
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		struct pc_buf text = { 0 };

		if (!value)
			continue;
		pc_buf_printf(&text, "%s=%s", names[i], value);
		if (!text.oom)
			json_array_append_new(list, json_string(text.data));
		pc_buf_fini(&text);
	}
	return list;
}

static int send_request(int conn, const struct luggage *l, char **argv)
{
	mode_t mask = umask(0);
	json_t *request = json_object();
	size_t len = 0;
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(l->fds))];
	} control = { 0 };
	struct iovec iov;
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.space };
	struct cmsghdr *c = &control.align;
	int rc = 0;

	umask(mask);
	if (json_object_set_new(request, "argv", words(argv)) < 0) {
		json_decref(request);
		return -EILSEQ;
	}
	json_object_set_new(request, "umask", json_integer(mask));
	json_object_set_new(request, "environment", environment());
	json_object_set(request, "fds", l->names);
	iov.iov_base = pc_json_line(request, &len);
	iov.iov_len = len;
	json_decref(request);
	if (!iov.iov_base)
		return -ENOMEM;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN((size_t)l->n * sizeof(int));
	memcpy(CMSG_DATA(c), l->fds, (size_t)l->n * sizeof(int));
	msg.msg_controllen = CMSG_SPACE((size_t)l->n * sizeof(int));
	if (len > SERVE_PACKET_MAX)
		rc = -E2BIG;
	else if (sendmsg(conn, &msg, MSG_NOSIGNAL) < 0)
		rc = -errno;
	free(iov.iov_base);
	return rc;
}

/*
 * Here nothing stays open: a reader's end of file is when the bridge closes
 * what it writes. Only what this process itself has to say goes to stderr.
 */
static void let_go(struct luggage *l)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < l->n; i++) {
		if (l->fds[i] >= 3)
			close(l->fds[i]);
		else if (l->fds[i] < 2 && null >= 0)
			(void)dup2(null, l->fds[i]);
	}
	if (null >= 0)
		close(null);
	json_decref(l->names);
}

/* The exit status; -1: it has begun. */
static int take_answer(const char *path, int conn)
{
	char buf[4096];
	ssize_t n = recv(conn, buf, sizeof(buf), 0);
	json_t *answer = n > 0 ? json_loadb(buf, (size_t)n, 0, NULL) : NULL;
	const json_t *status = json_object_get(answer, "status");
	const char *error = answer ? pc_json_str(answer, "error") : NULL;
	int rc = PC_EXIT_IO;

	if (status)
		rc = (int)json_integer_value(status);
	else if (json_is_true(json_object_get(answer, "began")))
		rc = -1;
	else
		pc_warnx("--via %s: %s", path,
			 error ? error : "the server is gone, and the media");
	json_decref(answer);
	return rc;
}

/* A signal is passed on. The exit status to end with at once, or -1. */
static int on_signal(int signals, int conn, uint64_t *first_ms)
{
	struct signalfd_siginfo info;
	uint64_t now_ms = pc_now_ms();
	struct pc_buf text = { 0 };

	if (read(signals, &info, sizeof(info)) != (ssize_t)sizeof(info) ||
	    (*first_ms && now_ms - *first_ms < SAME_WISH_MS))
		return -1;
	if (*first_ms)
		return 128 + (int)info.ssi_signo;
	*first_ms = now_ms;
	pc_buf_printf(&text, "{\"signal\": %u}\n", info.ssi_signo);
	if (!text.oom)
		(void)!send(conn, text.data, text.len, MSG_NOSIGNAL);
	pc_buf_fini(&text);
	return -1;
}

static int wait_for_end(const char *path, int conn, int signals)
{
	struct pollfd fds[] = { { .fd = conn, .events = POLLIN },
				{ .fd = signals, .events = POLLIN } };
	uint64_t first_ms = 0;
	bool began = false;
	int status = -1;

	while (status < 0) {
		int n = poll(fds, 2, first_ms ? END_MS : began ? -1 : BEGIN_MS);

		if (n == 0) {
			pc_warnx("--via %s: the server does not answer", path);
			status = PC_EXIT_IO;
		} else if (n > 0 && fds[0].revents) {
			status = take_answer(path, conn);
			began = true;
		} else if (n > 0) {
			status = on_signal(signals, conn, &first_ms);
		}
	}
	return status;
}

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int via_run(const struct config *cfg, int argc, char **argv)
{
	int conn = pc_unix_connect(cfg->via), signals, rc;
	struct luggage luggage = { .conn = conn };

	(void)argc;
	if (conn < 0) {
		pc_warnx("--via %s: %s", cfg->via,
			 conn == -ENOENT || conn == -ECONNREFUSED
				 ? "no server there: start rtp-bridge --serve"
				 : strerror(-conn));
		return PC_EXIT_IO;
	}
	pack_all(&luggage, cfg, argv);
	signals = catch_signals();
	rc = signals < 0 ? -errno : send_request(conn, &luggage, argv);
	let_go(&luggage);
	if (rc < 0) {
		pc_warnx("--via %s: %s", cfg->via, strerror(-rc));
		return PC_EXIT_IO;
	}
	rc = wait_for_end(cfg->via, conn, signals);
	close(signals);
	close(conn);
	return rc;
}
