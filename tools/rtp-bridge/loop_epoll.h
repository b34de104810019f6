/*
 * What the loop over epoll can do beside loop/loop.h: have guests.
 *
 * A loop that is made in a home with a host (base/home.h) has no descriptors
 * of its own: its watches and timers are in the host's epoll set and heap, so
 * that one epoll_wait serves the sockets of all bridges. The home of each is
 * entered before what it watches is called.
 */
#ifndef RTP_BRIDGE_LOOP_EPOLL_H
#define RTP_BRIDGE_LOOP_EPOLL_H

#include "loop/loop.h"

/*
 * Call fn, in the host's home, after pc_loop_stop of a guest: when nothing of
 * it is being called any more, nor will be. It frees the guest.
 */
void loop_ended(struct pc_loop *guest, pc_timer_fn *fn, void *arg);

/* Call what the guest has for signo, in its home: enter it before. */
void loop_raise(struct pc_loop *guest, int signo);

#endif
