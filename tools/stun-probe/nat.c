/* The order of things, and the mapping test (RFC 5780 section 4.3). */
#include <errno.h>
#include <stdlib.h>

#include "loop/tool.h"
#include "nat.h"

static void finish(struct nat *nat)
{
	if (nat->over)
		return;
	nat->over = true;
	if (!nat->facts.stray.len)
		(void)talk_stray(nat->mapping, &nat->facts.stray);
	nat->facts.lossy = nat->cfg.env.packets->late > 0;
	pc_timer_cancel(nat->patience);
	nat->cfg.done(nat->cfg.arg, nat);
}

void nat_test_over(struct nat *nat)
{
	if (--nat->running == 0)
		finish(nat);
}

int nat_fresh(struct nat *nat, struct talk **talk)
{
	struct talk_way way = { .kind = WIRE_UDP, .local = nat->cfg.local };

	pc_addr_set_port(&way.local, 0);
	return talk_open(talk, &nat->cfg.env, &way);
}

int nat_ask(struct nat *nat, struct talk *talk, struct ask ask)
{
	ask.timeout_ms = nat->cfg.silence_ms;
	return talk_ask(talk, &ask);
}

static void add_point(struct nat *nat, const struct answer *a)
{
	struct nat_facts *f = &nat->facts;

	if (a->stray.len)
		f->stray = a->stray;
	f->right_sources += a->verdict == VERDICT_ANSWER;
	if (a->verdict != VERDICT_ANSWER || f->n_points == POINTS_MAX)
		return;
	f->point[f->n_points].to = a->server;
	f->point[f->n_points].mapped = a->mapped;
	f->n_points++;
}

/* --- second: the tests ------------------------------------------------ */

static void on_point(void *arg, const struct answer *a)
{
	struct nat *nat = arg;

	add_point(nat, a);
	if (--nat->mapping_open > 0)
		return;
	nat_filter_control(nat);
	nat_test_over(nat);
}

/* The server's other address, its other port, and both. */
static void ask_other_points(struct nat *nat)
{
	struct pc_addr to[3] = { nat->other, nat->other, nat->server };

	pc_addr_set_port(&to[0], pc_addr_port(&nat->server));
	pc_addr_set_port(&to[2], pc_addr_port(&nat->other));
	nat->running++;
	nat->mapping_open = 1;
	for (unsigned i = 0; i < 3; i++)
		if (nat_ask(nat, nat->mapping,
			    (struct ask){ .to = to[i],
					  .test = "mapping",
					  .done = on_point,
					  .arg = nat }) == 0)
			nat->mapping_open++;
	if (--nat->mapping_open == 0)
		nat_test_over(nat);
}

/* RFC 5780 section 7.4: the other address and the other port. */
static bool has_other(const struct answer *a)
{
	return a->verdict == VERDICT_ANSWER && a->other.len &&
	       a->other.sa.sa_family == a->server.sa.sa_family &&
	       !pc_addr_is_any(&a->other) && !same_ip(&a->other, &a->server) &&
	       pc_addr_port(&a->other) &&
	       pc_addr_port(&a->other) != pc_addr_port(&a->server);
}

static void start_tests(struct nat *nat)
{
	nat->tests_begun = true;
	nat->running = 1;
	nat->server = nat->first[nat->best].server;
	for (unsigned i = nat->cfg.n_servers; i-- > 0;) {
		if (!has_other(&nat->first[i]))
			continue;
		nat->with_other = (int)i;
		nat->facts.has_other = true;
		nat->facts.rfc5780 = !nat->first[i].old_names;
		nat->server = nat->first[i].server;
		nat->other = nat->first[i].other;
	}
	if (nat->facts.has_other) {
		ask_other_points(nat);
		nat_filter_start(nat);
	}
	nat_ports_start(nat);
	if (judge_nat(&nat->facts))
		nat_hairpin_start(nat);
	nat_fragments_start(nat);
	if (nat->cfg.lifetime_ms)
		nat_lifetime_start(nat);
	nat_test_over(nat);
}

/* --- first: who answers ----------------------------------------------- */

static void on_patience_over(void *arg)
{
	start_tests(arg);
}

/* The first answer is the one that others are compared with. */
static void first_answer(struct nat *nat, unsigned i)
{
	const struct answer *a = &nat->first[i];

	nat->best = (int)i;
	nat->facts.local = a->local;
	nat->facts.plain = a->plain;
	nat->facts.xored = a->xored;
	pc_timer_set(nat->patience, nat->cfg.silence_ms);
}

static void on_first(void *arg, const struct answer *a)
{
	struct nat *nat = arg;

	nat->answered++;
	for (unsigned i = 0; i < nat->cfg.n_servers; i++) {
		if (!pc_addr_equal(&nat->cfg.server[i], &a->server))
			continue;
		nat->first[i] = *a;
		nat->first[i].msg = NULL;
		add_point(nat, a);
		if (nat->best < 0 && a->verdict == VERDICT_ANSWER)
			first_answer(nat, i);
	}
	if (nat->answered < nat->asked || nat->tests_begun)
		return;
	pc_timer_cancel(nat->patience);
	if (nat->best < 0)
		finish(nat);
	else
		start_tests(nat);
}

int nat_start(struct nat **out, const struct nat_cfg *cfg)
{
	struct nat *nat = calloc(1, sizeof(*nat));
	int rc;

	*out = nat;
	if (!nat)
		return -ENOMEM;
	nat->cfg = *cfg;
	nat->best = nat->with_other = -1;
	nat->patience =
		pc_timer_new(cfg->env.tool->loop, on_patience_over, nat);
	if (!nat->patience)
		return -ENOMEM;
	rc = talk_open(
		&nat->mapping, &cfg->env,
		&(struct talk_way){ .kind = WIRE_UDP, .local = cfg->local });
	for (unsigned i = 0; rc == 0 && i < cfg->n_servers; i++) {
		rc = talk_ask(nat->mapping,
			      &(struct ask){ .to = cfg->server[i],
					     .test = "mapping",
					     .timeout_ms = cfg->timeout_ms,
					     .done = on_first,
					     .arg = nat });
		nat->asked += rc == 0;
	}
	return rc;
}

bool nat_stop(struct nat *nat)
{
	return !nat->over && nat->running == 1 &&
	       nat_lifetime_stop(nat->lifetime);
}

void nat_free(struct nat *nat)
{
	if (!nat)
		return;
	pc_timer_free(nat->patience);
	talk_free(nat->mapping);
	nat_filter_free(nat->filter);
	nat_ports_free(nat->ports);
	nat_hairpin_free(nat->hairpin);
	nat_fragments_free(nat->fragments);
	nat_lifetime_free(nat->lifetime);
	free(nat);
}
