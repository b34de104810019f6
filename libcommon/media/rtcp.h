/*
 * RTCP: sender and receiver reports, SDES, BYE (RFC 3550 section 6).
 *
 *	+-+-+---------+---------------+-------------------------------+
 *	|V=2|P|  count  |      PT       |  length in words, less one    |
 *	+-------------------------------------------------------------+
 *	|                   SSRC of sender                            |
 *	| SR: NTP time (2), RTP time, packets, octets                 |
 *	| for each report block: SSRC, fraction and lost, highest     |
 *	|   sequence, jitter, last SR, delay since it                 |
 *	+-------------------------------------------------------------+
 *
 *	struct pc_rtcp_reader r;
 *	struct pc_rtcp p;
 *	pc_rtcp_begin(&r, buf, len);
 *	while (pc_rtcp_next(&r, &p) > 0)
 *		...
 */
#ifndef PC_MEDIA_RTCP_H
#define PC_MEDIA_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	PC_RTCP_SR = 200,
	PC_RTCP_RR = 201,
	PC_RTCP_SDES = 202,
	PC_RTCP_BYE = 203,
	PC_RTCP_APP = 204,
	PC_RTCP_RTPFB = 205, /* RFC 4585: NACK ... */
	PC_RTCP_PSFB = 206,  /* PLI ... */
	PC_RTCP_XR = 207,
	PC_RTCP_BLOCKS_MAX = 31,
};

struct pc_rtcp_block {
	uint32_t ssrc;
	uint8_t fraction; /* lost since the last, of 256 */
	int32_t lost;     /* 24 bits, signed */
	uint32_t highest, jitter;
	uint32_t last_sr, delay_sr; /* delay in 1/65536 s */
};

/* What a phone says of the call as it heard it (RFC 3611 section 4.7). */
struct pc_rtcp_voip {
	uint32_t ssrc;                    /* of whom it heard */
	double loss_percent;              /* lost on the way */
	double discard_percent;           /* came too late */
	unsigned round_trip_ms, delay_ms; /* network; its own end */
	unsigned r_factor;                /* 0 to 100; 127: not known */
	double mos_lq, mos_cq; /* listening, talking; below 1: not known */
};

struct pc_rtcp {
	uint8_t type, count;
	uint32_t ssrc; /* of the sender; 0 when there is none */
	/* SR */
	uint64_t ntp;
	uint32_t ts, packets, octets;
	/* SR, RR */
	unsigned n_blocks;
	struct pc_rtcp_block blocks[PC_RTCP_BLOCKS_MAX];
	/* RTPFB, PSFB (RFC 4585 6.1): borrowed from the packet */
	uint32_t media_ssrc;
	const uint8_t *fci;
	size_t fci_len;
	/* XR, if it has such a block (RFC 3611) */
	bool has_voip;
	struct pc_rtcp_voip voip;
};

struct pc_rtcp_reader {
	const uint8_t *at, *end;
	bool first;
};

void pc_rtcp_begin(struct pc_rtcp_reader *r, const uint8_t *buf, size_t len);

/*
 * The next packet of a compound. Types that are neither reports, feedback
 * nor XR have only type, count and ssrc. Returns 1, 0 at the end, -EBADMSG (broken: version, length
 * or counts; or the first is none that may be first, RFC 3550 A.2, RFC 5506).
 */
int pc_rtcp_next(struct pc_rtcp_reader *r, struct pc_rtcp *p);

struct pc_rtcp_report {
	uint32_t ssrc;
	bool sender; /* an SR: the next four are sent */
	uint64_t ntp;
	uint32_t ts, packets, octets;
	bool has_block;
	struct pc_rtcp_block block;
	const char *cname;
	const char *bye; /* a reason: ends with BYE; or NULL */
};

/*
 * Write a compound SR or RR, SDES with CNAME, and BYE when asked.
 * Returns its length, or -EMSGSIZE when max is too small.
 */
ssize_t pc_rtcp_encode(const struct pc_rtcp_report *report, uint8_t *buf,
		       size_t max);

/* Wall clock microseconds since 1970 as 64-bit NTP time. */
uint64_t pc_rtcp_ntp(uint64_t wall_us);

/*
 * When to report next (RFC 3550 6.3.1, two members): 5 s, halved for the
 * first, times 0.5 to 1.5, by e - 1.5.
 *   random  any 32 bits
 */
unsigned pc_rtcp_interval_ms(bool first, uint32_t random);

#endif
