/* What a network leg tells of itself once a second; see net.h. */

#include "media/quality.h"
#include "net.h"
#include "net_video.h"

enum {
	SILENT_US = 5000000,
	FRAME_MS = 20,
};

/* One way: half the round trip, what jitter makes one wait, and a frame. */
static double delay_ms(double rtt_ms, double jitter_ms)
{
	return (rtt_ms > 0 ? rtt_ms / 2 : 0) + 2 * jitter_ms + FRAME_MS;
}

/* A packet that came too late to be heard counts as lost. */
static void judge(struct net *net)
{
	struct net_quality *q = &net->quality;
	const struct payload *in = &net->rx_map[net->in_pt];
	int64_t lost =
		pc_rtp_source_lost(&net->source) + (int64_t)net->count.late;
	uint64_t received = net->count.in_packets - net->count.late;
	int64_t dl = lost - q->lost, dr = (int64_t)(received - q->received);

	q->lost = lost;
	q->received = received;
	q->mos = q->mos_out = 0;
	if (dl < 0)
		dl = 0;
	q->loss_now = -1;
	if (dr > 0 || dl > 0) {
		q->loss_now = 100.0 * dl / (dl + (dr > 0 ? dr : 0));
		q->loss_percent += (q->loss_now - q->loss_percent) / 5;
	}
	if (dr > 0 && in->used && !net->leg->video)
		q->mos = pc_mos(pc_quality_of(in->codec), q->loss_percent,
				delay_ms(net->rtcp.rtt_ms,
					 net->source.jitter_us / 1000));
	if (net->leg->video)
		return;
	if (net->rtcp.remote_mos >= 1)
		q->mos_out = net->rtcp.remote_mos;
	else if (net->rtcp.remote_loss_percent >= 0 && net->sending)
		q->mos_out = pc_mos(pc_quality_of(net->sending->codec),
				    net->rtcp.remote_loss_percent,
				    delay_ms(net->rtcp.rtt_ms,
					     net->rtcp.remote_jitter * 1000.0 /
						     net->sending->clock_hz));
}

/* A leg that stops talking is told, and when it talks again. */
static void watch_silence(struct net *net, uint64_t now_us)
{
	bool silent = net->last_in_us && now_us - net->last_in_us > SILENT_US;

	if (silent == net->silent)
		return;
	net->silent = silent;
	pc_event(&net->leg->bridge->tool, silent ? "quiet" : "resumed",
		 "leg=%s seconds=%f", net->leg->name,
		 (double)(now_us - net->last_in_us) / 1e6);
}

static json_t *real_or_none(double v, double least)
{
	return v >= least ? json_real((double)(long)(v * 100 + 0.5) / 100)
			  : NULL;
}

static json_t *whole_or_none(uint64_t v)
{
	return v ? json_integer((json_int_t)v) : NULL;
}

void net_stats(struct net *net, uint64_t now_us)
{
	struct pc_tool *tool = &net->leg->bridge->tool;
	const struct net_count *c = &net->count;
	char in[48] = "", out[48] = "";

	net_digit_second(net, now_us);
	judge(net);
	watch_silence(net, now_us);
	if (net->leg->video)
		net_video_second(net, now_us);
	if (!pc_events_wanted(tool))
		return;
	if (net->source.known && net->rx_map[net->in_pt].used)
		net_write_coding(in, &net->rx_map[net->in_pt]);
	if (net->sending)
		net_write_coding(out, net->sending);
	pc_event(tool, "stats",
		 "leg=%s packets_in=%llu bytes_in=%llu packets_out=%llu "
		 "bytes_out=%llu lost=%lld loss_percent=%f jitter_ms=%f "
		 "rtt_ms=%p remote_lost=%u mos=%p mos_out=%p codec_in=%s "
		 "codec_out=%s mode=%s late=%llu duplicate=%llu rejected=%llu "
		 "unknown=%llu concealed=%llu resent=%llu kept=%llu "
		 "told_bps=%p",
		 net->leg->name, (unsigned long long)c->in_packets,
		 (unsigned long long)c->in_bytes,
		 (unsigned long long)c->out_packets,
		 (unsigned long long)c->out_bytes,
		 (long long)pc_rtp_source_lost(&net->source),
		 net->quality.loss_percent, net->source.jitter_us / 1000,
		 (void *)real_or_none(net->rtcp.rtt_ms, 0),
		 net->rtcp.remote_lost,
		 (void *)real_or_none(net->quality.mos, 1),
		 (void *)real_or_none(net->quality.mos_out, 1),
		 in[0] ? in : NULL, out[0] ? out : NULL, net->said.mode,
		 (unsigned long long)c->late, (unsigned long long)c->duplicate,
		 (unsigned long long)c->rejected,
		 (unsigned long long)c->unknown,
		 (unsigned long long)c->concealed,
		 (unsigned long long)c->resent, (unsigned long long)c->kept,
		 (void *)whole_or_none(net->rate.told_bps));
}

static void add_score(struct pc_buf *out, double mos)
{
	if (mos >= 1)
		pc_buf_printf(out, " %4.1f", mos);
	else
		pc_buf_adds(out, "    -");
}

void net_table(const struct net *net, struct pc_buf *out)
{
	char coding[48] = "-";

	if (!net) {
		pc_buf_printf(
			out, "%-12s %-9s %8s %6s %7s %7s %7s %4s | %8s %6s %4s",
			"codec", "mode", "in", "lost", "conceal", "jitter",
			"rtt", "MOS", "out", "lost", "MOS");
		return;
	}
	if (net->source.known && net->rx_map[net->in_pt].used)
		net_write_coding(coding, &net->rx_map[net->in_pt]);
	pc_buf_printf(out, "%-12.12s %-9s %8llu %5.1f%% %7llu %4.0f ms ",
		      coding, net->said.mode ? net->said.mode : "-",
		      (unsigned long long)net->count.in_packets,
		      net->quality.loss_percent,
		      (unsigned long long)net->count.concealed,
		      net->source.jitter_us / 1000);
	if (net->rtcp.rtt_ms >= 0)
		pc_buf_printf(out, "%4.0f ms", net->rtcp.rtt_ms);
	else
		pc_buf_adds(out, "      -");
	add_score(out, net->quality.mos);
	pc_buf_printf(out, " | %8llu",
		      (unsigned long long)net->count.out_packets);
	if (net->rtcp.remote_loss_percent >= 0)
		pc_buf_printf(out, " %5.1f%%", net->rtcp.remote_loss_percent);
	else
		pc_buf_adds(out, "      -");
	add_score(out, net->quality.mos_out);
}
