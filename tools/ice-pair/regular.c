/*
 * How often a check is sent: in regular nomination fewer times than libnice
 * sends it, where none is answered more often.
 *
 * The controlling end nominates when it sees fit (RFC 8445 section 8.1.1).
 * libnice does when a pair of two host candidates has answered, or two pairs
 * have; with one pair only, which behind NATs there is, when all others have
 * failed. With the seven checks that RFC 8489 section 6.2.1 wants and lossy
 * paths need, these take 39.5 s to fail. So as long as a pair has answered, and
 * none is nominated, the others have two checks, which takes 1.5 s.
 *
 * Where packets get lost, the only pair that can work may lose all of these
 * seven, or their replies: at 36 % (a fifth on either end's link) that is one
 * pair in forty, though the peer's own checks come. So checks go on, every
 * eight seconds, for as long as --timeout is by itself: eleven of them.
 *
 * libnice has no setting for that; but it asks stun_timer_refresh, of its own
 * STUN library, whether to send a check again, which is defined here for the
 * same reason as the functions in tap.c.
 */
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include <stun/usages/timer.h>

#include "tap.h"

#define ENOUGH     2    /* checks of a pair, when another has answered */
#define MOST       11   /* else */
#define LONGEST_MS 8000 /* between two of them */

/* Allocations and channels have such timers, too, but not this source. */
static bool is_check(void)
{
	GSource *source = g_main_current_source();
	const char *name = source ? g_source_get_name(source) : NULL;

	return name && strcmp(name, TAP_CHECKS_SOURCE) == 0;
}

/* Of a check by UDP; over TCP nothing is sent again. */
static void bound_wait(StunTimer *timer)
{
	unsigned early_ms;

	if (timer->delay <= LONGEST_MS)
		return;
	early_ms = timer->delay - LONGEST_MS;
	timer->delay = LONGEST_MS;
	timer->deadline.tv_sec -= early_ms / 1000;
	timer->deadline.tv_usec -= (early_ms % 1000) * 1000;
	if (timer->deadline.tv_usec < 0) {
		timer->deadline.tv_sec--;
		timer->deadline.tv_usec += 1000000;
	}
}

StunUsageTimerReturn stun_timer_refresh(StunTimer *timer)
{
	static __typeof__(stun_timer_refresh) *real;
	bool enough = timer->retransmissions >= ENOUGH;
	StunUsageTimerReturn next;

	if (!real)
		real = dlsym(RTLD_NEXT, "stun_timer_refresh");
	if (!is_check())
		return real(timer);
	if (timer->max_retransmissions)
		timer->max_retransmissions = MOST;
	next = real(timer);
	if (next != STUN_USAGE_TIMER_RETURN_RETRANSMIT)
		return next;
	if (enough && tap_undecided())
		return STUN_USAGE_TIMER_RETURN_TIMEOUT;
	bound_wait(timer);
	return next;
}
