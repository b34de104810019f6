/*
 * Speech coders behind one pair of calls: PCMU, PCMA, G.722, L16 and Opus.
 *
 * All is 16-bit PCM at a rate that the caller picks, mono unless asked for both
 * channels. Opus decodes and
 * encodes at 8 to 48 kHz whatever its RTP clock (always 48000, RFC 7587), so
 * between Opus and a phone nothing needs resampling.
 *
 *	struct pc_decoder *d = pc_decoder_new(PC_CODEC_OPUS, 48000, 2, 8000);
 *	n = pc_decode(d, payload, len, pcm, PC_FRAME_MAX);
 */
#ifndef PC_MEDIA_CODEC_H
#define PC_MEDIA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PC_FRAME_MAX 5760 /* samples: 120 ms at 48 kHz */

enum pc_codec {
	PC_CODEC_OTHER, /* may be passed on, not coded */
	PC_CODEC_PCMU,
	PC_CODEC_PCMA,
	PC_CODEC_G722,
	PC_CODEC_L16,
	PC_CODEC_OPUS,
	PC_CODEC_EVENT, /* telephone-event */
	PC_CODEC_NOISE, /* comfort noise: CN, RFC 3389 */
};

/* By the name in a=rtpmap, without case. */
enum pc_codec pc_codec_by_name(const char *name);

/* The rate that a coder works at when it is asked for rate_hz. */
unsigned pc_codec_rate(enum pc_codec codec, unsigned clock_hz,
		       unsigned rate_hz);

struct pc_decoder;
struct pc_encoder;

/*
 * A decoder whose output has rate_hz if the coder can (Opus: 8, 12, 16, 24,
 * 48 kHz), else the nearest it has: see pc_decoder_rate.
 * Returns NULL when out of memory or when codec is not coded here.
 */
struct pc_decoder *pc_decoder_new(enum pc_codec codec, unsigned clock_hz,
				  unsigned channels, unsigned rate_hz);
void pc_decoder_free(struct pc_decoder *d); /* NULL is fine */
unsigned pc_decoder_rate(const struct pc_decoder *d);

/*
 * From now on both channels of what has two (Opus, L16) are kept: the left goes
 * where the caller says, the right is at pc_decoder_right after each call; the
 * same as the left where there is only one. 0 or -ENOMEM; then it is mono.
 */
int pc_decoder_both(struct pc_decoder *d);
int16_t *pc_decoder_right(struct pc_decoder *d); /* NULL: mono */

/*
 * Decode a payload into at most max samples.
 * Returns the number of samples (0 for an empty payload) or -EBADMSG.
 */
ssize_t pc_decode(struct pc_decoder *d, const uint8_t *payload, size_t len,
		  int16_t *pcm, size_t max);

/* Make up n samples for a packet that was lost. Returns n, or -EBADMSG. */
ssize_t pc_conceal(struct pc_decoder *d, int16_t *pcm, size_t n);

/*
 * The same for the packet right before this payload, which may tell of it
 * (Opus in-band FEC, RFC 6716 2.1.7); to be decoded itself afterwards.
 */
ssize_t pc_decode_before(struct pc_decoder *d, const uint8_t *payload,
			 size_t len, int16_t *pcm, size_t n);

struct pc_encoder_config {
	enum pc_codec codec;
	unsigned clock_hz; /* of the RTP timestamp */
	unsigned channels; /* L16: 1 or 2 */
	bool both;         /* Opus, L16 of 2: by pc_encode_both */
	unsigned rate_hz;  /* of the PCM, if the coder can: see _rate */
	unsigned bitrate;  /* Opus; 0: suits the rate */
	bool fec;          /* Opus: in-band, for 10 % of loss */
	bool dtx;          /* Opus: silence is not sent */
};

struct pc_encoder *pc_encoder_new(const struct pc_encoder_config *config);
void pc_encoder_free(struct pc_encoder *e); /* NULL is fine */
unsigned pc_encoder_rate(const struct pc_encoder *e);

/*
 * Encode n samples (Opus: 2.5, 5, 10, 20, 40 or 60 ms of them).
 * Returns the payload's length or -EINVAL (n does not fit, or max is short).
 */
ssize_t pc_encode(struct pc_encoder *e, const int16_t *pcm, size_t n,
		  uint8_t *payload, size_t max);

/*
 * Whoever has heard what d decodes will hear e from the next frame on: what
 * G.722 foretells a sample by becomes the same, and the delay of a second filter
 * bank is made up for within that frame. (For others there is nothing to do.)
 */
void pc_encoder_follow(struct pc_encoder *e, const struct pc_decoder *d);

/* As pc_encode, for both channels of an encoder that was made for both. */
ssize_t pc_encode_both(struct pc_encoder *e, const int16_t *left,
		       const int16_t *right, size_t n, uint8_t *payload,
		       size_t max);

#endif
