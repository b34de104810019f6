/* RTCP feedback; see feedback.h. */
#include "media/feedback.h"

#include <string.h>

#include "base/bytes.h"

enum { FMT_NACK = 1, FMT_PLI = 1, FMT_FIR = 4, FMT_APP = 15 };

/* An empty RR, then the header with both SSRCs; words: those behind them. */
static uint8_t *begin(uint8_t *p, uint8_t type, unsigned fmt, uint32_t ours,
		      uint32_t theirs, unsigned words)
{
	p[0] = 0x80;
	p[1] = PC_RTCP_RR;
	pc_put16(p + 2, 1);
	pc_put32(p + 4, ours);
	p[8] = 0x80 | (uint8_t)fmt;
	p[9] = type;
	pc_put16(p + 10, (uint16_t)(2 + words));
	pc_put32(p + 12, ours);
	pc_put32(p + 16, theirs);
	return p + 20;
}

size_t pc_feedback_pli(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
		       uint32_t theirs)
{
	return (size_t)(begin(buf, PC_RTCP_PSFB, FMT_PLI, ours, theirs, 0) -
			buf);
}

size_t pc_feedback_fir(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
		       uint32_t theirs, uint8_t count)
{
	uint8_t *p = begin(buf, PC_RTCP_PSFB, FMT_FIR, ours, 0, 2);

	pc_put32(p, theirs);
	pc_put32(p + 4, (uint32_t)count << 24);
	return (size_t)(p + 8 - buf);
}

size_t pc_feedback_remb(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
			uint32_t theirs, uint64_t bits_per_second)
{
	uint8_t *p = begin(buf, PC_RTCP_PSFB, FMT_APP, ours, 0, 3);
	unsigned exponent = 0;

	while (bits_per_second >> exponent > 0x3ffff) /* 18 bits */
		exponent++;
	memcpy(p, "REMB", 4);
	pc_put32(p + 4, 1u << 24 | exponent << 18 |
				(uint32_t)(bits_per_second >> exponent));
	pc_put32(p + 8, theirs);
	return (size_t)(p + 12 - buf);
}

uint64_t pc_feedback_allowed(const struct pc_rtcp *p)
{
	uint32_t bits;

	if (p->type != PC_RTCP_PSFB || p->count != FMT_APP || p->fci_len < 8 ||
	    memcmp(p->fci, "REMB", 4) != 0)
		return 0;
	bits = pc_get32(p->fci + 4) & 0xffffff;
	return (uint64_t)(bits & 0x3ffff) << (bits >> 18 & 0x1f);
}

size_t pc_feedback_nack(uint8_t buf[PC_FEEDBACK_MAX], uint32_t ours,
			uint32_t theirs, uint16_t seq, unsigned n)
{
	uint8_t *p = begin(buf, PC_RTCP_RTPFB, FMT_NACK, ours, theirs, 1);

	pc_put16(p, seq);
	pc_put16(p + 2, (uint16_t)((1u << (n > 17 ? 16 : n - 1)) - 1));
	return (size_t)(p + 4 - buf);
}

bool pc_feedback_wants_picture(const struct pc_rtcp *p, uint32_t ssrc)
{
	if (p->type != PC_RTCP_PSFB)
		return false;
	if (p->count == FMT_PLI)
		return p->media_ssrc == ssrc;
	for (size_t at = 0; p->count == FMT_FIR && at + 8 <= p->fci_len;
	     at += 8)
		if (pc_get32(p->fci + at) == ssrc)
			return true;
	return false;
}

unsigned pc_feedback_nacked(const struct pc_rtcp *p, uint32_t ssrc,
			    uint16_t seqs[PC_FEEDBACK_NACKS])
{
	unsigned n = 0;

	if (p->type != PC_RTCP_RTPFB || p->count != FMT_NACK ||
	    p->media_ssrc != ssrc)
		return 0;
	for (size_t at = 0; at + 4 <= p->fci_len; at += 4) {
		uint16_t pid = pc_get16(p->fci + at);
		uint32_t bits = 1 | (uint32_t)pc_get16(p->fci + at + 2) << 1;

		for (unsigned i = 0; i <= 16; i++)
			if (bits >> i & 1 && n < PC_FEEDBACK_NACKS)
				seqs[n++] = (uint16_t)(pid + i);
	}
	return n;
}
