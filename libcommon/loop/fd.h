/*
 * `fd:N` and `-` as names of descriptors that the shell opened for us.
 */
#ifndef PC_LOOP_FD_H
#define PC_LOOP_FD_H

#include <sys/types.h>

/*
 * A close-on-exec duplicate of what path names: `fd:N`, or `-` for standard.
 *   standard  what `-` means: 0 or 1
 * Returns the descriptor, -ENOENT when path is neither (a file's name),
 * -EINVAL when N is no number, -EBADF when that descriptor is not open.
 */
int pc_fd_from_path(const char *path, int standard);

/*
 * Open a file (made if need be) or a FIFO for writing, non-blocking.
 *   flags, mode  as for open(2): O_APPEND or O_TRUNC, 0666
 *   wait_ms      how long a FIFO is waited for that nobody reads
 * Hosted (base/home.h), it does not wait, and may have been opened before.
 * Returns the descriptor, -ENXIO (nobody reads it) or -errno.
 */
int pc_fd_open_write(const char *path, int flags, mode_t mode,
		     unsigned wait_ms);

#endif
