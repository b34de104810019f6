/* Transport-wide feedback of a dtls: leg; see wide.h. */
#include "wide.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "media/wide.h"

enum { EACH_MS = 100 };

struct wide {
	struct leg *leg;
	struct pc_timer *timer;
	bool waits; /* for the timer */
	uint32_t ssrc;
	struct pc_wide wide;
};

static void on_timer(void *arg)
{
	struct wide *w = arg;
	struct leg *leg = w->leg;
	struct net *net = leg->kind->net(leg);
	uint8_t *buf = leg->bridge->packet;
	size_t len;

	w->waits = false;
	if (!leg->kind->may_report(leg))
		return;
	while ((len = pc_wide_write(&w->wide, buf, net->stream.ssrc, w->ssrc)) >
	       0)
		net_send_rtcp(leg, buf, len);
}

void wide_take(struct wide *w, const struct net *net, const uint8_t *buf,
	       size_t len, uint64_t now_us)
{
	int number = -1;

	if (net->wide_id)
		number = pc_wide_number(buf, len, net->wide_id);
	if (number < 0)
		return;
	w->ssrc = pc_get32(buf + 8);
	pc_wide_take(&w->wide, (uint16_t)number, now_us);
	if (!w->waits)
		pc_timer_set(w->timer, EACH_MS);
	w->waits = true;
}

int wide_open(struct wide **wide, struct leg *leg)
{
	struct wide *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	*wide = w;
	w->leg = leg;
	w->timer = pc_timer_new(leg->bridge->tool.loop, on_timer, w);
	return w->timer ? 0 : -ENOMEM;
}

void wide_close(struct wide *w)
{
	if (!w)
		return;
	pc_timer_free(w->timer);
	free(w);
}
