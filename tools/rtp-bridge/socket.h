/* Datagrams in and out of the network legs. */
#ifndef RTP_BRIDGE_SOCKET_H
#define RTP_BRIDGE_SOCKET_H

#include "base/addr.h"

struct pc_tool;

/* One datagram; buf has room for TRAILER_MAX more and may be written on. */
typedef void datagram_fn(void *arg, uint8_t *buf, size_t len,
			 const struct pc_addr *from);

/*
 * Read what waits at fd: one, and of a picture the next ones. fn must not
 * free arg (see bridge_end_soon). One longer than PACKET_MAX is malformed, and
 * not given to fn. Returns how many there were.
 */
int datagrams_read(struct pc_tool *tool, int fd, datagram_fn *fn, void *arg);

/*
 * Bind an even port and the next (RFC 3550 section 11) to host:port; port 0:
 * a free pair is found. Returns 0, or -errno; fds and addr are set then.
 */
int datagrams_bind_pair(int fds[2], struct pc_addr addr[2]);

/*
 * The address that an end elsewhere should send to: local, or where it is bound
 * to any, the one that the default route leaves by, with local's port.
 */
struct pc_addr datagrams_named(const struct pc_addr *local);

#endif
