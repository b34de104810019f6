/*
 * libcommon's loop over GLib's, for the one tool that needs libnice.
 *
 * loop_glib.c has every function that loop_event.c has but
 * pc_loop_event_base; linked before the archive, it takes its place.
 *
 *	agent = nice_agent_new_full(pc_loop_glib_context(loop), ...);
 */
#ifndef ICE_PAIR_LOOP_GLIB_H
#define ICE_PAIR_LOOP_GLIB_H

#include <glib.h>

struct pc_loop;

/* The context that pc_loop_run iterates; borrowed. */
GMainContext *pc_loop_glib_context(struct pc_loop *loop);

#endif
