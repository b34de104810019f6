/*
 * Who hears whom.
 *
 * One or two legs: each hears the other. Of more, when two of the network talk
 * and the rest listens: those two still hear each other directly, and the rest
 * hears the mix. Else all are mixed. Legs of video hear each other alone: the
 * first two of them that talk; who only listens looks on at one that talks.
 */
#include <errno.h>

#include "bridge.h"
#include "mix.h"
#include "net.h"

struct count {
	unsigned legs, talk, local; /* local: that talk and are no network */
	struct leg *talkers[2];
};

static struct count count(struct bridge *b)
{
	struct count c = { 0 };

	for (int i = 0; i < LEGS_MAX; i++) {
		struct leg *leg = b->legs[i];

		if (!leg || leg->video)
			continue;
		c.legs++;
		if (leg->listens)
			continue;
		if (c.talk < 2)
			c.talkers[c.talk] = leg;
		c.talk++;
		c.local += !leg->kind->net;
	}
	return c;
}

static struct leg *other_than(struct bridge *b, const struct leg *leg)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i] != leg && !b->legs[i]->video)
			return b->legs[i];
	return NULL;
}

static int mix(struct bridge *b, const struct count *c)
{
	bool direct = c->talk == 2 && c->local == 0;
	struct leg *mixer;

	if (!b->mixer)
		b->mixer = mix_new(b);
	if (!b->mixer)
		return -ENOMEM;
	mixer = mix_leg(b->mixer);
	for (int i = 0; i < LEGS_MAX; i++) {
		struct leg *leg = b->legs[i];

		if (!leg || leg->video)
			continue;
		leg->peer = leg->tap = NULL;
		leg->hears_mix = leg->listens || !direct;
		if (leg->listens) {
			mix_leave(leg);
			continue;
		}
		if (mix_enter(leg) < 0)
			return -ENOMEM;
		if (direct)
			leg->peer = c->talkers[leg == c->talkers[0]];
		*(direct ? &leg->tap : &leg->peer) = mixer;
	}
	return 0;
}

/* The first leg of video that talks, but not this one (or NULL). */
static struct leg *on_camera(struct bridge *b, const struct leg *but)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->video && !b->legs[i]->listens &&
		    b->legs[i] != but)
			return b->legs[i];
	return NULL;
}

static struct leg *watched(struct bridge *b, const struct leg *by)
{
	const char *name = leg_option(by, "from");
	struct leg *leg = name ? bridge_leg(b, name) : on_camera(b, NULL);

	return leg && leg->video && !leg->listens ? leg : NULL;
}

static void pair_video(struct bridge *b, struct leg *leg)
{
	struct leg *other = on_camera(b, leg);

	if (leg->listens) {
		leg->peer = watched(b, leg);
		b->n_watching += leg->peer != NULL;
		return;
	}
	leg->peer = other && on_camera(b, other) == leg ? other : NULL;
	for (int i = 0; i < LEGS_MAX && !other; i++) {
		struct leg *by = b->legs[i];

		if (by && by->video && by->listens && watched(b, by) == leg)
			leg->peer = other = by;
	}
}

int bridge_pair(struct bridge *b)
{
	struct count c = count(b);
	int rc = 0;

	b->n_packet = b->n_watching = 0;
	for (int i = 0; i < LEGS_MAX; i++)
		b->n_packet += b->legs[i] && b->legs[i]->kind->packet;
	if (c.legs > 2) {
		rc = mix(b, &c);
	} else {
		mix_free(b->mixer);
		b->mixer = NULL;
		for (int i = 0; i < LEGS_MAX; i++) {
			struct leg *leg = b->legs[i];

			if (!leg || leg->video)
				continue;
			leg->peer = other_than(b, leg);
			leg->tap = NULL;
			leg->hears_mix = false;
			mix_leave(leg);
		}
	}
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->video)
			pair_video(b, b->legs[i]);
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->kind->net)
			net_rx_reset(b->legs[i]->kind->net(b->legs[i]));
	bridge_wake(b);
	return rc;
}
