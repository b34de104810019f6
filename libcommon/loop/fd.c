#include "loop/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/home.h"

int pc_fd_from_path(const char *path, int standard)
{
	char *end;
	long n = standard;
	int fd;

	if (strncmp(path, "fd:", 3) == 0) {
		n = strtol(path + 3, &end, 10);
		if (path[3] < '0' || path[3] > '9' || *end != '\0' || n > 65535)
			return -EINVAL;
	} else if (strcmp(path, "-") != 0) {
		return -ENOENT;
	}
	fd = fcntl(pc_home_fd((int)n), F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : fd;
}

/*
 * Opening a FIFO for writing without waiting fails with ENXIO until somebody
 * reads it. Waiting in open(2) itself cannot be bounded without a signal, so
 * this looks again every 10 ms; it happens at start-up only.
 */
int pc_fd_open_write(const char *path, int flags, mode_t mode, unsigned wait_ms)
{
	const struct timespec nap = { .tv_nsec = 10 * 1000 * 1000 };
	char room[PC_HERE];
	unsigned waited_ms = 0;
	int fd = pc_home_opened(path);

	if (fd >= 0)
		return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	flags |= O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC;
	for (;;) {
		fd = open(pc_here(path, room), flags, mode);
		if (fd >= 0)
			return fd;
		if (errno != ENXIO || waited_ms >= wait_ms ||
		    pc_home_is_hosted())
			return -errno;
		nanosleep(&nap, NULL);
		waited_ms += 10;
	}
}
