/*
 * --serve SOCK: one process for many bridges.
 *
 * A bridge that is --via SOCK is a process which only waits (via.h); here it
 * is a guest: a struct bridge, a home (base/home.h) made of what that process
 * had, and a loop that shares the host's (loop_epoll.h). SOCK takes packets:
 *
 *	via -> serve  {"argv": ["rtp-bridge", "--via", ...], "umask": 18,
 *	               "environment": ["PIPECALL_CALL=7"],
 *	               "fds": [".", 0, 1, 2, 5, "events.fifo"]}
 *	              and with it those descriptors: the folder, those by their
 *	              number, and what has been opened under that name
 *	              {"signal": 15}
 *	serve -> via  {"began": true}, and in the end
 *	              {"status": 0}, or {"error": "no descriptor is left"}
 *
 * A guest whose process is gone ends as on SIGTERM.
 */
#ifndef RTP_BRIDGE_SERVE_H
#define RTP_BRIDGE_SERVE_H

#include "loop/tool.h"

enum { SERVE_PACKET_MAX = 128 * 1024 };

/* Take tool over, and run it to its end. Its exit status. */
int serve_run(struct pc_tool *tool, const char *path);

#endif
