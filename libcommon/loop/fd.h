/*
 * `fd:N` and `-` as names of descriptors that the shell opened for us.
 */
#ifndef PC_LOOP_FD_H
#define PC_LOOP_FD_H

/*
 * A close-on-exec duplicate of what path names: `fd:N`, or `-` for standard.
 *   standard  what `-` means: 0 or 1
 * Returns the descriptor, -ENOENT when path is neither (a file's name),
 * -EBADF when that descriptor is not open.
 */
int pc_fd_from_path(const char *path, int standard);

#endif
