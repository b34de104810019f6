/*
 * Two sockets on one UDP port, the kernel dividing what comes (stun/demux.h):
 * DTLS and RTP to the second, STUN and the rest to the first.
 *
 *	int media = split_socket(ice_fd);
 */
#ifndef ICE_PAIR_SPLIT_H
#define ICE_PAIR_SPLIT_H

#include <stdbool.h>

/*
 * Bind a second socket to the address of fd, non-blocking and close-on-exec.
 * fd gets SO_REUSEPORT, and so stays the first of the group.
 * Returns the second socket (the caller closes it) or -errno.
 */
int split_socket(int fd);

/*
 * Another pair has taken over: what comes from now on is all fd's again. media
 * (the second socket) keeps what it has, and can be closed.
 */
void split_end(int media);

/* Does a datagram wait on fd? */
bool split_pending(int fd);

#endif
