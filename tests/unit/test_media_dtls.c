/*
 * DTLS-SRTP (RFC 6347, RFC 5764, RFC 8122): two ends in memory, on a wire that
 * loses, doubles and invents datagrams. Time is not waited for but moved on:
 * when nothing is on the wire, the retransmission timers expire.
 */
#include <check.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "media/dtls.h"
#include "media/dtls_identity.h"

enum { QUEUE = 64, DATAGRAM = 2048 };

struct end {
	struct pc_dtls_identity *identity;
	struct pc_dtls *dtls;
	enum pc_dtls_state state;
	struct end *other;
	/* On the way to this end. */
	unsigned n_queued;
	size_t len[QUEUE];
	uint8_t data[QUEUE][DATAGRAM];
	unsigned sent;
};

static struct end client, server;
static int lose;      /* the n-th datagram of all, or -1 */
static unsigned sent; /* datagrams of both */
static bool twice, deaf;

/* OpenSSL's timers go by this clock, so that no test sleeps. */
static time_t ahead_s;

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec now;

	(void)tz;
	clock_gettime(CLOCK_REALTIME, &now);
	tv->tv_sec = now.tv_sec + ahead_s;
	tv->tv_usec = now.tv_nsec / 1000;
	return 0;
}

static void queue(struct end *to, const uint8_t *buf, size_t len)
{
	ck_assert_uint_lt(to->n_queued, QUEUE);
	ck_assert_uint_le(len, DATAGRAM);
	memcpy(to->data[to->n_queued], buf, len);
	to->len[to->n_queued++] = len;
}

static void on_send(void *arg, const uint8_t *buf, size_t len)
{
	struct end *e = arg;

	ck_assert_uint_le(len, 1200); /* the MTU */
	ck_assert(pc_dtls_is(buf, len));
	e->sent++;
	if ((int)sent++ == lose || deaf)
		return;
	queue(e->other, buf, len);
	if (twice)
		queue(e->other, buf, len);
}

static void open_end(struct end *e, struct end *other, bool is_server)
{
	struct pc_dtls_config config = { .server = is_server,
					 .send = on_send,
					 .arg = e };

	ck_assert_int_eq(pc_dtls_identity_new(&e->identity), 0);
	config.identity = e->identity;
	ck_assert_int_eq(pc_dtls_new(&e->dtls, &config), 0);
	e->other = other;
	e->state = PC_DTLS_CONNECTING;
}

static void open_both(void)
{
	memset(&client, 0, sizeof(client));
	memset(&server, 0, sizeof(server));
	open_end(&client, &server, false);
	open_end(&server, &client, true);
	lose = -1;
	sent = 0;
	twice = deaf = false;
}

static void close_both(void)
{
	pc_dtls_free(client.dtls);
	pc_dtls_free(server.dtls);
	pc_dtls_identity_free(client.identity);
	pc_dtls_identity_free(server.identity);
}

/* Deliver what is on the way to e; was there any? */
static bool deliver(struct end *e)
{
	unsigned n = e->n_queued;

	for (unsigned i = 0; i < n; i++) {
		/* of just that size, for the sanitizers */
		uint8_t *copy = malloc(e->len[i]);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, e->data[i], e->len[i]);
		e->state = pc_dtls_take(e->dtls, copy, e->len[i]);
		free(copy);
	}
	ck_assert_uint_eq(e->n_queued, n); /* the other end has its own */
	e->n_queued = 0;
	return n > 0;
}

/* Let them talk until nothing moves and both are done. */
static void talk(void)
{
	for (int i = 0; i < 60; i++) {
		bool moved = deliver(&server);

		moved |= deliver(&client);
		if (moved)
			continue;
		if (client.state != PC_DTLS_CONNECTING &&
		    server.state != PC_DTLS_CONNECTING)
			return;
		ahead_s += 4;
		if (pc_dtls_wait_us(client.dtls) == 0)
			client.state = pc_dtls_expire(client.dtls);
		if (pc_dtls_wait_us(server.dtls) == 0)
			server.state = pc_dtls_expire(server.dtls);
	}
}

static void shake(void)
{
	client.state = pc_dtls_start(client.dtls);
	server.state = pc_dtls_start(server.dtls);
	talk();
}

/* The hash of an identity, read back from what goes into the SDP. */
static void print_of(const struct end *e, uint8_t bytes[32])
{
	char text[PC_DTLS_FINGERPRINT_TEXT];

	ck_assert_int_eq(pc_dtls_identity_text(e->identity, text), 0);
	ck_assert_uint_eq(strlen(text), 8 + 32 * 3 - 1);
	ck_assert_int_eq(strncmp(text, "sha-256 ", 8), 0);
	for (int i = 0; i < 32; i++)
		bytes[i] = (uint8_t)strtoul(text + 8 + i * 3, NULL, 16);
}

/* Both have keys, and each other's. */
static void check_keyed(void)
{
	struct pc_srtp_keys c, s;
	uint8_t print[32];

	ck_assert_msg(client.state == PC_DTLS_CONNECTED, "client: %s",
		      pc_dtls_why(client.dtls));
	ck_assert_msg(server.state == PC_DTLS_CONNECTED, "server: %s",
		      pc_dtls_why(server.dtls));
	print_of(&server, print);
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "SHA-256", print, 32), 0);
	ck_assert_int_eq(pc_dtls_peer_is(server.dtls, "sha-256", print, 32),
			 -EACCES);
	print_of(&client, print);
	ck_assert_int_eq(pc_dtls_peer_is(server.dtls, "sha-256", print, 32), 0);
	ck_assert_int_eq(pc_dtls_keys(client.dtls, &c), 0);
	ck_assert_int_eq(pc_dtls_keys(server.dtls, &s), 0);
	ck_assert_int_eq(c.profile, PC_SRTP_AEAD_AES_128_GCM);
	ck_assert_str_eq(pc_dtls_profile(client.dtls), "SRTP_AEAD_AES_128_GCM");
	ck_assert_mem_eq(c.in, s.out, PC_SRTP_KEY_MAX);
	ck_assert_mem_eq(c.out, s.in, PC_SRTP_KEY_MAX);
	ck_assert_mem_ne(c.in, c.out, 28);
}

START_TEST(test_handshake)
{
	struct pc_srtp_keys keys;
	uint8_t print[32];

	open_both();
	print_of(&server, print);
	ck_assert_int_eq(pc_dtls_keys(client.dtls, &keys), -ENOTCONN);
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "sha-256", print, 32),
			 -ENOTCONN);
	shake();
	check_keyed();
	ck_assert_int_eq(pc_dtls_wait_us(client.dtls), -1);
	ck_assert_int_eq(pc_dtls_wait_us(server.dtls), -1);
	ck_assert_int_lt(sent, 12);
	close_both();
}
END_TEST

/* Any one datagram of the handshake lost: it is sent again. */
START_TEST(test_lost)
{
	open_both();
	lose = _i;
	shake();
	check_keyed();
	close_both();
}
END_TEST

START_TEST(test_doubled)
{
	open_both();
	twice = true;
	shake();
	check_keyed();
	close_both();
}
END_TEST

/* FIELD: a ClientHello before the server is there is kept, and taken then. */
START_TEST(test_early_client_hello)
{
	struct pc_dtls *later;

	open_both();
	later = server.dtls;
	server.dtls = NULL;
	client.state = pc_dtls_start(client.dtls);
	ck_assert_uint_eq(server.n_queued, 1);
	ck_assert_str_eq(pc_dtls_describe(server.data[0], server.len[0]),
			 "ClientHello");
	ahead_s += 4; /* ... and sent again meanwhile */
	client.state = pc_dtls_expire(client.dtls);
	ck_assert_uint_eq(server.n_queued, 2);
	server.dtls = later;
	server.state = pc_dtls_start(server.dtls);
	talk();
	check_keyed();
	close_both();
}
END_TEST

/* Records of the next epoch, which OpenSSL keeps until there are keys. */
static void throw_sealed(struct end *e, enum pc_dtls_state before)
{
	static const uint8_t types[] = { 20, 21, 22, 23 };
	uint8_t record[13 + 64] = { 0, 254, 253, 0, 1 };

	for (size_t t = 0; t < sizeof(types); t++)
		for (uint8_t body = 0; body <= 64; body++) {
			record[0] = types[t];
			record[10] = body; /* its number */
			record[12] = body;
			e->state = pc_dtls_take(e->dtls, record, 13u + body);
			ck_assert_msg(e->state == before, "type %d, %d: %s",
				      types[t], body, pc_dtls_why(e->dtls));
		}
}

/* Junk before, in the middle of and after a handshake changes nothing. */
static void throw_junk(struct end *e)
{
	static const uint8_t rows[][16] = {
		{ 0 },
		{ 22 },
		{ 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0xff, 0xff, 1 },
		{ 23, 254, 253, 0, 1, 0, 0, 0, 0, 0, 1, 0, 3, 1, 2, 3 },
		{ 22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 1, 0, 3, 1, 2, 3 },
		{ 22, 3, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 1, 2, 3 },
		{ 24, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 1, 2, 3 },
		{ 63, 1, 2, 3 },
		{ 0x80, 0, 0, 1 },
	};
	enum pc_dtls_state before = e->state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t len = 0; len <= sizeof(rows[i]); len++) {
			e->state = pc_dtls_take(e->dtls, rows[i], len);
			ck_assert_msg(e->state == before, "row %zu, %zu: %s", i,
				      len, pc_dtls_why(e->dtls));
		}
	throw_sealed(e, before);
}

START_TEST(test_junk)
{
	open_both();
	throw_junk(&server);
	client.state = pc_dtls_start(client.dtls);
	throw_junk(&client);
	deliver(&server);
	throw_junk(&client);
	throw_junk(&server);
	deliver(&client);
	throw_junk(&client);
	deliver(&server);
	throw_junk(&server);
	talk();
	check_keyed();
	throw_junk(&client);
	throw_junk(&server);
	check_keyed();
	close_both();
}
END_TEST

START_TEST(test_wrong_fingerprint)
{
	uint8_t print[32];

	open_both();
	shake();
	print_of(&server, print);
	print[31] ^= 1;
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "sha-256", print, 32),
			 -EACCES);
	print[31] ^= 1;
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "sha-256", print, 31),
			 -EACCES);
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "sha-256", print, 0),
			 -EACCES);
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "sha-1", print, 32),
			 -EACCES);
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "md5", print, 16),
			 -ENOTSUP);
	ck_assert_int_eq(pc_dtls_peer_is(client.dtls, "", print, 32), -ENOTSUP);
	close_both();
}
END_TEST

/* close_notify, both ways, and nothing happens after it. */
START_TEST(test_close)
{
	unsigned before;

	open_both();
	pc_dtls_close(client.dtls); /* too early: says nothing */
	ck_assert_uint_eq(sent, 0);
	shake();
	pc_dtls_close(client.dtls);
	deliver(&server);
	ck_assert_int_eq(server.state, PC_DTLS_CLOSED);
	pc_dtls_close(server.dtls);
	before = sent;
	pc_dtls_close(server.dtls);
	pc_dtls_close(client.dtls);
	ck_assert_uint_eq(sent, before);
	ck_assert_int_eq(pc_dtls_wait_us(server.dtls), -1);
	throw_junk(&server);
	ck_assert_int_eq(pc_dtls_expire(server.dtls), PC_DTLS_CLOSED);
	close_both();
}
END_TEST

/* Nobody there: it is said in the end, and not asked for ever. */
START_TEST(test_nobody)
{
	int tries = 0;

	open_both();
	deaf = true;
	client.state = pc_dtls_start(client.dtls);
	while (client.state == PC_DTLS_CONNECTING && tries++ < 50) {
		ahead_s += 4;
		ck_assert_int_eq(pc_dtls_wait_us(client.dtls), 0);
		client.state = pc_dtls_expire(client.dtls);
	}
	ck_assert_int_eq(client.state, PC_DTLS_FAILED);
	ck_assert_int_gt(tries, 5);
	ck_assert_uint_gt(strlen(pc_dtls_why(client.dtls)), 0);
	close_both();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("DTLS-SRTP");
	TCase *t = tcase_create("dtls");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, test_handshake);
	tcase_add_loop_test(t, test_lost, 0, 12);
	tcase_add_test(t, test_doubled);
	tcase_add_test(t, test_early_client_hello);
	tcase_add_test(t, test_junk);
	tcase_add_test(t, test_wrong_fingerprint);
	tcase_add_test(t, test_close);
	tcase_add_test(t, test_nobody);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
