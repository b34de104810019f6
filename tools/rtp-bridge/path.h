/*
 * The way to a WebRTC peer: what ice-pair hands over through a Unix socket
 * (SOCK_SEQPACKET, we listen). A packet that begins with '{' is JSON:
 *
 *	{"type":"handover","local":"127.0.0.1:40000",
 *	 "remote":"127.0.0.1:50000","relayed":false,
 *	 "remotes":["127.0.0.1:50000", ...]}           with the UDP socket
 *	{"type":"remotes","remotes":[...]}
 *	{"type":"lost","why":"consent expired"}
 *
 * every other is a datagram of the peer's (one that came before the handover,
 * or all of them when relayed). Datagrams count only from the remote address,
 * or from another of the peer's candidates (remotes): a browser may move its
 * media there. Once it has, authentically, so do we.
 *
 * Or, without ICE, a UDP port of our own (where is HOST:PORT), and the address
 * that the other side is described to have, until path_confirm says that it is
 * elsewhere, as behind a NAT: here datagrams come from anywhere, and
 * path_from_peer tells which are to be believed; before the description it is
 * the ClientHello alone.
 */
#ifndef RTP_BRIDGE_PATH_H
#define RTP_BRIDGE_PATH_H

#include "bridge.h"

struct path;

struct path_events {
	/* A path is there, the first or another. */
	void (*ready)(void *arg);
	/* A datagram of the peer's; buf has room for TRAILER_MAX more. */
	void (*datagram)(void *arg, uint8_t *buf, size_t len);
	/* There is no path any more: nothing may be sent. */
	void (*lost)(void *arg, const char *why);
	void *arg;
};

/* Listen on the leg's where. 0, or -errno after saying it. */
int path_open(struct path **path, struct leg *leg,
	      const struct path_events *events);
void path_close(struct path *path); /* removes the socket's file; or NULL */

bool path_is_ready(const struct path *path);
bool path_is_plain(const struct path *path); /* a UDP port of our own */
/* Of such: can it send to where this describes? 0, or -EINVAL said. */
int path_check(struct path *path, const struct pc_sdp_media *remote);
/* ... that is where the other side is. */
void path_point(struct path *path, const struct pc_sdp_media *remote);
/* The m= and c= lines of a fragment. */
void path_fragment(const struct path *path, const char *kind,
		   struct pc_buf *out);
const struct pc_addr *path_local(const struct path *path);
const struct pc_addr *path_remote(const struct path *path);
/* Where the datagram being taken came from. */
const struct pc_addr *path_from(const struct path *path);
bool path_from_peer(const struct path *path);
/* Of a plain path: an earlier one, taken only now, came from there. */
void path_was_from(struct path *path, const struct pc_addr *from);
/* That datagram was authentic: from now on send to where it came from. */
void path_confirm(struct path *path);
void path_send(struct path *path, const uint8_t *buf, size_t len);
/* Of a plain path, to whom is not the peer as yet. */
void path_send_to(struct path *path, const struct pc_addr *to,
		  const uint8_t *buf, size_t len);
/* Datagrams from addresses that are none of the peer's, since the last call. */
uint64_t path_rejected(struct path *path);

#endif
