/* Which ports fresh sockets get (RFC 4787 sections 4.1 and 4.2.1, 4.2.2). */
#include <stdlib.h>

#include "nat.h"

struct nat_ports {
	struct talk *talk[PORTS_MAX];
};

static void on_answer(void *arg, const struct answer *a)
{
	struct nat *nat = arg;
	struct nat_facts *f = &nat->facts;

	if (a->verdict == VERDICT_ANSWER && f->n_ports < PORTS_MAX) {
		f->port[f->n_ports].local = a->local;
		f->port[f->n_ports].mapped = a->mapped;
		f->n_ports++;
	}
	nat_test_over(nat);
}

void nat_ports_start(struct nat *nat)
{
	struct nat_ports *t = calloc(1, sizeof(*t));

	nat->ports = t;
	for (unsigned i = 0; t && i < PORTS_MAX; i++) {
		if (nat_fresh(nat, &t->talk[i]) != 0)
			return;
		nat->running++;
		if (nat_ask(nat, t->talk[i],
			    (struct ask){ .to = nat->server,
					  .test = "ports",
					  .done = on_answer,
					  .arg = nat }) != 0)
			nat_test_over(nat);
	}
}

void nat_ports_free(struct nat_ports *t)
{
	for (unsigned i = 0; t && i < PORTS_MAX; i++)
		talk_free(t->talk[i]);
	free(t);
}
