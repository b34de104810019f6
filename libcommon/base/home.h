/*
 * Where a tool lives: its descriptors, folder, umask, environment, verbosity.
 *
 * A process is one home, and whoever has it to himself never sees this. A
 * server that does the work of many processes (rtp-bridge --serve) makes a
 * home of what each of them was given, and enters it before it calls what was
 * written for a process of its own:
 *
 *	pc_home = &guest->home;
 *	fd = open(pc_here(path, room), O_RDONLY);   in the guest's folder
 *	pc_write_all(pc_home_fd(2), ...);           on the guest's stderr
 *
 * What may wait in a process of its own must not wait in a home with a host:
 * all others would wait with it.
 */
#ifndef PC_BASE_HOME_H
#define PC_BASE_HOME_H

#include <stdbool.h>
#include <sys/types.h>

enum { PC_HOME_FDS = 32 };

struct pc_loop;

struct pc_home {
	struct pc_loop *host; /* the loop that it shares; NULL: a process */
	int log_level;
	unsigned said; /* lines, by base/log.h */
	int cwd;       /* a descriptor */
	mode_t umask;
	char **environment; /* NAME=value, ends with NULL */
	struct {
		char *path; /* opened already, as pc_fd_open_write does; or */
		int number; /* what this descriptor was there */
		int fd;     /* what it is here; -1: closed */
	} fds[PC_HOME_FDS];
	unsigned n_fds;
};

/* Whose code runs now; never NULL. */
extern struct pc_home *pc_home;

static inline bool pc_home_is_hosted(void)
{
	return pc_home->host;
}

/* What descriptor number is here; -1: it is not open. */
int pc_home_fd(int number);

/* What path was opened before as; -1: it was not. It stays the home's. */
int pc_home_opened(const char *path);

/* Close it, here alone. 0 or -errno. */
int pc_home_close(int number);

/* getenv(3). */
const char *pc_home_env(const char *name);

/*
 * Make path one that means here what it means in its home: go to the home's
 * folder and umask, and name its descriptors (/dev/stdin, /dev/fd/N).
 *   room  for another name
 * Returns path or room.
 */
enum { PC_HERE = 40 };
const char *pc_here(const char *path, char room[PC_HERE]);

/* Close all, and free what hangs on it. It must not be entered any more. */
void pc_home_fini(struct pc_home *home);

#endif
