/*
 * Unix sockets that keep packets whole (SOCK_SEQPACKET), for this user alone.
 *
 *	fd = pc_unix_listen("media.sock");
 *	if (fd < 0)
 *		pc_warnx("media.sock: %s", pc_unix_text(fd));
 */
#ifndef PC_LOOP_UNIX_H
#define PC_LOOP_UNIX_H

#include <sys/types.h>

/*
 * Listen on path, mode 0600 from its first moment. A socket that a crash left
 * behind goes; a live one may not. The descriptor (non-blocking), -EADDRINUSE,
 * -EEXIST (it is no socket), -ENAMETOOLONG or -errno.
 */
int pc_unix_listen(const char *path);

/*
 * Connect, and see that it is a process of the same user. The descriptor
 * (blocking), -ECONNREFUSED and -ENOENT (nobody is there), -EPERM (another's)
 * or -errno.
 */
int pc_unix_connect(const char *path);

/*
 * Accept one, and whose it is. Of another user: -EPERM. The descriptor
 * (blocking) or -errno.
 */
int pc_unix_accept(int fd, pid_t *pid);

/* Why listening failed, for people. */
const char *pc_unix_text(int rc);

#endif
