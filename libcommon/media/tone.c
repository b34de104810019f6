/* A sine; see tone.h. */
#include "media/tone.h"

#include <math.h>

void pc_tone_init(struct pc_tone *t, double hz, double dbfs, unsigned rate_hz)
{
	t->phase = 0;
	t->step = hz / rate_hz;
	t->amplitude = 32767 * pow(10, dbfs / 20);
}

void pc_tone_make(struct pc_tone *t, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		pcm[i] =
			(int16_t)lrint(t->amplitude * sin(2 * M_PI * t->phase));
		t->phase += t->step;
		t->phase -= floor(t->phase);
	}
}
