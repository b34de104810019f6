/*
 * The client end: connect to a ws: URL, shake hands, hand over.
 *
 *	struct pc_ws_client *c;
 *	int rc = pc_ws_client_start(&c, &(struct pc_ws_client_config){
 *		.tool = tool, .url = &url, .timeout_ms = 10000,
 *		.done = on_done, .arg = ... });
 */
#ifndef PC_WS_CLIENT_H
#define PC_WS_CLIENT_H

#include "base/addr.h"
#include "loop/tool.h"
#include "ws/handshake.h"

struct bufferevent;
struct pc_ws_client;

/*
 * The handshake has ended. bev is the owner's now (for pc_ws_conn_new), or
 * NULL when it failed:
 *   rc   0; -ECONNREFUSED and others (no connection), -ETIMEDOUT,
 *        -EACCES (HTTP said no: status), -EPROTO
 *   why  in words, for a person
 */
typedef void pc_ws_client_fn(void *arg, struct bufferevent *bev, int rc,
			     int status, const char *why);

struct pc_ws_client_config {
	struct pc_tool *tool;
	const struct pc_ws_url *url; /* kept by the caller */
	const char *origin;          /* or NULL */
	unsigned timeout_ms;         /* for all of it */
	pc_ws_client_fn *done;
	void *arg;
};

/*
 * Resolve (this blocks) and begin. 0, -EHOSTUNREACH (name not found),
 * -EINVAL (bad host or port) or another -errno.
 */
int pc_ws_client_start(struct pc_ws_client **client,
		       const struct pc_ws_client_config *cfg);
void pc_ws_client_free(struct pc_ws_client *client); /* NULL is fine */

#endif
