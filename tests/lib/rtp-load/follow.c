/* From what comes back to what was sent; see follow.h. */
#include "follow.h"

#include <string.h>

enum { ENOUGH = 25 }; /* packets, to compare by */

void follow_start(struct follow *f, const struct speech *sent,
		  const struct speech *got)
{
	memset(f, 0, sizeof(*f));
	f->sent = sent;
	if (!got)
		return;
	f->decoder = speech_decoder(got->codec);
	if (!f->decoder)
		die("decoder");
}

static void compare(struct follow *f, const struct pc_rtp *rtp, uint16_t seq)
{
	float level = speech_level(f->decoder, rtp->payload, rtp->payload_len);

	for (int i = 0; i < EARLIER + LATER; i++) {
		uint16_t other = (uint16_t)(seq + i - EARLIER);
		float d = level - f->sent->level[other % FRAMES];

		f->unlike[i] += d * d;
	}
	f->compared++;
}

/*
 * Until it is compared, the n'th that comes out is the n'th that went in: which
 * was the first is known from the one that was fastest.
 */
uint16_t follow_seq(struct follow *f, const struct pc_rtp *rtp, uint16_t latest)
{
	uint16_t nth;

	if (!f->decoder)
		return rtp->payload_len < STAMP
			       ? latest
			       : (uint16_t)(rtp->payload[0] << 8 |
					    rtp->payload[1]);
	if (!f->synced) {
		f->synced = true;
		f->first_got = rtp->seq;
		f->first_sent = latest;
	}
	nth = rtp->seq - f->first_got;
	if ((int16_t)(latest - nth - f->first_sent) < 0)
		f->first_sent = latest - nth;
	nth += f->first_sent;
	compare(f, rtp, nth);
	return nth;
}

bool follow_settle(struct follow *f)
{
	int likest = EARLIER;

	for (int i = 0; i < EARLIER + LATER; i++)
		if (f->unlike[i] < f->unlike[likest])
			likest = i;
	if (f->compared < ENOUGH)
		likest = EARLIER;
	f->first_sent += (uint16_t)(likest - EARLIER);
	f->compared = 0;
	memset(f->unlike, 0, sizeof(f->unlike));
	return likest == EARLIER;
}
