/* The other side's digits, told and carried on; see net.h. */
#include "net.h"

enum {
	EVENT_LOST_US = 500000, /* a digit that says no more has ended */
	DIGIT_MIN_MS = 40,      /* less need not be heard as one (Q.24) */
};

/* --- as events ---------------------------------------------------------- */

/* A digit has ended that the sink cannot take as an event. */
static void sound_digit(struct net *net, unsigned ms)
{
	struct leg *to = leg_sink(net->leg);
	struct net *other = to && to != net->leg && to->kind->net
				    ? to->kind->net(to)
				    : NULL;
	char text[2] = { pc_tel_event_digit(net->digit.span.code), '\0' };

	if (other && !net->leg->muted && net_tx_speech(other) &&
	    !net_tx_event(other) && text[0])
		(void)net_digits_send(other, text,
				      ms < DIGIT_MIN_MS ? DIGIT_MIN_MS : ms);
}

/* One dtmf event for each digit, when it has ended. */
static void say_digit(struct net *net)
{
	struct net_digit *d = &net->digit;
	char digit[2] = { pc_tel_event_digit(d->span.code), '\0' };
	unsigned ms = (unsigned)(d->duration * 1000ull / d->hz);

	d->done = true;
	pc_event(&net->leg->bridge->tool, "dtmf",
		 "leg=%s digit=%s code=%u duration_ms=%u", net->leg->name,
		 digit[0] ? digit : NULL, d->span.code, ms);
	sound_digit(net, ms);
}

void net_digit_second(struct net *net, uint64_t now_us)
{
	struct net_digit *d = &net->digit;

	if (d->seen_us && !d->done && now_us - d->seen_us > EVENT_LOST_US)
		say_digit(net);
}

void net_digit_follow(struct net *net, const struct pc_rtp *rtp,
		      const struct payload *in, uint64_t now_us)
{
	struct net_digit *d = &net->digit;
	struct pc_tel_span span = d->span;
	struct pc_tel_event ev;
	enum pc_tel_part part;

	if (pc_tel_event_decode(&ev, rtp->payload, rtp->payload_len) < 0) {
		pc_tool_malformed(&net->leg->bridge->tool, "telephone-event",
				  NULL, "it is cut short");
		return;
	}
	part = pc_tel_event_follow(&span, &ev, rtp->ts, rtp->marker,
				   in->clock_hz);
	if (part == PC_TEL_OLDER || (part == PC_TEL_GOES_ON && d->done))
		return; /* or the end again */
	if (part == PC_TEL_BEGINS && d->seen_us && !d->done)
		say_digit(net);
	d->done = false;
	d->seen_us = now_us;
	d->span = span;
	d->duration = span.before + ev.duration;
	d->hz = in->clock_hz;
	if (ev.end)
		say_digit(net);
}

/* --- as tones ------------------------------------------------------------ */

static void on_tone_digit(void *arg, char digit, unsigned ms)
{
	struct net *net = arg;
	struct leg *to = leg_sink(net->leg);
	char text[2] = { digit, '\0' };

	if (ms == 0)
		return;
	pc_event(&net->leg->bridge->tool, "dtmf",
		 "leg=%s digit=%s code=%u duration_ms=%u inband=%c",
		 net->leg->name, text, (unsigned)pc_tel_event_code(digit), ms,
		 1);
	if (to && to != net->leg && to->kind->net &&
	    net_tx_event(to->kind->net(to)))
		(void)net_digits_send(to->kind->net(to), text, ms);
}

void net_digit_listen(struct net *net, unsigned rate, int16_t *pcm, size_t n)
{
	struct pc_dtmf_cut *cut = net->listening;

	if (cut->dtmf.rate_hz != rate)
		pc_dtmf_cut_init(cut, rate);
	pc_dtmf_cut(cut, pcm, n, on_tone_digit, net);
}
