/*
 * Whether a program can be run, before it is time to.
 *
 *	if (pc_program_find("jq") < 0)
 *		pc_warnx("jq: no such program");
 */
#ifndef PC_BASE_PROGRAM_H
#define PC_BASE_PROGRAM_H

/*
 * As execvp(3) looks for it: name along $PATH, or as it is if it has a slash.
 * 0, or -errno: -ENOENT, or -EACCES (a folder; not executable).
 */
int pc_program_find(const char *name);

#endif
