/*
 * The round trips that libnice's pseudo-TCP measures, mended.
 *
 * A segment has its sender's timestamp, and what acknowledges it has the same.
 * But an acknowledgement that makes up for one that was lost has the timestamp
 * of the segment's first time, though it answers the last: libnice takes that
 * for a round trip of seconds, and waits so long, and longer, from then on. This
 * puts the timestamp there that gives the right one.
 *
 *	 0                   1                   2                   3
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|   conversation, which is 0                                    |
 *	|   sequence number                                             |
 *	|   acknowledgement                                             |
 *	|   0           |  RST FIN CTL  |   window                      |
 *	|   timestamp                                                   |
 *	|   the timestamp that is echoed                                |
 */
#ifndef ICE_PAIR_STREAM_ECHO_H
#define ICE_PAIR_STREAM_ECHO_H

#include <stddef.h>
#include <stdint.h>

enum {
	SEGMENT_SEQUENCE = 4,
	SEGMENT_ACK = 8,
	SEGMENT_FLAGS = 13,
	SEGMENT_WINDOW = 14,
	SEGMENT_TIMESTAMP = 16,
	SEGMENT_ECHO = 20,
	SEGMENT_HEADER = 24,
};

struct stream_echo {
	uint32_t sent_to, resent_ts;   /* sequence number, timestamp */
	uint32_t acked_to, acked_echo; /* the same of what was acknowledged */
	uint32_t round_trip_ms;        /* the last one that is sure, or 0 */
};

/* A segment of ours goes out. */
void stream_echo_sent(struct stream_echo *e, const uint8_t *segment,
		      size_t len);

/* One of the peer's has come, at now by pseudo-TCP's clock: mend it. */
void stream_echo_mend(struct stream_echo *e, uint32_t now_ms, uint8_t *segment,
		      size_t len);

#endif
