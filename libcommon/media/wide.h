/*
 * Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01):
 * every packet of a browser has a number for the whole transport in a header
 * extension, and is told back when each came, from which it finds out how much
 * it may send.
 *
 *	+---+-+---------+---------------+-------------------------------+
 *	|V=2|P| FMT=15  |    PT=205     |           length              |
 *	+---------------------------------------------------------------+
 *	|  SSRC of who tells            |  SSRC of a stream that came   |
 *	+---------------------------------------------------------------+
 *	|  first number told            |  how many are told            |
 *	+-----------------------------------------------+---------------+
 *	|  time of the first that came, 64 ms           | count of these|
 *	+-------------------------------+---------------+---------------+
 *	|  which came: runs, or bits    |  time since the one before ...
 *
 *	n = pc_wide_number(buf, len, id);
 *	if (n >= 0) pc_wide_take(&w, (uint16_t)n, now_us);
 *	each 100 ms: len = pc_wide_write(&w, out, sizeof(out), ours, theirs);
 */
#ifndef PC_MEDIA_WIDE_H
#define PC_MEDIA_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PC_WIDE_URI                                                            \
	"http://www.ietf.org/id/"                                              \
	"draft-holmer-rmcat-transport-wide-cc-extensions-01"

enum {
	PC_WIDE_KEPT = 1024,    /* packets that are remembered */
	PC_WIDE_TOLD_MAX = 256, /* told by one packet */
	PC_WIDE_MAX = 1200,     /* bytes that one may take */
};

struct pc_wide {
	bool known;
	uint16_t next;                  /* the first that was not told yet */
	uint16_t highest;               /* that came */
	uint8_t count;                  /* of packets written */
	uint64_t came_us[PC_WIDE_KEPT]; /* by number; 0: it has not */
};

/*
 * The number in an RTP packet's extension of this id, 1 to 255, with headers
 * of one or two bytes (RFC 8285); -1: it has none.
 */
int pc_wide_number(const uint8_t *buf, size_t len, uint8_t id);

/* A packet of this number came, at any monotonic time but 0. */
void pc_wide_take(struct pc_wide *w, uint16_t number, uint64_t now_us);

/*
 * Write what came since, behind an empty receiver report, as feedback.h does.
 *   ours, theirs  SSRCs: who tells, and any stream of the transport
 * Returns its length, 0 when there is nothing to tell (call again for more).
 */
size_t pc_wide_write(struct pc_wide *w, uint8_t buf[PC_WIDE_MAX], uint32_t ours,
		     uint32_t theirs);

#endif
