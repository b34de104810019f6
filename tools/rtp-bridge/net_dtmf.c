/*
 * Digits to the other side: as telephone-events (RFC 4733), or as tones where
 * it has none. While they are sent, nothing else is.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "media/dtmf.h"
#include "net.h"

enum {
	STEP_MS = 20, /* between packets */
	GAP_MS = 80,  /* between digits */
	VOLUME = 10,  /* -dBm0 */
	ENDS = 3,     /* the last packet, so many times */
	TONE_HZ = 8000,
};

static const double TONE_LEVEL = 0.2; /* of full scale, each */

bool net_digits_busy(const struct net *net)
{
	return net->digits.n > 0;
}

static void step_later(struct net_digits *d)
{
	uint64_t now = pc_now_us();

	d->due_us += STEP_MS * 1000;
	if (d->due_us < now)
		d->due_us = now;
	pc_timer_set_us(d->timer, d->due_us - now);
}

static void send_packet(struct net *net, uint16_t duration, bool end)
{
	struct net_digits *d = &net->digits;
	struct pc_rtp rtp = { .pt = d->payload->pt,
			      .marker = d->ms == STEP_MS,
			      .ts = d->ts + d->segment };
	struct pc_tel_event ev = {
		.code = pc_tel_event_code(d->queue[0]),
		.end = end,
		.volume = VOLUME,
		.duration = duration,
	};
	uint8_t *buf = net->leg->bridge->packet;

	rtp.payload_len = PC_TEL_EVENT_LEN;
	pc_rtp_stream_insert(&net->stream, &rtp);
	pc_rtp_encode(buf, &rtp);
	pc_tel_event_encode(buf + PC_RTP_HEADER, &ev);
	net_send(net, buf, PC_RTP_HEADER + PC_TEL_EVENT_LEN);
}

static void send_event(struct net *net, bool end)
{
	struct net_digits *d = &net->digits;
	uint32_t segment;
	uint16_t duration = pc_tel_event_rescale(d->ms * (d->hz / 1000), d->hz,
						 d->hz, &segment);

	if (segment > d->segment) { /* RFC 4733 2.5.1.3: it is full */
		send_packet(net, UINT16_MAX, false);
		d->segment = segment;
	}
	send_packet(net, duration, end);
}

/* 20 ms of the digit's tones, the first on_ms of them, and silence behind. */
static void send_tones(struct net *net, unsigned on_ms)
{
	struct net_digits *d = &net->digits;
	int16_t *pcm = net->leg->bridge->pcm;
	const size_t n = TONE_HZ * STEP_MS / 1000;
	double low = 0, high = 0;
	size_t on;
	struct frame f = {
		.source = (uint64_t)net->leg->id << 32 | 1ull << 62,
		.ts = d->ts,
		.clock_hz = TONE_HZ,
		.rate_hz = TONE_HZ,
		.pcm = pcm,
		.n = n,
	};

	on = pc_dtmf_tones(d->queue[0], &low, &high)
		     ? TONE_HZ / 1000 * (size_t)on_ms
		     : 0;
	for (size_t i = 0; i < n; i++) {
		double t = (double)(d->ts + i) / TONE_HZ;

		pcm[i] = i < on ? (int16_t)(32767 * TONE_LEVEL *
					    (sin(2 * M_PI * low * t) +
					     sin(2 * M_PI * high * t)))
				: 0;
	}
	d->ts += (uint32_t)n;
	d->making = true;
	leg_frame(net->leg, &f);
	d->making = false;
}

static void digit_done(struct net *net)
{
	struct net_digits *d = &net->digits;
	char digit[2] = { d->queue[0], '\0' };

	pc_event(&net->leg->bridge->tool, "dtmf_sent",
		 "leg=%s digit=%s duration_ms=%u inband=%c", net->leg->name,
		 digit, d->length_ms[0], d->payload == NULL);
	d->n--;
	memmove(d->queue, d->queue + 1, d->n);
	memmove(d->length_ms, d->length_ms + 1, d->n * sizeof(d->length_ms[0]));
	d->ms = 0;
}

static void begin_digit(struct net *net)
{
	struct net_digits *d = &net->digits;

	d->payload = net_tx_event(net);
	d->segment = 0;
	d->hz = d->payload ? d->payload->clock_hz : TONE_HZ;
	if (d->payload)
		d->ts = pc_rtp_stream_now(&net->stream, pc_now_us());
}

/* The other side is on hold, say: those that wait would be of the past. */
static void give_up(struct net *net)
{
	struct net_digits *d = &net->digits;

	pc_tool_error(&net->leg->bridge->tool,
		      "dtmf %s: it cannot send any more: %.*s is cut off",
		      net->leg->name, (int)d->n, d->queue);
	d->n = 0;
	d->ms = 0;
}

void net_digits_described(struct net *net)
{
	struct net_digits *d = &net->digits;
	const struct payload *now = net_tx_event(net);
	bool same = now ? d->payload && now->clock_hz == d->hz : !d->payload;

	if (d->n == 0 || d->ms == 0)
		return;
	d->payload = now;
	if (same)
		return;
	if (d->length_ms[0] > d->ms)
		d->length_ms[0] = d->ms;
	d->ms = d->length_ms[0] + ENDS * STEP_MS;
}

static void on_step(void *arg)
{
	struct net *net = arg;
	struct net_digits *d = &net->digits;
	unsigned length = d->length_ms[0];

	if (!net->leg->kind->ready(net->leg)) {
		give_up(net);
		return;
	}
	if (d->ms == 0)
		begin_digit(net);
	d->ms += STEP_MS;
	if (!d->payload)
		send_tones(net, d->ms <= length ? STEP_MS
				: d->ms < length + STEP_MS
					? length + STEP_MS - d->ms
					: 0);
	else if (d->ms < length)
		send_event(net, false);
	else if (d->ms < length + ENDS * STEP_MS) {
		unsigned ms = d->ms;

		d->ms = length;
		send_event(net, true);
		d->ms = ms;
	}
	if (d->ms >= length + GAP_MS)
		digit_done(net);
	if (d->n > 0)
		step_later(d);
}

int net_digits_send(struct net *net, const char *digits, unsigned ms)
{
	struct net_digits *d = &net->digits;
	size_t n = strlen(digits);
	bool idle = d->n == 0;

	if (n == 0 || n > sizeof(d->queue) - d->n)
		return -ENOSPC;
	for (size_t i = 0; i < n; i++)
		if (pc_tel_event_code(digits[i]) < 0)
			return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		d->length_ms[d->n] = ms;
		d->queue[d->n++] = digits[i];
	}
	if (idle) {
		d->ms = 0;
		d->due_us = pc_now_us();
		pc_timer_set(d->timer, 0);
	}
	return 0;
}

int net_digits_init(struct net *net)
{
	net->digits.timer =
		pc_timer_new(net->leg->bridge->tool.loop, on_step, net);
	return net->digits.timer ? 0 : -ENOMEM;
}

void net_digits_fini(struct net *net)
{
	pc_timer_free(net->digits.timer);
	net->digits.timer = NULL;
	net->digits.n = 0;
}
