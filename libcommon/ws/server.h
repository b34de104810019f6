/*
 * An HTTP/1.1 server as small as a page and its WebSocket need: files from
 * one folder, and the upgrade of one path. Each client is served as fast as
 * it reads, and none waits for another.
 *
 *	struct pc_ws_server *s;
 *	int rc = pc_ws_server_start(&s, &(struct pc_ws_server_config){
 *		.tool = tool, .listen = &addr, .path = "/signal",
 *		.upgraded = on_upgraded, .arg = ... });
 */
#ifndef PC_WS_SERVER_H
#define PC_WS_SERVER_H

#include "base/addr.h"
#include "loop/tool.h"
#include "ws/http.h"

struct bufferevent;
struct pc_ws_server;

/*
 * A WebSocket was opened: the 101 is on its way; bev is the owner's now
 * (for pc_ws_conn_new). request is borrowed.
 */
typedef void pc_ws_upgraded_fn(void *arg, struct bufferevent *bev,
			       const struct pc_http_head *request);

struct pc_ws_server_config {
	struct pc_tool *tool;
	struct pc_addr *listen;     /* port 0: the chosen one is written back */
	const char *www;            /* folder of the page; NULL: no files */
	const char *path;           /* of the WebSocket */
	const char *const *origins; /* allowed beside the same host; or "*" */
	size_t n_origins;
	unsigned timeout_ms;  /* for a request's head, and for no progress */
	unsigned clients_max; /* HTTP clients at once, without WebSockets */
	pc_ws_upgraded_fn *upgraded;
	void *arg;
};

/*
 * Listen, and say so. 0 or -errno (-EADDRINUSE ...; -ENOTDIR and others for
 * www, *bad_www is then set).
 */
int pc_ws_server_start(struct pc_ws_server **server,
		       const struct pc_ws_server_config *cfg, bool *bad_www);

/* Take no new connections; those that are being served go on. */
void pc_ws_server_stop_listening(struct pc_ws_server *server);

void pc_ws_server_free(struct pc_ws_server *server); /* NULL is fine */

#endif
