/* RTCP of a network leg: reports of our own, and what theirs say. */
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "media/rtcp.h"
#include "net.h"
#include "net_video.h"

static uint32_t random32(void)
{
	uint32_t r = 0;

	(void)!getrandom(&r, sizeof(r), 0);
	return r;
}

static void fill_block(struct net *net, struct pc_rtcp_block *b, uint64_t now)
{
	struct pc_rtp_source *s = &net->source;
	const struct payload *in = &net->rx_map[net->in_pt];
	double hz = in->used ? in->clock_hz : 8000;
	int64_t lost = pc_rtp_source_lost(s) - s->lost_before;

	b->ssrc = s->ssrc;
	b->fraction = pc_rtp_source_fraction(s);
	b->lost = lost > 0x7fffff    ? 0x7fffff
		  : lost < -0x800000 ? -0x800000
				     : (int32_t)lost;
	b->highest = pc_rtp_source_highest(s);
	b->jitter = (uint32_t)(s->jitter_us * hz / 1e6);
	b->last_sr = net->rtcp.last_sr;
	if (b->last_sr)
		b->delay_sr = (uint32_t)((now - net->rtcp.last_sr_us) * 65536 /
					 1000000);
}

static void send_report(struct net *net, const char *bye)
{
	struct net_rtcp *rtcp = &net->rtcp;
	struct pc_rtp_stream *s = &net->stream;
	uint8_t *buf = net->leg->bridge->packet;
	uint64_t now = pc_now_us();
	struct pc_rtcp_report r = {
		.ssrc = s->ssrc,
		.sender = s->packets != rtcp->packets_at_report,
		.ntp = pc_rtcp_ntp(pc_wall_us()),
		.ts = pc_rtp_stream_now(s, now),
		.packets = (uint32_t)s->packets,
		.octets = (uint32_t)s->octets,
		.has_block = net->source.known && net->source.ssrc != s->ssrc,
		.cname = rtcp->cname,
		.bye = bye,
	};
	ssize_t len;

	if (r.has_block)
		fill_block(net, &r.block, now);
	rtcp->packets_at_report = s->packets;
	len = pc_rtcp_encode(&r, buf, PACKET_MAX);
	if (len > 0)
		net_send_rtcp(net->leg, buf, (size_t)len);
}

static bool may_report(const struct net *net)
{
	struct leg *leg = net->leg;

	return net->described &&
	       (!leg->kind->may_report || leg->kind->may_report(leg));
}

static void on_timer(void *arg)
{
	struct net *net = arg;
	bool may = may_report(net);

	if (may)
		send_report(net, NULL);
	pc_timer_set(net->rtcp.timer, pc_rtcp_interval_ms(!may, random32()));
}

int net_rtcp_init(struct net *net)
{
	struct net_rtcp *rtcp = &net->rtcp;

	/* A random name, one for a session: RFC 7022 4.2. */
	snprintf(rtcp->cname, sizeof(rtcp->cname), "%08x%08x%08x", random32(),
		 random32(), random32());
	rtcp->rtt_ms = rtcp->remote_loss_percent = -1;
	rtcp->timer = pc_timer_new(net->leg->bridge->tool.loop, on_timer, net);
	return rtcp->timer ? 0 : -ENOMEM;
}

void net_rtcp_start(struct net *net)
{
	if (net->rtcp.started)
		return;
	net->rtcp.started = true;
	pc_timer_set(net->rtcp.timer, 0); /* RFC 3550 6.2: two may */
}

/* RFC 3550 6.3.7: who never sent anything says no BYE. */
void net_rtcp_fini(struct net *net)
{
	if (net->rtcp.timer && may_report(net) && net->count.out_packets > 0)
		send_report(net, "the call has ended");
	pc_timer_free(net->rtcp.timer);
	net->rtcp.timer = NULL;
}

/*
 * RFC 3550 8.2: say BYE for the SSRC that both have, and go on by another. Once
 * only: if what comes goes along, it is our own, sent back to us.
 */
void net_rtcp_collided(struct net *net)
{
	struct pc_rtp_stream *s = &net->stream;
	uint32_t ssrc = s->ssrc;

	if (net->rtcp.collided)
		return;
	net->rtcp.collided = true;
	if (may_report(net) && net->count.out_packets > 0)
		send_report(net, "SSRC collision");
	while (s->ssrc == ssrc)
		s->ssrc = random32();
	s->packets = s->octets = net->rtcp.packets_at_report = 0;
	pc_event(&net->leg->bridge->tool, "collision", "leg=%s was=%u ssrc=%u",
		 net->leg->name, ssrc, s->ssrc);
	pc_verbose("%s: the other side has our SSRC: we take another",
		   net->leg->name);
}

/* RFC 3550 6.4.1: round trip = now - last SR - delay since it. */
static void take_block(struct net *net, const struct pc_rtcp_block *b)
{
	uint32_t now = (uint32_t)(pc_rtcp_ntp(pc_wall_us()) >> 16);
	int32_t trip = (int32_t)(now - b->last_sr - b->delay_sr);

	if (b->ssrc != net->stream.ssrc)
		return;
	net->rtcp.reports++;
	net->rtcp.remote_lost = b->lost > 0 ? (unsigned)b->lost : 0;
	net->rtcp.remote_jitter = b->jitter;
	net->rtcp.remote_loss_percent = b->fraction * 100 / 256.0;
	if (b->last_sr && trip >= 0 && trip < 60 * 65536)
		net->rtcp.rtt_ms = trip * 1000.0 / 65536;
}

/* RFC 3611 4.7: how the other side heard us. */
static void take_voip(struct net *net, const struct pc_rtcp_voip *v)
{
	net->rtcp.remote_mos = v->mos_cq >= 1 ? v->mos_cq : v->mos_lq;
	pc_event(&net->leg->bridge->tool, "xr",
		 "leg=%s loss_percent=%f discard_percent=%f round_trip_ms=%u "
		 "delay_ms=%u r_factor=%u mos_lq=%f mos_cq=%f",
		 net->leg->name, v->loss_percent, v->discard_percent,
		 v->round_trip_ms, v->delay_ms, v->r_factor, v->mos_lq,
		 v->mos_cq);
}

static void take(struct net *net, const struct pc_rtcp *p, uint64_t now_us)
{
	if ((p->type == PC_RTCP_SR || p->type == PC_RTCP_RR) &&
	    p->ssrc == net->stream.ssrc)
		net_rtcp_collided(net);
	if (p->type == PC_RTCP_SR && p->ssrc == net->source.ssrc) {
		net->rtcp.last_sr = (uint32_t)(p->ntp >> 16);
		net->rtcp.last_sr_us = now_us;
	}
	for (unsigned i = 0; i < p->n_blocks; i++)
		take_block(net, &p->blocks[i]);
	if (p->has_voip && p->voip.ssrc == net->stream.ssrc)
		take_voip(net, &p->voip);
	if (p->type == PC_RTCP_BYE && p->count > 0 && net->source.known &&
	    p->ssrc == net->source.ssrc && !net->rtcp.bye) {
		net->rtcp.bye = true;
		pc_event(&net->leg->bridge->tool, "bye", "leg=%s",
			 net->leg->name);
	}
}

void net_rtcp_receive(struct leg *leg, const uint8_t *buf, size_t len,
		      const struct pc_addr *from, uint64_t now_us)
{
	struct net *net = leg->kind->net(leg);
	struct pc_rtcp_reader r;
	struct pc_rtcp p;
	int rc;

	if (!leg->parent) /* of a bundle once */
		net_trace_rtcp(leg, false, from, buf, len);
	pc_rtcp_begin(&r, buf, len);
	while ((rc = pc_rtcp_next(&r, &p)) > 0) {
		take(net, &p, now_us);
		if (leg->video)
			net_video_feedback(net, &p);
	}
	if (rc < 0)
		pc_tool_malformed(&leg->bridge->tool, "RTCP", from,
				  "its lengths do not fit");
}
