#include "sdp/diff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/meaning.h"

/* By what is said; of sets, by each member. */
static int by_key(const void *a, const void *b)
{
	const struct pc_sdp_says *x = a, *y = b;
	int order;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	order = strcmp(x->what, y->what);
	if (order == 0 && x->member)
		order = strcmp(x->value, y->value);
	if (order == 0 && x->nth != y->nth)
		order = x->nth < y->nth ? -1 : 1;
	return order;
}

static int by_key_and_place(const void *a, const void *b)
{
	const struct pc_sdp_says *x = a, *y = b;
	const int order = by_key(a, b);

	return order ? order : x->place < y->place ? -1 : 1;
}

static int by_place(const void *a, const void *b)
{
	const struct pc_sdp_says *x = a, *y = b;

	return x->place < y->place ? -1 : 1;
}

/* Sorted; what is said twice is numbered. */
static void sort(struct pc_sdp_meaning *m)
{
	unsigned i;

	if (!m->n)
		return;
	qsort(m->v, m->n, sizeof(*m->v), by_key_and_place);
	for (i = 1; i < m->n; i++) {
		struct pc_sdp_says key = m->v[i];

		key.nth = m->v[i - 1].nth;
		if (by_key(&key, &m->v[i - 1]) == 0)
			m->v[i].nth = key.nth + 1;
	}
}

static const struct pc_sdp_says *find(const struct pc_sdp_meaning *sorted,
				      const struct pc_sdp_says *key)
{
	if (!sorted->n)
		return NULL;
	return bsearch(key, sorted->v, sorted->n, sizeof(*key), by_key);
}

/* Tell of what is in m and not, or differently, in other. */
static long compare(struct pc_sdp_meaning *m,
		    const struct pc_sdp_meaning *other, bool reverse,
		    pc_sdp_diff_fn *fn, void *arg)
{
	long count = 0;
	unsigned i;

	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_place);
	for (i = 0; i < m->n; i++) {
		const struct pc_sdp_says *x = &m->v[i], *y = find(other, x);

		if (y && (reverse || strcmp(x->value, y->value) == 0))
			continue;
		count++;
		fn(arg, x->section, x->what, reverse ? NULL : x->value,
		   reverse ? x->value
		   : y     ? y->value
			   : NULL);
	}
	if (m->n)
		qsort(m->v, m->n, sizeof(*m->v), by_key);
	return count;
}

long pc_sdp_diff(const struct pc_sdp *before, const struct pc_sdp *after,
		 pc_sdp_diff_fn *fn, void *arg)
{
	struct pc_sdp_meaning a = { 0 }, b = { 0 };
	long count = -ENOMEM;

	if (pc_sdp_meaning_read(&a, before) == 0 &&
	    pc_sdp_meaning_read(&b, after) == 0) {
		sort(&a);
		sort(&b);
		count = compare(&a, &b, false, fn, arg);
		count += compare(&b, &a, true, fn, arg);
	}
	pc_sdp_meaning_fini(&a);
	pc_sdp_meaning_fini(&b);
	return count;
}
