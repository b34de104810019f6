/*
 * Does a TURN server relay for us (RFC 8656)? Each step that a call needs, in
 * turn, on one allocation, with a socket of our own as the peer:
 *
 *	allocate	(401: with the realm and nonce that it gave)
 *	permission	for the address that our packets come from
 *	in		the peer's packet comes out of the relay, as a Data
 *			indication, which also says where the peer is
 *	out		a Send indication comes to the peer
 *	channel		bound to the peer
 *	echo		packets there and back over the channel: round trip, loss
 *	refresh		of the allocation
 *	release		a refresh with lifetime 0
 */
#ifndef STUN_PROBE_TURN_H
#define STUN_PROBE_TURN_H

#include "talk.h"
#include "turn_auth.h"

enum turn_step {
	TURN_ALLOCATE,
	TURN_PERMISSION,
	TURN_IN,
	TURN_OUT,
	TURN_CHANNEL,
	TURN_ECHO,
	TURN_REFRESH,
	TURN_RELEASE,
	TURN_STEPS,
};

enum turn_outcome {
	TURN_NOT_TRIED,
	TURN_OK,
	TURN_REFUSED, /* an error response: code, reason */
	TURN_SILENT,
	TURN_FAILED, /* why, and the talk's verdict */
};

struct turn_result {
	enum turn_outcome outcome;
	enum verdict verdict;
	unsigned code;
	int error; /* errno */
	char why[WIRE_WHY];
	uint64_t elapsed_us; /* of its last request */
};

struct turn;
typedef void turn_done_fn(void *arg, struct turn *turn);

struct turn_cfg {
	struct talk_env env;
	struct talk_way way;
	struct pc_addr server;
	const char *user, *password; /* NULL: without credentials */
	unsigned timeout_ms;         /* for an answer; 0: the RFC's */
	unsigned silence_ms;         /* for what has no answer */
	unsigned packets;            /* to be echoed, one each 20 ms */
	turn_done_fn *done;          /* once, from the loop */
	void *arg;
};

struct turn {
	struct turn_cfg cfg;
	struct talk *talk;
	struct turn_auth auth;
	enum turn_step at;
	bool authenticated, retried_nonce, ended;
	struct turn_result step[TURN_STEPS];
	struct pc_addr relayed, mapped, peer;
	struct pc_addr alternate; /* whom a 300 says to ask */
	char software[128], cipher[64];
	uint64_t connect_us;
	unsigned lifetime_s, refreshed_s;
	struct wire *peer_wire; /* our own peer */
	struct pc_timer *timer; /* of the steps with packets */
	unsigned sent, came, peer_heard;
	unsigned tries;
	uint64_t rtt_min_us, rtt_max_us, rtt_sum_us;
	uint8_t *seen; /* which packets came back, a byte each */
};

/* Returns 0, or -errno after one line. *turn is set, to be freed. */
int turn_start(struct turn **turn, const struct turn_cfg *cfg);
void turn_free(struct turn *turn); /* NULL is fine */

/*
 * Give the allocation back before the time: done is called when that is
 * answered, or after a while. False: there is none, nothing is done.
 */
bool turn_stop(struct turn *turn);

/* "allocate", ... */
const char *turn_step_name(enum turn_step step);

/* --- between turn.c and turn_data.c ----------------------------------- */

/* This step has come to that; why may be NULL. Then the next, or the end. */
void turn_step_over(struct turn *t, enum turn_outcome outcome, const char *why);

int turn_data_open(struct turn *t);
void turn_data_in(struct turn *t);   /* TURN_IN */
void turn_data_out(struct turn *t);  /* TURN_OUT */
void turn_data_echo(struct turn *t); /* TURN_ECHO */

#define TURN_CHANNEL_NUMBER 0x4000

#endif
