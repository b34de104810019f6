/* The legs of a bridge, and the clock of those that need one. */
#include "bridge.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "table.h"
#include "outcome.h"

enum { LATE_MAX_US = 200000 }; /* behind by more: do not catch up */

struct leg *bridge_leg(struct bridge *b, const char *name)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && strcmp(b->legs[i]->name, name) == 0)
			return b->legs[i];
	return NULL;
}

struct leg *leg_sink(struct leg *leg)
{
	if (leg->peer && leg->peer->kind->echoes)
		return leg;
	return leg->peer;
}

void leg_frame(struct leg *to, const struct frame *frame)
{
	if (to->kind->frame && (!to->kind->ready || to->kind->ready(to)))
		to->kind->frame(to, frame);
}

void leg_gain(const struct leg *leg, int16_t *pcm, size_t n)
{
	if (leg->gain == 1)
		return;
	for (size_t i = 0; i < n; i++) {
		float v = pcm[i] * leg->gain;

		pcm[i] = v > 32767 ? 32767 : v < -32768 ? -32768 : (int16_t)v;
	}
}

struct leg *bridge_command_leg(struct bridge *b, const struct pc_command *cmd)
{
	const char *name = pc_command_arg(cmd, "leg", 0);
	struct leg *leg = name ? bridge_leg(b, name) : NULL;

	if (!leg)
		pc_tool_error(&b->tool, "%s %s: there is no such leg",
			      cmd->name, name ? name : "");
	return leg;
}

static void leg_free(struct leg *leg)
{
	mix_leave(leg);
	if (leg->state)
		leg->kind->close(leg);
	free(leg->spec);
	free(leg);
}

void bridge_say_leg(struct leg *leg, const char *state, bool with_fragment)
{
	struct pc_buf fragment = { 0 };

	if (with_fragment && leg->kind->fragment)
		leg->kind->fragment(leg, &fragment);
	pc_event(&leg->bridge->tool, "leg",
		 "leg=%s kind=%s state=%s fragment=%s", leg->name,
		 leg->kind->name, state, fragment.len ? fragment.data : NULL);
	pc_buf_fini(&fragment);
}

/* The video beside leg, in the same bundle: a leg of its own, NAME-video. */
static int add_child(struct bridge *b, struct leg *leg)
{
	struct leg *child = calloc(1, sizeof(*child));
	int at = 0, rc;

	while (at < LEGS_MAX && b->legs[at])
		at++;
	if (!child || at == LEGS_MAX) {
		free(child);
		return -ENOMEM;
	}
	child->kind = leg->kind->child;
	child->bridge = b;
	child->id = ++b->last_id;
	child->gain = 1;
	child->video = true;
	child->parent = leg;
	snprintf(child->name, sizeof(child->name), "%.20s-video", leg->name);
	rc = child->kind->open(child);
	if (rc < 0) {
		leg_free(child);
		return rc;
	}
	leg->child = child;
	b->legs[at] = child;
	bridge_say_leg(child, "added", true);
	return 0;
}

int bridge_add(struct bridge *b, const char *spec)
{
	struct leg *leg;
	int at, rc;

	for (at = 0; at < LEGS_MAX && b->legs[at];)
		at++;
	if (at == LEGS_MAX) {
		pc_tool_error(&b->tool, "%s: there are %d legs already", spec,
			      LEGS_MAX);
		return -EBUSY;
	}
	leg = calloc(1, sizeof(*leg));
	if (!leg)
		return -ENOMEM;
	leg->id = ++b->last_id;
	leg->gain = 1;
	rc = leg_parse(b, leg, spec);
	if (rc == 0)
		rc = leg->kind->open(leg);
	if (rc == 0 && b->up && leg->kind->settle)
		rc = leg->kind->settle(leg);
	if (rc < 0) {
		leg_free(leg);
		return rc;
	}
	b->legs[at] = leg;
	bridge_say_leg(leg, "added", true);
	rc = leg->kind->child && leg_option(leg, "video") ? add_child(b, leg)
							  : 0;
	return rc < 0 ? rc : bridge_pair(b);
}

int bridge_drop(struct bridge *b, const char *name)
{
	struct leg *leg = bridge_leg(b, name);
	int rc;

	if (!leg) {
		pc_tool_error(&b->tool, "drop %s: there is no such leg", name);
		return -ENOENT;
	}
	outcome_drop(leg, pc_now_us());
	if (leg->child)
		(void)bridge_drop(b, leg->child->name);
	if (leg->parent)
		leg->parent->child = NULL;
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] == leg)
			b->legs[i] = NULL;
	rc = bridge_pair(b);
	bridge_say_leg(leg, "dropped", false);
	leg_free(leg);
	return rc;
}

void bridge_fragments(struct bridge *b, struct pc_buf *out)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->kind->fragment)
			b->legs[i]->kind->fragment(b->legs[i], out);
}

/* Let every local leg whose other side can take it make 20 ms. */
static bool tick_once(struct bridge *b)
{
	static struct leg nobody = { .kind = &leg_null };
	bool more = false;

	for (int i = 0; i < LEGS_MAX; i++) {
		struct leg *leg = b->legs[i], *to;

		if (!leg || leg->dry || !leg->kind->tick)
			continue;
		to = leg_sink(leg);
		if (!to || !to->kind->frame ||
		    (to->kind->ready && !to->kind->ready(to)))
			continue;
		leg->dry = !leg->kind->tick(leg, leg->muted ? &nobody : to);
		more |= !leg->dry;
	}
	if (b->mixer)
		mix_tick(b->mixer);
	return more || b->mixer;
}

/* Deadlines are counted from the first, so that they do not drift. */
static void on_tick(void *arg)
{
	struct bridge *b = arg;
	uint64_t now = pc_now_us();

	if (now > b->tick_us + LATE_MAX_US)
		b->tick_us = now;
	while (b->tick_us <= now) {
		if (!tick_once(b)) {
			b->tick_us = 0;
			return;
		}
		b->tick_us += TICK_US;
	}
	pc_timer_set_us(b->tick, b->tick_us - now);
}

void bridge_wake(struct bridge *b)
{
	if (b->tick_us != 0)
		return;
	b->tick_us = pc_now_us();
	pc_timer_set_us(b->tick, 0);
}

static void on_second(void *arg)
{
	struct bridge *b = arg;
	uint64_t now = pc_now_us();

	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->kind->second)
			b->legs[i]->kind->second(b->legs[i], now);
	table_draw(b, false);
	while (b->second_us <= now)
		b->second_us += 1000000;
	pc_timer_set_us(b->second, b->second_us - now);
}

static void on_ending(void *arg)
{
	struct bridge *b = arg;

	bridge_end(b, "over");
	pc_tool_exit(&b->tool, b->status);
}

void bridge_end_soon(struct bridge *b, int status)
{
	b->status = status;
	pc_timer_set(b->ending, 0);
}

int bridge_start(struct bridge *b)
{
	b->started_us = pc_now_us();
	b->second_us = b->started_us + 1000000;
	b->tick = pc_timer_new(b->tool.loop, on_tick, b);
	b->second = pc_timer_new(b->tool.loop, on_second, b);
	b->ending = pc_timer_new(b->tool.loop, on_ending, b);
	if (!b->tick || !b->second || !b->ending)
		return -ENOMEM;
	pc_timer_set_us(b->second, 1000000);
	return outcome_start(b) < 0 ? -ENOMEM : table_follow(b);
}

void bridge_end(struct bridge *b, const char *why)
{
	uint64_t now = pc_now_us();

	pc_verbose("ending: %s", why);
	outcome_end(b, now);
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->kind->second) /* the last */
			b->legs[i]->kind->second(b->legs[i], now);
	table_draw(b, true);
	for (int i = 0; i < LEGS_MAX; i++) /* they lean on others */
		if (b->legs[i] && b->legs[i]->parent) {
			struct leg *child = b->legs[i];

			b->legs[i] = NULL;
			child->parent->child = NULL;
			for (int j = 0; j < LEGS_MAX; j++)
				if (b->legs[j] && b->legs[j]->peer == child)
					b->legs[j]->peer = NULL;
			child->peer = NULL;
			leg_free(child);
		}
	for (int i = 0; i < LEGS_MAX; i++) {
		struct leg *leg = b->legs[i];

		if (!leg)
			continue;
		b->legs[i] = NULL;
		for (int j = i; j < LEGS_MAX; j++)
			if (b->legs[j])
				b->legs[j]->peer = b->legs[j]->tap = NULL;
		leg_free(leg);
	}
	mix_free(b->mixer);
	b->mixer = NULL;
	pc_timer_free(b->tick);
	pc_timer_free(b->second);
	pc_timer_free(b->ending);
	pc_timer_free(b->silence);
	b->tick = b->second = b->ending = b->silence = NULL;
}
