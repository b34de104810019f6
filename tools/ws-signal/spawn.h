/*
 * Start a program of words (no shell), with pipes to its stdin and from its
 * stdout, in a process group of its own.
 */
#ifndef WS_SIGNAL_SPAWN_H
#define WS_SIGNAL_SPAWN_H

#include <sys/types.h>

#define SPAWN_VARIABLES 3

struct spawn_config {
	const char *command; /* words between blanks; found on PATH */
	/*
	 * For its environment, beside ours without its WS_*; a NULL value is
	 * left out, control characters are removed.
	 */
	struct {
		const char *name, *value;
	} variables[SPAWN_VARIABLES];
};

/*
 * Whether the command's program can be run: 0, -EINVAL (there are no words)
 * or -errno (-ENOENT: not found).
 */
int spawn_check(const char *command);

/*
 *   pid      the program, and its process group
 *   in, out  our ends of its stdin and stdout: non-blocking, the caller's
 * Returns 0 or -errno (-ENOENT: no such program).
 */
int spawn_program(const struct spawn_config *cfg, pid_t *pid, int *in,
		  int *out);

#endif
