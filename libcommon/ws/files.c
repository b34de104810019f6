#include "ws/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Undo %XX (RFC 3986 2.1) up to the query. 0 or -EBADMSG. */
static int decode_path(char path[PC_HTTP_TARGET_MAX + 1],
		       struct pc_http_text target)
{
	size_t n = 0;

	if (!target.len || target.s[0] != '/')
		return -EBADMSG;
	for (size_t i = 0; i < target.len && target.s[i] != '?'; i++) {
		char c = target.s[i];

		if (c == '%') {
			int high, low;

			if (i + 2 >= target.len)
				return -EBADMSG;
			high = hex(target.s[i + 1]);
			low = hex(target.s[i + 2]);
			if (high < 0 || low < 0)
				return -EBADMSG;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (c == '\0')
			return -EBADMSG;
		path[n++] = c;
	}
	path[n] = '\0';
	return 0;
}

/*
 * Go down one name at a time, so that no symbolic link is ever followed
 * (openat2's RESOLVE_BENEATH would allow those that stay inside, but not
 * every sandbox allows openat2). Returns the descriptor or -errno.
 */
static int walk(int root, char *path)
{
	int dir = fcntl(root, F_DUPFD_CLOEXEC, 0), fd;
	char *name = path, *slash;

	if (dir < 0)
		return -errno;
	for (;;) {
		while (*name == '/')
			name++;
		slash = strchr(name, '/');
		if (slash)
			*slash = '\0';
		errno = ENOENT;
		fd = *name == '.' ? -1
				  : openat(dir, name,
					   O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
						   O_NONBLOCK | O_NOCTTY |
						   (slash ? O_DIRECTORY : 0));
		if (fd < 0)
			fd = -errno;
		close(dir);
		if (fd < 0 || !slash)
			return fd;
		dir = fd;
		name = slash + 1;
	}
}

/* "text/html; charset=utf-8" for "x.html". */
static const char *type_of(const char *name)
{
	static const struct {
		const char *suffix, *type;
	} table[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".mjs", "text/javascript; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".webmanifest", "application/manifest+json" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".md", "text/plain; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
		{ ".png", "image/png" },
		{ ".jpg", "image/jpeg" },
		{ ".ico", "image/x-icon" },
		{ ".wav", "audio/wav" },
		{ ".ogg", "audio/ogg" },
		{ ".wasm", "application/wasm" },
		{ ".woff2", "font/woff2" },
	};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t n = strlen(table[i].suffix);

		if (len > n && strcmp(name + len - n, table[i].suffix) == 0)
			return table[i].type;
	}
	return "application/octet-stream";
}

int pc_http_file_open(struct pc_http_file *file, int root,
		      struct pc_http_text target)
{
	char path[PC_HTTP_TARGET_MAX + sizeof("index.html")];
	struct stat st;
	const char *type;
	int rc, fd;

	if (target.len > PC_HTTP_TARGET_MAX)
		return -ENAMETOOLONG;
	rc = decode_path(path, target);
	if (rc < 0)
		return rc;
	if (path[strlen(path) - 1] == '/')
		strcat(path, "index.html");
	type = type_of(path);
	fd = walk(root, path);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -ENOENT;
	}
	*file = (struct pc_http_file){ .fd = fd,
				       .size = st.st_size,
				       .type = type };
	snprintf(file->etag, sizeof(file->etag), "\"%llx-%llx%08lx\"",
		 (unsigned long long)st.st_size,
		 (unsigned long long)st.st_mtim.tv_sec,
		 (unsigned long)st.st_mtim.tv_nsec);
	return 0;
}
