/*
 * From passing to coding and back without a click. Opus and G.722 remember what
 * they coded: a decoder and an encoder that begin in the middle are led up to
 * it by the last packets that passed, and packets pass again in a pause.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "net.h"

enum {
	LEN_MAX = 400,       /* longer is not kept */
	RETURN_US = 5000000, /* as long as a pause is waited for */
};

static const double PAUSE = 180; /* root mean square: -45 dBFS */

struct net_prime {
	unsigned next;
	struct pc_rtp rtp[NET_PRIME];
	enum pc_codec codec[NET_PRIME];
	uint8_t payload[NET_PRIME][LEN_MAX];
};

static bool remembers(enum pc_codec codec)
{
	return codec == PC_CODEC_OPUS || codec == PC_CODEC_G722;
}

void net_prime_keep(struct net *net, const struct pc_rtp *rtp,
		    const struct payload *in)
{
	struct net_prime *p = net->prime;
	unsigned at;

	net->rx.return_us = 0;
	if (!remembers(in->codec) || rtp->payload_len > LEN_MAX)
		return;
	if (!p)
		p = net->prime = calloc(1, sizeof(*p));
	if (!p)
		return;
	at = p->next++ % NET_PRIME;
	p->rtp[at] = *rtp;
	p->codec[at] = in->codec;
	p->rtp[at].payload = p->payload[at];
	memcpy(p->payload[at], rtp->payload, rtp->payload_len);
}

/* The one that passed so many before rtp, at most NET_PRIME; or NULL. */
static const struct pc_rtp *kept_at(const struct net *net,
				    const struct pc_rtp *rtp, unsigned before)
{
	struct net_prime *p = net->prime;

	for (unsigned k = 0; p && k < NET_PRIME; k++)
		if (p->rtp[k].payload && p->rtp[k].ssrc == rtp->ssrc &&
		    p->rtp[k].pt == rtp->pt &&
		    p->codec[k] == net->rx_map[rtp->pt].codec &&
		    p->rtp[k].seq == (uint16_t)(rtp->seq - before))
			return &p->rtp[k];
	return NULL;
}

void net_lead_up(struct net_rx *rx, const struct pc_rtp *rtp,
		 const struct payload *in)
{
	struct net *net = rx->net;
	int16_t *pcm = net->leg->bridge->pcm;
	struct frame f = {
		.source = net_source(net->leg, net->source.ssrc),
		.clock_hz = in->clock_hz,
		.rate_hz = pc_decoder_rate(rx->decoder),
		.pcm = pcm,
	};

	for (unsigned before = NET_PRIME; before > 0; before--) {
		const struct pc_rtp *p = kept_at(net, rtp, before);
		ssize_t n = p ? pc_decode(rx->decoder, p->payload,
					  p->payload_len, pcm, PC_FRAME_MAX)
			      : 0;

		if (n <= 0)
			continue;
		f.ts = p->ts;
		f.n = (size_t)n;
		f.right = pc_decoder_right(rx->decoder);
		if (rx == &net->rx && rx->to->kind->net)
			net_tx_prime(rx->to->kind->net(rx->to), &f,
				     rx->decoder);
	}
}

void net_prime_fini(struct net *net)
{
	free(net->prime);
	net->prime = NULL;
}

bool net_may_return(struct net *net, const struct net *to,
		    const struct payload *in, const struct payload *out,
		    uint64_t now_us)
{
	struct net_rx *rx = &net->rx;

	if (!rx->timed || !remembers(in->codec) || to->tx.payload != out)
		return true;
	if (!rx->return_us) {
		rx->return_us = now_us;
		rx->pause = false;
	}
	return rx->pause || now_us - rx->return_us > RETURN_US;
}

void net_hear_pause(struct net_rx *rx, const int16_t *pcm, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)pcm[i] * pcm[i];
	rx->pause = sqrt(sum / (double)(n ? n : 1)) < PAUSE;
}
