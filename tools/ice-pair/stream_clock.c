#include "stream_clock.h"

#include <dlfcn.h>

static gint64 shown_us; /* 0: the real time */

static gint64 real_us(void)
{
	static __typeof__(g_get_monotonic_time) *real;

	if (!real)
		real = dlsym(RTLD_NEXT, "g_get_monotonic_time");
	return real();
}

/* In GLib's place. */
gint64 g_get_monotonic_time(void)
{
	return shown_us ? shown_us : real_us();
}

gint64 stream_clock_show(gint64 us)
{
	gint64 before = shown_us;

	shown_us = us;
	return before;
}

void stream_clock_start(struct stream_clock *clock)
{
	clock->real_us = clock->own_us = real_us();
	clock->rate = 1;
}

gint64 stream_clock_now(struct stream_clock *clock)
{
	gint64 now = real_us();

	clock->own_us += (now - clock->real_us) * clock->rate;
	clock->real_us = now;
	return clock->own_us;
}

void stream_clock_rate(struct stream_clock *clock, guint rate)
{
	stream_clock_now(clock); /* what has passed, went at the old one */
	clock->rate = rate;
}
