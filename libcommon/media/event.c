/* telephone-event; see event.h. */
#include "media/event.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"

int pc_tel_event_decode(struct pc_tel_event *ev, const uint8_t *payload,
			size_t len)
{
	if (len < PC_TEL_EVENT_LEN)
		return -EBADMSG;
	ev->code = payload[0];
	ev->end = payload[1] & 0x80;
	ev->volume = payload[1] & 0x3f;
	ev->duration = pc_get16(payload + 2);
	return 0;
}

void pc_tel_event_encode(uint8_t payload[PC_TEL_EVENT_LEN],
			 const struct pc_tel_event *ev)
{
	payload[0] = ev->code;
	payload[1] = (ev->end ? 0x80 : 0) | (ev->volume & 0x3f);
	pc_put16(payload + 2, ev->duration);
}

/*
 * A segment begins where the last one ended; but browsers begin theirs with
 * the packet, a little later.
 */
static bool is_next(const struct pc_tel_span *s, const struct pc_tel_event *ev,
		    uint32_t ts, bool marker, unsigned hz)
{
	uint32_t later = ts - s->ts - UINT16_MAX;

	return !s->ended && !marker && ev->code == s->code && later < hz / 10;
}

enum pc_tel_part pc_tel_event_follow(struct pc_tel_span *s,
				     const struct pc_tel_event *ev, uint32_t ts,
				     bool marker, unsigned hz)
{
	bool again = s->known && ts == s->ts;
	uint32_t before = s->ts - ts;

	if (s->known && !again && before < 2 * hz)
		return PC_TEL_OLDER;
	if (!again && s->known && is_next(s, ev, ts, marker, hz)) {
		s->before += UINT16_MAX;
		again = true;
	} else if (!again) {
		s->before = 0;
		s->ended = false;
	}
	s->known = true;
	s->code = ev->code;
	s->ts = ts;
	s->ended |= ev->end;
	return again ? PC_TEL_GOES_ON : PC_TEL_BEGINS;
}

static const char digits[] = "0123456789*#ABCD!";

int pc_tel_event_code(char digit)
{
	const char *at =
		digit ? strchr(digits, toupper((unsigned char)digit)) : NULL;

	return at ? (int)(at - digits) : -1;
}

char pc_tel_event_digit(uint8_t code)
{
	return code < sizeof(digits) - 1 ? digits[code] : '\0';
}

uint16_t pc_tel_event_rescale(uint32_t duration, unsigned from_hz,
			      unsigned to_hz, uint32_t *ts_add)
{
	uint64_t d = (uint64_t)duration * to_hz / from_hz;
	/* No loop: the clocks are what some description says. */
	uint64_t whole = d > 0 ? (d - 1) / UINT16_MAX * UINT16_MAX : 0;

	*ts_add = (uint32_t)whole;
	return (uint16_t)(d - whole);
}
