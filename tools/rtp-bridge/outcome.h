/*
 * What became of the call: did media come from every leg that should have sent
 * some, and which did not? From it comes the exit status.
 */
#ifndef RTP_BRIDGE_OUTCOME_H
#define RTP_BRIDGE_OUTCOME_H

#include "bridge.h"

/*
 * Nothing can come of this leg, which has said why. The bridge ends with
 * status: at once where no two others are left that have something to hear of
 * each other, else when it ends.
 */
void outcome_failed(struct leg *leg, int status);

/* This leg is about to be dropped. */
void outcome_drop(struct leg *leg, uint64_t now_us);

/* Legs may come from now on: --timeout. 0 or -ENOMEM. */
int outcome_start(struct bridge *b);

/* All legs are about to go. */
void outcome_end(struct bridge *b, uint64_t now_us);

#endif
