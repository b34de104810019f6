/* From the other side's packets to ours, or to PCM; see net.h. */
#include "net.h"

#include <errno.h>

enum {
	CONCEAL_FRAMES = 5,     /* lost packets made up in a row */
	UNKNOWN_AHEAD = 100,    /* further on is no sequence to follow */
	EVENT_LOST_US = 500000, /* a digit that says no more has ended */
};

void net_rx_reset(struct net *net)
{
	pc_decoder_free(net->rx.decoder);
	net->rx.decoder = NULL;
	net->rx.timed = false;
	for (int i = 0; i < 128; i++)
		net->routed[i] = false;
}

/* One dtmf event for each digit, when it has ended. */
static void say_digit(struct net *net)
{
	struct net_rx *rx = &net->rx;
	char digit[2] = { pc_tel_event_digit(rx->event.code), '\0' };

	rx->event_done = true;
	pc_event(&net->leg->bridge->tool, "dtmf",
		 "leg=%s digit=%s code=%u duration_ms=%u", net->leg->name,
		 digit[0] ? digit : NULL, rx->event.code,
		 rx->event.duration * 1000u / rx->event_hz);
}

void net_rx_second(struct net *net, uint64_t now_us)
{
	struct net_rx *rx = &net->rx;

	if (rx->event_seen_us && !rx->event_done &&
	    now_us - rx->event_seen_us > EVENT_LOST_US)
		say_digit(net);
}

static void track_digit(struct net *net, const struct pc_rtp *rtp,
			const struct payload *in, uint64_t now_us)
{
	struct net_rx *rx = &net->rx;
	struct pc_tel_event ev;

	if (pc_tel_event_decode(&ev, rtp->payload, rtp->payload_len) < 0)
		return;
	if (rx->event_seen_us && rx->event_ts == rtp->ts && rx->event_done)
		return; /* the end again */
	if (rx->event_seen_us && rx->event_ts != rtp->ts && !rx->event_done)
		say_digit(net);
	rx->event_done = false;
	rx->event_seen_us = now_us;
	rx->event_ts = rtp->ts;
	rx->event = ev;
	rx->event_hz = in->clock_hz;
	if (ev.end)
		say_digit(net);
}

/* A decoder for this payload type, at the rate the sink likes. */
static int prepare(struct net *net, struct leg *to, const struct payload *in)
{
	struct net_rx *rx = &net->rx;
	unsigned want = to->kind->wants_hz
				? to->kind->wants_hz(to, in->clock_hz)
				: in->clock_hz;

	if (rx->decoder && rx->pt == in->pt && rx->want_hz == want)
		return 0;
	pc_decoder_free(rx->decoder);
	rx->decoder =
		pc_decoder_new(in->codec, in->clock_hz, in->channels, want);
	rx->pt = in->pt;
	rx->want_hz = want;
	rx->timed = false;
	return rx->decoder ? 0 : -ENOTSUP;
}

static void give(struct net *net, struct leg *to, const struct payload *in,
		 uint32_t ts, size_t n)
{
	unsigned rate = pc_decoder_rate(net->rx.decoder);
	struct frame f = {
		.source = net_source(net->leg, net->source.ssrc),
		.ts = ts,
		.clock_hz = in->clock_hz,
		.rate_hz = rate,
		.pcm = net->leg->bridge->pcm,
		.n = n,
	};

	leg_frame(to, &f);
	net->rx.next_ts = ts + (uint32_t)(n * in->clock_hz / rate);
}

/* Fill the time of packets that were lost, while it is short. */
static void conceal(struct net *net, struct leg *to, const struct payload *in,
		    uint32_t ts)
{
	struct net_rx *rx = &net->rx;
	unsigned rate = pc_decoder_rate(rx->decoder);
	uint32_t step = (uint32_t)(rx->last_n * in->clock_hz / rate);

	for (unsigned i = 0; i < net->source.gap && i < CONCEAL_FRAMES; i++) {
		int32_t missing = (int32_t)(ts - rx->next_ts);
		ssize_t n;

		if (step == 0 || missing < (int32_t)step)
			return;
		n = pc_conceal(rx->decoder, net->leg->bridge->pcm, rx->last_n);
		if (n <= 0)
			return;
		give(net, to, in, rx->next_ts, (size_t)n);
	}
}

static void decode(struct net *net, struct leg *to, const struct pc_rtp *rtp,
		   const struct payload *in, enum pc_rtp_verdict verdict,
		   const struct pc_addr *from)
{
	struct net_rx *rx = &net->rx;
	ssize_t n;

	if (verdict == PC_RTP_LATE) {
		net->count.late++; /* made up for already */
		return;
	}
	if (prepare(net, to, in) < 0)
		return;
	if (verdict == PC_RTP_NEXT && net->source.gap > 0 && rx->timed)
		conceal(net, to, in, rtp->ts);
	n = pc_decode(rx->decoder, rtp->payload, rtp->payload_len,
		      net->leg->bridge->pcm, PC_FRAME_MAX);
	if (n < 0)
		pc_tool_malformed(&net->leg->bridge->tool, in->name, from,
				  "the payload cannot be decoded");
	if (n <= 0)
		return;
	rx->last_n = (size_t)n;
	rx->timed = true;
	give(net, to, in, rtp->ts, (size_t)n);
}

static const struct payload *route(struct net *net, struct net *to,
				   const struct payload *in)
{
	if (!net->routed[in->pt]) {
		net->route[in->pt] = net_tx_same(to, in);
		net->routed[in->pt] = true;
	}
	return net->route[in->pt];
}

static void forward(struct net *net, struct leg *to, const struct pc_rtp *rtp,
		    const struct payload *in, enum pc_rtp_verdict verdict,
		    const struct pc_addr *from, uint64_t now_us)
{
	struct net *other = to->kind->net ? to->kind->net(to) : NULL;
	struct passing p = {
		.rtp = rtp,
		.source = net_source(net->leg, rtp->ssrc),
		.in = in,
		.out = other ? route(net, other, in) : NULL,
		.restart = verdict == PC_RTP_RESTART,
		.now_us = now_us,
	};

	if (to->kind->ready && !to->kind->ready(to))
		return;
	if (in->codec == PC_CODEC_EVENT) {
		if (p.out)
			net_pass_event(other, &p);
		else if (other)
			net_skip(other, &p);
		return;
	}
	if (p.out) {
		net_say_media(&net->said, net->leg, to, in, p.out);
		net_pass(other, &p);
	} else if (in->codec == PC_CODEC_OTHER ||
		   (other && !net_tx_speech(other))) {
		if (other)
			net_skip(other, &p);
	} else {
		net_say_media(&net->said, net->leg, to, in,
			      other ? net_tx_speech(other) : NULL);
		decode(net, to, rtp, in, verdict, from);
	}
}

/*
 * A payload type that nobody described (comfort noise, say) is nothing to us,
 * but it has its place in the sequence: it is not lost, and leaves no hole.
 */
static void pass_over(struct net *net, struct leg *to, const struct pc_rtp *rtp)
{
	struct net *other = to && to->kind->net ? to->kind->net(to) : NULL;
	struct passing p = {
		.rtp = rtp,
		.source = net_source(net->leg, rtp->ssrc),
		.in = &net->rx_map[rtp->pt],
	};
	uint16_t ahead = rtp->seq - net->source.max_seq;

	net->count.unknown++;
	if (!net->source.known || rtp->ssrc != net->source.ssrc || ahead == 0 ||
	    ahead > UNKNOWN_AHEAD)
		return;
	pc_rtp_source_take(&net->source, rtp);
	if (other)
		net_skip(other, &p);
}

void net_receive(struct leg *leg, const struct pc_rtp *rtp, size_t len,
		 const struct pc_addr *from, uint64_t now_us)
{
	struct net *net = leg->kind->net(leg);
	const struct payload *in = &net->rx_map[rtp->pt];
	enum pc_rtp_verdict verdict;
	struct leg *to = leg_sink(leg);

	if (!in->used) {
		pass_over(net, to, rtp);
		return;
	}
	verdict = pc_rtp_source_take(&net->source, rtp);
	if (verdict == PC_RTP_DUPLICATE || verdict == PC_RTP_STRAY) {
		net->count.duplicate++;
		return;
	}
	net->count.in_packets++;
	net->count.in_bytes += len;
	net->last_in_us = now_us;
	if (in->codec == PC_CODEC_EVENT)
		track_digit(net, rtp, in, now_us);
	else
		net->in_pt = rtp->pt;
	if (in->codec != PC_CODEC_EVENT && verdict != PC_RTP_LATE)
		pc_rtp_source_arrive(&net->source, rtp->ts, in->clock_hz,
				     now_us);
	if (to)
		forward(net, to, rtp, in, verdict, from, now_us);
}
