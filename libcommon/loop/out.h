/*
 * A sink for whole lines: --events, --trace, a JSON-lines stdout.
 *
 * PATH is a file, a FIFO, `fd:N` or `-` (stdout). A file is opened for
 * append, so that several tools may share it. A line is
 * never split: writers to one FIFO take flock(2) turns, because a pipe keeps
 * only PIPE_BUF bytes together. (The lock belongs to an open(2): give tools
 * that share a FIFO its name, not one inherited fd:N.)
 *
 * A FIFO nobody reads is waited for, up to wait_ms; then it is an error.
 */
#ifndef PC_LOOP_OUT_H
#define PC_LOOP_OUT_H

#include <stddef.h>

#include "loop/loop.h"

struct pc_out;

/*
 * Open. On success *out is set and 0 returned; otherwise -errno: -ENXIO when
 * nobody opened the FIFO for reading, -EBADF for an fd:N that is not open.
 */
int pc_out_open(struct pc_out **out, const char *path, unsigned wait_ms);
void pc_out_close(struct pc_out *out); /* NULL is fine */

/*
 * Call fn once with -EPIPE when the reader has ended, also while there is
 * nothing to write. Only for a pipe without a name, which never gets another
 * reader; a FIFO may, and there the next write tells. 0, also where there is
 * nothing to watch, or -ENOMEM.
 *
 * Hosted (base/home.h), what a reader is slow to take is written later, and fn
 * is called when that fails, as pc_out_write would have.
 */
typedef void pc_out_failed_fn(void *arg, int rc);
int pc_out_watch(struct pc_out *out, struct pc_loop *loop, pc_out_failed_fn *fn,
		 void *arg);

/*
 * Write len bytes as one piece. 0 or -errno; -EPIPE when the reader is gone,
 * -ENOSPC on a full disk, -EAGAIN when the pipe has been full for a second.
 * After a failure every later call returns it again.
 */
int pc_out_write(struct pc_out *out, const void *data, size_t len);

#endif
