/*
 * The exit statuses of every tool: one table, printed by every --help.
 *
 * 0, 1 and 2 are the shell's habit (true, false, usage); the rest are
 * sysexits(3h). A protocol's own answer (a SIP 486, a STUN 401) is never
 * an exit status: statuses are 8 bits wide and answers are not.
 *
 *	pc_tool_exit(tool, PC_EXIT_NOANSWER);
 */
#ifndef PC_BASE_EXIT_H
#define PC_BASE_EXIT_H

#include <stdio.h>

enum pc_exit {
	PC_EXIT_OK = 0,        /* done */
	PC_EXIT_NO = 1,        /* the other side said no, or the answer is no */
	PC_EXIT_USAGE = 2,     /* a wrong option or argument */
	PC_EXIT_UNKNOWN = 3,   /* neither yes nor no: it is not known */
	PC_EXIT_DATA = 65,     /* bad input */
	PC_EXIT_NOINPUT = 66,  /* no input: missing or empty */
	PC_EXIT_NOANSWER = 69, /* nobody answered */
	PC_EXIT_IO = 74,       /* a file, pipe or socket failed */
	PC_EXIT_PROTOCOL = 76, /* the peer broke the protocol */
	PC_EXIT_NOPERM = 77,   /* not let in: credentials refused */
};

/* The meaning of a status in a few words, or NULL if it is not ours. */
const char *pc_exit_text(int status);

/* Write the table, a row a status: before, the number, between, the text. */
void pc_exit_print(FILE *out, const char *before, const char *between);

#endif
