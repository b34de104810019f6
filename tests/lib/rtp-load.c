/*
 * rtp-load: both ends of many calls, for benchmarks of what is between them.
 *
 *	rtp-load CALLS SECONDS pcmu|opus plain|sdes|gcm|dtls SPEECH.wav
 *
 * End A of each call talks PCMU or Opus, secured so; end Z talks plain PCMU.
 * For each call a line is printed: A's port, Z's port, and A's SDES key
 * (base64) or fingerprint, or "-"; the SSRCs are the ports. Then a line is read
 * for each: where A and where Z send to (ports of 127.0.0.1), and the key for
 * what A receives, or "-"; for dtls it may be HOST:UFRAG:PWD, and A does ICE
 * with that host before (rtp-load/ice.h). 50 packets a second go each way,
 * spread over time, and handshakes begin one after the other. When all calls
 * have their keys, and for a second as much has come as was sent, what is sent
 * for SECONDS is counted, and what comes of it, and a line of JSON printed: packets sent and received, the latency's
 * median, 99 % and maximum in ms.
 *
 *	rtp-load pure SPEECH.wav
 *
 * prints the microseconds that libraries and system calls alone take.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "loop/loop.h"
#include "media/dtls.h"
#include "media/rtp.h"
#include "media/sdes.h"
#include "rtp-load/follow.h"
#include "rtp-load/ice.h"
#include "rtp-load/load.h"
#include "stun/demux.h"

enum {
	RING = 64, /* packets on their way */
	SETTLE_US = 1000000,
	DRAIN_US = 300000, /* until what was counted has come */
	CONNECT_US = 60000000,
	PERIOD_US = 20000,
	PACE_US = 10000, /* between two calls' handshakes */
	CHECKS = 25, /* packets between two ICE checks until one is answered */
	CONSENT = 250, /* and then: 5 s (RFC 7675) */
};

struct call;

struct end {
	struct call *call;
	int fd;
	struct pc_addr addr, to;
	const struct speech *speech;
	uint8_t pt;
	unsigned step;
	uint16_t seq;
	uint32_t ts, ssrc;
	unsigned long sent, got; /* of those that count: */
	uint16_t count_from, count_to;
	uint64_t sent_us[RING]; /* by sequence */
	struct follow other;    /* what comes from there */
};

struct call {
	struct end a, z;
	struct pc_srtp *srtp;
	struct pc_srtp_keys keys;
	struct pc_dtls *dtls;
	bool begun;
	struct ice ice;
};

static struct call *calls;
static unsigned n_calls, n_keyed;
static unsigned long all_sent, all_got;
static enum { SETTLING, COUNTING, DRAINING } phase;
static float *latency;
static size_t n_latency, max_latency;
static struct speech pcmu, opus;
static bool stamped; /* nothing is coded anew */

_Noreturn void die(const char *what)
{
	fprintf(stderr, "rtp-load: %s: %s\n", what, strerror(errno));
	exit(74);
}

static void open_end(struct end *e, struct call *c, const struct speech *s,
		     uint8_t pt, unsigned step)
{
	e->call = c;
	e->speech = s;
	e->pt = pt;
	e->step = step;
	/* Not of loopback alone: Janus is at another address. */
	pc_addr_parse(&e->addr, "0.0.0.0:0", 0);
	e->fd = pc_addr_bind(&e->addr, SOCK_DGRAM);
	if (e->fd < 0)
		die("socket");
	e->ssrc = pc_addr_port(&e->addr);
}

static void from_a(struct call *c, const uint8_t *buf, ssize_t len)
{
	if (len > 0)
		(void)!sendto(c->a.fd, buf, (size_t)len, 0, &c->a.to.sa,
			      c->a.to.len);
}

static void on_dtls_send(void *arg, const uint8_t *buf, size_t len)
{
	from_a(arg, buf, (ssize_t)len);
}

static void begin(struct call *c)
{
	c->begun = true;
	if (c->dtls && !c->ice.ufrag[0])
		(void)pc_dtls_start(c->dtls);
}

/* ICE checks, consent, and what DTLS has lost: none has a timer of its own. */
static void keep_connected(struct call *c)
{
	uint8_t buf[300];

	if (c->ice.ufrag[0] &&
	    c->a.seq % (c->ice.connected ? CONSENT : CHECKS) == 0)
		from_a(c, buf, ice_check(&c->ice, buf, sizeof(buf)));
	if (c->dtls && !c->srtp && pc_dtls_wait_us(c->dtls) == 0)
		(void)pc_dtls_expire(c->dtls);
}

static void send_one(struct end *e)
{
	uint8_t buf[600];
	unsigned i = e->seq % FRAMES;
	struct pc_rtp rtp = {
		.pt = e->pt, .seq = e->seq, .ts = e->ts, .ssrc = e->ssrc
	};
	ssize_t len = PC_RTP_HEADER + (ssize_t)e->speech->len[i];

	pc_rtp_encode(buf, &rtp);
	memcpy(buf + PC_RTP_HEADER, e->speech->data[i], e->speech->len[i]);
	if (stamped)
		memcpy(buf + PC_RTP_HEADER,
		       (uint8_t[]){ e->seq >> 8, e->seq & 255 }, STAMP);
	e->sent_us[e->seq % RING] = pc_now_us();
	e->seq++;
	e->ts += e->step;
	if (e == &e->call->a)
		keep_connected(e->call);
	if (e == &e->call->a && e->call->keys.profile) {
		if (!e->call->srtp)
			return;
		len = pc_srtp_protect(e->call->srtp, buf, (size_t)len);
	}
	e->sent += phase == COUNTING;
	all_sent++;
	if (len > 0)
		(void)!sendto(e->fd, buf, (size_t)len, 0, &e->to.sa, e->to.len);
}

static void note(struct end *to, const struct pc_rtp *rtp)
{
	struct end *from = to == &to->call->a ? &to->call->z : &to->call->a;
	uint64_t now = pc_now_us();
	uint16_t seq = follow_seq(&to->other, rtp, from->seq - 1);

	all_got++;
	if (phase == SETTLING || (int16_t)(seq - from->count_from) < 0 ||
	    (phase == DRAINING && (int16_t)(seq - from->count_to) >= 0))
		return;
	to->got++;
	if (n_latency < max_latency)
		latency[n_latency++] =
			(float)(now - from->sent_us[seq % RING]) / 1000;
}

static void take_dtls(struct call *c, const uint8_t *buf, size_t len)
{
	if (pc_dtls_take(c->dtls, buf, len) != PC_DTLS_CONNECTED || c->srtp)
		return;
	if (pc_dtls_keys(c->dtls, &c->keys) < 0 ||
	    pc_srtp_new(&c->srtp, &c->keys) < 0)
		die("DTLS keys");
	n_keyed++;
}

static void take_stun(struct call *c, const uint8_t *buf, size_t len)
{
	bool before = c->ice.connected;
	uint8_t out[300];

	from_a(c, out, ice_take(&c->ice, buf, len, &c->a.to, out, sizeof(out)));
	if (c->ice.connected && !before)
		(void)pc_dtls_start(c->dtls);
}

static void receive(struct end *e)
{
	uint8_t buf[2048];
	struct pc_rtp rtp;
	ssize_t n = recv(e->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n < 0)
		return;
	if (e == &e->call->a && e->call->dtls && pc_dtls_is(buf, (size_t)n)) {
		take_dtls(e->call, buf, (size_t)n);
		return;
	}
	if (n > 0 && pc_demux(buf[0]) == PC_DEMUX_STUN) {
		if (e == &e->call->a && e->call->ice.ufrag[0])
			take_stun(e->call, buf, (size_t)n);
		return;
	}
	if (pc_rtp_is_rtcp(buf, (size_t)n))
		return;
	if (e == &e->call->a && e->call->keys.profile) {
		if (!e->call->srtp)
			return;
		n = pc_srtp_unprotect(e->call->srtp, buf, (size_t)n);
	}
	if (n > 0 && pc_rtp_decode(&rtp, buf, (size_t)n) == 0)
		note(e, &rtp);
}

static void set_up(struct call *c, const char *codec, const char *how)
{
	bool is_opus = strcmp(codec, "opus") == 0;
	char text[PC_DTLS_FINGERPRINT_TEXT > PC_SDES_TEXT
			  ? PC_DTLS_FINGERPRINT_TEXT
			  : PC_SDES_TEXT] = "-";
	static struct pc_dtls_identity *identity;

	open_end(&c->a, c, is_opus ? &opus : &pcmu, is_opus ? 96 : 0,
		 is_opus ? 960 : 160);
	open_end(&c->z, c, &pcmu, 0, 160);
	follow_start(&c->a.other, &pcmu, is_opus ? &opus : NULL);
	follow_start(&c->z.other, c->a.speech, is_opus ? &pcmu : NULL);
	if (strcmp(how, "sdes") == 0 || strcmp(how, "gcm") == 0) {
		struct pc_sdes mine;

		c->keys.profile = strcmp(how, "gcm") == 0
					  ? PC_SRTP_AEAD_AES_128_GCM
					  : PC_SRTP_AES128_CM_SHA1_80;
		pc_sdes_new(&mine, 1, c->keys.profile);
		memcpy(c->keys.out, mine.key, sizeof(c->keys.out));
		pc_sdes_text(&mine, text);
	} else if (strcmp(how, "dtls") == 0) {
		c->keys.profile = PC_SRTP_AEAD_AES_128_GCM;
		if (!identity && pc_dtls_identity_new(&identity) < 0)
			die("identity");
		pc_dtls_identity_text(identity, text);
		if (pc_dtls_new(&c->dtls,
				&(struct pc_dtls_config){ .identity = identity,
							  .send = on_dtls_send,
							  .arg = c }) < 0)
			die("DTLS");
	}
	printf("%u %u %s\n", pc_addr_port(&c->a.addr), pc_addr_port(&c->z.addr),
	       strchr(text, ':') && !c->dtls ? strchr(text, ':') + 1 : text);
}

/* HOST:UFRAG:PWD of the other side; DTLS begins when ICE is done. */
static void set_ice(struct call *c, const char *text, uint16_t port)
{
	char host[64];

	if (sscanf(text, "%63[^:]:%63[^:]:%127s", host, c->ice.ufrag,
		   c->ice.pwd) != 3 ||
	    pc_addr_from_ip(&c->a.to, host, port) < 0)
		die(text);
	c->ice.tie_breaker = (uint64_t)rand();
}

static void connect_call(struct call *c)
{
	char line[300], key[200], sdes[300];
	unsigned a, z;
	struct pc_sdes theirs;

	if (!fgets(line, sizeof(line), stdin) ||
	    sscanf(line, "%u %u %199s", &a, &z, key) != 3)
		die("a line for each call is expected");
	pc_addr_from_ip(&c->a.to, "127.0.0.1", (uint16_t)a);
	pc_addr_from_ip(&c->z.to, "127.0.0.1", (uint16_t)z);
	if (c->dtls && strcmp(key, "-") != 0) {
		set_ice(c, key, (uint16_t)a);
	} else if (!c->dtls && c->keys.profile) {
		snprintf(sdes, sizeof(sdes), "1 %s inline:%s",
			 pc_sdes_suite(c->keys.profile), key);
		if (pc_sdes_parse(&theirs, sdes) < 0)
			die(sdes);
		memcpy(c->keys.in, theirs.key, sizeof(c->keys.in));
		if (pc_srtp_new(&c->srtp, &c->keys) < 0)
			die("SRTP");
	}
	n_keyed += !c->dtls;
}

/* How many of the ends were not followed as they should have been? */
static unsigned settle_ends(void)
{
	unsigned shifted = 0;

	for (unsigned i = 0; i < n_calls; i++) {
		shifted += !follow_settle(&calls[i].a.other);
		shifted += !follow_settle(&calls[i].z.other);
	}
	return shifted;
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void report(void)
{
	unsigned long sent = 0, got = 0;

	for (unsigned i = 0; i < n_calls; i++) {
		sent += calls[i].a.sent + calls[i].z.sent;
		got += calls[i].a.got + calls[i].z.got;
	}
	qsort(latency, n_latency, sizeof(*latency), compare);
	printf("{\"sent\":%lu,\"got\":%lu,\"p50\":%.3f,\"p99\":%.3f,"
	       "\"max\":%.3f,\"shifted\":%u}\n",
	       sent, got, n_latency ? latency[n_latency / 2] : -1,
	       n_latency ? latency[n_latency * 99 / 100] : -1,
	       n_latency ? latency[n_latency - 1] : -1, settle_ends());
}

/* Receive until it is time to send again; who is late asks less often. */
static void wait_until(int epoll, uint64_t due)
{
	static unsigned late;
	struct epoll_event ready[64];
	uint64_t now = pc_now_us();

	if (now > due && ++late % 8 != 0)
		return;
	do {
		uint64_t us = due > now ? due - now : 0;
		struct timespec ts = { 0, (long)us * 1000 };
		int n = epoll_pwait2(epoll, ready, 64, &ts, NULL);

		for (int i = 0; i < n; i++)
			receive(ready[i].data.ptr);
		now = pc_now_us();
	} while (now < due);
}

/*
 * Has as much come as was sent since the last time? If not, the bridge is
 * still behind with what came while it was making handshakes.
 */
static bool is_settled(void)
{
	static unsigned tries;
	static unsigned long sent, got;
	bool even = labs((long)(all_sent - sent) - (long)(all_got - got)) <=
		    (long)n_calls;

	sent = all_sent;
	got = all_got;
	settle_ends();
	return even || ++tries == 10;
}

/* The phase that has begun by now, and what is to be said of it. */
static void next_phase(uint64_t now, unsigned seconds)
{
	static uint64_t settled, until;

	if (phase == SETTLING && n_keyed == n_calls && now > settled) {
		bool first = !settled;

		settled = now + SETTLE_US;
		if (!is_settled() || first)
			return;
		phase = COUNTING;
		until = now + seconds * 1000000ull;
		puts("counting");
	} else if (phase == COUNTING && now > until) {
		phase = DRAINING;
		puts("counted");
	} else {
		return;
	}
	fflush(stdout);
	for (unsigned i = 0; i < 2 * n_calls; i++) {
		struct end *e = i % 2 ? &calls[i / 2].z : &calls[i / 2].a;

		if (phase == COUNTING)
			e->count_from = e->seq;
		else
			e->count_to = e->seq;
	}
}

static void run(unsigned seconds)
{
	const unsigned n_ends = 2 * n_calls;
	int epoll = epoll_create1(0);
	uint64_t begun = pc_now_us(), now = begun, end = begun + CONNECT_US;

	for (unsigned i = 0; i < n_ends; i++) {
		struct end *e = i % 2 ? &calls[i / 2].z : &calls[i / 2].a;
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = e };

		epoll_ctl(epoll, EPOLL_CTL_ADD, e->fd, &ev);
	}
	for (uint64_t slot = 0; now < end && n_ends > 0; slot++) {
		unsigned i = (unsigned)(slot % n_ends);
		struct call *c = &calls[i / 2];

		wait_until(epoll, begun + slot * PERIOD_US / n_ends);
		now = pc_now_us();
		if (phase != DRAINING) {
			next_phase(now, seconds);
			if (phase != SETTLING)
				end = now + DRAIN_US;
		}
		if (!c->begun && (!c->dtls || now >= begun + i / 2 * PACE_US))
			begin(c);
		if (c->begun)
			send_one(i % 2 ? &c->z : &c->a);
	}
	if (n_keyed < n_calls) {
		fprintf(stderr, "rtp-load: %u of %u calls have keys\n", n_keyed,
			n_calls);
		exit(69);
	}
}

int main(int argc, char **argv)
{
	bool pure = argc == 3 && strcmp(argv[1], "pure") == 0;
	const char *wav = argc > 2 ? argv[argc - 1] : "";

	if (!pure && argc != 6) {
		fputs("usage: rtp-load CALLS SECONDS pcmu|opus "
		      "plain|sdes|gcm|dtls SPEECH.wav\n"
		      "       rtp-load pure SPEECH.wav\n",
		      stderr);
		return 2;
	}
	speech_encode(&pcmu, wav, PC_CODEC_PCMU, 8000, 8000);
	speech_encode(&opus, wav, PC_CODEC_OPUS, 48000, 48000);
	if (pure) {
		pure_costs(&pcmu, &opus);
		return 0;
	}
	stamped = strcmp(argv[3], "opus") != 0;
	n_calls = (unsigned)atoi(argv[1]);
	if (n_calls == 0 || n_calls > 100000)
		return 2;
	calls = calloc(n_calls, sizeof(*calls));
	max_latency = (size_t)n_calls * 100 * ((size_t)atoi(argv[2]) + 1);
	latency = calloc(max_latency, sizeof(*latency));
	if (!calls || !latency)
		die("memory");
	for (unsigned i = 0; i < n_calls; i++)
		set_up(&calls[i], argv[3], argv[4]);
	fflush(stdout);
	for (unsigned i = 0; i < n_calls; i++)
		connect_call(&calls[i]);
	run((unsigned)atoi(argv[2]));
	report();
	return 0;
}
