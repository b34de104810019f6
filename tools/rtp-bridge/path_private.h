/* What the files of path.h share. */
#ifndef RTP_BRIDGE_PATH_PRIVATE_H
#define RTP_BRIDGE_PATH_PRIVATE_H

#include <sys/un.h>

#include "path.h"

enum { REMOTES_MAX = 32 };

struct path {
	struct leg *leg;
	struct path_events events;
	int listener, conn, udp; /* -1: none */
	bool ready, relayed, plain;
	struct pc_addr local, remote, from;
	struct pc_addr told; /* plain: what the description says */
	struct pc_addr remotes[REMOTES_MAX]; /* the peer's candidates */
	size_t n_remotes;
	uint64_t rejected;
	struct sockaddr_un where;
	struct pc_watch *listener_watch, *conn_watch, *udp_watch;
	uint8_t packet[PACKET_MAX + TRAILER_MAX];
};

/* path_plain.c: a UDP port there, read by on_udp. 0 or -errno. */
int path_bind(struct path *path, const char *where, pc_watch_fn *on_udp);

#endif
