/* The E-model; see quality.h. */
#include "media/quality.h"

/*
 * G.113 appendix I: G.711 with concealment 0 and 25.1. G.722 and Opus are not
 * in its narrow-band table; theirs are of packet loss with their own
 * concealment, beginning where G.711 does.
 */
struct pc_quality pc_quality_of(enum pc_codec codec)
{
	switch (codec) {
	case PC_CODEC_OPUS:
		return (struct pc_quality){ 0, 28 };
	case PC_CODEC_G722:
		return (struct pc_quality){ 0, 20 };
	default:
		return (struct pc_quality){ 0, 25.1 };
	}
}

double pc_mos(struct pc_quality q, double loss_percent, double delay_ms)
{
	double r = 93.2; /* G.107 with all its defaults */

	r -= q.impairment +
	     (95 - q.impairment) * loss_percent / (loss_percent + q.robustness);
	r -= 0.024 * delay_ms;
	if (delay_ms > 177.3)
		r -= 0.11 * (delay_ms - 177.3);
	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;
}
