/*
 * telephone-event: DTMF digits as packets (RFC 4733 section 2.3).
 *
 *	+---------------+-+-+-----------+-------------------------------+
 *	|     event     |E|R|  volume   |          duration             |
 *	+---------------+-+-+-----------+-------------------------------+
 *
 * Every packet of one event has the timestamp of its beginning and the
 * duration so far, in that payload type's clock; the last is sent three times
 * with E set.
 */
#ifndef PC_MEDIA_EVENT_H
#define PC_MEDIA_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PC_TEL_EVENT_LEN 4

struct pc_tel_event {
	uint8_t code;
	bool end;
	uint8_t volume; /* -dBm0 */
	uint16_t duration;
};

/* Decode the first event of a payload. 0 or -EBADMSG (too short). */
int pc_tel_event_decode(struct pc_tel_event *ev, const uint8_t *payload,
			size_t len);
void pc_tel_event_encode(uint8_t payload[PC_TEL_EVENT_LEN],
			 const struct pc_tel_event *ev);

/* The code of a digit: 0 to 16; -1 when it is none. */
int pc_tel_event_code(char digit);

/* '0'-'9', '*', '#', 'A'-'D', '!' (flash, 16), or '\0' for other codes. */
char pc_tel_event_digit(uint8_t code);

/*
 * Rescale a duration from one clock to another. What 16 bits cannot hold is
 * carried into the timestamp, as the segments of a long event are (section
 * 2.5.1.3).
 *   ts_add  receives what to add to the event's timestamp
 */
uint16_t pc_tel_event_rescale(uint16_t duration, unsigned from_hz,
			      unsigned to_hz, uint32_t *ts_add);

#endif
