/*
 * The files below one folder, as a browser asks for them. No "..", no name
 * that begins with a dot, no symbolic link anywhere below the folder, and
 * only regular files: nothing outside of it can be reached.
 *
 *	struct pc_http_file f;
 *	int rc = pc_http_file_open(&f, root_fd, head.target);
 */
#ifndef PC_WS_FILES_H
#define PC_WS_FILES_H

#include <sys/types.h>

#include "ws/http.h"

struct pc_http_file {
	int fd; /* the caller closes it */
	off_t size;
	const char *type; /* Content-Type */
	char etag[64];    /* with its quotes: from size and time of change */
};

/*
 * Open what the target of a request names (its query is not looked at).
 *   root    the folder (O_DIRECTORY)
 *   target  "/", "/phone.js?x", "/a%20b/": a path that ends in "/" means its
 *           index.html
 * Returns 0, -EBADMSG (not a path, a bad %XX: answer 400), or another -errno
 * (answer 404; -EMFILE and -ENFILE: 503).
 */
int pc_http_file_open(struct pc_http_file *file, int root,
		      struct pc_http_text target);

#endif
