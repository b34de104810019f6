/*
 * Which of the packets that were sent is it that has come?
 *
 * Whoever is between has sequence numbers of its own, and may have lost or
 * added a packet before its stream began; so what is inside says it. Where the
 * codec stays, the payload begins with a stamp: the sequence number it was sent
 * with. Where it is coded anew, the loudness of each frame is compared with
 * that of what was sent, packet by packet: of all the ways to lay the one
 * sequence over the other the likest is taken, once a second until it is
 * counted, and is looked at again in the end.
 *
 *	follow_start(&f, &speech, NULL);
 *	seq = follow_seq(&f, &rtp, last_sent);	for each that comes
 *	follow_settle(&f);
 */
#ifndef RTP_LOAD_FOLLOW_H
#define RTP_LOAD_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "load.h"
#include "media/rtp.h"

enum {
	STAMP = 2,    /* octets of it */
	EARLIER = 24, /* packets that one may be before what was thought ... */
	LATER = 8,    /* ... or behind */
};

struct follow {
	const struct speech *sent;
	struct pc_decoder *decoder; /* of what comes; NULL: stamps */
	bool synced;
	uint16_t first_got, first_sent;
	unsigned compared;
	float unlike[EARLIER + LATER]; /* squares of decibels, by shift */
};

/*
 * What comes is this speech, in its own codec, or in another's: got is what
 * that sounds like encoded so by ourselves. NULL: it is stamped.
 */
void follow_start(struct follow *f, const struct speech *sent,
		  const struct speech *got);

/* The sequence number that rtp was sent with; latest: of the last one sent. */
uint16_t follow_seq(struct follow *f, const struct pc_rtp *rtp,
		    uint16_t latest);

/*
 * Believe what has been heard since the last time, and begin anew.
 * Returns whether nothing had to be changed.
 */
bool follow_settle(struct follow *f);

#endif
