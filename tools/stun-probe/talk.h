/*
 * Questions and their answers on one socket (RFC 8489 section 6): requests
 * sent again until they are answered or given up, answers told apart by their
 * transaction id, every packet shown and kept.
 *
 *	talk_open(&talk, &env, &local);
 *	talk_ask(talk, &(struct ask){ .to = server, .test = "mapping",
 *				      .done = on_answer, .arg = me });
 */
#ifndef STUN_PROBE_TALK_H
#define STUN_PROBE_TALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "packets.h"
#include "stun/build.h"
#include "stun/stun.h"
#include "wire.h"

struct pc_tool;
struct talk;

enum verdict {
	VERDICT_ANSWER,      /* a success response, and it is sound */
	VERDICT_ERROR,       /* an error response: code, reason */
	VERDICT_SILENT,      /* no answer */
	VERDICT_UNREACHABLE, /* ICMP, or no route: error */
	VERDICT_BROKEN,      /* an answer that breaks the protocol: why */
};

struct answer {
	enum verdict verdict;
	struct pc_addr server, local; /* asked; asked from */
	struct pc_addr from;          /* the answer's source */
	struct pc_addr mapped;        /* len 0 if absent, as all below */
	struct pc_addr plain, xored;  /* MAPPED-, XOR-MAPPED-ADDRESS */
	struct pc_addr origin, other; /* RFC 5780, or RFC 3489's names */
	struct pc_addr alternate;     /* whom a 300 says to ask */
	char domain[256];             /* and for whom its certificate is; "" */
	bool old_names;               /* it used the latter */
	char software[128], reason[128];
	unsigned code;      /* of an error response */
	int error;          /* errno, of _UNREACHABLE */
	char why[WIRE_WHY]; /* of _UNREACHABLE and _BROKEN; a 300 not followed */
	enum wire_kind kind;           /* what it went over */
	uint64_t connect_us;           /* if that had to be connected */
	char cipher[64];               /* "" if it is not enciphered */
	unsigned requests;             /* sent */
	uint64_t elapsed_us;           /* first request to answer */
	bool fingerprint;              /* the answer had a right one */
	struct pc_addr stray;          /* who else answered */
	unsigned strange;              /* packets that answered nothing */
	const struct pc_stun_msg *msg; /* the answer, in the callback only */
};

typedef void answer_fn(void *arg, const struct answer *answer);
typedef void fill_fn(struct pc_stun_build *b, void *arg);

struct ask {
	struct pc_addr to;
	const char *test;    /* a literal: what it is asked for */
	uint16_t method;     /* 0: Binding */
	fill_fn *fill;       /* adds attributes; may be NULL */
	bool any_source;     /* an answer from elsewhere is one, too */
	unsigned timeout_ms; /* an end before the RFC's 39.5 s; 0: none */
	answer_fn *done;     /* once, from the loop; may free the talk */
	void *arg;           /* for fill and done */
};

/* What all talks of a run share. */
struct talk_env {
	struct pc_tool *tool;
	struct packets *packets;
};

/* A sound message came that is no answer to what this socket asked. */
typedef void other_fn(void *arg, const struct pc_addr *from,
		      const struct pc_stun_msg *msg);

struct talk_way {
	enum wire_kind kind;
	struct pc_addr local;  /* port 0 and any address allowed */
	struct pc_addr remote; /* not for UDP, where each question has one */
	struct wire_tls tls;
	bool channels; /* see talk_on_channel */
};

/* Returns 0, or -errno after one line (the socket cannot be had). */
int talk_open(struct talk **talk, const struct talk_env *env,
	      const struct talk_way *way);
void talk_free(struct talk *talk); /* NULL is fine; no done is called */

/* Forget all questions: no done is called. */
void talk_drop(struct talk *talk);

/* Ask. Returns 0 or -ENOMEM. */
int talk_ask(struct talk *talk, const struct ask *ask);

/* Give fn such messages, instead of counting them malformed. */
void talk_on_other(struct talk *talk, const char *test, other_fn *fn,
		   void *arg);

/* Answer somebody's Binding request: where we see it come from. */
void talk_answer(struct talk *talk, const struct pc_addr *from,
		 const struct pc_stun_msg *request);

/* Give fn the ChannelData that comes (RFC 8656 section 12.4). */
typedef void channel_fn(void *arg, uint16_t channel, const uint8_t *data,
			size_t len);
void talk_on_channel(struct talk *talk, channel_fn *fn, void *arg);

/* Who answered a question that is still open, and was not asked. */
bool talk_stray(const struct talk *talk, struct pc_addr *from);

/* Send what has no answer: an indication, ChannelData. 0 or -errno. */
int talk_send(struct talk *talk, const char *test, const struct pc_addr *to,
	      const void *data, size_t len);

/* See wire.h. */
void talk_allow_fragments(struct talk *talk);

#endif
