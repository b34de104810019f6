/*
 * --stats: a table of all legs, drawn over the last one on a terminal, and
 * elsewhere once, at the end.
 *
 *	leg  codec        mode           in   lost conceal jitter    rtt  MOS |
 *	sip  PCMU/8000    transcode     250   0.0%       0   0 ms   1 ms  4.4 |
 *	echo -            -
 */
#ifndef RTP_BRIDGE_TABLE_H
#define RTP_BRIDGE_TABLE_H

#include "bridge.h"

/* last: there will be no more. Nothing without --stats. */
void table_draw(struct bridge *b, bool last);

/* Draw it anew whenever the terminal gets another size. 0 or -errno. */
int table_follow(struct bridge *b);

#endif
