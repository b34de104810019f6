/*
 * The mixer: each leg hears all the others. Inside, all is 48 kHz and 20 ms;
 * what a leg says waits in a jitter buffer of its own until a frame is due.
 *
 *	leg -> decode -> [playout] -+-> sum - own -> limit -> encode -> leg
 *	leg -> decode -> [playout] -'
 */
#ifndef RTP_BRIDGE_MIX_H
#define RTP_BRIDGE_MIX_H

#include "bridge.h"

enum { MIX_HZ = 48000, MIX_FRAME = MIX_HZ / 50 };

/* NULL when out of memory. */
struct mixer *mix_new(struct bridge *b);
void mix_free(struct mixer *m); /* NULL is fine */

/* The leg that media for the mixer is given to. */
struct leg *mix_leg(struct mixer *m);

/* What leg says is mixed from now on; or no more. 0 or -ENOMEM. */
int mix_enter(struct leg *leg);
void mix_leave(struct leg *leg);

/* 20 ms have passed: give each leg that hears the mix its own. */
void mix_tick(struct mixer *m);

#endif
