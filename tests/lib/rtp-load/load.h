/*
 * What the parts of rtp-load share.
 */
#ifndef RTP_LOAD_H
#define RTP_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "media/codec.h"

enum { FRAMES = 500 }; /* of speech, then again from the start */

struct speech {
	enum pc_codec codec;
	uint8_t data[FRAMES][400];
	size_t len[FRAMES];
	float level[FRAMES]; /* what is heard of it, in dB */
};

/* Say what failed, and why by errno; exit 74. */
_Noreturn void die(const char *what);

/* The file, over and over, in frames of 20 ms encoded by a coder. */
void speech_encode(struct speech *s, const char *wav, enum pc_codec codec,
		   unsigned clock_hz, unsigned rate_hz);

/* A decoder for what a coder of ours makes, at 8 kHz. */
struct pc_decoder *speech_decoder(enum pc_codec codec);

/* How loud a payload sounds, in dB over very little. */
float speech_level(struct pc_decoder *d, const uint8_t *payload, size_t len);

/* Print what libraries and system calls take alone, in microseconds. */
void pure_costs(const struct speech *pcmu, const struct speech *opus);

#endif
