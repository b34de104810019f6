/* Programs along $PATH; see program.h. */
#include "base/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An executable file, not a folder; 0 or -errno. */
static int check_file(const char *name)
{
	struct stat st;

	if (stat(name, &st) < 0 || access(name, X_OK) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? 0 : -EACCES;
}

int pc_program_find(const char *name)
{
	const char *path = getenv("PATH"), *end;
	int rc = -ENOENT;
	char file[4096];

	if (strchr(name, '/'))
		return check_file(name);
	for (path = path ? path : "/bin:/usr/bin"; rc < 0 && *path;
	     path = *end ? end + 1 : end) {
		end = path + strcspn(path, ":");
		snprintf(file, sizeof(file), "%.*s%s%s", (int)(end - path),
			 path, end > path ? "/" : "./", name);
		rc = check_file(file) == 0 ? 0 : -ENOENT;
	}
	return rc;
}
