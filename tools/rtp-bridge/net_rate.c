/*
 * How much video a leg's other side may send: told by REMB once a second, from
 * what is lost on its way to us and on from here, as the far end reports it,
 * and from what the far end itself allows.
 */
#include "net_video.h"

#include <errno.h>

enum { MAX_KBPS = 2500, STALE_PERCENT = 10 };

int net_video_init(struct net *net)
{
	struct leg *of = net->leg->parent ? net->leg->parent : net->leg;
	unsigned kbps;

	if (!leg_number(of, "bitrate", 64, 1000000, MAX_KBPS, &kbps))
		return -EINVAL;
	pc_rate_init(&net->rate.rate, kbps * 1000ull);
	return 0;
}

void net_rate_feedback(struct net *net, const struct pc_rtcp *p)
{
	uint64_t bps = pc_feedback_allowed(p);

	if (bps > 0)
		net->rate.allowed_bps = bps;
}

/* A report speaks once; until the next, it only keeps things as they are. */
static double far_loss(struct net *net, const struct net *far)
{
	double loss = far->rtcp.remote_loss_percent;

	if (net->rate.reports == far->rtcp.reports && loss > STALE_PERCENT)
		loss = STALE_PERCENT;
	net->rate.reports = far->rtcp.reports;
	return loss;
}

void net_video_second(struct net *net, uint64_t now_us)
{
	struct net_rate *r = &net->rate;
	uint8_t *buf = net->leg->bridge->packet;
	const struct net *far = net_video_peer(net);
	struct pc_rate_seen seen = { .loss_percent = net->quality.loss_now };
	uint64_t passed_us = now_us - r->at_us;

	if (r->at_us && passed_us > 0)
		seen.came_bps =
			(net->count.in_bytes - r->bytes) * 8000000 / passed_us;
	r->at_us = now_us;
	r->bytes = net->count.in_bytes;
	if (!net->source.known || !(net->fb & FB_REMB))
		return;
	if (far) {
		double loss = far_loss(net, far);

		if (loss > seen.loss_percent)
			seen.loss_percent = loss;
		seen.far_bps = far->rate.allowed_bps;
	}
	r->told_bps = pc_rate_step(&r->rate, &seen);
	net_video_feed(net, buf,
		       pc_feedback_remb(buf, net->stream.ssrc, net->source.ssrc,
					r->told_bps));
}
