/* A jitter buffer of sound; see playout.h. */
#include "media/playout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	START_MS = 40,    /* in hand before it begins to flow */
	SPARE_MS = 15,    /* less than this left over is no delay */
	LOOK_PULLS = 100, /* in which the least is looked for */
	MUCH_MS = 80,     /* if more than this is left over, it is so ... */
	SOON_PULLS = 25,  /* ... after as many, and taken out at every pull */
	FRESH_PULLS = 3,  /* in which a burst after silence may still come */
	EMPTY_MAX = 5,    /* then the source is silent, not late */
	SHORT_MS = 4,     /* nearly empty: put a period in before it is */
};

/* The side's samples lie as those of the middle do. */
struct pc_playout_side {
	struct pc_conceal conceal;
	int16_t pcm[48000 / 1000 * PC_PLAYOUT_MAX_MS];
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
	free(p->side);
	p->pcm = NULL;
	p->side = NULL;
}

static void begin_side(struct pc_playout *p)
{
	p->side = calloc(1, sizeof(*p->side));
	if (!p->side)
		return;
	pc_conceal_init(&p->side->conceal, p->rate_hz);
	p->side->conceal.n = p->conceal.n; /* of nothing, as it was mono */
}

static void move(struct pc_playout *p, size_t to, size_t from, size_t n)
{
	memmove(p->pcm + to, p->pcm + from, n * sizeof(*p->pcm));
	if (p->side)
		memmove(p->side->pcm + to, p->side->pcm + from,
			n * sizeof(*p->pcm));
}

static void drop(struct pc_playout *p, size_t n)
{
	p->n -= n;
	move(p, 0, n, p->n);
}

/* Begin to look for the least again. */
static void look(struct pc_playout *p)
{
	p->least = p->n;
	p->pulls = 0;
}

static void push_side(struct pc_playout *p, const int16_t *side, size_t n)
{
	int16_t *to = p->side->pcm + p->n;

	if (side)
		memcpy(to, side, n * sizeof(*to));
	else
		memset(to, 0, n * sizeof(*to));
}

void pc_playout_push(struct pc_playout *p, const int16_t *pcm,
		     const int16_t *side, size_t n)
{
	size_t max = ms(p, PC_PLAYOUT_MAX_MS);

	if (side && !p->side)
		begin_side(p);
	if (n > max) {
		pcm += n - max;
		side = side ? side + n - max : NULL;
		n = max;
	}
	if (p->n + n > max)
		drop(p, p->n + n - max);
	memcpy(p->pcm + p->n, pcm, n * sizeof(*pcm));
	if (p->side)
		push_side(p, side, n);
	p->n += n;
	if (!p->flowing && p->n >= ms(p, START_MS)) {
		p->flowing = true;
		p->fresh = FRESH_PULLS;
		look(p);
	}
}

/* One period out of the oldest 40 ms. */
static size_t trim(struct pc_playout *p)
{
	size_t n = ms(p, 40), m;

	if (p->n < n)
		return 0;
	m = pc_pitch_shorter(p->pcm, p->side ? p->side->pcm : NULL, n,
			     p->rate_hz);
	move(p, m, n, p->n - n);
	p->n -= n - m;
	p->trimmed++;
	return n - m;
}

/*
 * After a stall, what was held up comes at once. Nobody has heard anything of it
 * yet, so its beginning can be left out, and there is no delay to get rid of.
 */
static void catch_up(struct pc_playout *p)
{
	p->fresh--;
	if (p->n > ms(p, 2 * START_MS)) {
		drop(p, p->n - ms(p, START_MS));
		look(p);
	}
}

/* What was heard last, and what there is; 20 ms of the one, 40 of the other. */
static void join(int16_t *work, size_t heard, const struct pc_conceal *c,
		 const int16_t *pcm, size_t n)
{
	memcpy(work, c->past + c->n - heard, heard * sizeof(*work));
	memcpy(work + heard, pcm, n * sizeof(*work));
}

/* One period into what there is, behind the 20 ms heard last. */
static void grow(struct pc_playout *p, size_t want)
{
	const struct pc_conceal *c = &p->conceal;
	int16_t work[48000 * 75 / 1000], beside[48000 * 75 / 1000];
	size_t heard = ms(p, 20), m;

	if (c->n < heard || p->n < ms(p, 20) || p->n > ms(p, 40))
		return;
	join(work, heard, c, p->pcm, p->n);
	if (p->side)
		join(beside, heard, &p->side->conceal, p->side->pcm, p->n);
	m = pc_pitch_longer(work, p->side ? beside : NULL, heard + p->n,
			    p->rate_hz) -
	    heard;
	/* What was heard cannot be changed: only the rest is taken. */
	if (m <= p->n || m < want)
		return;
	memcpy(p->pcm, work + heard, m * sizeof(*work));
	if (p->side)
		memcpy(p->side->pcm, beside + heard, m * sizeof(*work));
	p->n = m;
	p->grown++;
}

static void adapt(struct pc_playout *p)
{
	if (p->n < p->least)
		p->least = p->n;
	if (++p->pulls >= SOON_PULLS && p->least > ms(p, MUCH_MS)) {
		p->least -= trim(p);
		return;
	}
	if (p->pulls < LOOK_PULLS)
		return;
	if (p->least > ms(p, SPARE_MS))
		(void)trim(p);
	if (p->least > ms(p, 2 * SPARE_MS + 20)) {
		p->least -= ms(p, 15); /* the next one soon */
		p->pulls -= 5;
		return;
	}
	look(p);
}

/* The first have of n samples are there; the rest is made up. */
static void fill_up(struct pc_conceal *c, const int16_t *from, size_t have,
		    int16_t *pcm, size_t n)
{
	if (have > 0) {
		memcpy(pcm, from, have * sizeof(*pcm));
		pc_conceal_heard(c, pcm, have);
	}
	if (n > have)
		pc_conceal_make(c, pcm + have, n - have);
}

/* Of the middle and the side alike. */
static void take(struct pc_playout *p, size_t have, int16_t *pcm, int16_t *side,
		 size_t n)
{
	fill_up(&p->conceal, p->pcm, have, pcm, n);
	if (p->side)
		fill_up(&p->side->conceal, p->side->pcm, have, side, n);
	drop(p, have);
}

static bool nothing(const struct pc_playout *p, int16_t *pcm, int16_t *side,
		    size_t n)
{
	memset(pcm, 0, n * sizeof(*pcm));
	if (p->side)
		memset(side, 0, n * sizeof(*side));
	return false;
}

/* Too little: the rest is made up, and so the buffer gains what comes. */
static bool starve(struct pc_playout *p, int16_t *pcm, int16_t *side, size_t n)
{
	p->late++;
	if (++p->empty > EMPTY_MAX) {
		p->flowing = false;
		p->empty = 0;
		pc_conceal_init(&p->conceal, p->rate_hz);
		if (p->side)
			pc_conceal_init(&p->side->conceal, p->rate_hz);
		return nothing(p, pcm, side, n);
	}
	take(p, p->n, pcm, side, n);
	return true;
}

bool pc_playout_pull(struct pc_playout *p, int16_t *pcm, int16_t *side,
		     size_t n)
{
	if (!p->flowing)
		return nothing(p, pcm, side, n);
	if (p->fresh)
		catch_up(p);
	if (p->n >= n && p->n < n + ms(p, SHORT_MS))
		grow(p, n);
	if (p->n < n)
		return starve(p, pcm, side, n);
	p->empty = 0;
	take(p, n, pcm, side, n);
	adapt(p);
	return true;
}
