/*
 * Hairpinning (RFC 4787 section 6, RFC 5780 section 3.5): two sockets send to
 * each other's mapped address. Both send, because the way in may be filtered.
 */
#include <stdlib.h>

#include "nat.h"

struct end {
	struct nat *nat;
	struct talk *talk;
	struct pc_addr mapped; /* len 0: not known */
	struct end *peer;
	bool came;
};

struct nat_hairpin {
	struct end end[2];
	unsigned mapped;
};

static void on_over(void *arg, const struct answer *a)
{
	struct end *end = arg;

	(void)a;
	nat_test_over(end->nat);
}

static void on_request(void *arg, const struct pc_addr *from,
		       const struct pc_stun_msg *msg)
{
	struct end *end = arg;
	struct nat_facts *f = &end->nat->facts;

	if (msg->class != PC_STUN_REQUEST || msg->method != PC_STUN_BINDING)
		return;
	if (!end->came) {
		end->came = true;
		f->hairpin_came++;
		f->hairpin_from = *from;
		f->hairpin_outside = pc_addr_equal(from, &end->peer->mapped);
	}
	talk_answer(end->talk, from, msg);
}

static void send_to_peer(struct end *end)
{
	end->nat->running++;
	talk_on_other(end->talk, "hairpin", on_request, end);
	if (nat_ask(end->nat, end->talk,
		    (struct ask){ .to = end->peer->mapped,
				  .test = "hairpin",
				  .any_source = true,
				  .done = on_over,
				  .arg = end }) != 0)
		nat_test_over(end->nat);
}

static void on_mapped(void *arg, const struct answer *a)
{
	struct end *end = arg;
	struct nat *nat = end->nat;

	if (a->verdict == VERDICT_ANSWER) {
		end->mapped = a->mapped;
		if (++nat->hairpin->mapped == 2) {
			nat->facts.hairpin_tried = true;
			send_to_peer(end);
			send_to_peer(end->peer);
		}
	}
	nat_test_over(nat);
}

void nat_hairpin_start(struct nat *nat)
{
	struct nat_hairpin *t = calloc(1, sizeof(*t));

	nat->hairpin = t;
	for (unsigned i = 0; t && i < 2; i++) {
		struct end *end = &t->end[i];

		end->nat = nat;
		end->peer = &t->end[1 - i];
		if (nat_fresh(nat, &end->talk) != 0)
			return;
		nat->running++;
		if (nat_ask(nat, end->talk,
			    (struct ask){ .to = nat->server,
					  .test = "hairpin",
					  .done = on_mapped,
					  .arg = end }) != 0)
			nat_test_over(nat);
	}
}

void nat_hairpin_free(struct nat_hairpin *t)
{
	if (!t)
		return;
	talk_free(t->end[0].talk);
	talk_free(t->end[1].talk);
	free(t);
}
