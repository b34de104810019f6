/*
 * Ask one server where it sees us: at each of its addresses in turn until one
 * answers (RFC 8489 section 8), and elsewhere when it says so (section 10).
 *
 *	reach_start(&reach, &(struct reach_cfg){ .app = app, .target = target,
 *						 .done = on_reached, .arg = me });
 *
 * An address that stays silent for --silence, or says by ICMP or an end of the
 * connection that nobody is there, gives way to the next; the last one may take
 * what is left of --timeout.
 */
#ifndef STUN_PROBE_REACH_H
#define STUN_PROBE_REACH_H

#include "talk.h"
#include "target.h"

#define REACH_HOPS 5                         /* how often it may send us on */
#define REACH_MAX  (TARGET_MAX + REACH_HOPS) /* asked in vain */

struct app;

struct reach_cfg {
	struct app *app;
	const struct target *target;
	struct talk **udp4, **udp6; /* a socket for all, made when needed */
	bool hurry;                 /* --silence is the last one's limit, too */
	void (*done)(void *arg);    /* once, from the loop */
	void *arg;
};

struct reach {
	struct reach_cfg cfg;
	struct target at;                /* who is asked */
	unsigned next;                   /* of the target's other addresses */
	unsigned hops;                   /* how often we were sent on */
	uint64_t begun_ms;               /* with the first question */
	struct talk *talk;               /* of its own, but for UDP */
	struct answer answer;            /* of the last one asked; msg NULL */
	struct answer before[REACH_MAX]; /* of those asked in vain */
	unsigned n_before;
};

/* -1: done will be called; else the exit status. To be freed in either case. */
int reach_start(struct reach *reach, const struct reach_cfg *cfg);
void reach_free(struct reach *reach);

/*
 * For a run that needs one address of each server: where some have several,
 * find out which answers, and take that for all app->server. -1: done will be
 * called, or was, from within; else the exit status. To be freed in either case.
 */
struct settle;
typedef int settle_done_fn(struct app *app); /* returns as this does */
int settle_start(struct app *app, settle_done_fn *done);
void settle_free(struct settle *settle); /* NULL is fine */

#endif
