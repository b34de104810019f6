/*
 * tone:HZ - sends a sine, and says once a second what it hears: the dominant
 * frequency, so that a test knows which tone came through the call.
 */
#include <errno.h>
#include <stdlib.h>

#include "bridge.h"
#include "media/hear.h"
#include "media/tone.h"

enum {
	WIDE_HZ = 48000, /* for tones that 16 kHz cannot carry */
	SPEECH_HZ = 16000,
};

struct tone_leg {
	double hz, dbfs;
	struct pc_tone tone;
	unsigned made_hz; /* the rate tone is set up for */
	uint32_t ts;
	struct pc_hear *hear;
	unsigned heard_hz; /* the rate of hear */
	bool heard;
};

static unsigned best_rate(const struct tone_leg *t)
{
	return t->hz > 7000 ? WIDE_HZ : SPEECH_HZ;
}

static unsigned tone_wants_hz(struct leg *leg, unsigned native_hz)
{
	unsigned best = best_rate(leg->state);

	return native_hz < best ? native_hz : best;
}

static bool tone_tick(struct leg *leg, struct leg *to)
{
	struct tone_leg *t = leg->state;
	unsigned rate = best_rate(t);
	struct frame f = { .source = (uint64_t)leg->id << 32,
			   .pcm = leg->bridge->pcm };

	if (to->kind->wants_hz)
		rate = to->kind->wants_hz(to, rate);
	if (rate != t->made_hz) {
		pc_tone_init(&t->tone, t->hz, t->dbfs, rate);
		t->made_hz = rate;
		t->ts = 0;
	}
	f.rate_hz = f.clock_hz = rate;
	f.n = rate / 50;
	f.ts = t->ts;
	t->ts += (uint32_t)f.n;
	pc_tone_make(&t->tone, leg->bridge->pcm, f.n);
	leg_gain(leg, leg->bridge->pcm, f.n);
	leg_frame(to, &f);
	return true;
}

static void tone_frame(struct leg *leg, const struct frame *f)
{
	struct tone_leg *t = leg->state;

	if (!t->hear || t->heard_hz != f->rate_hz) {
		pc_hear_free(t->hear);
		t->hear = pc_hear_new(f->rate_hz);
		t->heard_hz = f->rate_hz;
	}
	if (!t->hear)
		return;
	t->heard = true;
	pc_hear_add(t->hear, f->pcm, f->n);
}

/* Silence is told too, once there has been a sound. */
static void tone_second(struct leg *leg, uint64_t now_us)
{
	struct tone_leg *t = leg->state;
	struct pc_heard h;

	(void)now_us;
	if (!t->heard)
		return;
	pc_hear_result(t->hear, &h);
	pc_event(&leg->bridge->tool, "heard",
		 "leg=%s hz=%f dbfs=%f ratio=%f samples=%zu", leg->name, h.hz,
		 h.dbfs, h.ratio, h.samples);
}

static void tone_close(struct leg *leg)
{
	struct tone_leg *t = leg->state;

	pc_hear_free(t->hear);
	free(t);
	leg->state = NULL;
}

static bool number(const char *text, double min, double max, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && *end == '\0' && *value >= min && *value <= max;
}

static int tone_open(struct leg *leg)
{
	static const char *const known[] = { "level", NULL };
	const char *level = leg_option(leg, "level");
	struct tone_leg *t;

	if (leg_check_options(leg, known) < 0)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	leg->state = t;
	if (number(leg->where, 20, 20000, &t->hz) &&
	    number(level ? level : "-12", -60, 0, &t->dbfs))
		return 0;
	pc_tool_error(&leg->bridge->tool,
		      "tone:%s: give a frequency of 20 to 20000 Hz, and "
		      "level= -60 to 0 dBFS",
		      leg->where);
	return -EINVAL;
}

const struct leg_kind leg_tone = {
	.name = "tone",
	.open = tone_open,
	.close = tone_close,
	.frame = tone_frame,
	.wants_hz = tone_wants_hz,
	.tick = tone_tick,
	.second = tone_second,
};
