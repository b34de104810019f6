/* What a receiver knows of an RTP source; see source.h. */
#include "media/source.h"

#include <string.h>

enum {
	MAX_DROPOUT = 3000, /* RFC 3550 A.1 */
	MAX_MISORDER = 100,
	WINDOW = 64, /* bits of seen */
};

static void begin(struct pc_rtp_source *s, const struct pc_rtp *rtp)
{
	uint64_t total = s->total;
	int64_t lost = s->known ? pc_rtp_source_lost(s) : 0;

	memset(s, 0, sizeof(*s));
	s->known = true;
	s->ssrc = rtp->ssrc;
	s->max_seq = rtp->seq;
	s->base_seq = rtp->seq;
	s->bad_seq = -1;
	s->seen = 1;
	s->received = 1;
	s->total = total + 1;
	s->lost_before = lost > 0 ? lost : 0;
}

static enum pc_rtp_verdict older(struct pc_rtp_source *s, uint16_t behind)
{
	if (behind >= WINDOW || s->seen & 1ull << behind)
		return PC_RTP_DUPLICATE;
	s->seen |= 1ull << behind;
	s->received++;
	s->total++;
	return PC_RTP_LATE;
}

enum pc_rtp_verdict pc_rtp_source_take(struct pc_rtp_source *s,
				       const struct pc_rtp *rtp)
{
	uint16_t ahead = rtp->seq - s->max_seq;

	if (!s->known || rtp->ssrc != s->ssrc) {
		begin(s, rtp);
		return PC_RTP_RESTART;
	}
	if ((uint16_t)-ahead < MAX_MISORDER)
		return older(s, (uint16_t)-ahead);
	if (ahead >= MAX_DROPOUT) {
		/* Two in sequence: the other side began anew (A.1). */
		if (rtp->seq == s->bad_seq) {
			begin(s, rtp);
			return PC_RTP_RESTART;
		}
		s->bad_seq = (uint16_t)(rtp->seq + 1);
		return PC_RTP_STRAY;
	}
	if (rtp->seq < s->max_seq)
		s->cycles += 1u << 16;
	s->max_seq = rtp->seq;
	s->seen = (ahead < WINDOW ? s->seen << ahead : 0) | 1;
	s->gap = ahead - 1;
	s->bad_seq = -1;
	s->received++;
	s->total++;
	return PC_RTP_NEXT;
}

void pc_rtp_source_arrive(struct pc_rtp_source *s, uint32_t ts,
			  unsigned clock_hz, uint64_t now_us)
{
	double sent, came, d;

	if (s->timed && ts == s->last_ts)
		return; /* one instant in several packets */
	if (s->timed) {
		sent = (double)(int32_t)(ts - s->last_ts) * 1e6 / clock_hz;
		came = (double)(int64_t)(now_us - s->last_us);
		d = came > sent ? came - sent : sent - came;
		if (d < 1e6) /* a jump of the clock is not jitter */
			s->jitter_us += (d - s->jitter_us) / 16;
	}
	s->timed = true;
	s->last_ts = ts;
	s->last_us = now_us;
}

uint32_t pc_rtp_source_highest(const struct pc_rtp_source *s)
{
	return s->cycles + s->max_seq;
}

static uint32_t expected(const struct pc_rtp_source *s)
{
	return s->known ? pc_rtp_source_highest(s) - s->base_seq + 1 : 0;
}

int64_t pc_rtp_source_lost(const struct pc_rtp_source *s)
{
	return (int64_t)s->lost_before + expected(s) - (int64_t)s->received;
}

uint8_t pc_rtp_source_fraction(struct pc_rtp_source *s)
{
	uint32_t due = expected(s) - s->expected_prior;
	int64_t came = s->received - s->received_prior;
	int64_t lost = (int64_t)due - came;

	s->expected_prior = expected(s);
	s->received_prior = s->received;
	if (due == 0 || lost <= 0)
		return 0;
	lost = lost * 256 / due;
	return lost > 255 ? 255 : (uint8_t)lost;
}
