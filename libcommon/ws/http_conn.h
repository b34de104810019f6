/*
 * One HTTP client of a pc_ws_server: request after request, until it leaves,
 * is too slow, or becomes a WebSocket. Private to the server.
 */
#ifndef PC_WS_HTTP_CONN_H
#define PC_WS_HTTP_CONN_H

#include "ws/server.h"

struct pc_http_conn;

struct pc_ws_server {
	struct pc_ws_server_config cfg;
	int fd, www; /* the listening socket, the folder; or -1 */
	struct pc_watch *accept;
	struct pc_timer *accept_again;
	struct pc_http_conn *conns;
	unsigned n_conns;
};

/* Serve this socket; it is closed when that cannot be. */
void pc_http_conn_new(struct pc_ws_server *server, int fd);
void pc_http_conn_free(struct pc_http_conn *conn);

#endif
