/*
 * RTCP feedback of video: a picture is asked for (PLI, RFC 4585 6.3.1; FIR,
 * RFC 5104 4.3.1), packets are asked for again (NACK, RFC 4585 6.2.1), and how
 * much may be sent is told (REMB, draft-alvestrand-rmcat-remb).
 *
 *	len = pc_feedback_pli(buf, ours, theirs);
 *
 * Each is written as a compound packet: an empty receiver report goes before.
 */
#ifndef PC_MEDIA_FEEDBACK_H
#define PC_MEDIA_FEEDBACK_H

#include "media/rtcp.h"

enum {
	PC_FEEDBACK_MAX = 64, /* bytes that one may take */
	PC_FEEDBACK_NACKS = 64,
};

/*
 *   ours    our SSRC, who asks
 *   theirs  the SSRC of the stream that is asked for
 *   count   FIR: one more for each new request
 */
size_t pc_feedback_pli(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
		       uint32_t theirs);
size_t pc_feedback_fir(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
		       uint32_t theirs, uint8_t count);
size_t pc_feedback_remb(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
			uint32_t theirs, uint64_t bits_per_second);

/* The bits per second that REMB of this packet allows; 0: it is none. */
uint64_t pc_feedback_allowed(const struct pc_rtcp *p);

/* For n packets from seq on; n is at most 17. */
size_t pc_feedback_nack(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
			uint32_t theirs, uint16_t seq, unsigned n);

/* Does this packet ask for a picture of the stream ssrc? */
bool pc_feedback_wants_picture(const struct pc_rtcp *p, uint32_t ssrc);

/*
 * The packets of the stream ssrc that this one asks for again.
 * Returns how many were written to seqs.
 */
unsigned pc_feedback_nacked(const struct pc_rtcp *p, uint32_t ssrc,
			    uint16_t seqs[PC_FEEDBACK_NACKS]);

#endif
