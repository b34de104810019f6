/* Did media come from every leg? See outcome.h. */
#include "outcome.h"

#include <errno.h>

#include "net.h"

enum { MISSED_US = 2000000 }; /* an end that has sent nothing for so long */

static struct net *net_of(struct leg *leg)
{
	return leg && leg->kind->net ? leg->kind->net(leg) : NULL;
}

/* Should it have been heard, and by somebody? */
static bool expected(struct leg *leg, const struct net *net)
{
	struct leg *to = leg_sink(leg);

	if (!to || to->deaf || leg->listens)
		return false;
	return net->described ? net->expects : !leg->parent;
}

static bool missed(struct leg *leg, uint64_t now_us)
{
	const struct net *net = net_of(leg);

	if (!net || net->count.in_packets > 0 || !expected(leg, net))
		return false;
	return leg->bridge->silent || now_us - net->since_us > MISSED_US;
}

static void judge(struct leg *leg, uint64_t now_us)
{
	struct bridge *b = leg->bridge;

	if (b->status == PC_EXIT_OK)
		b->status = leg->failed;
	if (!missed(leg, now_us))
		return;
	pc_warnx("%s: no media came%s", leg->name,
		 net_of(leg)->described ? "" : ": it was never described");
	pc_event(&b->tool, "no_media", "leg=%s", leg->name);
	if (b->status == PC_EXIT_OK)
		b->status = PC_EXIT_NO;
}

void outcome_failed(struct leg *leg, int status)
{
	struct bridge *b = leg->bridge;
	unsigned talk = 0, hear = 0;

	leg->failed = status;
	for (int i = 0; i < LEGS_MAX; i++) {
		struct leg *other = b->legs[i];

		if (!other || other->video || other->failed)
			continue;
		talk += !other->listens;
		hear += other->listens && net_of(other);
	}
	if (talk == 0 || talk + hear < 2)
		bridge_end_soon(b, status);
}

/* One that was never described was given up before anything could come. */
void outcome_drop(struct leg *leg, uint64_t now_us)
{
	const struct net *net = net_of(leg);

	if (net && net->described)
		judge(leg, now_us);
}

/* When it will have been silent for --timeout, or has been already. */
static void on_silence(void *arg)
{
	struct bridge *b = arg;
	uint64_t last = 0, limit = b->cfg.common.timeout_ms * 1000ull;
	uint64_t now_us = pc_now_us(), due;
	bool any = false;

	for (int i = 0; i < LEGS_MAX; i++) {
		const struct net *net = net_of(b->legs[i]);

		if (net && net->last_in_us > last)
			last = net->last_in_us;
		any |= net != NULL;
	}
	due = (last ? last : b->started_us) + limit;
	if (!any) /* one may come */
		due = now_us + (limit < 1000000 ? 1000000 : limit);
	if (due > now_us) {
		pc_timer_set_us(b->silence, due - now_us);
		return;
	}
	b->silent = true;
	pc_event(&b->tool, "silent", "seconds=%f heard=%c", limit / 1e6,
		 last != 0);
	pc_info("no media for %g s: ending", limit / 1e6);
	bridge_end_soon(b, last ? b->status : PC_EXIT_NOANSWER);
}

int outcome_start(struct bridge *b)
{
	if (b->cfg.common.timeout_ms == 0)
		return 0;
	b->silence = pc_timer_new(b->tool.loop, on_silence, b);
	if (!b->silence)
		return -ENOMEM;
	pc_timer_set(b->silence, b->cfg.common.timeout_ms);
	return 0;
}

void outcome_end(struct bridge *b, uint64_t now_us)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i])
			judge(b->legs[i], now_us);
}
