/* A jitter buffer of sound; see playout.h. */
#include "media/playout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	START_MS = 40,    /* in hand before it begins to flow */
	SPARE_MS = 15,    /* less than this left over is no delay */
	LOOK_PULLS = 100, /* in which the least is looked for */
	EMPTY_MAX = 5,    /* then the source is silent, not late */
	SHORT_MS = 4,     /* nearly empty: put a period in before it is */
};

static size_t ms(const struct pc_playout *p, unsigned n)
{
	return (size_t)p->rate_hz * n / 1000;
}

int pc_playout_init(struct pc_playout *p, unsigned rate_hz)
{
	memset(p, 0, sizeof(*p));
	p->rate_hz = rate_hz;
	p->pcm = calloc(ms(p, PC_PLAYOUT_MAX_MS), sizeof(*p->pcm));
	pc_conceal_init(&p->conceal, rate_hz);
	return p->pcm ? 0 : -ENOMEM;
}

void pc_playout_fini(struct pc_playout *p)
{
	free(p->pcm);
	p->pcm = NULL;
}

static void drop(struct pc_playout *p, size_t n)
{
	p->n -= n;
	memmove(p->pcm, p->pcm + n, p->n * sizeof(*p->pcm));
}

/* Begin to look for the least again. */
static void look(struct pc_playout *p)
{
	p->least = p->n;
	p->pulls = 0;
}

void pc_playout_push(struct pc_playout *p, const int16_t *pcm, size_t n)
{
	size_t max = ms(p, PC_PLAYOUT_MAX_MS);

	if (n > max) {
		pcm += n - max;
		n = max;
	}
	if (p->n + n > max)
		drop(p, p->n + n - max);
	memcpy(p->pcm + p->n, pcm, n * sizeof(*pcm));
	p->n += n;
	if (!p->flowing && p->n >= ms(p, START_MS)) {
		p->flowing = true;
		look(p);
	}
}

/* One period out of the oldest 40 ms. */
static void trim(struct pc_playout *p)
{
	size_t n = ms(p, 40), m;

	if (p->n < n)
		return;
	m = pc_pitch_shorter(p->pcm, n, p->rate_hz);
	memmove(p->pcm + m, p->pcm + n, (p->n - n) * sizeof(*p->pcm));
	p->n -= n - m;
	p->trimmed++;
}

/* One period into what there is, behind the 20 ms heard last. */
static void grow(struct pc_playout *p, size_t want)
{
	const struct pc_conceal *c = &p->conceal;
	int16_t work[48000 * 75 / 1000];
	size_t heard = ms(p, 20), m;

	if (c->n < heard || p->n < ms(p, 20) || p->n > ms(p, 40))
		return;
	memcpy(work, c->past + c->n - heard, heard * sizeof(*work));
	memcpy(work + heard, p->pcm, p->n * sizeof(*work));
	m = pc_pitch_longer(work, heard + p->n, p->rate_hz) - heard;
	/* What was heard cannot be changed: only the rest is taken. */
	if (m <= p->n || m < want)
		return;
	memcpy(p->pcm, work + heard, m * sizeof(*work));
	p->n = m;
	p->grown++;
}

static void adapt(struct pc_playout *p)
{
	if (p->n < p->least)
		p->least = p->n;
	if (++p->pulls < LOOK_PULLS)
		return;
	if (p->least > ms(p, SPARE_MS))
		trim(p);
	if (p->least > ms(p, 2 * SPARE_MS + 20)) {
		p->least -= ms(p, 15); /* the next one soon */
		p->pulls -= 5;
		return;
	}
	look(p);
}

/* Too little: the rest is made up, and so the buffer gains what comes. */
static bool starve(struct pc_playout *p, int16_t *pcm, size_t n)
{
	size_t have = p->n;

	p->late++;
	if (++p->empty > EMPTY_MAX) {
		p->flowing = false;
		p->empty = 0;
		pc_conceal_init(&p->conceal, p->rate_hz);
		memset(pcm, 0, n * sizeof(*pcm));
		return false;
	}
	if (have > 0) {
		memcpy(pcm, p->pcm, have * sizeof(*pcm));
		pc_conceal_heard(&p->conceal, pcm, have);
		p->n = 0;
	}
	pc_conceal_make(&p->conceal, pcm + have, n - have);
	return true;
}

bool pc_playout_pull(struct pc_playout *p, int16_t *pcm, size_t n)
{
	if (!p->flowing) {
		memset(pcm, 0, n * sizeof(*pcm));
		return false;
	}
	if (p->n >= n && p->n < n + ms(p, SHORT_MS))
		grow(p, n);
	if (p->n < n)
		return starve(p, pcm, n);
	p->empty = 0;
	memcpy(pcm, p->pcm, n * sizeof(*pcm));
	drop(p, n);
	pc_conceal_heard(&p->conceal, pcm, n);
	adapt(p);
	return true;
}
