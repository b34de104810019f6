/*
 * Filtering (RFC 5780 section 4.4), each question on a socket of its own, and
 * the control: does the server answer from elsewhere at all, when the filter
 * is open? Without it, silence could be the server's.
 */
#include <stdlib.h>

#include "nat.h"

struct question {
	struct nat *nat;
	struct talk *talk;
	uint32_t change;
	enum outcome *outcome;
	struct pc_addr mapped; /* of the plain answer */
};

struct nat_filter {
	struct question both, port, control_both, control_port;
};

static void put_change(struct pc_stun_build *b, void *arg)
{
	const struct question *q = arg;

	pc_stun_put_u32(b, PC_STUN_CHANGE_REQUEST, q->change);
}

static enum outcome outcome_of(const struct question *q, const struct answer *a)
{
	struct pc_addr expected = q->nat->other;

	if (!(q->change & PC_STUN_CHANGE_IP)) {
		expected = q->nat->server;
		pc_addr_set_port(&expected, pc_addr_port(&q->nat->other));
	}
	if (a->verdict == VERDICT_SILENT)
		return SILENCE;
	if (a->verdict != VERDICT_ANSWER)
		return REFUSED;
	return pc_addr_equal(&a->from, &expected) ? CAME : CAME_ASTRAY;
}

static void on_kept_out(void *arg, const struct answer *a)
{
	struct question *q = arg;
	struct nat_facts *f = &q->nat->facts;

	if (a->verdict == VERDICT_ANSWER) {
		f->before_uninvited = q->mapped;
		f->after_uninvited = a->mapped;
	}
	nat_test_over(q->nat);
}

/*
 * What was kept out may have left its mark: Linux's bare masquerade makes an
 * entry for it, and what we then send there comes from another port.
 */
static bool ask_who_was_kept_out(struct question *q)
{
	return nat_ask(q->nat, q->talk,
		       (struct ask){ .to = q->nat->other,
				     .test = "uninvited",
				     .done = on_kept_out,
				     .arg = q }) == 0;
}

static void on_changed(void *arg, const struct answer *a)
{
	struct question *q = arg;

	*q->outcome = outcome_of(q, a);
	if (q != &q->nat->filter->both || *q->outcome != SILENCE ||
	    !ask_who_was_kept_out(q))
		nat_test_over(q->nat);
}

static void ask_change(struct question *q, struct talk *talk, const char *test)
{
	if (nat_ask(q->nat, talk,
		    (struct ask){ .to = q->nat->server,
				  .test = test,
				  .fill = put_change,
				  .any_source = true,
				  .done = on_changed,
				  .arg = q }) != 0)
		nat_test_over(q->nat);
}

/* Only a socket that does get answers can tell something by getting none. */
static void on_plain(void *arg, const struct answer *a)
{
	struct question *q = arg;

	if (a->verdict == VERDICT_ANSWER) {
		q->mapped = a->mapped;
		ask_change(q, q->talk, "filtering");
		return;
	}
	*q->outcome = NO_FIRST_TEST;
	nat_test_over(q->nat);
}

static void start_fresh(struct nat *nat, struct question *q, uint32_t change,
			enum outcome *outcome)
{
	*q = (struct question){ .nat = nat,
				.change = change,
				.outcome = outcome };
	nat->running++;
	*outcome = NO_FIRST_TEST;
	if (nat_fresh(nat, &q->talk) != 0 ||
	    nat_ask(nat, q->talk,
		    (struct ask){ .to = nat->server,
				  .test = "filtering",
				  .done = on_plain,
				  .arg = q }) != 0)
		nat_test_over(nat);
}

void nat_filter_start(struct nat *nat)
{
	struct nat_filter *t = calloc(1, sizeof(*t));

	nat->filter = t;
	if (!t)
		return;
	start_fresh(nat, &t->both, PC_STUN_CHANGE_IP | PC_STUN_CHANGE_PORT,
		    &nat->facts.change_both);
	start_fresh(nat, &t->port, PC_STUN_CHANGE_PORT,
		    &nat->facts.change_port);
}

/* The mapping that packets to this destination have; NULL if not known. */
static const struct pc_addr *mapping_to(const struct nat *nat,
					const struct pc_addr *to)
{
	for (unsigned i = 0; i < nat->facts.n_points; i++)
		if (pc_addr_equal(&nat->facts.point[i].to, to))
			return &nat->facts.point[i].mapped;
	return NULL;
}

/*
 * The mapping socket has sent to the server's other addresses. If that was
 * through the mapping that the answer will come to, the filter is open.
 */
static void control(struct nat *nat, struct question *q, uint32_t change,
		    const struct pc_addr *opened, enum outcome *outcome)
{
	const struct pc_addr *a = mapping_to(nat, &nat->server);
	const struct pc_addr *b = mapping_to(nat, opened);

	if (!a || !b) {
		*outcome = UNHEARD;
		return;
	}
	if (!pc_addr_equal(a, b))
		return;
	*q = (struct question){ .nat = nat,
				.change = change,
				.outcome = outcome };
	nat->running++;
	ask_change(q, nat->mapping, "filtering");
}

void nat_filter_control(struct nat *nat)
{
	struct nat_filter *t = nat->filter;
	struct pc_addr port = nat->server;

	if (!t)
		return;
	pc_addr_set_port(&port, pc_addr_port(&nat->other));
	control(nat, &t->control_both, PC_STUN_CHANGE_IP | PC_STUN_CHANGE_PORT,
		&nat->other, &nat->facts.control_both);
	control(nat, &t->control_port, PC_STUN_CHANGE_PORT, &port,
		&nat->facts.control_port);
}

void nat_filter_free(struct nat_filter *t)
{
	if (!t)
		return;
	talk_free(t->both.talk);
	talk_free(t->port.talk);
	free(t);
}
