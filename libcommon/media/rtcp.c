/* RTCP; see rtcp.h. */
#include "media/rtcp.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"

enum {
	BLOCK_LEN = 24,
	SENDER_LEN = 20,
	NTP_1970_DAYS = 25567,
	XR_VOIP = 7,
	XR_VOIP_LEN = 36,
};

void pc_rtcp_begin(struct pc_rtcp_reader *r, const uint8_t *buf, size_t len)
{
	r->at = buf;
	r->end = buf + len;
	r->first = true;
}

static void decode_block(struct pc_rtcp_block *b, const uint8_t *p)
{
	uint32_t lost = pc_get32(p + 4) & 0xffffff;

	b->ssrc = pc_get32(p);
	b->fraction = p[4];
	b->lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 : (int32_t)lost;
	b->highest = pc_get32(p + 8);
	b->jitter = pc_get32(p + 12);
	b->last_sr = pc_get32(p + 16);
	b->delay_sr = pc_get32(p + 20);
}

static int decode_report(struct pc_rtcp *p, const uint8_t *body, size_t len)
{
	size_t at = 4;

	if (p->type == PC_RTCP_SR) {
		if (len < 4 + SENDER_LEN)
			return -EBADMSG;
		p->ntp =
			(uint64_t)pc_get32(body + 4) << 32 | pc_get32(body + 8);
		p->ts = pc_get32(body + 12);
		p->packets = pc_get32(body + 16);
		p->octets = pc_get32(body + 20);
		at += SENDER_LEN;
	}
	if (len < at + (size_t)p->count * BLOCK_LEN)
		return -EBADMSG;
	for (; p->n_blocks < p->count; p->n_blocks++, at += BLOCK_LEN)
		decode_block(&p->blocks[p->n_blocks], body + at);
	return 0;
}

static double mos_of(uint8_t tenths)
{
	return tenths == 127 ? 0 : tenths / 10.0;
}

/* Extended reports: of their blocks, the one of VoIP metrics. */
static int decode_xr(struct pc_rtcp *p, const uint8_t *body, size_t len)
{
	struct pc_rtcp_voip *v = &p->voip;

	for (size_t at = 4, size; at < len; at += size) {
		const uint8_t *b = body + at;

		if (len - at < 4)
			return -EBADMSG;
		size = 4 + 4 * (size_t)pc_get16(b + 2);
		if (size > len - at)
			return -EBADMSG;
		if (b[0] != XR_VOIP || size < XR_VOIP_LEN)
			continue;
		p->has_voip = true;
		v->ssrc = pc_get32(b + 4);
		v->loss_percent = b[8] * 100 / 256.0;
		v->discard_percent = b[9] * 100 / 256.0;
		v->round_trip_ms = pc_get16(b + 16);
		v->delay_ms = pc_get16(b + 18);
		v->r_factor = b[24];
		v->mos_lq = mos_of(b[26]);
		v->mos_cq = mos_of(b[27]);
	}
	return 0;
}

static bool may_be_first(uint8_t type)
{
	return type == PC_RTCP_SR || type == PC_RTCP_RR ||
	       type == PC_RTCP_RTPFB || type == PC_RTCP_PSFB ||
	       type == PC_RTCP_BYE || type == PC_RTCP_XR ||
	       type == PC_RTCP_SDES || type == PC_RTCP_APP; /* RFC 5506 */
}

int pc_rtcp_next(struct pc_rtcp_reader *r, struct pc_rtcp *p)
{
	size_t left = (size_t)(r->end - r->at), len;
	const uint8_t *h = r->at;
	bool report;

	if (left == 0)
		return r->first ? -EBADMSG : 0;
	if (left < 4 || h[0] >> 6 != 2)
		return -EBADMSG;
	len = 4 * ((size_t)pc_get16(h + 2) + 1);
	if (len > left || (r->first && !may_be_first(h[1])))
		return -EBADMSG;
	memset(p, 0, sizeof(*p));
	p->type = h[1];
	p->count = h[0] & 0x1f;
	report = p->type == PC_RTCP_SR || p->type == PC_RTCP_RR;
	if (report && len < 8)
		return -EBADMSG;
	if (len >= 8)
		p->ssrc = pc_get32(h + 4);
	r->at += len;
	r->first = false;
	if (report && decode_report(p, h + 4, len - 4) < 0)
		return -EBADMSG;
	if ((p->type == PC_RTCP_RTPFB || p->type == PC_RTCP_PSFB) &&
	    len >= 12) {
		p->media_ssrc = pc_get32(h + 8);
		p->fci = h + 12;
		p->fci_len = len - 12;
	}
	if (p->type == PC_RTCP_XR && len >= 8 &&
	    decode_xr(p, h + 4, len - 4) < 0)
		return -EBADMSG;
	return 1;
}

static uint8_t *put_header(uint8_t *p, uint8_t type, unsigned count, size_t len)
{
	p[0] = 0x80 | (uint8_t)count;
	p[1] = type;
	pc_put16(p + 2, (uint16_t)(len / 4 - 1));
	return p + 4;
}

static uint8_t *put_report(uint8_t *p, const struct pc_rtcp_report *r)
{
	const struct pc_rtcp_block *b = &r->block;
	size_t len = 8 + (r->sender ? SENDER_LEN : 0) +
		     (r->has_block ? BLOCK_LEN : 0);

	p = put_header(p, r->sender ? PC_RTCP_SR : PC_RTCP_RR, r->has_block,
		       len);
	pc_put32(p, r->ssrc);
	p += 4;
	if (r->sender) {
		pc_put32(p, r->ntp >> 32);
		pc_put32(p + 4, (uint32_t)r->ntp);
		pc_put32(p + 8, r->ts);
		pc_put32(p + 12, r->packets);
		pc_put32(p + 16, r->octets);
		p += SENDER_LEN;
	}
	if (r->has_block) {
		pc_put32(p, b->ssrc);
		pc_put32(p + 4, (uint32_t)b->fraction << 24 |
					((uint32_t)b->lost & 0xffffff));
		pc_put32(p + 8, b->highest);
		pc_put32(p + 12, b->jitter);
		pc_put32(p + 16, b->last_sr);
		pc_put32(p + 20, b->delay_sr);
		p += BLOCK_LEN;
	}
	return p;
}

/* Text behind its length, filled with zeros to a word: at least one in SDES. */
static uint8_t *put_text(uint8_t *p, const char *text, size_t len, size_t pad)
{
	*p++ = (uint8_t)len;
	memcpy(p, text, len);
	memset(p + len, 0, pad);
	return p + len + pad;
}

ssize_t pc_rtcp_encode(const struct pc_rtcp_report *r, uint8_t *buf, size_t max)
{
	size_t cname = strlen(r->cname), bye = r->bye ? strlen(r->bye) : 0;
	size_t cname_pad = 4 - (2 + cname) % 4, bye_pad = 3 - bye % 4;
	uint8_t *p = buf;

	if (cname > 255 || bye > 255 || max < 88 + cname + bye)
		return -EMSGSIZE;
	p = put_report(p, r);
	p = put_header(p, PC_RTCP_SDES, 1, 8 + 2 + cname + cname_pad);
	pc_put32(p, r->ssrc);
	p[4] = 1; /* CNAME */
	p = put_text(p + 5, r->cname, cname, cname_pad);
	if (r->bye) {
		p = put_header(p, PC_RTCP_BYE, 1, 8 + 1 + bye + bye_pad);
		pc_put32(p, r->ssrc);
		p = put_text(p + 4, r->bye, bye, bye_pad);
	}
	return p - buf;
}

uint64_t pc_rtcp_ntp(uint64_t wall_us)
{
	uint64_t s = wall_us / 1000000 + NTP_1970_DAYS * 86400ull;

	return s << 32 | ((wall_us % 1000000) << 32) / 1000000;
}

unsigned pc_rtcp_interval_ms(bool first, uint32_t random)
{
	double ms = first ? 2500 : 5000;

	ms *= 0.5 + random / 4294967296.0;
	return (unsigned)(ms / 1.21828);
}
