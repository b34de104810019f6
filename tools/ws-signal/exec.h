/*
 * --exec: a program per participant, its messages on stdin and stdout, one a
 * line (as websocketd does).
 */
#ifndef WS_SIGNAL_EXEC_H
#define WS_SIGNAL_EXEC_H

#include "loop/tool.h"
#include "ws/conn.h"

struct child;

struct execs {
	struct pc_tool *tool;
	const char *command; /* words; run by execvp(3), not by a shell */
	size_t line_max;
	void (*ended)(void *arg); /* one of them has ended */
	void *arg;
	struct child *first;
};

/*
 * Start the program. Its environment gets WS_ID, WS_FROM and, if there was
 * one, WS_ORIGIN (control characters removed).
 * Returns NULL after pc_tool_error().
 */
struct child *exec_start(struct execs *execs, struct pc_ws_conn *conn,
			 const char *id, const char *from, const char *origin);

/* A message for its stdin. */
void exec_message(struct child *child, const char *text, size_t len);

/* The connection takes more again. */
void exec_drained(struct child *child);

/*
 * The connection is gone: the program's stdin ends; it gets SIGTERM when it
 * has not ended in time, and then SIGKILL. child is no longer the caller's.
 */
void exec_closed(struct child *child);

/* Kill what is left. */
void execs_fini(struct execs *execs);

#endif
