#include <string.h>

#include "load.h"
#include "media/resample.h"
#include "media/wav.h"

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
	size_t n, want = rate_hz / 50, have = 0;
	int16_t in[PC_FRAME_MAX], out[2 * PC_FRAME_MAX];

	if (!e || pc_wav_open(&r, wav) < 0)
		die(wav);
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
		have -= want;
		memmove(out, out + want, have * sizeof(*out));
	}
	pc_wav_reader_fini(&r);
	pc_resampler_free(resampler);
	pc_encoder_free(e);
}
