#include "base/bytes.h"
#include "stream_echo.h"

enum { UNSURE_MAX_MS = 3000 }; /* by a clock that is ten times as fast */

void stream_echo_sent(struct stream_echo *e, const uint8_t *p, size_t len)
{
	uint32_t end;

	if (len <= SEGMENT_HEADER)
		return;
	end = pc_get32(p + SEGMENT_SEQUENCE) + (uint32_t)(len - SEGMENT_HEADER);
	if ((int32_t)(end - e->sent_to) <= 0)
		e->resent_ts = pc_get32(p + SEGMENT_TIMESTAMP);
	else
		e->sent_to = end;
}

/* How long did it take until now, when an echo has come? */
static uint32_t round_trip(struct stream_echo *e, uint32_t now, uint32_t echo)
{
	uint32_t seems = now - echo;

	if ((int32_t)(echo - e->resent_ts) >= 0) /* nothing was sent again */
		return e->round_trip_ms = seems;
	if (e->round_trip_ms == 0)
		return seems < UNSURE_MAX_MS ? seems : UNSURE_MAX_MS;
	/* too soon for what was sent again: that was in vain */
	if (now - e->resent_ts < e->round_trip_ms / 4 * 3)
		return e->round_trip_ms = seems;
	return e->round_trip_ms;
}

/*
 * What the third acknowledgement in a row asks for, libnice sends again, but
 * only if they have the timestamp of the first.
 */
void stream_echo_mend(struct stream_echo *e, uint32_t now_ms, uint8_t *p,
		      size_t len)
{
	uint32_t acked;

	if (len < SEGMENT_HEADER)
		return;
	acked = pc_get32(p + SEGMENT_ACK);
	if ((int32_t)(acked - e->acked_to) > 0) {
		e->acked_to = acked;
		e->acked_echo = now_ms - round_trip(e, now_ms,
						    pc_get32(p + SEGMENT_ECHO));
	} else if (len != SEGMENT_HEADER || acked != e->acked_to) {
		return;
	}
	pc_put32(p + SEGMENT_ECHO, e->acked_echo);
}
