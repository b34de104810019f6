/*
 * How a call sounds, from what the network does to it: the E-model (ITU-T
 * G.107 with the values of G.113), as a mean opinion score of 1 to 4.5.
 *
 *	mos = pc_mos(pc_quality_of(PC_CODEC_PCMU), 2.5, 120);
 *
 * Echo, noise and levels are taken as they are in a good telephone.
 */
#ifndef PC_MEDIA_QUALITY_H
#define PC_MEDIA_QUALITY_H

#include "media/codec.h"

/* What a coder does to speech, and what loss does to the coder. */
struct pc_quality {
	double impairment; /* Ie */
	double robustness; /* Bpl: per cent of loss that it bears */
};

struct pc_quality pc_quality_of(enum pc_codec codec);

/*
 *   loss_percent  packets lost at random, 0 to 100
 *   delay_ms      mouth to ear, one way
 * Returns the mean opinion score, 1 to 4.5.
 */
double pc_mos(struct pc_quality q, double loss_percent, double delay_ms);

#endif
