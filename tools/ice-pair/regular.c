/*
 * Regular nomination does not wait for what does not answer.
 *
 * The controlling end nominates when it sees fit (RFC 8445 section 8.1.1).
 * libnice does when a pair of two host candidates has answered, or two pairs
 * have; with one pair only, which behind NATs there is, when all others have
 * failed. With the seven checks that RFC 8489 section 6.2.1 wants and lossy
 * paths need, these take 39.5 s to fail. So as long as a pair has answered, and
 * none is nominated, the others have two checks, which takes 1.5 s.
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

#define ENOUGH 2 /* checks of a pair, when another has answered */

/* Allocations and channels have such timers, too, but not this source. */
static bool is_check(void)
{
	GSource *source = g_main_current_source();
	const char *name = source ? g_source_get_name(source) : NULL;

	return name && strcmp(name, TAP_CHECKS_SOURCE) == 0;
}

StunUsageTimerReturn stun_timer_refresh(StunTimer *timer)
{
	static __typeof__(stun_timer_refresh) *real;
	bool enough = timer->retransmissions >= ENOUGH;
	StunUsageTimerReturn next;

	if (!real)
		real = dlsym(RTLD_NEXT, "stun_timer_refresh");
	next = real(timer);
	if (next == STUN_USAGE_TIMER_RETURN_RETRANSMIT && enough &&
	    is_check() && tap_undecided())
		return STUN_USAGE_TIMER_RETURN_TIMEOUT;
	return next;
}
