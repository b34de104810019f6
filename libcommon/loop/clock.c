/* The clocks of loop.h, the same under either loop. */
#include "loop/loop.h"

#include <time.h>

static uint64_t now_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t pc_now_us(void)
{
	return now_us(CLOCK_MONOTONIC);
}

uint64_t pc_now_ms(void)
{
	return pc_now_us() / 1000;
}

uint64_t pc_wall_us(void)
{
	return now_us(CLOCK_REALTIME);
}
