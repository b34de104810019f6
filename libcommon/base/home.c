#include "base/home.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pc_home process = { .cwd = -1 };
struct pc_home *pc_home = &process;

/* In whose folder this process is. */
static struct pc_home *here = &process;

int pc_home_fd(int number)
{
	if (!pc_home->host)
		return number;
	for (unsigned i = 0; i < pc_home->n_fds; i++)
		if (!pc_home->fds[i].path && pc_home->fds[i].number == number)
			return pc_home->fds[i].fd;
	return -1;
}

int pc_home_opened(const char *path)
{
	for (unsigned i = 0; i < pc_home->n_fds; i++)
		if (pc_home->fds[i].path &&
		    strcmp(pc_home->fds[i].path, path) == 0)
			return pc_home->fds[i].fd;
	return -1;
}

int pc_home_close(int number)
{
	if (!pc_home->host)
		return close(number) < 0 ? -errno : 0;
	for (unsigned i = 0; i < pc_home->n_fds; i++)
		if (!pc_home->fds[i].path && pc_home->fds[i].number == number) {
			int fd = pc_home->fds[i].fd;

			pc_home->fds[i].fd = -1;
			return close(fd) < 0 ? -errno : 0;
		}
	return -EBADF;
}

const char *pc_home_env(const char *name)
{
	size_t len = strlen(name);

	if (!pc_home->host)
		return getenv(name);
	for (char **e = pc_home->environment; e && *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	return NULL;
}

/* N of /dev/fd/N and its other names, or -1. */
static int descriptor_of(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	static const char *const names[] = { "/dev/stdin", "/dev/stdout",
					     "/dev/stderr" };

	for (int i = 0; i < 3; i++)
		if (strcmp(path, names[i]) == 0)
			return i;
	for (int i = 0; i < 2; i++) {
		size_t len = strlen(folders[i]);
		char *end;

		if (strncmp(path, folders[i], len) == 0 && path[len]) {
			long n = strtol(path + len, &end, 10);

			return *end || n < 0 || n > 65535 ? -1 : (int)n;
		}
	}
	return -1;
}

const char *pc_here(const char *path, char room[PC_HERE])
{
	int number;

	if (here != pc_home && pc_home->cwd >= 0) {
		(void)!fchdir(pc_home->cwd);
		(void)umask(pc_home->umask);
		here = pc_home;
	}
	if (!pc_home->host)
		return path;
	number = descriptor_of(path);
	if (number < 0)
		return path;
	snprintf(room, PC_HERE, "/proc/self/fd/%d", pc_home_fd(number));
	return room;
}

void pc_home_fini(struct pc_home *home)
{
	for (unsigned i = 0; i < home->n_fds; i++) {
		if (home->fds[i].fd >= 0)
			close(home->fds[i].fd);
		free(home->fds[i].path);
	}
	home->n_fds = 0;
	if (home->cwd >= 0)
		close(home->cwd);
	home->cwd = -1;
	for (char **e = home->environment; e && *e; e++)
		free(*e);
	free(home->environment);
	home->environment = NULL;
	if (here == home)
		here = NULL;
}
