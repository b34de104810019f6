/*
 * Video between two network legs: passed, never decoded (H.264, VP8, VP9, AV1,
 * or any other payload). What is needed besides: pictures asked for across
 * ends that ask in different ways, packets sent again, RTX taken off (RFC
 * 4588), and the sender told how much it may send.
 */
#include "net_video.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"

enum {
	HISTORY = 256, /* packets kept to be sent again: half a second or so */
	KEEP_MAX = 2048,  /* longer is not kept: no path's MTU is so much */
	ASK_US = 300000,  /* not more often for a picture */
	NACK_MAX = 17,    /* more missing at once is no case for it */
	TIMES_MAX = 4,    /* that one packet is sent again ... */
	AGAIN_US = 20000, /* ... not before the last can have come: so long, */
	AGAIN_MAX_US = 200000, /* or a round trip, but no longer than this */
};

struct net_history {
	bool used;
	uint8_t times; /* that it was sent again */
	uint16_t seq;
	uint64_t again_us; /* the last time */
	size_t len;
	uint8_t buf[KEEP_MAX];
};

void net_video_feed(struct net *net, uint8_t *buf, size_t len)
{
	struct leg *leg = net->leg;

	if (!leg->kind->may_report || leg->kind->may_report(leg))
		net_send_rtcp(leg, buf, len);
}

void net_video_ask(struct net *net)
{
	uint64_t now = pc_now_us();
	uint8_t *buf = net->leg->bridge->packet;
	size_t len;

	if (net->asked_us && now - net->asked_us < ASK_US)
		return;
	net->asked_us = now;
	pc_event(&net->leg->bridge->tool, "keyframe", "leg=%s by=%s",
		 net->leg->name,
		 !net->source.known ? NULL
		 : net->fb & FB_PLI ? "PLI"
		 : net->fb & FB_FIR ? "FIR"
				    : NULL);
	if (!net->source.known)
		return;
	if (!(net->fb & FB_PLI) && net->fb & FB_FIR)
		len = pc_feedback_fir(buf, net->stream.ssrc, net->source.ssrc,
				      net->fir_count++);
	else /* also to who does not say that it knows it: it does no harm */
		len = pc_feedback_pli(buf, net->stream.ssrc, net->source.ssrc);
	net_video_feed(net, buf, len);
}

struct net *net_video_peer(const struct net *net)
{
	struct leg *to = leg_sink(net->leg);

	return to && to->kind->net ? to->kind->net(to) : NULL;
}

/* Who asks ever anew, by mistake or not, does not make a flood of a stream. */
static bool due_again(const struct net *net, struct net_history *h,
		      uint64_t now_us)
{
	double wait = net->rtcp.rtt_ms * 1000;

	wait = wait < AGAIN_US       ? AGAIN_US
	       : wait > AGAIN_MAX_US ? AGAIN_MAX_US
				     : wait;
	if (h->times == TIMES_MAX ||
	    (h->times > 0 && now_us - h->again_us < wait))
		return false;
	h->times++;
	h->again_us = now_us;
	return true;
}

static void send_again(struct net *net, uint16_t seq, uint64_t now_us)
{
	struct net_history *h = &net->history[seq % HISTORY];

	if (!h->used || h->seq != seq || !net->leg->kind->resend ||
	    !due_again(net, h, now_us))
		return;
	net->leg->kind->resend(net->leg, h->buf, h->len);
	net->count.resent++;
}

void net_video_feedback(struct net *net, const struct pc_rtcp *p)
{
	uint16_t seqs[PC_FEEDBACK_NACKS];
	struct net *peer = net_video_peer(net);
	unsigned n;

	net_rate_feedback(net, p);
	if (pc_feedback_wants_picture(p, net->stream.ssrc) && peer)
		net_video_ask(peer);
	n = pc_feedback_nacked(p, net->stream.ssrc, seqs);
	for (unsigned i = 0; i < n && net->history; i++)
		send_again(net, seqs[i], pc_now_us());
}

void net_video_keep(struct net *net, const uint8_t *buf, size_t len)
{
	uint16_t seq = pc_get16(buf + 2);
	struct net_history *h;

	if (len > sizeof(h->buf))
		return;
	if (!net->history)
		net->history = calloc(HISTORY, sizeof(*net->history));
	if (!net->history)
		return;
	h = &net->history[seq % HISTORY];
	h->used = true;
	h->times = 0;
	h->seq = seq;
	h->len = len;
	memcpy(h->buf, buf, len);
}

void net_video_fini(struct net *net)
{
	free(net->history);
	net->history = NULL;
}

/* Packets missing before this one are asked for at once. */
static void ask_again(struct net *net, uint16_t seq, unsigned missing)
{
	uint8_t *buf = net->leg->bridge->packet;

	if (missing == 0 || missing > NACK_MAX || !(net->fb & FB_NACK))
		return;
	net_video_feed(net, buf,
		       pc_feedback_nack(buf, net->stream.ssrc, net->source.ssrc,
					(uint16_t)(seq - missing), missing));
}

/* RFC 4588 section 4: the original's sequence number goes before its payload. */
static bool unwrap(struct net *net, struct pc_rtp *rtp)
{
	const struct payload *in = &net->rx_map[rtp->pt];

	if (!in->used || in->apt < 0)
		return true;
	if (rtp->payload_len < 2 || !net->source.known ||
	    !net->rx_map[in->apt].used)
		return false;
	rtp->pt = (uint8_t)in->apt;
	rtp->ssrc = net->source.ssrc;
	rtp->seq = pc_get16(rtp->payload);
	rtp->payload += 2;
	rtp->payload_len -= 2;
	return rtp->payload_len > 0;
}

/* The payload type that carries the same coding in the same way. */
static const struct payload *same(const struct net *to,
				  const struct payload *in)
{
	const struct payload *like = NULL;

	for (unsigned i = 0; i < to->n_tx; i++) {
		const struct payload *p = &to->tx_map[i];

		if (p->clock_hz != in->clock_hz ||
		    strcasecmp(p->name, in->name) != 0)
			continue;
		if (p->variant == in->variant)
			return p;
		if (!like)
			like = p;
	}
	return like;
}

static void pass_to(struct net *net, struct net *to, struct media_said *said,
		    struct passing p)
{
	if (to->leg->kind->ready && !to->leg->kind->ready(to->leg))
		return;
	p.out = same(to, p.in);
	if (!p.out || net->leg->muted) {
		net_skip(to, &p);
		return;
	}
	if (!to->flowing) { /* its first picture has to be a whole one */
		to->flowing = true;
		net_video_ask(net);
	}
	net_say_media(said, net->leg, to->leg, p.in, p.out, true);
	net_pass(to, &p);
}

/* A copy to who looks on: a packet that is passed is written on. */
static void show(struct net *net, struct net *to, struct passing p)
{
	uint8_t copy[PACKET_MAX + TRAILER_MAX];
	struct pc_rtp rtp = *p.rtp;

	rtp.payload = copy + PC_RTP_HEADER;
	memcpy(rtp.payload, p.rtp->payload, rtp.payload_len);
	p.rtp = &rtp;
	pass_to(net, to, &to->said_made, p);
}

static void pass(struct net *net, const struct pc_rtp *rtp,
		 enum pc_rtp_verdict verdict, uint64_t now_us)
{
	struct bridge *b = net->leg->bridge;
	struct net *other = net_video_peer(net);
	const struct passing p = {
		.rtp = rtp,
		.source = net_source(net->leg, rtp->ssrc),
		.in = &net->rx_map[rtp->pt],
		.restart = verdict == PC_RTP_RESTART,
		.now_us = now_us,
	};

	if (net->leg->listens)
		return;
	for (int i = 0; b->n_watching > 0 && i < LEGS_MAX; i++) {
		struct leg *by = b->legs[i];

		if (by && by->video && by->listens && by->peer == net->leg &&
		    by->kind->net && by->kind->net(by) != other)
			show(net, by->kind->net(by), p);
	}
	if (other)
		pass_to(net, other, &net->said, p);
}

void net_video_receive(struct net *net, const struct pc_rtp *packet, size_t len,
		       uint64_t now_us)
{
	struct pc_rtp rtp = *packet;
	enum pc_rtp_verdict verdict;

	if (!unwrap(net, &rtp))
		return;
	if (!net->rx_map[rtp.pt].used) {
		net->count.unknown++;
		return;
	}
	if (!net_take(net, &rtp, len, now_us, &verdict))
		return;
	net->in_pt = rtp.pt;
	if (verdict == PC_RTP_NEXT) {
		pc_rtp_source_arrive(&net->source, rtp.ts,
				     net->rx_map[rtp.pt].clock_hz, now_us);
		ask_again(net, rtp.seq, net->source.gap);
	}
	pass(net, &rtp, verdict, now_us);
	if (verdict == PC_RTP_RESTART)
		net_video_ask(net);
}
