/* What the parts of ws-signal share. */
#ifndef WS_SIGNAL_H
#define WS_SIGNAL_H

#include "loop/tool.h"
#include "ws/conn.h"

#define CLOSE_MS 1000 /* how long a peer may take for its Close */

struct config {
	struct pc_tool_common common;
	const char *listen, *connect, *www, *exec;
	struct pc_opt_list origins;
	unsigned ping_ms, message_max, count, participants_max;
};

/* A conn config with what the options say. */
struct pc_ws_conn_config conn_config(struct pc_tool *tool,
				     const struct config *cfg);

/*
 * One message as one line with its newline. JSON may be written over several
 * lines; it is then written anew on one.
 * Returns a heap string (the caller frees) or NULL: several lines that are
 * not JSON.
 */
char *message_line(const char *text, size_t len, size_t *line_len);

/* An event for a connection that ended. id may be NULL. */
void closed_event(struct pc_tool *tool, const char *id,
		  const struct pc_ws_close *close, const char *why);

/*
 * --listen. Returns -1 to go on, or an exit status. free is for the end.
 */
struct listener;
int listen_start(struct listener **listener, struct pc_tool *tool,
		 const struct config *cfg);
void listen_stop(struct listener *listener);
void listen_free(struct listener *listener);
int listen_drop(struct listener *listener, const char *id, const char *why);
void listen_who(struct listener *listener);

/* --connect, likewise. */
struct client;
int client_start(struct client **client, struct pc_tool *tool,
		 const struct config *cfg);
void client_stop(struct client *client, const char *reason);
void client_free(struct client *client);

#endif
