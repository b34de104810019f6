/*
 * A tool of the test's own, for what needs its loop, and a deadline.
 *
 *	own_tool_init();
 *	run_for(100);
 *	own_tool_fini();
 */
#ifndef TESTS_UNIT_OWN_TOOL_H
#define TESTS_UNIT_OWN_TOOL_H

#include <check.h>
#include <string.h>

#include "loop/tool.h"

struct config {
	struct pc_tool_common common;
};

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("10", "wait"),
	{ 0 },
};
static const struct pc_tool_spec spec = {
	.usage = { "test", "", "", "", options },
};

static struct config cfg;
static struct pc_tool tool;
static struct pc_timer *deadline;

static inline void on_deadline(void *arg)
{
	(void)arg;
	pc_loop_stop(tool.loop);
}

static inline void own_tool_init(void)
{
	char name[] = "test", quiet[] = "-q";
	char *argv[] = { name, quiet, NULL };

	memset(&cfg, 0, sizeof cfg);
	ck_assert_int_eq(pc_tool_init(&tool, &spec, &cfg, 2, argv), -1);
	deadline = pc_timer_new(tool.loop, on_deadline, NULL);
}

static inline void own_tool_fini(void)
{
	pc_timer_free(deadline);
	pc_tool_exit(&tool, 0);
	pc_tool_run(&tool);
}

/* Until something stops it, or this time is over. */
static inline void run_for(unsigned ms)
{
	pc_timer_set(deadline, ms);
	pc_loop_run(tool.loop);
}

#endif
