/*
 * telephone-event: DTMF digits as packets (RFC 4733 section 2.3).
 *
 *	+---------------+-+-+-----------+-------------------------------+
 *	|     event     |E|R|  volume   |          duration             |
 *	+---------------+-+-+-----------+-------------------------------+
 *
 * Every packet of one event has the timestamp of its beginning and the
 * duration so far, in that payload type's clock; the last is sent three times
 * with E set. What lasts longer than 16 bits can say is told in segments: each
 * has the timestamp of where the one before ended (section 2.5.1.3).
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

/* The event that is followed, through its segments. */
struct pc_tel_span {
	bool known, ended;
	uint8_t code;
	uint32_t ts;     /* of the present segment */
	uint32_t before; /* duration of those before it */
};

enum pc_tel_part {
	PC_TEL_BEGINS, /* another event, of which this came first */
	PC_TEL_GOES_ON,
	PC_TEL_OLDER, /* of one before: it came late */
};

/*
 * Which event does this packet tell of? It has lasted before + ev->duration.
 *   ts, marker  of its RTP header; hz is the clock of both
 */
enum pc_tel_part pc_tel_event_follow(struct pc_tel_span *span,
				     const struct pc_tel_event *ev, uint32_t ts,
				     bool marker, unsigned hz);

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
uint16_t pc_tel_event_rescale(uint32_t duration, unsigned from_hz,
			      unsigned to_hz, uint32_t *ts_add);

#endif
