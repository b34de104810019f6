/*
 * How long an idle binding lives (RFC 5780 section 4.6). A socket gets a
 * mapping and then is still; after a while another socket asks the server to
 * answer to that mapping's port (RESPONSE-PORT). If the answer comes in, the
 * binding still lived. Each wait has a socket of its own, because the answer
 * that comes in may itself keep the binding alive; so the waits run side by
 * side: eight times up to the limit, then eight times between the last that
 * lived and the first that did not.
 */
#include <stdlib.h>

#include "loop/tool.h"
#include "nat.h"

#define AT_ONCE   8
#define FINE_MS   500 /* no second round when it is known so well */
#define ROUNDS    2
#define CAPABLE   0 /* the idle socket that does not wait */
#define N_SOCKETS (AT_ONCE + 1)

struct idle {
	struct nat_lifetime *test;
	struct talk *talk;
	struct pc_timer *timer;
	unsigned wait_ms;
	uint16_t port; /* of its mapping */
	bool mapped, lived;
};

struct nat_lifetime {
	struct nat *nat;
	struct talk *asker;
	struct idle idle[N_SOCKETS];
	unsigned open, round;
	bool over;
	unsigned alive_ms, dead_ms; /* dead_ms 0: none seen */
};

static void start_round(struct nat_lifetime *t);

static void idle_free(struct idle *i)
{
	talk_free(i->talk);
	pc_timer_free(i->timer);
	*i = (struct idle){ 0 };
}

/* Who did not live must not have been outlived by one that waited longer. */
static void read_round(struct nat_lifetime *t)
{
	for (unsigned n = 0; n < N_SOCKETS; n++) {
		const struct idle *i = &t->idle[n];

		if (i->lived && i->wait_ms > t->alive_ms)
			t->alive_ms = i->wait_ms;
	}
	for (unsigned n = 0; n < N_SOCKETS; n++) {
		const struct idle *i = &t->idle[n];

		if (i->mapped && !i->lived && i->wait_ms > t->alive_ms &&
		    (!t->dead_ms || i->wait_ms < t->dead_ms))
			t->dead_ms = i->wait_ms;
	}
}

/* What is still waited for is no longer. */
static void test_over(struct nat_lifetime *t)
{
	t->over = true;
	for (unsigned n = 0; n < N_SOCKETS; n++)
		if (t->idle[n].timer)
			pc_timer_cancel(t->idle[n].timer);
	t->nat->facts.alive_ms = t->alive_ms;
	t->nat->facts.dead_ms = t->dead_ms;
	nat_test_over(t->nat);
}

static void round_over(struct nat_lifetime *t)
{
	struct nat_facts *f = &t->nat->facts;

	if (t->round == 1)
		f->response_port = t->idle[CAPABLE].lived;
	read_round(t);
	if (f->response_port && t->dead_ms && t->round < ROUNDS &&
	    t->dead_ms - t->alive_ms > FINE_MS) {
		start_round(t);
		return;
	}
	test_over(t);
}

static void idle_over(struct idle *i)
{
	if (--i->test->open == 0 && !i->test->over)
		round_over(i->test);
}

/* The answer came to where it was sent: to the idle socket. */
static void on_lived(void *arg, const struct pc_addr *from,
		     const struct pc_stun_msg *msg)
{
	struct idle *i = arg;

	(void)from;
	i->lived |= msg->class == PC_STUN_SUCCESS;
}

static void put_port(struct pc_stun_build *b, void *arg)
{
	const struct idle *i = arg;

	pc_stun_put_u32(b, PC_STUN_RESPONSE_PORT, (uint32_t)i->port << 16);
}

/* Silence is how the asker always ends: its answer goes elsewhere. */
static void on_asked(void *arg, const struct answer *a)
{
	struct idle *i = arg;
	struct nat_lifetime *t = i->test;

	(void)a;
	if (i == &t->idle[CAPABLE] && !i->lived && !t->over)
		test_over(t); /* waiting would tell nothing */
	else
		idle_over(i);
}

static void on_waited(void *arg)
{
	struct idle *i = arg;

	if (nat_ask(i->test->nat, i->test->asker,
		    (struct ask){ .to = i->test->nat->server,
				  .test = "lifetime",
				  .fill = put_port,
				  .done = on_asked,
				  .arg = i }) != 0)
		idle_over(i);
}

static void on_mapped(void *arg, const struct answer *a)
{
	struct idle *i = arg;

	if (a->verdict != VERDICT_ANSWER) {
		idle_over(i);
		return;
	}
	i->mapped = true;
	i->port = pc_addr_port(&a->mapped);
	talk_on_other(i->talk, "lifetime", on_lived, i);
	pc_timer_set(i->timer, i->wait_ms);
}

static void start_idle(struct nat_lifetime *t, struct idle *i, unsigned wait_ms)
{
	idle_free(i);
	i->test = t;
	i->wait_ms = wait_ms;
	i->timer = pc_timer_new(t->nat->cfg.env.tool->loop, on_waited, i);
	t->open++;
	if (!i->timer || nat_fresh(t->nat, &i->talk) != 0 ||
	    nat_ask(t->nat, i->talk,
		    (struct ask){ .to = t->nat->server,
				  .test = "lifetime",
				  .done = on_mapped,
				  .arg = i }) != 0)
		t->open--;
}

static void start_round(struct nat_lifetime *t)
{
	unsigned first = t->round ? t->alive_ms : 0;
	unsigned last = t->round ? t->dead_ms : t->nat->cfg.lifetime_ms;
	unsigned parts = t->round ? AT_ONCE + 1 : AT_ONCE;

	t->round++;
	t->open = 1; /* until all are started */
	for (unsigned n = 1; n <= AT_ONCE; n++)
		start_idle(t, &t->idle[n],
			   first + (unsigned)((uint64_t)(last - first) * n /
					      parts));
	if (t->round == 1)
		start_idle(t, &t->idle[CAPABLE], 0);
	if (--t->open == 0)
		round_over(t);
}

void nat_lifetime_start(struct nat *nat)
{
	struct nat_lifetime *t = calloc(1, sizeof(*t));

	nat->lifetime = t;
	if (!t || nat_fresh(nat, &t->asker) != 0)
		return;
	t->nat = nat;
	nat->running++;
	nat->facts.lifetime_tried = true;
	nat->facts.lifetime_max_ms = nat->cfg.lifetime_ms;
	start_round(t);
}

bool nat_lifetime_stop(struct nat_lifetime *t)
{
	if (!t || !t->nat || t->over)
		return false;
	t->nat->facts.lifetime_ended = true;
	for (unsigned n = 0; n < N_SOCKETS; n++) {
		const struct idle *i = &t->idle[n];

		t->nat->facts.response_port |= i->lived;
		if (i->lived && i->wait_ms > t->alive_ms)
			t->alive_ms = i->wait_ms;
	}
	test_over(t);
	return true;
}

void nat_lifetime_free(struct nat_lifetime *t)
{
	for (unsigned n = 0; t && n < N_SOCKETS; n++)
		idle_free(&t->idle[n]);
	if (t)
		talk_free(t->asker);
	free(t);
}
