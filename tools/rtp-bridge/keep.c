/* Keep-alive; see keep.h. */
#include "keep.h"

#include <errno.h>
#include <stdlib.h>

enum {
	INTERVAL_S = 15, /* RFC 6263 section 7 */
	FIRST_MS = 40,   /* media that flows has begun by then */
	RUN = 6,         /* packets in sequence: latch.h's, and most others' */
	STEP_MS = 20,
	AGAIN_MS = 250, /* then twice as long, up to the interval */
	PT_FIRST = 126, /* what phones send for it; down to 96 if described */
	PT_LAST = 96,
};

struct keep {
	struct leg *leg;
	struct pc_timer *timer;
	unsigned interval_s; /* 0: none */
	unsigned left;       /* of the run */
	unsigned again_ms;   /* from the end of this run to the next */
	uint64_t received;   /* when the other side was described */
	uint64_t packets;    /* sent when we looked last ... */
	uint64_t since_us;   /* ... and since when there are no more */
};

static bool is_described(const struct net *net, uint8_t pt)
{
	for (unsigned i = 0; i < net->n_tx; i++)
		if (net->tx_map[i].pt == pt)
			return true;
	return net->rx_map[pt].used;
}

static void send_one(struct keep *k, struct net *net)
{
	uint8_t *buf = k->leg->bridge->packet;
	struct pc_rtp rtp = {
		.pt = PT_FIRST,
		.ts = pc_rtp_stream_now(&net->stream, pc_now_us()),
	};

	while (is_described(net, rtp.pt))
		if (rtp.pt-- == PT_LAST)
			return;
	pc_rtp_stream_insert(&net->stream, &rtp);
	pc_rtp_encode(buf, &rtp);
	net_send(net, buf, PC_RTP_HEADER);
	net->count.kept++;
}

/* Whatever the direction: RFC 6263 section 3. */
static bool may_send(const struct keep *k, const struct net *net)
{
	return k->interval_s > 0 && net->described &&
	       k->leg->kind->may_report(k->leg);
}

/*
 * A packet of a run, if nothing was sent since we looked last. The other side
 * learns from none that comes before it has been described (our answer may
 * still be on its way to it): so we look several times, until it has said
 * something.
 */
static void on_run(void *arg)
{
	struct keep *k = arg;
	struct net *net = k->leg->kind->net(k->leg);
	bool idle = net->count.out_packets == k->packets;

	if (net->count.in_packets > k->received)
		return;
	if (idle && may_send(k, net)) {
		send_one(k, net);
		k->left--;
	} else {
		k->left = 0;
	}
	k->packets = net->count.out_packets;
	if (k->left > 0) {
		pc_timer_set(k->timer, STEP_MS);
	} else if (k->again_ms < k->interval_s * 1000) {
		k->left = RUN;
		pc_timer_set(k->timer, k->again_ms);
		k->again_ms *= 2;
	}
}

void keep_begin(struct keep *k)
{
	struct net *net = k->leg->kind->net(k->leg);

	k->packets = net->count.out_packets;
	k->received = net->count.in_packets;
	k->left = RUN;
	k->again_ms = AGAIN_MS;
	pc_timer_set(k->timer, FIRST_MS);
}

void keep_second(struct keep *k, uint64_t now_us, bool muxed)
{
	struct net *net = k->leg->kind->net(k->leg);

	if (net->count.out_packets != k->packets || k->since_us == 0) {
		k->packets = net->count.out_packets;
		k->since_us = now_us;
	} else if (!muxed && may_send(k, net) &&
		   now_us - k->since_us >= k->interval_s * 1000000ull) {
		send_one(k, net);
		k->packets = net->count.out_packets;
		k->since_us = now_us;
	}
}

int keep_open(struct keep **keep, struct leg *leg)
{
	struct keep *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	*keep = k;
	k->leg = leg;
	k->timer = pc_timer_new(leg->bridge->tool.loop, on_run, k);
	if (!k->timer)
		return -ENOMEM;
	return leg_number(leg, "keepalive", 0, 3600, INTERVAL_S, &k->interval_s)
		       ? 0
		       : -EINVAL;
}

void keep_close(struct keep *k)
{
	if (!k)
		return;
	pc_timer_free(k->timer);
	free(k);
}
