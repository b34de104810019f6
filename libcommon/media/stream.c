/* One continuous RTP stream out; see stream.h. */
#include "media/stream.h"

#include <errno.h>
#include <string.h>

enum { DRIFT_MAX_S = 2 }; /* further from the wall clock is a jump */

void pc_rtp_stream_init(struct pc_rtp_stream *out, uint32_t ssrc, uint64_t seed)
{
	memset(out, 0, sizeof(*out));
	out->ssrc = ssrc;
	out->seq = (seed >> 32) & 0x7fff; /* RFC 3711 3.3.1: not near a wrap */
	out->ts = (uint32_t)seed;
}

uint32_t pc_rtp_stream_now(const struct pc_rtp_stream *out, uint64_t now_us)
{
	if (!out->started)
		return out->ts;
	return out->ts +
	       (uint32_t)((now_us - out->sent_us) * out->clock_hz / 1000000);
}

/* Now, but two instants are never the same. */
static uint32_t fresh_now(const struct pc_rtp_stream *out, unsigned clock_hz,
			  uint64_t now_us)
{
	uint32_t now = pc_rtp_stream_now(out, now_us);

	return out->started && now == out->ts ? now + clock_hz / 100 : now;
}

/* Join the source on behind what was sent, in sequence, and in time at ts. */
static void anchor(struct pc_rtp_stream *out, const struct pc_rtp_in *in,
		   uint32_t ts)
{
	out->anchored = true;
	out->timed = !in->placed;
	out->source = in->source;
	out->in_hz = in->in_hz;
	out->clock_hz = in->out_hz;
	out->in_seq = out->first_in_seq = in->seq;
	out->out_seq = out->seq + 1;
	out->in_ts = in->ts;
	out->out_ts = ts;
}

static uint32_t scaled(const struct pc_rtp_stream *out, uint32_t ts)
{
	int64_t d = (int32_t)(ts - out->in_ts);

	if (out->in_hz != out->clock_hz)
		d = d * out->clock_hz / out->in_hz;
	return out->out_ts + (uint32_t)d;
}

/*
 * Keep the distance to the anchor short, or it would wrap after some hours:
 * by whole seconds, so that nothing is rounded.
 */
static void follow(struct pc_rtp_stream *out, uint32_t ts)
{
	int64_t d = (int32_t)(ts - out->in_ts), s = d / out->in_hz - 1;

	if (out->in_hz == out->clock_hz || s < 1)
		return;
	out->in_ts += (uint32_t)(s * out->in_hz);
	out->out_ts += (uint32_t)(s * out->clock_hz);
}

/* The source's own clock jumped: splice in time, not in sequence. */
static bool jumped(const struct pc_rtp_stream *out, uint32_t ts,
		   uint64_t now_us)
{
	int64_t off = (int32_t)(ts - pc_rtp_stream_now(out, now_us));
	int64_t max = (int64_t)DRIFT_MAX_S * out->clock_hz;

	return out->started && (off > max || off < -max);
}

/* Does the source go on by the clock that we follow, but made here, or not? */
static bool goes_on(const struct pc_rtp_stream *out, const struct pc_rtp_in *in,
		    uint64_t now_us)
{
	uint32_t ts;

	if (!out->anchored || !out->timed || in->restart || in->placed ||
	    (in->source ^ out->source) != PC_RTP_MADE ||
	    in->in_hz != out->in_hz || in->out_hz != out->clock_hz)
		return false;
	ts = scaled(out, in->ts);
	return (int32_t)(ts - out->ts) > 0 && !jumped(out, ts, now_us);
}

int pc_rtp_stream_map(struct pc_rtp_stream *out, const struct pc_rtp_in *in,
		      uint64_t now_us, struct pc_rtp *rtp)
{
	bool splice = !out->anchored || in->restart ||
		      in->source != out->source || in->in_hz != out->in_hz ||
		      in->out_hz != out->clock_hz;
	bool same = splice && goes_on(out, in, now_us);
	bool newest;

	if (splice)
		anchor(out, in,
		       same ? scaled(out, in->ts)
			    : fresh_now(out, in->out_hz, now_us));
	if ((int16_t)(in->seq - out->first_in_seq) < 0) {
		if ((int16_t)(in->seq - out->in_seq) < 0)
			return -ESTALE;
		out->first_in_seq = in->seq - 0x4000; /* half a cycle on */
	}
	rtp->seq = out->out_seq + (uint16_t)(in->seq - out->in_seq);
	rtp->ts = in->placed ? in->ts : scaled(out, in->ts);
	newest = splice || (int16_t)(rtp->seq - out->seq) > 0;
	if (newest && !splice && !in->placed &&
	    (!out->timed || jumped(out, rtp->ts, now_us))) {
		splice = out->timed;
		out->timed = true;
		out->in_ts = in->ts;
		out->out_ts = fresh_now(out, out->clock_hz, now_us);
		rtp->ts = out->out_ts;
	}
	rtp->ssrc = out->ssrc;
	rtp->marker |= splice && !same;
	out->packets++;
	out->octets += rtp->payload_len;
	if (newest) {
		out->seq = rtp->seq;
		out->in_seq = in->seq;
		out->out_seq = rtp->seq;
	}
	if (newest && (!in->placed || !out->started)) {
		out->ts = rtp->ts;
		out->sent_us = now_us;
		out->started = true;
		follow(out, in->ts);
	}
	return 0;
}

uint32_t pc_rtp_stream_when(struct pc_rtp_stream *out, uint64_t source,
			    uint32_t ts, unsigned in_hz, uint64_t now_us)
{
	if (out->timed && out->source == source && out->in_hz == in_hz)
		return scaled(out, ts);
	return pc_rtp_stream_now(out, now_us);
}

void pc_rtp_stream_insert(struct pc_rtp_stream *out, struct pc_rtp *rtp)
{
	rtp->seq = ++out->seq;
	rtp->ssrc = out->ssrc;
	out->packets++;
	out->octets += rtp->payload_len;
	if (out->anchored) { /* the source's next number is ours plus one */
		out->out_seq = out->seq;
		out->first_in_seq = out->in_seq + 1;
	}
}

void pc_rtp_stream_skip(struct pc_rtp_stream *out, const struct pc_rtp_in *in)
{
	uint16_t ahead = in->seq - out->in_seq;

	if (!out->anchored || in->source != out->source || ahead == 0 ||
	    ahead >= 0x8000)
		return;
	/* What comes late would find its number taken. */
	out->in_seq = out->first_in_seq = in->seq;
	out->out_seq += ahead - 1;
}

void pc_rtp_stream_part(struct pc_rtp_stream *out, uint64_t source)
{
	if (out->source == source)
		out->anchored = false;
}
