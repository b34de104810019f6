/*
 * RTP packets (RFC 3550 section 5.1), and telling them from RTCP (RFC 5761).
 *
 *	 0                   1                   2                   3
 *	+---+-+-+-------+-+-------------+-------------------------------+
 *	|V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *	+---+-+-+-------+-+-------------+-------------------------------+
 *	|                           timestamp                           |
 *	+---------------------------------------------------------------+
 *	|           synchronization source (SSRC) identifier            |
 *	+---------------------------------------------------------------+
 *	|  CC contributing sources, X one header extension, payload ... |
 *
 *	struct pc_rtp rtp;
 *	if (pc_rtp_decode(&rtp, buf, len) == 0)
 *		play(rtp.payload, rtp.payload_len);
 */
#ifndef PC_MEDIA_RTP_H
#define PC_MEDIA_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PC_RTP_HEADER 12

struct pc_rtp {
	bool marker;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
	uint8_t *payload;   /* in buf; at least PC_RTP_HEADER from its start */
	size_t payload_len; /* without padding */
};

/*
 * Decode one packet. Contributing sources, header extension and padding are
 * checked and passed over.
 * Returns 0, -EINVAL (not RTP version 2, or too short to be) or -EBADMSG
 * (its counts lead outside the packet). Allocates nothing.
 */
int pc_rtp_decode(struct pc_rtp *rtp, uint8_t *buf, size_t len);

/* Write a header without CSRC, extension or padding; payload is ignored. */
void pc_rtp_encode(uint8_t buf[PC_RTP_HEADER], const struct pc_rtp *rtp);

/*
 * RTP and RTCP on one port (RFC 5761 section 4): RTCP has 192 to 223 in its
 * second byte, where RTP has marker and payload type.
 */
static inline bool pc_rtp_is_rtcp(const uint8_t *buf, size_t len)
{
	return len >= 2 && buf[1] >= 192 && buf[1] <= 223;
}

#endif
