/*
 * --control: commands, one a line, as words or as JSON objects.
 *
 *	hangup
 *	dtmf 12#
 *	{"command": "describe", "leg": "sip", "remote": "v=0\r\n..."}
 *
 * Every tool obeys `hangup` and `quit` (a polite ending), whether or not its
 * table has them. A line that is neither, or a command that the table does not know, is an
 * `error` event, and nothing else happens.
 */
#ifndef PC_LOOP_CONTROL_H
#define PC_LOOP_CONTROL_H

#include "loop/tool.h"

#define PC_CONTROL_LINE_MAX (1u << 20)

struct pc_control;

/*
 * Open path (a file, FIFO, fd:N or -) and obey tool->spec->commands. A FIFO
 * is held open, so writers may come and go; the end of anything else ends the
 * tool politely. 0 or -errno.
 */
int pc_control_open(struct pc_control **control, struct pc_tool *tool,
		    const char *path);
void pc_control_close(struct pc_control *control); /* NULL is fine */

#endif
