/* Packets to the other side, passed on or made from PCM; see net.h. */
#include "net.h"

#include <errno.h>
#include <string.h>

enum { L16_MAX = 1400 }; /* bytes of it in a packet */

uint64_t net_source(const struct leg *leg, uint32_t ssrc)
{
	return (uint64_t)(leg->id & 0x7fffffff) << 32 | ssrc;
}

void net_send(struct net *net, uint8_t *buf, size_t len)
{
	net->count.out_packets++;
	net->count.out_bytes += len;
	net->leg->kind->send(net->leg, buf, len, false);
}

/* The new header goes right before the payload, over the old one. */
static void rewrite(struct net *net, const struct passing *p,
		    struct pc_rtp *rtp)
{
	uint8_t *buf = rtp->payload - PC_RTP_HEADER;

	rtp->pt = p->out->pt;
	pc_rtp_encode(buf, rtp);
	net_send(net, buf, PC_RTP_HEADER + rtp->payload_len);
}

static struct pc_rtp_in numbered(const struct passing *p)
{
	struct pc_rtp_in in = {
		.source = p->source,
		.restart = p->restart,
		.seq = p->rtp->seq,
		.ts = p->rtp->ts,
		.in_hz = p->in->clock_hz,
		.out_hz = p->out ? p->out->clock_hz : p->in->clock_hz,
	};

	return in;
}

void net_pass(struct net *net, const struct passing *p)
{
	struct pc_rtp_in in = numbered(p);
	struct pc_rtp rtp = *p->rtp;

	if (net_digits_busy(net)) {
		net_skip(net, p);
		return;
	}
	if (pc_rtp_stream_map(&net->stream, &in, p->now_us, &rtp) < 0)
		return;
	net->sending = p->out;
	rewrite(net, p, &rtp);
}

void net_skip(struct net *net, const struct passing *p)
{
	struct pc_rtp_in in = numbered(p);

	pc_rtp_stream_skip(&net->stream, &in);
}

void net_part(struct net *net, const struct passing *p)
{
	pc_rtp_stream_part(&net->stream, p->source);
}

/* A segment is full (RFC 4733 2.5.1.3): its last packet says so. */
static void end_segment(struct net *net, const struct payload *out,
			struct pc_tel_event ev)
{
	struct net_tx *tx = &net->tx;
	uint8_t *buf = net->leg->bridge->packet;
	struct pc_rtp rtp = { .pt = out->pt,
			      .ts = tx->event_ts + tx->event_segment,
			      .payload_len = PC_TEL_EVENT_LEN };

	ev.duration = UINT16_MAX;
	ev.end = false;
	pc_rtp_stream_insert(&net->stream, &rtp);
	pc_rtp_encode(buf, &rtp);
	pc_tel_event_encode(buf + PC_RTP_HEADER, &ev);
	net_send(net, buf, PC_RTP_HEADER + PC_TEL_EVENT_LEN);
}

/* Is it of an event before the one that is passed? Else, follow that. */
static bool follow_event(struct net *net, const struct passing *p,
			 const struct pc_tel_event *ev, uint64_t source)
{
	struct net_tx *tx = &net->tx;
	enum pc_tel_part part;

	if (tx->event_source != source)
		tx->event.known = false;
	part = pc_tel_event_follow(&tx->event, ev, p->rtp->ts, p->rtp->marker,
				   p->in->clock_hz);
	if (part == PC_TEL_BEGINS) {
		tx->event_source = source;
		tx->event_segment = 0;
		tx->event_ts =
			pc_rtp_stream_when(&net->stream, source, p->rtp->ts,
					   p->in->clock_hz, p->now_us);
	}
	return part != PC_TEL_OLDER;
}

/*
 * All packets of an event share a timestamp, which lies in the stream where
 * the event began; the duration is in the clock of its payload type.
 */
void net_pass_event(struct net *net, const struct passing *p)
{
	struct net_tx *tx = &net->tx;
	struct pc_rtp_stream *s = &net->stream;
	struct pc_rtp_in in = numbered(p);
	struct pc_rtp rtp = *p->rtp;
	struct pc_tel_event ev;
	uint32_t add;

	if (net_digits_busy(net)) {
		net_skip(net, p);
		return;
	}
	if (pc_tel_event_decode(&ev, rtp.payload, rtp.payload_len) < 0) {
		net_skip(net, p);
		return;
	}
	if (s->anchored && s->source == (p->source | PC_RTP_MADE)) {
		in.source |= PC_RTP_MADE; /* speech beside it is made here */
		in.restart = false;
	}
	if (!follow_event(net, p, &ev, in.source)) {
		net_skip(net, p);
		return;
	}
	if (in.source & PC_RTP_MADE)
		in.seq = tx->made++;
	if (s->anchored) { /* the clock of the stream stays that of speech */
		in.in_hz = s->in_hz;
		in.out_hz = s->clock_hz;
	}
	ev.duration =
		pc_tel_event_rescale(tx->event.before + ev.duration,
				     p->in->clock_hz, p->out->clock_hz, &add);
	if (add > tx->event_segment)
		end_segment(net, p->out, ev);
	tx->event_segment = add;
	in.placed = true;
	in.ts = tx->event_ts + add;
	if (pc_rtp_stream_map(s, &in, p->now_us, &rtp) < 0)
		return;
	rtp.marker = p->rtp->marker;
	rtp.payload_len = PC_TEL_EVENT_LEN;
	pc_tel_event_encode(rtp.payload, &ev);
	rewrite(net, p, &rtp);
}

void net_tx_reset(struct net *net)
{
	struct net_tx *tx = &net->tx;

	pc_encoder_free(tx->encoder);
	pc_resampler_free(tx->resampler);
	pc_resampler_free(tx->right);
	tx->encoder = NULL;
	tx->resampler = tx->right = NULL;
	tx->payload = NULL;
	tx->fifo_n = 0;
}

static bool is_alike(const struct payload *a, const struct payload *b)
{
	return a->pt == b->pt && a->codec == b->codec &&
	       a->clock_hz == b->clock_hz && a->channels == b->channels &&
	       a->bitrate == b->bitrate && a->fec == b->fec &&
	       a->dtx == b->dtx && a->stereo == b->stereo;
}

void net_tx_described(struct net *net, const struct payload *was)
{
	const struct payload *now = net_tx_speech(net);

	if (net->tx.payload && now && is_alike(was, now))
		net->tx.payload = now;
	else
		net_tx_reset(net);
}

/* Decoders are asked for the rate that our encoder takes. */
unsigned net_wants_hz(struct leg *leg, unsigned native_hz)
{
	const struct payload *p = net_tx_speech(leg->kind->net(leg));

	return p ? pc_codec_rate(p->codec, p->clock_hz, native_hz) : native_hz;
}

bool net_both(struct leg *leg)
{
	const struct payload *p = net_tx_speech(leg->kind->net(leg));

	return p && p->stereo;
}

static bool prepare(struct net *net, const struct frame *f)
{
	struct net_tx *tx = &net->tx;
	struct pc_encoder_config config = { .rate_hz = f->rate_hz };
	const struct payload *p = net_tx_speech(net);

	if (tx->encoder && tx->payload == p && tx->resample_hz == f->rate_hz)
		return true;
	net_tx_reset(net);
	if (!p) {
		if (net->leg->peer)
			net_refuse(&net->refused, net->leg->peer, net->leg,
				   NULL);
		return false;
	}
	config.codec = p->codec;
	config.clock_hz = p->clock_hz;
	config.channels = p->channels;
	config.bitrate = p->bitrate;
	config.fec = p->fec;
	config.dtx = p->dtx;
	config.both = p->stereo;
	tx->encoder = pc_encoder_new(&config);
	if (!tx->encoder)
		return false;
	tx->payload = net->sending = p;
	if (net->leg->peer && !net->leg->peer->kind->net)
		net_say_media(&net->said_made, net->leg->peer, net->leg, NULL,
			      p, false);
	tx->rate_hz = pc_encoder_rate(tx->encoder);
	tx->resample_hz = f->rate_hz;
	if (tx->rate_hz != f->rate_hz)
		tx->resampler = pc_resampler_new(f->rate_hz, tx->rate_hz);
	if (tx->resampler && p->stereo)
		tx->right = pc_resampler_new(f->rate_hz, tx->rate_hz);
	return tx->rate_hz == f->rate_hz ||
	       (tx->resampler && (tx->right || !p->stereo));
}

/* Opus makes frames of these alone (RFC 6716 2.1.4). */
static unsigned opus_us(unsigned us)
{
	static const unsigned lengths[] = { 60000, 40000, 20000, 10000, 5000 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (us >= lengths[i])
			return lengths[i];
	return 2500;
}

/* No longer than goes through an Ethernet in one piece. */
static unsigned l16_ms(const struct net_tx *tx, unsigned ms)
{
	while (ms > 5 &&
	       tx->rate_hz * ms / 1000 * 2 * tx->payload->channels > L16_MAX)
		ms -= 5;
	return ms;
}

/*
 * Samples in a packet: what the other side asked for (RFC 8866 6.4), no more
 * than it takes (6.5), as the coder can.
 */
static size_t packet_samples(const struct net *net)
{
	const struct net_tx *tx = &net->tx;
	unsigned ms = net->ptime_ms;

	if (ms < 10 || ms > 100)
		ms = 20;
	if (net->maxptime_ms && ms > net->maxptime_ms)
		ms = net->maxptime_ms;
	if (tx->payload->codec == PC_CODEC_OPUS)
		return (size_t)tx->rate_hz * opus_us(ms * 1000) / 1000000;
	if (ms > 5)
		ms -= ms % 5;
	if (tx->payload->codec == PC_CODEC_L16)
		ms = l16_ms(tx, ms);
	return (size_t)tx->rate_hz * ms / 1000;
}

int net_number_made(struct net *net, struct pc_rtp *rtp)
{
	struct net_tx *tx = &net->tx;
	struct pc_rtp_in in = {
		.source = tx->source | PC_RTP_MADE,
		.seq = tx->made,
		.ts = tx->fifo_ts,
		.in_hz = tx->fifo_clock_hz,
		.out_hz = tx->payload->clock_hz,
	};

	if (pc_rtp_stream_map(&net->stream, &in, pc_now_us(), rtp) < 0)
		return -ESTALE;
	tx->made++;
	return 0;
}

/* Opus in DTX makes packets that say nothing: the first of them is sent. */
static bool says_nothing(struct net_tx *tx, size_t len)
{
	bool quiet = tx->payload->dtx && len <= 2;
	bool again = quiet && tx->quiet;

	tx->quiet = quiet;
	return again;
}

static void make_packet(struct net *net, size_t n)
{
	struct net_tx *tx = &net->tx;
	uint8_t *buf = net->leg->bridge->packet;
	struct pc_rtp rtp = { .pt = tx->payload->pt, .marker = tx->quiet };
	ssize_t len =
		pc_encode_both(tx->encoder, net->fifo, net->fifo_right, n,
			       buf + PC_RTP_HEADER, PACKET_MAX - PC_RTP_HEADER);

	if (len < 0 || says_nothing(tx, (size_t)len))
		return;
	rtp.payload_len = (size_t)len;
	if (net_number_made(net, &rtp) < 0)
		return;
	pc_rtp_encode(buf, &rtp);
	net_send(net, buf, PC_RTP_HEADER + (size_t)len);
}

/* One channel, at the encoder's rate, behind what waits; how much it was. */
static size_t add(struct net *net, struct pc_resampler *resampler,
		  const int16_t *pcm, size_t n, int16_t *fifo)
{
	struct bridge *b = net->leg->bridge;

	if (resampler) {
		n = pc_resample(resampler, pcm, n, b->resampled, PC_FRAME_MAX);
		pcm = b->resampled;
	}
	if (n > PC_FRAME_MAX - net->tx.fifo_n)
		n = PC_FRAME_MAX - net->tx.fifo_n;
	memcpy(fifo + net->tx.fifo_n, pcm, n * sizeof(*pcm));
	return n;
}

/* Put a frame behind what waits, or in its place if it does not follow. */
static void append(struct net *net, const struct frame *f)
{
	struct net_tx *tx = &net->tx;
	uint32_t waits, due;

	waits = (uint32_t)(tx->fifo_n * f->clock_hz / tx->rate_hz);
	due = f->ts - waits;
	if (f->source != tx->source || f->clock_hz != tx->fifo_clock_hz ||
	    (uint32_t)(due - tx->fifo_ts + f->clock_hz / 100) >
		    f->clock_hz / 50) {
		tx->fifo_n = 0;
		due = f->ts;
	}
	tx->source = f->source;
	tx->fifo_clock_hz = f->clock_hz;
	tx->fifo_ts = due;
	if (tx->payload->stereo)
		add(net, tx->right, f->right ? f->right : f->pcm, f->n,
		    net->fifo_right);
	tx->fifo_n += add(net, tx->resampler, f->pcm, f->n, net->fifo);
}

void net_frame(struct leg *leg, const struct frame *f)
{
	struct net *net = leg->kind->net(leg);
	struct net_tx *tx = &net->tx;
	size_t n;

	if (net_digits_busy(net) && !net->digits.making)
		return;
	if (!prepare(net, f) || (f->silent && net_quiet(net, f)))
		return;
	append(net, f);
	n = packet_samples(net);
	while (tx->fifo_n >= n) {
		make_packet(net, n);
		tx->fifo_ts += (uint32_t)(n * f->clock_hz / tx->rate_hz);
		tx->fifo_n -= n;
		memmove(net->fifo, net->fifo + n,
			tx->fifo_n * sizeof(*net->fifo));
		if (tx->payload->stereo)
			memmove(net->fifo_right, net->fifo_right + n,
				tx->fifo_n * sizeof(*net->fifo));
	}
}

void net_tx_prime(struct net *net, const struct frame *f,
		  const struct pc_decoder *d)
{
	struct net_tx *tx = &net->tx;
	size_t n;

	if (net_digits_busy(net) || !prepare(net, f))
		return;
	append(net, f);
	n = packet_samples(net);
	for (size_t at = 0; at + n <= tx->fifo_n; at += n)
		(void)pc_encode_both(tx->encoder, net->fifo + at,
				     net->fifo_right + at, n,
				     net->leg->bridge->packet, PACKET_MAX);
	tx->fifo_n = 0;
	pc_encoder_follow(tx->encoder, d);
}
