/* RTP packets; see rtp.h. */
#include "media/rtp.h"

#include <errno.h>

#include "base/bytes.h"

int pc_rtp_decode(struct pc_rtp *rtp, uint8_t *buf, size_t len)
{
	size_t at = PC_RTP_HEADER, pad = 0;

	if (len < PC_RTP_HEADER || buf[0] >> 6 != 2)
		return -EINVAL;
	at += 4 * (buf[0] & 0x0f);
	if (buf[0] & 0x10) { /* X: 16 bits of profile, 16 of length in words */
		if (at + 4 > len)
			return -EBADMSG;
		at += 4 + 4 * (size_t)pc_get16(buf + at + 2);
	}
	if (at > len)
		return -EBADMSG;
	if (buf[0] & 0x20) { /* P: the last byte counts itself too */
		pad = buf[len - 1];
		if (pad == 0 || pad > len - at)
			return -EBADMSG;
	}
	rtp->marker = buf[1] & 0x80;
	rtp->pt = buf[1] & 0x7f;
	rtp->seq = pc_get16(buf + 2);
	rtp->ts = pc_get32(buf + 4);
	rtp->ssrc = pc_get32(buf + 8);
	rtp->payload = buf + at;
	rtp->payload_len = len - at - pad;
	return 0;
}

void pc_rtp_encode(uint8_t buf[PC_RTP_HEADER], const struct pc_rtp *rtp)
{
	buf[0] = 0x80;
	buf[1] = (rtp->marker ? 0x80 : 0) | (rtp->pt & 0x7f);
	pc_put16(buf + 2, rtp->seq);
	pc_put32(buf + 4, rtp->ts);
	pc_put32(buf + 8, rtp->ssrc);
}
