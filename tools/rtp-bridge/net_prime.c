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
	p->rtp[at].payload = p->payload[at];
	memcpy(p->payload[at], rtp->payload, rtp->payload_len);
}

const struct pc_rtp *net_prime_at(const struct net *net,
				  const struct pc_rtp *rtp, unsigned before)
{
	struct net_prime *p = net->prime;

	for (unsigned k = 0; p && k < NET_PRIME; k++)
		if (p->rtp[k].payload && p->rtp[k].ssrc == rtp->ssrc &&
		    p->rtp[k].pt == rtp->pt &&
		    p->rtp[k].seq == (uint16_t)(rtp->seq - before))
			return &p->rtp[k];
	return NULL;
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
