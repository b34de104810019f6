/* The steps that are requests, and their order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "loop/tool.h"
#include "turn.h"

#define GOODBYE_MS 1500 /* less than pc_tool leaves */
#define LIFETIME_S 600  /* RFC 8656 section 3.2: the usual one */

const char *turn_step_name(enum turn_step step)
{
	static const char *const names[] = {
		[TURN_ALLOCATE] = "allocate",
		[TURN_PERMISSION] = "permission",
		[TURN_IN] = "in",
		[TURN_OUT] = "out",
		[TURN_CHANNEL] = "channel",
		[TURN_ECHO] = "echo",
		[TURN_REFRESH] = "refresh",
		[TURN_RELEASE] = "release",
	};

	return names[step];
}

/* --- a request of each step ------------------------------------------- */

/* Section 7.1: UDP; and IPv6 if that is how we come, because IPv4 is what an
 * absent family means. */
static void put_allocate(struct pc_stun_build *b, const struct turn *t)
{
	pc_stun_put_u32(b, PC_STUN_REQUESTED_TRANSPORT, 17u << 24);
	if (t->cfg.server.sa.sa_family == AF_INET6)
		pc_stun_put_u32(b, PC_STUN_REQUESTED_ADDRESS_FAMILY, 2u << 24);
	pc_stun_put_u32(b, PC_STUN_LIFETIME, LIFETIME_S);
}

static void fill(struct pc_stun_build *b, void *arg)
{
	struct turn *t = arg;

	switch (t->at) {
	case TURN_ALLOCATE:
		put_allocate(b, t);
		break;
	case TURN_PERMISSION:
		pc_stun_put_addr(b, PC_STUN_XOR_PEER_ADDRESS, &t->mapped);
		break;
	case TURN_CHANNEL:
		pc_stun_put_u32(b, PC_STUN_CHANNEL_NUMBER,
				(uint32_t)TURN_CHANNEL_NUMBER << 16);
		pc_stun_put_addr(b, PC_STUN_XOR_PEER_ADDRESS, &t->peer);
		break;
	default:
		pc_stun_put_u32(b, PC_STUN_LIFETIME,
				t->at == TURN_REFRESH ? LIFETIME_S : 0);
	}
	turn_auth_put(&t->auth, b);
}

static void on_answer(void *arg, const struct answer *a);

static void request(struct turn *t)
{
	static const uint16_t methods[TURN_STEPS] = {
		[TURN_ALLOCATE] = PC_STUN_ALLOCATE,
		[TURN_PERMISSION] = PC_STUN_CREATE_PERMISSION,
		[TURN_CHANNEL] = PC_STUN_CHANNEL_BIND,
		[TURN_REFRESH] = PC_STUN_REFRESH,
		[TURN_RELEASE] = PC_STUN_REFRESH,
	};

	int rc = talk_ask(t->talk,
			  &(struct ask){ .to = t->cfg.server,
					 .test = turn_step_name(t->at),
					 .method = methods[t->at],
					 .fill = fill,
					 .timeout_ms = t->cfg.timeout_ms,
					 .done = on_answer,
					 .arg = t });

	if (rc == 0)
		return;
	t->step[t->at].error = -rc;
	turn_step_over(t, TURN_FAILED,
		       rc == -ENOBUFS ? "the request is too long"
				      : strerror(-rc));
}

/* --- the order -------------------------------------------------------- */

static void start_step(struct turn *t)
{
	pc_event(t->cfg.env.tool, "step", "step=%s", turn_step_name(t->at));
	switch (t->at) {
	case TURN_IN:
		turn_data_in(t);
		break;
	case TURN_OUT:
		turn_data_out(t);
		break;
	case TURN_ECHO:
		turn_data_echo(t);
		break;
	default:
		request(t);
	}
}

static void finish(struct turn *t)
{
	t->ended = true;
	t->cfg.done(t->cfg.arg, t);
}

/*
 * Data that does not come is no reason not to refresh. An allocation is given
 * back whatever happened; without one there is nothing more to do.
 */
void turn_step_over(struct turn *t, enum turn_outcome outcome, const char *why)
{
	struct turn_result *r = &t->step[t->at];
	bool ok = outcome == TURN_OK;

	if (t->ended)
		return;
	r->outcome = outcome;
	if (why)
		snprintf(r->why, sizeof(r->why), "%s", why);
	if ((t->at == TURN_ALLOCATE && !ok) || t->at == TURN_RELEASE) {
		finish(t);
		return;
	}
	if (ok || t->at == TURN_OUT || t->at == TURN_ECHO ||
	    t->at == TURN_REFRESH)
		t->at++;
	else
		t->at = t->at < TURN_REFRESH ? TURN_REFRESH : TURN_RELEASE;
	start_step(t);
}

/* --- answers ---------------------------------------------------------- */

static bool read_address(const struct pc_stun_msg *msg, uint16_t type,
			 struct pc_addr *addr)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, type);

	return a && pc_stun_address(msg, a, addr) == 0;
}

static unsigned read_lifetime(const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, PC_STUN_LIFETIME);

	if (!a || a->len != 4)
		return 0;
	return pc_get32(a->value);
}

/* NULL, or what is missing in it. */
static const char *take_success(struct turn *t, const struct answer *a)
{
	if (t->authenticated && turn_auth_check(&t->auth, a->msg) != 0)
		return "its MESSAGE-INTEGRITY is missing or wrong";
	if (t->at == TURN_REFRESH)
		t->refreshed_s = read_lifetime(a->msg);
	if (t->at != TURN_ALLOCATE)
		return NULL;
	snprintf(t->software, sizeof(t->software), "%s", a->software);
	t->lifetime_s = read_lifetime(a->msg);
	if (!read_address(a->msg, PC_STUN_XOR_RELAYED_ADDRESS, &t->relayed))
		return "it has no XOR-RELAYED-ADDRESS";
	if (!read_address(a->msg, PC_STUN_XOR_MAPPED_ADDRESS, &t->mapped))
		return "it has no XOR-MAPPED-ADDRESS";
	if (!t->lifetime_s)
		return "it has no LIFETIME";
	t->step[TURN_ALLOCATE].error = -turn_data_open(t);
	return t->step[TURN_ALLOCATE].error ? "no socket for our peer" : NULL;
}

/* A challenge that is to be answered: the first 401, and a stale nonce. */
static bool is_challenge(struct turn *t, const struct answer *a)
{
	if (a->code == 401 && !t->authenticated && t->cfg.user)
		return true;
	if (a->code == 438 && t->authenticated && !t->retried_nonce)
		return t->retried_nonce = true;
	return false;
}

static void refused(struct turn *t, const struct answer *a)
{
	char why[WIRE_WHY], text[PC_ADDR_TEXT];

	if (!a->alternate.len) {
		turn_step_over(t, TURN_REFUSED, a->reason);
		return;
	}
	t->alternate = a->alternate;
	snprintf(why, sizeof(why), "%s: ask %s instead", a->reason,
		 pc_addr_text(&a->alternate, text));
	turn_step_over(t, TURN_REFUSED, why);
}

static void take_error(struct turn *t, const struct answer *a)
{
	if (is_challenge(t, a)) {
		if (turn_auth_challenge(&t->auth, a->msg) == 0) {
			t->authenticated = true;
			request(t);
			return;
		}
		t->step[t->at].verdict = VERDICT_BROKEN;
		turn_step_over(t, TURN_FAILED,
			       "a challenge without a REALM and NONCE, or with "
			       "unknown algorithms only");
		return;
	}
	refused(t, a);
}

static void on_answer(void *arg, const struct answer *a)
{
	struct turn *t = arg;
	struct turn_result *r = &t->step[t->at];
	const char *why;

	r->verdict = a->verdict;
	r->code = a->code;
	r->error = a->error;
	r->elapsed_us = a->elapsed_us;
	t->connect_us = a->connect_us;
	snprintf(t->cipher, sizeof(t->cipher), "%s", a->cipher);
	switch (a->verdict) {
	case VERDICT_ANSWER:
		t->retried_nonce = false;
		why = take_success(t, a);
		if (why && !r->error)
			r->verdict = VERDICT_BROKEN;
		turn_step_over(t, why ? TURN_FAILED : TURN_OK, why);
		break;
	case VERDICT_ERROR:
		take_error(t, a);
		break;
	case VERDICT_SILENT:
		turn_step_over(t, TURN_SILENT, NULL);
		break;
	default:
		turn_step_over(t, TURN_FAILED, a->why);
	}
}

/* --- start and end ---------------------------------------------------- */

int turn_start(struct turn **out, const struct turn_cfg *cfg)
{
	struct turn *t = calloc(1, sizeof(*t));
	int rc;

	*out = t;
	if (!t)
		return -ENOMEM;
	t->cfg = *cfg;
	t->cfg.way.channels = true;
	t->auth.user = cfg->user;
	t->auth.password = cfg->password;
	t->seen = calloc(1, cfg->packets + 1);
	if (!t->seen)
		return -ENOMEM;
	rc = talk_open(&t->talk, &cfg->env, &t->cfg.way);
	if (rc == 0)
		start_step(t);
	return rc;
}

bool turn_stop(struct turn *t)
{
	if (t->step[TURN_ALLOCATE].outcome != TURN_OK || t->ended ||
	    t->at == TURN_RELEASE)
		return false;
	talk_drop(t->talk);
	pc_timer_cancel(t->timer);
	t->cfg.timeout_ms = GOODBYE_MS;
	t->at = TURN_RELEASE;
	start_step(t);
	return true;
}

void turn_free(struct turn *t)
{
	if (!t)
		return;
	talk_free(t->talk);
	wire_free(t->peer_wire);
	pc_timer_free(t->timer);
	explicit_bzero(t->auth.key, sizeof(t->auth.key));
	free(t->seen);
	free(t);
}
