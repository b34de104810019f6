#include <math.h>
#include <string.h>

#include "load.h"
#include "media/resample.h"
#include "media/wav.h"

struct pc_decoder *speech_decoder(enum pc_codec codec)
{
	bool opus = codec == PC_CODEC_OPUS;

	return pc_decoder_new(codec, opus ? 48000 : 8000, opus ? 2 : 1, 8000);
}

float speech_level(struct pc_decoder *d, const uint8_t *payload, size_t len)
{
	int16_t pcm[PC_FRAME_MAX];
	ssize_t n = pc_decode(d, payload, len, pcm, PC_FRAME_MAX);
	double power = 0;

	for (ssize_t i = 0; i < n; i++)
		power += (double)pcm[i] * pcm[i];
	return 10 * log10f((float)(n > 0 ? power / (double)n : 0) + 100);
}

void speech_encode(struct speech *s, const char *wav, enum pc_codec codec,
		   unsigned clock_hz, unsigned rate_hz)
{
	struct pc_encoder_config config = {
		.codec = codec,
		.clock_hz = clock_hz,
		.channels = codec == PC_CODEC_OPUS ? 2 : 1,
		.rate_hz = rate_hz,
	};
	struct pc_encoder *e = pc_encoder_new(&config);
	struct pc_wav_reader r;
	struct pc_resampler *resampler;
	struct pc_decoder *d = speech_decoder(codec);
	size_t n, want = rate_hz / 50, have = 0;
	int16_t in[PC_FRAME_MAX], out[2 * PC_FRAME_MAX];

	if (!e || !d || pc_wav_open(&r, wav) < 0)
		die(wav);
	s->codec = codec;
	resampler = pc_resampler_new(r.rate_hz, rate_hz);
	for (unsigned i = 0; i < FRAMES; i++) {
		while (have < want) {
			n = pc_wav_read(&r, in, NULL, r.rate_hz / 50);
			if (n == 0) {
				pc_wav_reader_fini(&r);
				if (pc_wav_open(&r, wav) < 0)
					die(wav);
				continue;
			}
			have += pc_resample(resampler, in, n, out + have,
					    PC_FRAME_MAX);
		}
		s->len[i] = (size_t)pc_encode(e, out, want, s->data[i],
					      sizeof(s->data[i]));
		s->level[i] = speech_level(d, s->data[i], s->len[i]);
		have -= want;
		memmove(out, out + want, have * sizeof(*out));
	}
	pc_wav_reader_fini(&r);
	pc_resampler_free(resampler);
	pc_encoder_free(e);
	pc_decoder_free(d);
}
