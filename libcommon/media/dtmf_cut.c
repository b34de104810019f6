/* Sound without its digits; see dtmf_cut.h. */
#include "media/dtmf_cut.h"

#include <string.h>

enum { EDGE_MS = 4 }; /* that an edge is known to, and a coder smears it */

static size_t ms(const struct pc_dtmf_cut *c, unsigned n)
{
	return (size_t)c->dtmf.rate_hz * n / 1000;
}

void pc_dtmf_cut_init(struct pc_dtmf_cut *c, unsigned rate_hz)
{
	memset(c, 0, sizeof(*c));
	pc_dtmf_init(&c->dtmf, rate_hz);
}

/* The place of a sample, which is in the line. */
static int16_t *at(struct pc_dtmf_cut *c, uint64_t i)
{
	return &c->line[i % ms(c, PC_DTMF_CUT_MS)];
}

static void on_digit(void *arg, char digit, unsigned duration_ms)
{
	struct pc_dtmf_cut *c = arg;
	double began = c->dtmf.began - (double)ms(c, EDGE_MS);

	c->on = duration_ms == 0;
	if (c->on) {
		c->from = began > 0 ? (uint64_t)began : 0;
	} else {
		uint64_t end =
			(uint64_t)c->dtmf.began + ms(c, duration_ms + EDGE_MS);
		size_t room = ms(c, PC_DTMF_CUT_MS);
		uint64_t i = c->n > room ? c->n - room : 0;

		if (i < c->from)
			i = c->from;
		for (; i < end && i < c->n; i++)
			*at(c, i) = 0;
	}
	c->fn(c->arg, digit, duration_ms);
}

void pc_dtmf_cut(struct pc_dtmf_cut *c, int16_t *pcm, size_t n, pc_dtmf_fn *fn,
		 void *arg)
{
	size_t room = ms(c, PC_DTMF_CUT_MS);

	c->fn = fn;
	c->arg = arg;
	for (size_t k = 0; k < n; k++) {
		int16_t *place = at(c, c->n), in = pcm[k], out = *place;

		if (c->on && c->n >= c->from + room)
			out = 0;
		pcm[k] = out;
		*place = in;
		c->n++;
		pc_dtmf_hear(&c->dtmf, &in, 1, on_digit, c);
	}
}
