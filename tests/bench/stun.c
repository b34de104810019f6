/*
 * The STUN codec beside libnice's: an ICE connectivity check (RFC 8445 section
 * 7.2.4) made, with MESSAGE-INTEGRITY and FINGERPRINT, and one read and
 * checked; each in turns in one process, by CPU time.
 *
 *	stun-make, stun-read	our messages a second over libnice's
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stun/stunagent.h>

#include "stun/build.h"
#include "stun/integrity.h"

#define ROUNDS 20
#define EACH   4000

static const char user[] = "evtj:h6vY";
static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";
static const uint8_t id[PC_STUN_ID] = "twelve bytes";
static StunAgent agent;

static void die(const char *what)
{
	fprintf(stderr, "bench/stun: %s\n", what);
	exit(EXIT_FAILURE);
}

static double cpu_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* --- ours ------------------------------------------------------------- */

static size_t make_ours(uint8_t *buf, size_t cap)
{
	struct pc_stun_build b;
	ssize_t len;

	pc_stun_build_init(&b, buf, cap, PC_STUN_REQUEST, PC_STUN_BINDING, id);
	pc_stun_put_u32(&b, PC_STUN_PRIORITY, 0x6e0001ff);
	pc_stun_put_u64(&b, PC_STUN_ICE_CONTROLLED, 0x932ff9b151263b36);
	pc_stun_put_text(&b, PC_STUN_USERNAME, user);
	pc_stun_put_integrity(&b, password, sizeof(password) - 1);
	pc_stun_put_fingerprint(&b);
	len = pc_stun_build_end(&b);
	if (len < 0)
		die("our message is too long");
	return (size_t)len;
}

static void read_ours(const uint8_t *buf, size_t len)
{
	const struct pc_stun_attr *a;
	struct pc_stun_msg msg;

	if (pc_stun_decode(&msg, buf, len) != 0 ||
	    pc_stun_check_fingerprint(&msg) != 0 ||
	    pc_stun_check_integrity(&msg, password, sizeof(password) - 1) != 0)
		die("we do not read the message");
	a = pc_stun_find(&msg, PC_STUN_PRIORITY);
	if (!a || a->len != 4)
		die("we do not find PRIORITY");
}

/* --- libnice's -------------------------------------------------------- */

/* What it remembers of a request is for its answer: not to be timed. */
static size_t make_theirs(uint8_t *buf, size_t cap)
{
	StunMessage msg;
	StunTransactionId transaction;
	size_t len;

	if (!stun_agent_init_request(&agent, &msg, buf, cap, STUN_BINDING))
		die("libnice has no more room");
	stun_message_append32(&msg, STUN_ATTRIBUTE_PRIORITY, 0x6e0001ff);
	stun_message_append64(&msg, STUN_ATTRIBUTE_ICE_CONTROLLED,
			      0x932ff9b151263b36);
	stun_message_append_bytes(&msg, STUN_ATTRIBUTE_USERNAME, user,
				  sizeof(user) - 1);
	len = stun_agent_finish_message(&agent, &msg, (const uint8_t *)password,
					sizeof(password) - 1);
	if (!len)
		die("libnice does not make the message");
	stun_message_id(&msg, transaction);
	stun_agent_forget_transaction(&agent, transaction);
	return len;
}

static bool give_password(StunAgent *a, StunMessage *msg, uint8_t *username,
			  uint16_t len, uint8_t **word, size_t *word_len,
			  void *arg)
{
	static uint8_t copy[sizeof(password)];

	(void)a;
	(void)msg;
	(void)username;
	(void)len;
	(void)arg;
	memcpy(copy, password, sizeof(password));
	*word = copy;
	*word_len = sizeof(password) - 1;
	return true;
}

static void read_theirs(const uint8_t *buf, size_t len)
{
	StunMessage msg;
	uint32_t priority;

	if (stun_agent_validate(&agent, &msg, buf, len, give_password, NULL) !=
	    STUN_VALIDATION_SUCCESS)
		die("libnice does not read the message");
	if (stun_message_find32(&msg, STUN_ATTRIBUTE_PRIORITY, &priority) !=
	    STUN_MESSAGE_RETURN_SUCCESS)
		die("libnice does not find PRIORITY");
}

/* --- the figures ------------------------------------------------------ */

static double time_make(size_t (*make)(uint8_t *, size_t))
{
	uint8_t buf[512];
	double began = cpu_s();

	for (int i = 0; i < EACH; i++)
		(void)make(buf, sizeof(buf));
	return cpu_s() - began;
}

static double time_read(void (*read)(const uint8_t *, size_t),
			const uint8_t *buf, size_t len)
{
	double began = cpu_s();

	for (int i = 0; i < EACH; i++)
		read(buf, len);
	return cpu_s() - began;
}

static void figure(const char *name, double ours_s, double theirs_s)
{
	double n = (double)ROUNDS * EACH, ratio = theirs_s / ours_s;

	printf("%s: %.0f messages a second, libnice %.0f\n", name, n / ours_s,
	       n / theirs_s);
	printf("%s %.2f x (goal >= 1) %s\n", name, ratio,
	       ratio >= 1 ? "ok" : "short");
}

int main(void)
{
	static const uint16_t known[] = { STUN_ATTRIBUTE_USERNAME,
					  STUN_ATTRIBUTE_PRIORITY,
					  STUN_ATTRIBUTE_MESSAGE_INTEGRITY, 0 };
	double make[2] = { 0, 0 }, read[2] = { 0, 0 };
	uint8_t buf[512];
	size_t len = make_ours(buf, sizeof(buf));

	stun_agent_init(&agent, known, STUN_COMPATIBILITY_RFC5389,
			STUN_AGENT_USAGE_SHORT_TERM_CREDENTIALS |
				STUN_AGENT_USAGE_USE_FINGERPRINT);
	/* the same to both: what one makes, the other reads */
	read_theirs(buf, len);
	read_ours(buf, make_theirs(buf, sizeof(buf)));
	len = make_ours(buf, sizeof(buf));
	for (int i = 0; i < ROUNDS; i++) {
		make[0] += time_make(make_ours);
		make[1] += time_make(make_theirs);
		read[0] += time_read(read_ours, buf, len);
		read[1] += time_read(read_theirs, buf, len);
	}
	figure("stun-make", make[0], make[1]);
	figure("stun-read", read[0], read[1]);
	return EXIT_SUCCESS;
}
