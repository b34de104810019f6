/*
 * One RTP source as its receiver sees it: which packets are new, what was
 * lost, how the arrival times jitter (RFC 3550 appendix A.1, A.3, A.8).
 *
 *	struct pc_rtp_source s = { 0 };
 *	switch (pc_rtp_source_take(&s, &rtp)) ...
 *	pc_rtp_source_arrive(&s, rtp.ts, clock_hz, pc_now_us());
 */
#ifndef PC_MEDIA_SOURCE_H
#define PC_MEDIA_SOURCE_H

#include "media/rtp.h"

enum pc_rtp_verdict {
	PC_RTP_NEXT,      /* newer than all before; gap says what is missing */
	PC_RTP_LATE,      /* older than the newest, not seen before */
	PC_RTP_DUPLICATE, /* seen before, or too old to tell: drop it */
	PC_RTP_RESTART,   /* another SSRC, or the sequence began anew */
	PC_RTP_STRAY,     /* far off the sequence, once: drop it */
};

struct pc_rtp_source {
	bool known;
	uint32_t ssrc;
	uint16_t max_seq;
	uint32_t cycles; /* sequence wraps, times 65536 */
	uint32_t base_seq;
	int32_t bad_seq;             /* the next of a jump, or -1 */
	uint64_t seen;               /* bit n: max_seq - n came */
	uint16_t gap;                /* packets missing before the last NEXT */
	uint64_t received;           /* packets of this source */
	uint64_t total, lost_before; /* of this leg: all sources so far */
	uint32_t expected_prior;
	uint64_t received_prior;
	bool timed;
	uint32_t last_ts;
	uint64_t last_us;
	double jitter_us;
};

/* Judge a packet by ssrc and seq, and count it. */
enum pc_rtp_verdict pc_rtp_source_take(struct pc_rtp_source *s,
				       const struct pc_rtp *rtp);

/* Note the arrival of a NEXT audio packet (A.8), in any monotonic time. */
void pc_rtp_source_arrive(struct pc_rtp_source *s, uint32_t ts,
			  unsigned clock_hz, uint64_t now_us);

/* Packets lost so far (A.3); duplicates may make it negative. */
int64_t pc_rtp_source_lost(const struct pc_rtp_source *s);

/* The highest sequence number received, with wraps. */
uint32_t pc_rtp_source_highest(const struct pc_rtp_source *s);

/* The fraction lost since the last call, as a report block has it (A.3). */
uint8_t pc_rtp_source_fraction(struct pc_rtp_source *s);

#endif
