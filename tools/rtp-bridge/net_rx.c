/* From the other side's packets to ours, or to PCM; see net.h. */
#include "net.h"

#include <errno.h>
#include <string.h>

#include "net_video.h"

enum {
	CONCEAL_FRAMES = 5,  /* lost packets made up in a row */
	UNKNOWN_AHEAD = 100, /* further on is no sequence to follow */
};

/* What is known of the past of a direction is no more. */
static void rx_reset(struct net_rx *rx, struct leg *to)
{
	pc_decoder_free(rx->decoder);
	rx->decoder = NULL;
	rx->timed = false;
	rx->to = to;
	pc_reorder_reset(&rx->order);
	if (rx->timer)
		pc_timer_cancel(rx->timer);
}

void net_rx_reset(struct net *net)
{
	struct leg *to = leg_sink(net->leg);

	if (net->rx.to != to) {
		net_noise_stop(net);
		rx_reset(&net->rx, to);
	}
	if (net->tap.to != net->leg->tap)
		rx_reset(&net->tap, net->leg->tap);
	net_forget_routes(net);
}

/* --- from packets to PCM ------------------------------------------------- */

/* A description may have given the payload type to another coding. */
static bool is_decoders(const struct net_rx *rx, const struct payload *in)
{
	return rx->pt == in->pt && rx->codec == in->codec &&
	       rx->clock_hz == in->clock_hz && rx->channels == in->channels;
}

/* A decoder for this payload type, at the rate the sink likes. */
static int prepare(struct net_rx *rx, const struct payload *in)
{
	struct leg *to = rx->to;
	unsigned want = to->kind->wants_hz
				? to->kind->wants_hz(to, in->clock_hz)
				: in->clock_hz;
	bool both = in->channels == 2 && to->kind->both && to->kind->both(to);

	if (rx->decoder && is_decoders(rx, in) && rx->want_hz == want &&
	    rx->both == both)
		return 0;
	pc_decoder_free(rx->decoder);
	rx->decoder =
		pc_decoder_new(in->codec, in->clock_hz, in->channels, want);
	rx->pt = in->pt;
	rx->codec = in->codec;
	rx->clock_hz = in->clock_hz;
	rx->channels = in->channels;
	rx->want_hz = want;
	rx->both = both;
	rx->timed = false;
	if (rx->decoder && both)
		(void)pc_decoder_both(rx->decoder); /* or it is mono */
	return rx->decoder ? 0 : -ENOTSUP;
}

static void give(struct net_rx *rx, const struct payload *in, uint32_t ts,
		 size_t n)
{
	struct net *net = rx->net;
	unsigned rate = pc_decoder_rate(rx->decoder);
	int16_t *right = pc_decoder_right(rx->decoder);
	struct frame f = {
		.source = net_source(net->leg, net->source.ssrc),
		.ts = ts,
		.clock_hz = in->clock_hz,
		.rate_hz = rate,
		.pcm = net->leg->bridge->pcm,
		.right = right,
		.n = n,
		.silent = rx->silent,
	};

	if (rx->return_us)
		net_hear_pause(rx, net->leg->bridge->pcm, n);
	if (net->listening && rx == &net->rx) {
		net_digit_listen(net, rate, net->leg->bridge->pcm, n);
		f.right = NULL; /* what is taken out is so of both */
	}
	leg_gain(net->leg, net->leg->bridge->pcm, n);
	if (right)
		leg_gain(net->leg, right, n);
	leg_frame(rx->to, &f);
	rx->next_ts = ts + (uint32_t)(n * in->clock_hz / rate);
}

/* Fill the time of packets that were lost, while it is short. */
static void conceal(struct net_rx *rx, const struct payload *in,
		    const struct pc_rtp *rtp, unsigned lost)
{
	int16_t *pcm = rx->net->leg->bridge->pcm;
	unsigned rate = pc_decoder_rate(rx->decoder);
	int32_t step = (int32_t)(rx->last_n * in->clock_hz / rate);

	for (unsigned i = 0; i < lost && i < CONCEAL_FRAMES; i++) {
		int32_t missing = (int32_t)(rtp->ts - rx->next_ts);
		ssize_t n;

		if (step == 0 || missing < step)
			return;
		if (missing < 2 * step) /* the last: the next may tell of it */
			n = pc_decode_before(rx->decoder, rtp->payload,
					     rtp->payload_len, pcm, rx->last_n);
		else
			n = pc_conceal(rx->decoder, pcm, rx->last_n);
		if (n <= 0)
			return;
		rx->net->count.concealed++;
		rx->silent = false;
		give(rx, in, rx->next_ts, (size_t)n);
	}
}

static void decode(struct net_rx *rx, const struct pc_rtp *rtp, unsigned lost)
{
	struct net *net = rx->net;
	const struct payload *in = &net->rx_map[rtp->pt];
	ssize_t n;

	if (!in->used || !rx->to || prepare(rx, in) < 0)
		return;
	if (!rx->timed && net->prime)
		net_lead_up(rx, rtp, in);
	if (lost > 0 && rx->timed)
		conceal(rx, in, rtp, lost);
	n = pc_decode(rx->decoder, rtp->payload, rtp->payload_len,
		      net->leg->bridge->pcm, PC_FRAME_MAX);
	if (n < 0)
		pc_tool_malformed(&net->leg->bridge->tool, in->name, NULL,
				  "the payload cannot be decoded");
	if (n <= 0)
		return;
	rx->last_n = (size_t)n;
	rx->timed = true;
	/* RFC 6716 3.2.1: nothing but a header, which is DTX. */
	rx->silent = in->codec == PC_CODEC_OPUS && rtp->payload_len <= 2;
	give(rx, in, rtp->ts, (size_t)n);
}

/* What has its turn now, and when to look again. */
static void drain(struct net_rx *rx, uint64_t now_us)
{
	struct pc_rtp rtp;
	unsigned lost;
	uint64_t due;

	while (pc_reorder_next(&rx->order, now_us, &rtp, &lost))
		decode(rx, &rtp, lost);
	due = pc_reorder_due(&rx->order);
	if (due)
		pc_timer_set_us(rx->timer, due > now_us ? due - now_us : 0);
}

static void on_timer(void *arg)
{
	drain(arg, pc_now_us());
}

/* To PCM, in order. An empty one went another way, and is not missing. */
static void sort_in(struct net_rx *rx, const struct pc_rtp *rtp, bool empty,
		    enum pc_rtp_verdict verdict, uint64_t now_us)
{
	bool waited = rx->order.held > 0;

	if (verdict == PC_RTP_RESTART) {
		drain(rx, UINT64_MAX);
		pc_reorder_reset(&rx->order);
		rx->timed = false;
	}
	switch (pc_reorder_put(&rx->order, rtp, empty, now_us)) {
	case PC_REORDER_NOW:
		decode(rx, rtp, 0);
		break;
	case PC_REORDER_LATE:
		rx->net->count.late += !empty;
		return;
	case PC_REORDER_HELD:
		break;
	}
	if (waited || rx->order.held > 0)
		drain(rx, now_us);
}

static int rx_init(struct net *net, struct net_rx *rx)
{
	rx->net = net;
	rx->timer = pc_timer_new(net->leg->bridge->tool.loop, on_timer, rx);
	return rx->timer ? 0 : -ENOMEM;
}

int net_rx_init(struct net *net)
{
	return rx_init(net, &net->rx) == 0 ? rx_init(net, &net->tap) : -ENOMEM;
}

static void rx_fini(struct net_rx *rx)
{
	pc_decoder_free(rx->decoder);
	pc_reorder_fini(&rx->order);
	pc_timer_free(rx->timer);
	rx->decoder = NULL;
	rx->timer = NULL;
}

void net_rx_fini(struct net *net)
{
	rx_fini(&net->rx);
	rx_fini(&net->tap);
}

/* --- from packets to packets --------------------------------------------- */

/* NULL: this coding is not passed on as it is. */
static const struct payload *route(struct net *net, struct net *to,
				   const struct payload *in)
{
	struct payload *p = &net->rx_map[in->pt];

	if (!p->routed) {
		p->route = net_tx_same(to, in);
		p->routed = true;
	}
	return p->route;
}

/* May what it says go on as it is? */
static bool may_pass(const struct net *net)
{
	return net->leg->gain == 1 && !net->listening;
}

static void forward(struct net *net, struct leg *to, const struct pc_rtp *rtp,
		    const struct payload *in, enum pc_rtp_verdict verdict,
		    uint64_t now_us)
{
	struct net *other = to->kind->net ? to->kind->net(to) : NULL;
	bool coded = net_is_speech(in);
	struct passing p = {
		.rtp = rtp,
		.source = net_source(net->leg, rtp->ssrc),
		.in = in,
		.out = other ? route(net, other, in) : NULL,
		.restart = verdict == PC_RTP_RESTART,
		.now_us = now_us,
	};

	if (!other && !to->kind->frame)
		return;
	if (to->kind->ready && !to->kind->ready(to)) { /* on hold, say */
		if (other)
			net_part(other, &p);
		if (net->rx.order.started)
			rx_reset(&net->rx, to);
		return;
	}
	if (net->leg->muted) { /* heard by nobody; but nothing is lost */
		if (other)
			net_part(other, &p);
	} else if (in->codec == PC_CODEC_EVENT && p.out) {
		net_pass_event(other, &p);
	} else if (p.out && (!coded ||
			     (may_pass(net) &&
			      net_may_return(net, other, in, p.out, now_us)))) {
		if (coded)
			net_say_media(&net->said, net->leg, to, in, p.out,
				      true);
		net_prime_keep(net, rtp, in); /* before it is rewritten */
		net_pass(other, &p);
		pc_reorder_reset(&net->rx.order);
		net->rx.timed = false;
		return;
	} else if (coded && (!other || net_tx_speech(other))) {
		net_say_media(&net->said, net->leg, to, in,
			      other ? net_tx_speech(other) : NULL, false);
		sort_in(&net->rx, rtp, false, verdict, now_us);
		return;
	} else {
		if (in->codec == PC_CODEC_NOISE && in->clock_hz == 8000 &&
		    net->rx.order.started)
			net_noise_take(net, rtp);
		if (coded || in->codec == PC_CODEC_OTHER)
			net_refuse(&net->rx_map[in->pt].refused, net->leg, to,
				   in);
		if (other)
			net_skip(other, &p);
	}
	if (net->rx.order.started) /* speech beside it is decoded */
		sort_in(&net->rx, rtp, true, verdict, now_us);
}

/* The mixer hears it, too. */
static void forward_tap(struct net *net, const struct pc_rtp *rtp,
			const struct payload *in, enum pc_rtp_verdict verdict,
			uint64_t now_us)
{
	if (in->codec == PC_CODEC_OTHER)
		net_refuse(&net->rx_map[in->pt].refused, net->leg,
			   net->leg->tap, in);
	sort_in(&net->tap, rtp, !net_is_speech(in) || net->leg->muted, verdict,
		now_us);
}

/*
 * A payload type that nobody described is nothing to us, but it has its place
 * in the sequence: it is not lost, and leaves no hole.
 */
static void pass_over(struct net *net, struct leg *to, const struct pc_rtp *rtp,
		      uint64_t now_us)
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
	if (net->rx.order.started)
		sort_in(&net->rx, rtp, true, PC_RTP_NEXT, now_us);
	if (net->tap.order.started)
		sort_in(&net->tap, rtp, true, PC_RTP_NEXT, now_us);
}

/* To those that take packets as they are. */
static void show(struct leg *from, const struct pc_rtp *rtp,
		 const struct payload *in)
{
	struct bridge *b = from->bridge;

	for (int i = 0; i < LEGS_MAX; i++)
		if (b->legs[i] && b->legs[i]->kind->packet)
			b->legs[i]->kind->packet(b->legs[i], from, rtp, in);
}

bool net_take(struct net *net, const struct pc_rtp *rtp, size_t len,
	      uint64_t now_us, enum pc_rtp_verdict *verdict)
{
	*verdict = pc_rtp_source_take(&net->source, rtp);
	if (*verdict == PC_RTP_DUPLICATE || *verdict == PC_RTP_STRAY) {
		net->count.duplicate++;
		return false;
	}
	net->count.in_packets++;
	net->count.in_bytes += len;
	net->last_in_us = now_us;
	return true;
}

void net_receive(struct leg *leg, const struct pc_rtp *rtp, size_t len,
		 uint64_t now_us)
{
	struct net *net = leg->kind->net(leg);
	const struct payload *in = &net->rx_map[rtp->pt];
	enum pc_rtp_verdict verdict;
	struct leg *to = leg_sink(leg);

	if (rtp->ssrc == net->stream.ssrc)
		net_rtcp_collided(net);
	if (leg->video) {
		net_video_receive(net, rtp, len, now_us);
		return;
	}
	if (!in->used) {
		pass_over(net, to, rtp, now_us);
		return;
	}
	if (!net_take(net, rtp, len, now_us, &verdict))
		return;
	if (net->noise.on && net_is_speech(in))
		net_noise_stop(net);
	if (in->codec == PC_CODEC_EVENT)
		net_digit_follow(net, rtp, in, now_us);
	else if (in->codec != PC_CODEC_NOISE)
		net->in_pt = rtp->pt;
	if (in->codec != PC_CODEC_EVENT && verdict != PC_RTP_LATE)
		pc_rtp_source_arrive(&net->source, rtp->ts, in->clock_hz,
				     now_us);
	if (leg->bridge->n_packet)
		show(leg, rtp, in);
	if (leg->tap)
		forward_tap(net, rtp, in, verdict, now_us);
	if (to)
		forward(net, to, rtp, in, verdict, now_us);
}
