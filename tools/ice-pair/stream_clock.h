/*
 * A clock for libnice's pseudo-TCP that runs faster than time.
 *
 * libnice waits for a second at least before it sends again what was lost, and
 * it has no SACK: where 5 of 100 packets are lost, it does little but wait. It
 * has no setting for that bound. But it takes the time from
 * g_get_monotonic_time, which is defined here (see tap.h for how that works):
 * within a call of pseudo-TCP it tells this clock's time. Where a second of it
 * takes 100 ms, so does the wait; round trips are measured by the same clock, and
 * what is made of them holds.
 *
 *	gint64 before = stream_clock_show(stream_clock_now(&clock));
 *	pseudo_tcp_socket_...
 *	stream_clock_show(before);
 */
#ifndef ICE_PAIR_STREAM_CLOCK_H
#define ICE_PAIR_STREAM_CLOCK_H

#include <glib.h>

struct stream_clock {
	gint64 real_us, own_us;
	guint rate; /* its seconds in one */
};

void stream_clock_start(struct stream_clock *clock); /* with rate 1 */
void stream_clock_rate(struct stream_clock *clock, guint rate);
gint64 stream_clock_now(struct stream_clock *clock); /* its time, in us */

/* The time to be told from now on; 0: the real one. Returns what was so far. */
gint64 stream_clock_show(gint64 us);

#endif
