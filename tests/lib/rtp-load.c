/*
 * rtp-load: both ends of many calls, for benchmarks of what is between them.
 *
 *	rtp-load CALLS SECONDS pcmu|opus plain|sdes|gcm|dtls SPEECH.wav
 *
 * End A of each call talks PCMU or Opus, secured so; end Z talks plain PCMU.
 * For each call a line is printed: A's port, Z's port, and A's SDES key
 * (base64) or fingerprint, or "-". Then a line is read for each: where A and
 * where Z send to (ports of 127.0.0.1), and the key for what A receives, or
 * "-". 50 packets a second go each way, spread over time; after a second to
 * settle, what comes is counted for SECONDS, and a line of JSON printed:
 * packets sent and received, the latency's median, 99 % and maximum in ms.
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
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "loop/loop.h"
#include "media/codec.h"
#include "media/dtls.h"
#include "media/resample.h"
#include "media/rtp.h"
#include "media/sdes.h"
#include "media/wav.h"

enum {
	FRAMES = 500, /* of speech, then again from the start */
	RING = 64,    /* packets on their way */
	SETTLE_US = 1000000,
	PERIOD_US = 20000,
};

struct speech {
	uint8_t data[FRAMES][400];
	size_t len[FRAMES];
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
	unsigned long sent, got; /* while counting */
	uint64_t sent_us[RING];  /* by sequence */
	bool synced;             /* first_got is known */
	uint16_t first_got, first_sent;
};

struct call {
	struct end a, z;
	struct pc_srtp *srtp;
	struct pc_srtp_keys keys;
	struct pc_dtls *dtls;
};

static struct call *calls;
static unsigned n_calls;
static bool counting;
static float *latency;
static size_t n_latency, max_latency;
static struct speech pcmu, opus;

static void die(const char *what)
{
	fprintf(stderr, "rtp-load: %s: %s\n", what, strerror(errno));
	exit(74);
}

/* The file, over and over, encoded by a coder. */
static void encode(struct speech *s, const char *wav, enum pc_codec codec,
		   unsigned clock_hz, unsigned rate_hz)
{
	struct pc_encoder_config config = {
		.codec = codec,
		.clock_hz = clock_hz,
		.channels = codec == PC_CODEC_OPUS ? 2 : 1,
		.rate_hz = rate_hz,
	};
	struct pc_encoder *e = pc_encoder_new(&config);
	struct pc_wav_reader r;
	struct pc_resampler *resampler;
	size_t n, want = rate_hz / 50, have = 0;
	int16_t in[PC_FRAME_MAX], out[2 * PC_FRAME_MAX];

	if (!e || pc_wav_open(&r, wav) < 0)
		die(wav);
	resampler = pc_resampler_new(r.rate_hz, rate_hz);
	for (unsigned i = 0; i < FRAMES; i++) {
		while (have < want) {
			n = pc_wav_read(&r, in, r.rate_hz / 50);
			if (n == 0) {
				pc_wav_reader_fini(&r);
				if (pc_wav_open(&r, wav) < 0)
					die(wav);
				continue;
			}
			have += pc_resample(resampler, in, n, out + have,
					    PC_FRAME_MAX);
		}
		s->len[i] = (size_t)pc_encode(e, out, want, s->data[i],
					      sizeof(s->data[i]));
		have -= want;
		memmove(out, out + want, have * sizeof(*out));
	}
	pc_wav_reader_fini(&r);
	pc_resampler_free(resampler);
	pc_encoder_free(e);
}

static void open_end(struct end *e, struct call *c, const struct speech *s,
		     uint8_t pt, unsigned step)
{
	e->call = c;
	e->speech = s;
	e->pt = pt;
	e->step = step;
	e->ssrc = (uint32_t)rand();
	pc_addr_parse(&e->addr, "127.0.0.1:0", 0);
	e->fd = pc_addr_bind(&e->addr, SOCK_DGRAM);
	if (e->fd < 0)
		die("socket");
}

static void on_dtls_send(void *arg, const uint8_t *buf, size_t len)
{
	struct call *c = arg;

	(void)!sendto(c->a.fd, buf, len, 0, &c->a.to.sa, c->a.to.len);
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
	e->sent_us[e->seq % RING] = pc_now_us();
	e->seq++;
	e->ts += e->step;
	if (e == &e->call->a && e->call->keys.profile) {
		if (!e->call->srtp)
			return;
		len = pc_srtp_protect(e->call->srtp, buf, (size_t)len);
	}
	e->sent += counting;
	if (len > 0)
		(void)!sendto(e->fd, buf, (size_t)len, 0, &e->to.sa, e->to.len);
}

/*
 * The n'th that comes out is the n'th that went in: which was the first is
 * known from the one that was fastest while nothing is counted yet.
 */
static void note(struct end *to, const struct pc_rtp *rtp)
{
	struct end *from = to == &to->call->a ? &to->call->z : &to->call->a;
	uint64_t now = pc_now_us();
	uint16_t nth, latest = from->seq - 1;

	if (!to->synced) {
		to->synced = true;
		to->first_got = rtp->seq;
		to->first_sent = latest;
	}
	nth = rtp->seq - to->first_got;
	if ((int16_t)(latest - nth - to->first_sent) < 0)
		to->first_sent = latest - nth;
	if (!counting)
		return;
	to->got++;
	if (n_latency < max_latency)
		latency[n_latency++] =
			(float)(now -
				from->sent_us[(uint16_t)(to->first_sent + nth) %
					      RING]) /
			1000;
}

static void take_dtls(struct call *c, const uint8_t *buf, size_t len)
{
	if (pc_dtls_take(c->dtls, buf, len) != PC_DTLS_CONNECTED || c->srtp)
		return;
	if (pc_dtls_keys(c->dtls, &c->keys) < 0 ||
	    pc_srtp_new(&c->srtp, &c->keys) < 0)
		die("DTLS keys");
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
	if (c->dtls) {
		(void)pc_dtls_start(c->dtls);
	} else if (c->keys.profile) {
		snprintf(sdes, sizeof(sdes), "1 %s inline:%s",
			 pc_sdes_suite(c->keys.profile), key);
		if (pc_sdes_parse(&theirs, sdes) < 0)
			die(sdes);
		memcpy(c->keys.in, theirs.key, sizeof(c->keys.in));
		if (pc_srtp_new(&c->srtp, &c->keys) < 0)
			die("SRTP");
	}
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
	       "\"max\":%.3f}\n",
	       sent, got, n_latency ? latency[n_latency / 2] : -1,
	       n_latency ? latency[n_latency * 99 / 100] : -1,
	       n_latency ? latency[n_latency - 1] : -1);
}

/* Receive until it is time to send again. */
static void wait_until(int epoll, uint64_t due)
{
	struct epoll_event ready[64];
	uint64_t now = pc_now_us();

	do {
		uint64_t us = due > now ? due - now : 0;
		struct timespec ts = { 0, (long)us * 1000 };
		int n = epoll_pwait2(epoll, ready, 64, &ts, NULL);

		for (int i = 0; i < n; i++)
			receive(ready[i].data.ptr);
		now = pc_now_us();
	} while (now < due);
}

static void run(unsigned seconds)
{
	int epoll = epoll_create1(0);
	uint64_t begin = pc_now_us(), now = begin, slot = 0;
	uint64_t end = begin + SETTLE_US + seconds * 1000000ull;

	for (unsigned i = 0; i < 2 * n_calls; i++) {
		struct end *e = i % 2 ? &calls[i / 2].z : &calls[i / 2].a;
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = e };

		epoll_ctl(epoll, EPOLL_CTL_ADD, e->fd, &ev);
	}
	for (; now < end; slot++) {
		uint64_t due = begin + slot * PERIOD_US / (2 * n_calls);
		unsigned i = (unsigned)(slot % (2 * n_calls));

		wait_until(epoll, due);
		now = pc_now_us();
		if (!counting && now > begin + SETTLE_US) {
			counting = true;
			puts("counting");
			fflush(stdout);
		}
		send_one(i % 2 ? &calls[i / 2].z : &calls[i / 2].a);
	}
	counting = false;
	puts("counted");
	fflush(stdout);
}

/* --- what it costs at least ---------------------------------------------- */

static double cpu_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec * 1e6 + u.ru_utime.tv_usec +
	       u.ru_stime.tv_sec * 1e6 + u.ru_stime.tv_usec;
}

static void pure_transcode(void)
{
	struct pc_encoder *e = pc_encoder_new(
		&(struct pc_encoder_config){ .codec = PC_CODEC_OPUS,
					     .clock_hz = 48000,
					     .channels = 2,
					     .rate_hz = 8000 });
	struct pc_decoder *d = pc_decoder_new(PC_CODEC_OPUS, 48000, 2, 8000);
	struct pc_decoder *u = pc_decoder_new(PC_CODEC_PCMU, 8000, 1, 8000);
	int16_t pcm[PC_FRAME_MAX];
	uint8_t out[400];
	double began = cpu_us();

	for (unsigned i = 0; i < FRAMES; i++)
		pc_decode(d, opus.data[i], opus.len[i], pcm, PC_FRAME_MAX);
	printf("opus-decode-us %.2f\n", (cpu_us() - began) / FRAMES);
	began = cpu_us();
	for (unsigned i = 0; i < FRAMES; i++) {
		pc_decode(u, pcmu.data[i], pcmu.len[i], pcm, PC_FRAME_MAX);
		pc_encode(e, pcm, 160, out, sizeof(out));
	}
	printf("opus-encode-us %.2f\n", (cpu_us() - began) / FRAMES);
	pc_encoder_free(e);
	pc_decoder_free(d);
	pc_decoder_free(u);
}

static void pure_srtp(enum pc_srtp_profile profile, const char *name)
{
	enum { N = 20000 };
	struct pc_srtp_keys keys = { .profile = profile };
	struct pc_srtp *s = NULL;
	uint8_t buf[600] = { 0x80 };
	double began;

	if (pc_srtp_new(&s, &keys) < 0)
		die("SRTP");
	began = cpu_us();
	for (unsigned i = 0; i < N; i++) {
		ssize_t n;

		buf[2] = (uint8_t)(i >> 8);
		buf[3] = (uint8_t)i;
		n = pc_srtp_protect(s, buf, 172);
		(void)pc_srtp_unprotect(s, buf, (size_t)n);
	}
	printf("srtp-%s-us %.2f\n", name, (cpu_us() - began) / N / 2);
	pc_srtp_free(s);
}

static void pure_udp(void)
{
	enum { N = 20000 };
	struct pc_addr addr;
	uint8_t buf[600] = { 0 };
	double began;
	int fd;

	pc_addr_parse(&addr, "127.0.0.1:0", 0);
	fd = pc_addr_bind(&addr, SOCK_DGRAM);
	began = cpu_us();
	for (unsigned i = 0; i < N; i++) {
		(void)!sendto(fd, buf, 172, 0, &addr.sa, addr.len);
		(void)!recv(fd, buf, sizeof(buf), 0);
	}
	printf("udp-us %.2f\n", (cpu_us() - began) / N);
	close(fd);
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
	encode(&pcmu, wav, PC_CODEC_PCMU, 8000, 8000);
	encode(&opus, wav, PC_CODEC_OPUS, 48000, 48000);
	if (pure) {
		pure_transcode();
		pure_srtp(PC_SRTP_AES128_CM_SHA1_80, "sha1");
		pure_srtp(PC_SRTP_AEAD_AES_128_GCM, "gcm");
		pure_udp();
		return 0;
	}
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
