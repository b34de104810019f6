/* The mixer; see mix.h. */
#include "mix.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "media/playout.h"
#include "media/resample.h"

enum {
	KNEE = 24000, /* louder is bent towards full scale, not cut off */
	LOOK_TICKS = 5,
	SPEAKS_DBFS = -45,
	LOUDER_DB = 3,  /* than who speaks, to take over ... */
	TAKE_LOOKS = 3, /* ... so many times in a row */
};

struct mix_source {
	struct pc_playout playout;
	struct pc_resampler *resampler, *beside; /* beside: of the side */
	unsigned from_hz;                        /* of them */
	bool sounds;                             /* pcm is not silence */
	double power; /* mean square, of the last second or so */
	int16_t pcm[MIX_FRAME];
	int16_t side[MIX_FRAME]; /* while the playout has one */
};

struct mixer {
	struct leg leg;
	struct bridge *bridge;
	uint32_t ts, ticks;
	uint32_t speaker, louder; /* ids of legs; 0: none */
	unsigned looks;           /* in which louder was */
	bool both;                /* somebody hears in stereo ... */
	bool sided;               /* ... and somebody speaks so: side is set */
	int32_t sum[MIX_FRAME], side[MIX_FRAME];
	int16_t out[MIX_FRAME], right[MIX_FRAME];
	int16_t wide[PC_FRAME_MAX], wide_side[PC_FRAME_MAX];
	int16_t middle[PC_FRAME_MAX], beside[PC_FRAME_MAX];
};

static struct leg *find(struct bridge *b, uint32_t id)
{
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->id == id)
			return b->legs[i];
	return NULL;
}

/* Begun together, those of both channels stay together. */
static bool resamplers(struct mix_source *s, unsigned from_hz, bool both)
{
	if (s->resampler && s->from_hz == from_hz && both == !!s->beside)
		return true;
	pc_resampler_free(s->resampler);
	pc_resampler_free(s->beside);
	s->from_hz = from_hz;
	s->resampler = pc_resampler_new(from_hz, MIX_HZ);
	s->beside = both ? pc_resampler_new(from_hz, MIX_HZ) : NULL;
	return s->resampler && (s->beside || !both);
}

/* Two channels become what both have, and in what they differ. */
static void split(struct mixer *m, const struct frame *f)
{
	for (size_t i = 0; i < f->n; i++) {
		m->middle[i] = (int16_t)((f->pcm[i] + f->right[i]) / 2);
		m->beside[i] = (int16_t)((f->pcm[i] - f->right[i]) / 2);
	}
}

/* What a leg says, on its way into its jitter buffer. */
static void take(struct leg *mix, const struct frame *f)
{
	struct mixer *m = mix->state;
	struct leg *leg = find(m->bridge, (uint32_t)(f->source >> 32));
	struct mix_source *s = leg ? leg->mix : NULL;
	const int16_t *pcm = f->pcm, *side = NULL;
	size_t n = f->n;

	if (!s)
		return;
	if (f->right) {
		split(m, f);
		pcm = m->middle;
		side = m->beside;
	}
	if (f->rate_hz != MIX_HZ) {
		if (!resamplers(s, f->rate_hz, side != NULL))
			return;
		if (side)
			pc_resample(s->beside, side, n, m->wide_side,
				    PC_FRAME_MAX);
		n = pc_resample(s->resampler, pcm, n, m->wide, PC_FRAME_MAX);
		pcm = m->wide;
		side = side ? m->wide_side : NULL;
	}
	pc_playout_push(&s->playout, pcm, side, n);
}

static unsigned wants_hz(struct leg *mix, unsigned native_hz)
{
	(void)mix;
	return native_hz; /* a coder is cheaper at its own rate */
}

static bool wants_both(struct leg *mix)
{
	const struct mixer *m = mix->state;

	return m->both;
}

static const struct leg_kind leg_mix = {
	.name = "mix",
	.frame = take,
	.wants_hz = wants_hz,
	.both = wants_both,
};

struct mixer *mix_new(struct bridge *b)
{
	struct mixer *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->bridge = b;
	m->leg.kind = &leg_mix;
	m->leg.bridge = b;
	m->leg.id = 0x7fffffff;
	strcpy(m->leg.name, "mix");
	m->leg.gain = 1;
	m->leg.state = m;
	return m;
}

void mix_free(struct mixer *m)
{
	free(m);
}

struct leg *mix_leg(struct mixer *m)
{
	return &m->leg;
}

int mix_enter(struct leg *leg)
{
	struct mix_source *s;

	if (leg->mix)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s || pc_playout_init(&s->playout, MIX_HZ) < 0) {
		free(s);
		return -ENOMEM;
	}
	leg->mix = s;
	return 0;
}

void mix_leave(struct leg *leg)
{
	if (!leg->mix)
		return;
	pc_playout_fini(&leg->mix->playout);
	pc_resampler_free(leg->mix->resampler);
	pc_resampler_free(leg->mix->beside);
	free(leg->mix);
	leg->mix = NULL;
}

/* Straight up to the knee, then ever flatter: full scale is never reached. */
static int16_t limit(int32_t v)
{
	int32_t over = abs(v) - KNEE, room = 32767 - KNEE;

	if (over <= 0)
		return (int16_t)v;
	over = KNEE + (int32_t)((int64_t)over * room / (over + room));
	return (int16_t)(v < 0 ? -over : over);
}

/* What this one says is not the same on both sides. */
static bool has_side(const struct mix_source *s)
{
	return s->sounds && s->playout.side;
}

static void add_side(struct mixer *m, const struct mix_source *s)
{
	if (!m->sided)
		memset(m->side, 0, sizeof(m->side));
	m->sided = true;
	for (int i = 0; i < MIX_FRAME; i++)
		m->side[i] += s->side[i];
}

static void pull(struct mixer *m, struct mix_source *s, bool muted)
{
	double power = 0;

	s->sounds = pc_playout_pull(&s->playout, s->pcm, s->side, MIX_FRAME) &&
		    !muted;
	if (has_side(s) && m->both)
		add_side(m, s);
	for (int i = 0; s->sounds && i < MIX_FRAME; i++) {
		m->sum[i] += s->pcm[i];
		power += (double)s->pcm[i] * s->pcm[i];
	}
	s->power += (power / MIX_FRAME - s->power) / 16;
}

static void say(struct mixer *m, struct leg *leg, const int16_t *right)
{
	struct frame f = {
		.source = (uint64_t)m->leg.id << 32,
		.ts = m->ts,
		.clock_hz = MIX_HZ,
		.rate_hz = MIX_HZ,
		.pcm = m->out,
		.right = right,
		.n = MIX_FRAME,
	};

	leg_frame(leg, &f);
}

/* The sum without what this leg has said itself. */
static void hear(struct mixer *m, struct leg *leg)
{
	const struct mix_source *own = leg->mix;

	for (int i = 0; i < MIX_FRAME; i++)
		m->out[i] = limit(m->sum[i] -
				  (own && own->sounds ? own->pcm[i] : 0));
	say(m, leg, NULL);
	if (leg->kind->echoes && leg->mix)
		pc_playout_push(&leg->mix->playout, m->out, NULL, MIX_FRAME);
}

/* The same in stereo: left is the middle and the side, right without it. */
static void hear_both(struct mixer *m, struct leg *leg)
{
	const struct mix_source *own = leg->mix;
	bool spoke = own && own->sounds, sided = own && has_side(own);

	for (int i = 0; i < MIX_FRAME; i++) {
		int32_t middle = m->sum[i] - (spoke ? own->pcm[i] : 0);
		int32_t side = m->side[i] - (sided ? own->side[i] : 0);

		m->out[i] = limit(middle + side);
		m->right[i] = limit(middle - side);
	}
	say(m, leg, m->right);
}

/* The first that talks on the left, all the others on the right. */
static void hear_apart(struct mixer *m, struct leg *leg)
{
	const struct mix_source *first = NULL;

	for (int i = 0; i < LEGS_MAX && !first; i++)
		if (m->bridge->legs[i] && m->bridge->legs[i] != leg)
			first = m->bridge->legs[i]->mix;
	for (int i = 0; i < MIX_FRAME; i++) {
		int16_t left = first && first->sounds ? first->pcm[i] : 0;

		m->out[i] = left;
		m->right[i] = limit(m->sum[i] - left);
	}
	say(m, leg, m->right);
}

static double dbfs(const struct mix_source *s)
{
	return 10 * log10(2 * s->power / (32768.0 * 32768.0) + 1e-10);
}

/* Who speaks? The loudest, once it has been so for a while. */
static void look(struct mixer *m)
{
	struct leg *top = NULL, *now = find(m->bridge, m->speaker);

	for (int i = 0; i < LEGS_MAX; i++) {
		struct leg *leg = m->bridge->legs[i];

		if (leg && leg->mix && !leg->kind->echoes &&
		    (!top || leg->mix->power > top->mix->power))
			top = leg;
	}
	if (!top || top == now || dbfs(top->mix) < SPEAKS_DBFS ||
	    (now && now->mix && dbfs(top->mix) < dbfs(now->mix) + LOUDER_DB)) {
		m->louder = 0;
		return;
	}
	m->looks = top->id == m->louder ? m->looks + 1 : 1;
	m->louder = top->id;
	if (m->looks < TAKE_LOOKS)
		return;
	m->speaker = top->id;
	pc_event(&m->bridge->tool, "speaker", "leg=%s dbfs=%f", top->name,
		 dbfs(top->mix));
}

static bool hears_both(struct leg *leg)
{
	const struct leg_kind *kind = leg->kind;

	return leg->hears_mix && kind->both && kind->both(leg) &&
	       !(kind->apart && kind->apart(leg));
}

static void give(struct mixer *m, struct leg *leg)
{
	if (leg->kind->apart && leg->kind->apart(leg))
		hear_apart(m, leg);
	else if (m->sided && hears_both(leg))
		hear_both(m, leg);
	else
		hear(m, leg);
}

void mix_tick(struct mixer *m)
{
	struct bridge *b = m->bridge;

	m->both = m->sided = false;
	for (int i = 0; i < LEGS_MAX; i++)
		m->both |= b->legs[i] && hears_both(b->legs[i]);
	memset(m->sum, 0, sizeof(m->sum));
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->mix)
			pull(m, b->legs[i]->mix, b->legs[i]->muted);
	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->hears_mix)
			give(m, b->legs[i]);
	m->ts += MIX_FRAME;
	if (++m->ticks % LOOK_TICKS == 0)
		look(m);
}
