/*
 * Read a file that options name, to its end, without blocking the loop: a
 * FIFO or <(...) whose writer has not come or does not end can be given up.
 *
 *	input_start(&c->input, &c->tool, path, 65536, on_file, c);
 */
#ifndef INPUT_H
#define INPUT_H

#include "base/buf.h"
#include "loop/tool.h"

/* rc: 0 with the whole file in data; else -errno (-EFBIG: more than max). */
typedef void input_fn(void *arg, int rc, const struct pc_buf *data);

struct input {
	struct pc_tool *tool;
	struct pc_watch *watch;
	struct pc_buf data;
	size_t max;
	int fd;
	input_fn *fn;
	void *arg;
};

/*
 * Begin; fn is called once, for a plain file before this returns. in may be
 * started again in or after fn; zero it before the first time.
 */
void input_start(struct input *in, struct pc_tool *tool, const char *path,
		 size_t max, input_fn *fn, void *arg);

/* Stop if it is going on. */
void input_stop(struct input *in);

#endif
