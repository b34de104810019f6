/* The order of SRV records; see srv.h. */
#include "sip/srv.h"

#include <stdlib.h>

static int by_priority(const void *a, const void *b)
{
	const struct pc_sip_srv *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* those of weight 0 first: so they are drawn, though seldom */
	return (x->weight > y->weight) - (x->weight < y->weight);
}

/* Draw one of n by weight: its index. */
static size_t draw(const struct pc_sip_srv *records, size_t n,
		   pc_sip_random_fn *random)
{
	uint32_t sum = 0, running = 0, chosen;

	for (size_t i = 0; i < n; i++)
		sum += records[i].weight;
	chosen = random(sum);
	for (size_t i = 0; i < n; i++) {
		running += records[i].weight;
		if (running >= chosen)
			return i;
	}
	return n - 1;
}

void pc_sip_srv_order(struct pc_sip_srv *records, size_t n,
		      pc_sip_random_fn *random)
{
	struct pc_sip_srv one;
	size_t end, at;

	qsort(records, n, sizeof *records, by_priority);
	for (size_t i = 0; i < n; i++) {
		for (end = i + 1;
		     end < n && records[end].priority == records[i].priority;
		     end++)
			;
		at = i + draw(records + i, end - i, random);
		one = records[at];
		for (; at > i; at--) /* the others keep their order */
			records[at] = records[at - 1];
		records[i] = one;
	}
}
