/* What rtp: and dtls: legs have in common; see net.h. */
#include "net.h"
#include "net_video.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

/*
 * Are tones in what comes digits? As the leg says; else as --dtmf, where it has
 * no events, as far as is known.
 */
static int net_listen(struct net *net)
{
	const char *own = leg_option(net->leg, "dtmf");
	const char *how = own ? own : net->leg->bridge->cfg.dtmf;
	bool listen = strcmp(how, "inband") == 0 && !net->leg->video &&
		      (own || (net->n_tx > 0 && !net_tx_event(net)));

	if (listen && !net->listening) {
		net->listening = calloc(1, sizeof(*net->listening));
		return net->listening ? 0 : -ENOMEM;
	}
	if (!listen) {
		free(net->listening);
		net->listening = NULL;
	}
	return 0;
}

int net_init(struct net *net, struct leg *leg)
{
	struct {
		uint64_t seed;
		uint32_t ssrc;
	} r;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		return -EIO;
	memset(net, 0, sizeof(*net));
	net->leg = leg;
	net->ptime_ms = 20;
	net->since_us = pc_now_us();
	pc_rtp_stream_init(&net->stream, r.ssrc, r.seed);
	if (net_rx_init(net) < 0 || net_digits_init(net) < 0 ||
	    net_noise_init(net) < 0)
		return -ENOMEM;
	if (leg->video && net_video_init(net) < 0)
		return -EINVAL;
	return net_rtcp_init(net) < 0 ? -ENOMEM : net_listen(net);
}

void net_fini(struct net *net)
{
	net_rtcp_fini(net);
	net_rx_fini(net);
	net_digits_fini(net);
	net_noise_fini(net);
	net_video_fini(net);
	net_prime_fini(net);
	free(net->listening);
	net->listening = NULL;
	net_tx_reset(net);
}

static unsigned fmtp_number(const char *fmtp, const char *name)
{
	size_t len;
	const char *v = fmtp ? pc_sdp_fmtp_param(fmtp, name, &len) : NULL;
	unsigned n = 0;

	for (; v && len > 0 && *v >= '0' && *v <= '9' && n < 1000000; len--)
		n = n * 10 + (unsigned)(*v++ - '0');
	return n;
}

static struct payload payload_of(const struct pc_sdp_codec *c)
{
	struct payload p = {
		.used = true,
		.pt = c->pt,
		.codec = pc_codec_by_name(c->name),
		.clock_hz = c->clock_hz ? c->clock_hz : 8000,
		.channels = c->channels ? c->channels : 1,
		.fec = fmtp_number(c->fmtp, "useinbandfec") == 1,
		.dtx = fmtp_number(c->fmtp, "usedtx") == 1,
		.stereo = fmtp_number(c->fmtp, "stereo") == 1,
		.bitrate = fmtp_number(c->fmtp, "maxaveragebitrate"),
		.apt = -1,
		.variant = fmtp_number(c->fmtp, "packetization-mode") +
			   fmtp_number(c->fmtp, "profile-id") +
			   fmtp_number(c->fmtp, "profile"),
	};

	if (p.codec == PC_CODEC_L16)
		p.stereo = p.channels == 2;
	snprintf(p.name, sizeof(p.name), "%s", c->name);
	return p;
}

static const struct pc_sdp_codec *find_same(const struct pc_sdp_media *m,
					    const struct pc_sdp_codec *c)
{
	const struct pc_sdp_codec *same = pc_sdp_codec_by_pt(m, c->pt);

	/* Of several (H.264 comes in many) the one of the same number. */
	if (same && pc_sdp_codec_same(same, c))
		return same;
	for (unsigned i = 0; i < m->n_codecs; i++)
		if (pc_sdp_codec_same(&m->codecs[i], c))
			return &m->codecs[i];
	return NULL;
}

/* A coding that both sides know: rx is our payload type for it, tx theirs. */
static void add_coding(struct net *net, const struct pc_sdp_codec *rx,
		       const struct pc_sdp_codec *tx)
{
	net->rx_map[rx->pt] = payload_of(rx);
	if (net->n_tx < TX_MAX && strcasecmp(tx->name, "rtx") != 0)
		net->tx_map[net->n_tx++] = payload_of(tx);
}

void net_forget_routes(struct net *net)
{
	for (int i = 0; i < 128; i++)
		net->rx_map[i].routed = net->rx_map[i].refused = false;
}

/* RFC 3264 6.1: a stream is of what both sides list, events aside. */
static bool have_speech_in_common(const struct pc_sdp_media *a,
				  const struct pc_sdp_media *b)
{
	for (unsigned i = 0; i < a->n_codecs; i++)
		if (pc_codec_by_name(a->codecs[i].name) != PC_CODEC_EVENT &&
		    pc_codec_by_name(a->codecs[i].name) != PC_CODEC_NOISE &&
		    find_same(b, &a->codecs[i]))
			return true;
	return false;
}

/* RFC 4588: RTX is taken off what comes, and never sent. */
static void map_rtx(struct net *net, const struct pc_sdp_media *local)
{
	for (unsigned i = 0; i < local->n_codecs; i++) {
		const struct pc_sdp_codec *c = &local->codecs[i];
		unsigned apt = fmtp_number(c->fmtp, "apt");

		if (strcasecmp(c->name, "rtx") != 0 || apt > 127)
			continue;
		net->rx_map[c->pt] = payload_of(c);
		net->rx_map[c->pt].apt = (int)apt;
	}
}

int net_describe(struct net *net, const struct description *d)
{
	const struct pc_sdp_media *remote = d->remote ? d->remote : d->local;
	const struct pc_sdp_media *local = d->local ? d->local : d->remote;
	const struct pc_sdp_media *order;
	struct leg *peer = net->leg->peer;
	struct payload was = { 0 };
	bool by_local;

	if (!local || !remote)
		return 0;
	if (!have_speech_in_common(local, remote)) {
		pc_tool_error(&net->leg->bridge->tool,
			      "%s: the descriptions have no codec in common",
			      net->leg->name);
		return -EINVAL;
	}
	by_local = local->n_codecs < remote->n_codecs;
	order = by_local ? local : remote;
	if (net->tx.payload)
		was = *net->tx.payload;
	memset(net->rx_map, 0, sizeof(net->rx_map));
	net->n_tx = 0;
	net->refused = false;
	for (unsigned i = 0; i < order->n_codecs; i++) {
		const struct pc_sdp_codec *c = &order->codecs[i];
		const struct pc_sdp_codec *same =
			find_same(by_local ? remote : local, c);

		if (same && by_local)
			add_coding(net, c, same);
		else if (same)
			add_coding(net, same, c);
	}
	map_rtx(net, local);
	if (net_listen(net) < 0)
		return -ENOMEM;
	net_tx_described(net, &was);
	net_digits_described(net);
	net_forget_routes(net);
	if (peer && peer->kind->net)
		net_forget_routes(peer->kind->net(peer));
	if (!d->remote)
		return 0;
	net->sending = net->tx.payload;
	if (!net->described)
		net->since_us = pc_now_us();
	net->described = true;
	net->expects = (remote->direction & PC_SDP_SENDONLY) &&
		       (!d->local || (local->direction & PC_SDP_RECVONLY));
	net->fb = d->remote_fb;
	net->wide_id = d->wide_id;
	net->flowing = net->announced = false;
	net->ptime_ms = remote->ptime_ms ? remote->ptime_ms : 20;
	net->maxptime_ms = remote->maxptime_ms;
	net->may_send = (remote->direction & PC_SDP_RECVONLY) &&
			(!d->local || (local->direction & PC_SDP_SENDONLY));
	net_rtcp_start(net);
	return 0;
}

void net_fragment(const struct net *net, struct pc_buf *out)
{
	pc_buf_printf(out, "a=ssrc:%u cname:%s\r\n", net->stream.ssrc,
		      net->rtcp.cname);
}

bool net_is_speech(const struct payload *p)
{
	return p->codec != PC_CODEC_OTHER && p->codec != PC_CODEC_EVENT &&
	       p->codec != PC_CODEC_NOISE;
}

const struct payload *net_tx_speech(const struct net *net)
{
	for (unsigned i = 0; i < net->n_tx; i++)
		if (net_is_speech(&net->tx_map[i]))
			return &net->tx_map[i];
	return NULL;
}

/* Events go by the clock of the speech they are among, if there is such. */
const struct payload *net_tx_event(const struct net *net)
{
	const struct payload *speech = net_tx_speech(net), *any = NULL;

	for (unsigned i = 0; i < net->n_tx; i++) {
		const struct payload *p = &net->tx_map[i];

		if (p->codec != PC_CODEC_EVENT)
			continue;
		if (speech && p->clock_hz == speech->clock_hz)
			return p;
		if (!any)
			any = p;
	}
	return any;
}

const struct payload *net_tx_same(const struct net *net,
				  const struct payload *in)
{
	if (in->codec == PC_CODEC_EVENT)
		return net_tx_event(net);
	for (unsigned i = 0; i < net->n_tx; i++) {
		const struct payload *p = &net->tx_map[i];

		if (p->clock_hz == in->clock_hz &&
		    p->channels == in->channels &&
		    strcasecmp(p->name, in->name) == 0)
			return p;
	}
	return NULL;
}

void net_write_coding(char text[48], const struct payload *p)
{
	if (!p)
		strcpy(text, "pcm");
	else if (p->channels > 1)
		snprintf(text, 48, "%s/%u/%u", p->name, p->clock_hz,
			 p->channels);
	else
		snprintf(text, 48, "%s/%u", p->name, p->clock_hz);
}

/* So that another coding by the same payload type is another. */
static uint64_t coding_key(uint64_t key, const struct payload *p)
{
	key = key * 0x9e3779b97f4a7c15 + 1;
	if (p)
		key ^= ((uint64_t)p->clock_hz << 24) + (p->codec << 16) +
		       (p->channels << 8) + p->pt + 1;
	return key * 0x9e3779b97f4a7c15;
}

void net_say_media(struct media_said *said, struct leg *from, struct leg *to,
		   const struct payload *in, const struct payload *out,
		   bool pass)
{
	uint64_t key =
		coding_key(coding_key((uint64_t)from->id << 40 ^
					      (uint64_t)to->id << 20 ^ pass,
				      in),
			   out);
	char why[160];

	if (said->key == key)
		return;
	said->key = key;
	net_write_coding(said->in, in);
	net_write_coding(said->out, out);
	snprintf(why, sizeof(why), "%s to %s of %s", said->in, said->out,
		 to->name);
	net_trace_state(from, "media", said->mode, pass ? "pass" : "transcode",
			why);
	said->mode = pass ? "pass" : "transcode";
	pc_event(&from->bridge->tool, "media",
		 "from=%s to=%s in=%s out=%s mode=%s", from->name, to->name,
		 said->in, said->out, said->mode);
	pc_verbose("%s -> %s: %s to %s (%s)", from->name, to->name, said->in,
		   said->out, said->mode);
}

/* All codings of speech that a leg takes. */
static void write_codings(struct pc_buf *out, struct leg *leg)
{
	const struct net *net = leg->kind->net ? leg->kind->net(leg) : NULL;
	char text[48] = "pcm";

	if (!net)
		pc_buf_adds(out, text);
	for (unsigned i = 0; net && i < net->n_tx; i++) {
		const struct payload *p = &net->tx_map[i];

		if (p->codec == PC_CODEC_EVENT || p->codec == PC_CODEC_NOISE)
			continue;
		net_write_coding(text, p);
		pc_buf_printf(out, "%s%s", out->len ? ", " : "", text);
	}
}

void net_refuse(bool *said_it, struct leg *from, struct leg *to,
		const struct payload *in)
{
	struct bridge *b = from->bridge;
	struct pc_buf takes = { 0 };
	char coding[48];

	if (*said_it)
		return;
	*said_it = true;
	net_write_coding(coding, in);
	write_codings(&takes, to);
	if (!takes.oom) {
		pc_event(&b->tool, "media",
			 "from=%s to=%s in=%s out=%s mode=%s", from->name,
			 to->name, coding, takes.data, "none");
		pc_tool_error(&b->tool,
			      "%s: %s cannot be made into what %s takes (%s): "
			      "it is not heard there",
			      from->name, coding, to->name, takes.data);
	}
	pc_buf_fini(&takes);
	if (b->status == PC_EXIT_OK)
		b->status = PC_EXIT_NO;
}
