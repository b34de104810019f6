/*
 * Silence that a source tells of, sent on as such: where the other side has
 * agreed on comfort noise (RFC 3389), it is told how loud the background is,
 * and no more speech is sent until some comes.
 */
#include <math.h>

#include "net.h"

enum { AGAIN_MS = 200, SOFTEST = 127 };

static const struct payload *noise_of(const struct net *net,
				      const struct payload *speech)
{
	for (unsigned i = 0; i < net->n_tx; i++)
		if (net->tx_map[i].codec == PC_CODEC_NOISE &&
		    net->tx_map[i].clock_hz == speech->clock_hz)
			return &net->tx_map[i];
	return NULL;
}

/* In -dBov: 0 is the mean square of the loudest square wave. */
static uint8_t level_of(const struct frame *f)
{
	double sum = 0, level;

	for (size_t i = 0; i < f->n; i++)
		sum += (double)f->pcm[i] * f->pcm[i];
	level = -10 * log10(sum / (double)f->n / (32768.0 * 32768.0) + 1e-13);
	return level > SOFTEST ? SOFTEST : (uint8_t)lround(level);
}

bool net_quiet(struct net *net, const struct frame *f)
{
	struct net_tx *tx = &net->tx;
	const struct payload *noise = noise_of(net, tx->payload);
	uint8_t *buf = net->leg->bridge->packet;
	struct pc_rtp rtp = { .payload_len = 1 };

	if (!noise || f->n == 0)
		return false;
	if (tx->quiet &&
	    (uint32_t)(f->ts - tx->quiet_ts) < AGAIN_MS * f->clock_hz / 1000)
		return true;
	tx->quiet = true;
	tx->quiet_ts = f->ts;
	tx->source = f->source;
	tx->fifo_ts = f->ts;
	tx->fifo_clock_hz = f->clock_hz;
	tx->fifo_n = 0;
	rtp.pt = noise->pt;
	if (net_number_made(net, &rtp) < 0)
		return true;
	pc_rtp_encode(buf, &rtp);
	buf[PC_RTP_HEADER] = level_of(f);
	net_send(net, buf, PC_RTP_HEADER + 1);
	return true;
}
