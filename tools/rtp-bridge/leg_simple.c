/*
 * echo: - what the other leg sends comes back to it, as it is.
 * null: - nothing is sent, what comes is dropped.
 */

#include "bridge.h"

static int simple_open(struct leg *leg)
{
	static const char *const known[] = { NULL };

	return leg_check_options(leg, known);
}

static int null_open(struct leg *leg)
{
	leg->listens = leg->deaf = true;
	return simple_open(leg);
}

static void simple_close(struct leg *leg)
{
	leg->state = NULL;
}

const struct leg_kind leg_echo = {
	.name = "echo",
	.nowhere = true,
	.open = simple_open,
	.close = simple_close,
	.echoes = true,
};

const struct leg_kind leg_null = {
	.name = "null",
	.nowhere = true,
	.open = null_open,
	.close = simple_close,
};
