/*
 * Comfort noise (RFC 3389) for who does not know it: a packet tells how loud
 * the background is, and 20 ms of such noise are made at a time until speech
 * comes again. (The noise is white: the spectrum that a packet may tell of is
 * not used.)
 */
#include <errno.h>
#include <math.h>

#include "net.h"

enum {
	STEP_MS = 20,
	RATE_HZ = 8000,
	FRAME = RATE_HZ * STEP_MS / 1000,
	LAST_MS = 60000, /* without another packet */
};

static void on_step(void *arg)
{
	struct net *net = arg;
	struct net_noise *n = &net->noise;
	int16_t *pcm = net->leg->bridge->pcm;
	struct frame f = {
		.source = net_source(net->leg, net->source.ssrc),
		.ts = n->ts,
		.clock_hz = RATE_HZ,
		.rate_hz = RATE_HZ,
		.pcm = pcm,
		.n = FRAME,
	};

	for (int i = 0; i < FRAME; i++) {
		n->seed = n->seed * 1664525 + 1013904223;
		pcm[i] = (int16_t)(n->amplitude *
				   ((int32_t)n->seed / 2147483648.0));
	}
	n->ts += FRAME;
	n->ms += STEP_MS;
	leg_gain(net->leg, pcm, FRAME);
	if (net->rx.to)
		leg_frame(net->rx.to, &f);
	if (n->ms < LAST_MS)
		pc_timer_set(n->timer, STEP_MS);
}

void net_noise_take(struct net *net, const struct pc_rtp *rtp)
{
	struct net_noise *n = &net->noise;

	if (rtp->payload_len == 0)
		return;
	/* -dBov of the mean square; a flat distribution's is a third. */
	n->amplitude =
		32768 * sqrt(3) * pow(10, -(rtp->payload[0] & 0x7f) / 20.0);
	if (n->amplitude > 32767)
		n->amplitude = 32767;
	n->ms = 0;
	if (n->on)
		return;
	n->on = true;
	n->ts = rtp->ts;
	pc_timer_set(n->timer, 0);
}

void net_noise_stop(struct net *net)
{
	net->noise.on = false;
	pc_timer_cancel(net->noise.timer);
}

int net_noise_init(struct net *net)
{
	net->noise.timer =
		pc_timer_new(net->leg->bridge->tool.loop, on_step, net);
	return net->noise.timer ? 0 : -ENOMEM;
}

void net_noise_fini(struct net *net)
{
	pc_timer_free(net->noise.timer);
	net->noise.timer = NULL;
}
