#include "loop/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int pc_fd_from_path(const char *path, int standard)
{
	char *end;
	long n = standard;
	int fd;

	if (strncmp(path, "fd:", 3) == 0) {
		n = strtol(path + 3, &end, 10);
		if (path[3] < '0' || path[3] > '9' || *end != '\0' || n > 65535)
			return -EBADF;
	} else if (strcmp(path, "-") != 0) {
		return -ENOENT;
	}
	fd = fcntl((int)n, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -errno : fd;
}
