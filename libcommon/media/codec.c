/* Speech coders; see codec.h. */
#include "media/codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <opus/opus.h>

#include "base/bytes.h"
#include "media/conceal.h"
#include "media/g711.h"
#include "media/g722.h"

enum { BANK_DELAY = 22 }; /* samples: G.722 there and back */

enum {
	/*
	 * Half the time of 10 for speech as good; and of telephone speech
	 * (8 kHz), 1 takes half of that again: segmental SNR 8.8 against
	 * 8.7 dB and log-spectral distance 2.3 against 2.3 dB (20 kbit/s).
	 */
	OPUS_COMPLEXITY = 5,
	OPUS_COMPLEXITY_8K = 1,
};

/* What a decoder of both channels needs besides. */
struct both {
	struct pc_conceal conceal; /* of the right one */
	int16_t right[PC_FRAME_MAX];
	int16_t mixed[2 * PC_FRAME_MAX]; /* left, right, left ... */
};

struct pc_decoder {
	enum pc_codec codec;
	unsigned channels, rate_hz;
	OpusDecoder *opus;
	/* The others. */
	struct pc_g722 g722;
	struct pc_conceal conceal;
	struct both *both; /* NULL: mono */
};

struct pc_encoder {
	enum pc_codec codec;
	unsigned channels, rate_hz;
	OpusEncoder *opus;
	struct pc_g722 g722, heard; /* what the other side is at ... */
	bool follows;               /* ... when the next frame begins */
	int16_t *mixed;             /* of Opus for both channels; NULL: mono */
};

static const struct {
	const char *name;
	enum pc_codec codec;
} names[] = {
	{ "PCMU", PC_CODEC_PCMU }, { "PCMA", PC_CODEC_PCMA },
	{ "G722", PC_CODEC_G722 }, { "L16", PC_CODEC_L16 },
	{ "opus", PC_CODEC_OPUS }, { "telephone-event", PC_CODEC_EVENT },
	{ "CN", PC_CODEC_NOISE },
};

enum pc_codec pc_codec_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i].name) == 0)
			return names[i].codec;
	return PC_CODEC_OTHER;
}

unsigned pc_codec_rate(enum pc_codec codec, unsigned clock_hz, unsigned rate_hz)
{
	static const unsigned opus[] = { 8000, 12000, 16000, 24000 };

	if (codec == PC_CODEC_G722)
		return 16000; /* whatever its clock says: RFC 3551 4.5.2 */
	if (codec != PC_CODEC_OPUS)
		return clock_hz;
	for (size_t i = 0; i < sizeof(opus) / sizeof(opus[0]); i++)
		if (rate_hz <= opus[i])
			return opus[i];
	return 48000;
}

static bool coded_here(enum pc_codec codec, unsigned clock_hz,
		       unsigned channels)
{
	switch (codec) {
	case PC_CODEC_PCMU:
	case PC_CODEC_PCMA:
	case PC_CODEC_G722:
		return clock_hz == 8000 && channels == 1;
	case PC_CODEC_L16:
		return clock_hz >= 8000 && clock_hz <= 48000 && channels >= 1 &&
		       channels <= 2;
	case PC_CODEC_OPUS:
		return clock_hz == 48000;
	default:
		return false;
	}
}

struct pc_decoder *pc_decoder_new(enum pc_codec codec, unsigned clock_hz,
				  unsigned channels, unsigned rate_hz)
{
	struct pc_decoder *d;

	if (!coded_here(codec, clock_hz, channels))
		return NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->codec = codec;
	d->channels = channels;
	d->rate_hz = pc_codec_rate(codec, clock_hz, rate_hz);
	pc_g722_init(&d->g722);
	pc_conceal_init(&d->conceal, d->rate_hz);
	if (codec == PC_CODEC_OPUS) {
		int err;

		d->opus = opus_decoder_create((int)d->rate_hz, 1, &err);
		if (!d->opus) {
			free(d);
			return NULL;
		}
	}
	return d;
}

void pc_decoder_free(struct pc_decoder *d)
{
	if (!d)
		return;
	if (d->opus)
		opus_decoder_destroy(d->opus);
	free(d->both);
	free(d);
}

unsigned pc_decoder_rate(const struct pc_decoder *d)
{
	return d->rate_hz;
}

int pc_decoder_both(struct pc_decoder *d)
{
	struct both *both = calloc(1, sizeof(*both));
	OpusDecoder *opus = NULL;
	int err;

	if (d->codec == PC_CODEC_OPUS)
		opus = opus_decoder_create((int)d->rate_hz, 2, &err);
	if (!both || (d->codec == PC_CODEC_OPUS && !opus)) {
		free(both);
		return -ENOMEM;
	}
	if (opus) {
		opus_decoder_destroy(d->opus);
		d->opus = opus;
	}
	pc_conceal_init(&both->conceal, d->rate_hz);
	d->both = both;
	return 0;
}

int16_t *pc_decoder_right(struct pc_decoder *d)
{
	return d->both ? d->both->right : NULL;
}

/* Opus into pcm, and into right if both are kept; n is room, or time to fill. */
static ssize_t decode_opus(struct pc_decoder *d, const uint8_t *payload,
			   size_t len, int16_t *pcm, size_t n, bool before)
{
	struct both *b = d->both;
	int m = opus_decode(d->opus, payload, (opus_int32)len,
			    b ? b->mixed : pcm, (int)n, before);

	if (m < 0)
		return -EBADMSG;
	for (int i = 0; b && i < m; i++) {
		pcm[i] = b->mixed[2 * i];
		b->right[i] = b->mixed[2 * i + 1];
	}
	return m;
}

static ssize_t decode_l16(struct pc_decoder *d, const uint8_t *payload,
			  size_t len, int16_t *pcm, size_t max)
{
	unsigned channels = d->channels;
	size_t n = len / (2 * channels);

	if (len % (2 * channels) != 0 || n > max)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = payload + i * 2 * channels;
		int left = (int16_t)pc_get16(p);
		int right = channels == 2 ? (int16_t)pc_get16(p + 2) : left;

		if (d->both)
			d->both->right[i] = (int16_t)right;
		else
			left = (left + right) / 2;
		pcm[i] = (int16_t)left;
	}
	return (ssize_t)n;
}

static ssize_t decode_g711(enum pc_codec codec, const uint8_t *payload,
			   size_t len, int16_t *pcm, size_t max)
{
	if (len > max)
		return -EBADMSG;
	for (size_t i = 0; i < len; i++)
		pcm[i] = codec == PC_CODEC_PCMU ? pc_ulaw_decode(payload[i])
						: pc_alaw_decode(payload[i]);
	return (ssize_t)len;
}

ssize_t pc_decode(struct pc_decoder *d, const uint8_t *payload, size_t len,
		  int16_t *pcm, size_t max)
{
	ssize_t n;

	if (len == 0)
		return 0;
	if (d->both && max > PC_FRAME_MAX)
		max = PC_FRAME_MAX;
	if (d->codec == PC_CODEC_OPUS)
		return decode_opus(d, payload, len, pcm, max, false);
	if (d->codec == PC_CODEC_L16)
		n = decode_l16(d, payload, len, pcm, max);
	else if (d->codec == PC_CODEC_G722)
		n = 2 * len > max ? -EBADMSG
				  : (ssize_t)pc_g722_decode(&d->g722, payload,
							    len, pcm);
	else
		n = decode_g711(d->codec, payload, len, pcm, max);
	if (n > 0 && d->both && d->codec != PC_CODEC_L16)
		memcpy(d->both->right, pcm, (size_t)n * sizeof(*pcm));
	if (n > 0 && d->both)
		pc_conceal_heard(&d->both->conceal, d->both->right, (size_t)n);
	if (n > 0)
		pc_conceal_heard(&d->conceal, pcm, (size_t)n);
	return n;
}

ssize_t pc_conceal(struct pc_decoder *d, int16_t *pcm, size_t n)
{
	if (d->both && n > PC_FRAME_MAX)
		n = PC_FRAME_MAX;
	if (d->codec == PC_CODEC_OPUS)
		return decode_opus(d, NULL, 0, pcm, n, false);
	pc_conceal_make(&d->conceal, pcm, n);
	if (d->both)
		pc_conceal_make(&d->both->conceal, d->both->right, n);
	return (ssize_t)n;
}

ssize_t pc_decode_before(struct pc_decoder *d, const uint8_t *payload,
			 size_t len, int16_t *pcm, size_t n)
{
	ssize_t m;

	if (d->both && n > PC_FRAME_MAX)
		n = PC_FRAME_MAX;
	if (d->codec != PC_CODEC_OPUS || len == 0)
		return pc_conceal(d, pcm, n);
	m = decode_opus(d, payload, len, pcm, n, true);
	return m < 0 ? pc_conceal(d, pcm, n) : m;
}

static unsigned opus_bitrate(unsigned rate_hz)
{
	if (rate_hz <= 8000)
		return 20000;
	return rate_hz <= 16000 ? 28000 : 40000;
}

static OpusEncoder *new_opus(const struct pc_encoder_config *c, unsigned rate)
{
	unsigned bitrate = opus_bitrate(rate) * (c->both ? 8 : 5) / 5;
	int err;
	OpusEncoder *opus = opus_encoder_create(
		(int)rate, c->both ? 2 : 1,
		c->both ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP, &err);

	if (!opus)
		return NULL;
	if (c->bitrate)
		bitrate = c->bitrate;
	opus_encoder_ctl(opus, OPUS_SET_BITRATE((opus_int32)bitrate));
	opus_encoder_ctl(opus,
			 OPUS_SET_COMPLEXITY(rate <= 8000 ? OPUS_COMPLEXITY_8K
							  : OPUS_COMPLEXITY));
	opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(c->fec));
	opus_encoder_ctl(opus, OPUS_SET_DTX(c->dtx));
	opus_encoder_ctl(opus, OPUS_SET_PACKET_LOSS_PERC(c->fec ? 10 : 0));
	return opus;
}

struct pc_encoder *pc_encoder_new(const struct pc_encoder_config *c)
{
	struct pc_encoder *e;

	if (!coded_here(c->codec, c->clock_hz, c->channels))
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->codec = c->codec;
	e->channels = c->channels;
	e->rate_hz = pc_codec_rate(c->codec, c->clock_hz, c->rate_hz);
	pc_g722_init(&e->g722);
	if (c->codec == PC_CODEC_OPUS) {
		e->opus = new_opus(c, e->rate_hz);
		if (c->both)
			e->mixed = calloc(2 * PC_FRAME_MAX, sizeof(*e->mixed));
		if (!e->opus || (c->both && !e->mixed)) {
			pc_encoder_free(e);
			return NULL;
		}
	}
	return e;
}

void pc_encoder_free(struct pc_encoder *e)
{
	if (!e)
		return;
	if (e->opus)
		opus_encoder_destroy(e->opus);
	free(e->mixed);
	free(e);
}

unsigned pc_encoder_rate(const struct pc_encoder *e)
{
	return e->rate_hz;
}

void pc_encoder_follow(struct pc_encoder *e, const struct pc_decoder *d)
{
	if (e->codec != PC_CODEC_G722 || d->codec != PC_CODEC_G722)
		return;
	e->heard = d->g722;
	e->follows = true;
}

/*
 * The other side has heard what is still in our filter bank: it is pushed out
 * by the frame's beginning, and the rest is stretched over the frame.
 */
static const int16_t *catch_up(struct pc_encoder *e, const int16_t *pcm,
			       size_t n, int16_t stretched[PC_FRAME_MAX])
{
	const size_t rest = n - BANK_DELAY;
	uint8_t octets[BANK_DELAY / 2];

	pc_g722_encode(&e->g722, pcm, BANK_DELAY, octets);
	e->g722.low = e->heard.low;
	e->g722.high = e->heard.high;
	pcm += BANK_DELAY;
	for (size_t i = 0; i < n; i++) {
		size_t at = i * (rest - 1) / (n - 1);
		int part = (int)(i * (rest - 1) % (n - 1));
		int next = pcm[at + (at + 1 < rest)];

		stretched[i] = (int16_t)(pcm[at] + (next - pcm[at]) * part /
							   (int)(n - 1));
	}
	return stretched;
}

static ssize_t encode_g722(struct pc_encoder *e, const int16_t *pcm, size_t n,
			   uint8_t *payload, size_t max)
{
	int16_t stretched[PC_FRAME_MAX];

	if (n % 2 || n / 2 > max || n > PC_FRAME_MAX)
		return -EINVAL;
	if (e->follows && n > 4 * BANK_DELAY)
		pcm = catch_up(e, pcm, n, stretched);
	e->follows = false;
	return (ssize_t)pc_g722_encode(&e->g722, pcm, n, payload);
}

static ssize_t encode_l16(unsigned channels, const int16_t *left,
			  const int16_t *right, size_t n, uint8_t *payload)
{
	uint8_t *p = payload;

	for (size_t i = 0; i < n; i++) {
		pc_put16(p, (uint16_t)left[i]);
		p += 2;
		if (channels == 2) {
			pc_put16(p, (uint16_t)right[i]);
			p += 2;
		}
	}
	return p - payload;
}

static ssize_t encode_opus(struct pc_encoder *e, const int16_t *left,
			   const int16_t *right, size_t n, uint8_t *payload,
			   size_t max)
{
	const int16_t *pcm = left;
	int len;

	if (n > PC_FRAME_MAX)
		return -EINVAL;
	for (size_t i = 0; e->mixed && i < n; i++) {
		e->mixed[2 * i] = left[i];
		e->mixed[2 * i + 1] = right[i];
	}
	if (e->mixed)
		pcm = e->mixed;
	len = opus_encode(e->opus, pcm, (int)n, payload, (opus_int32)max);
	return len < 0 ? -EINVAL : len;
}

ssize_t pc_encode(struct pc_encoder *e, const int16_t *pcm, size_t n,
		  uint8_t *payload, size_t max)
{
	return pc_encode_both(e, pcm, pcm, n, payload, max);
}

ssize_t pc_encode_both(struct pc_encoder *e, const int16_t *pcm,
		       const int16_t *right, size_t n, uint8_t *payload,
		       size_t max)
{
	if (e->codec == PC_CODEC_OPUS)
		return encode_opus(e, pcm, right, n, payload, max);
	if (e->codec == PC_CODEC_L16) {
		if (n * 2 * e->channels > max)
			return -EINVAL;
		return encode_l16(e->channels, pcm, right, n, payload);
	}
	if (e->codec == PC_CODEC_G722)
		return encode_g722(e, pcm, n, payload, max);
	if (n > max)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		payload[i] = e->codec == PC_CODEC_PCMU ? pc_ulaw_encode(pcm[i])
						       : pc_alaw_encode(pcm[i]);
	return (ssize_t)n;
}
