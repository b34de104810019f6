/* Transport-wide feedback; see wide.h. */
#include "media/wide.h"

#include <string.h>

#include "base/bytes.h"
#include "media/rtcp.h"
#include "media/rtp.h"

enum {
	FMT_WIDE = 15,
	HEAD = 8 + 12, /* an empty RR, header and SSRCs */
	REFERENCE_US = 64000,
	DELTA_US = 250,
	FAR = 512, /* behind by more: the numbers began anew */
	RUN_MAX = 8191,
	RUN_WORTH = 14, /* shorter is as short in bits */
};

/* What a packet did (3.1.1). */
enum symbol { ABSENT, SMALL, LARGE };

struct told {
	unsigned n;
	enum symbol symbol[PC_WIDE_TOLD_MAX];
	int16_t delta[PC_WIDE_TOLD_MAX];
};

/* The extensions of a packet: their profile's number, and where they are. */
static const uint8_t *extensions(const uint8_t *buf, size_t len,
				 unsigned *profile, size_t *n)
{
	size_t at = PC_RTP_HEADER;

	if (len < at || !(buf[0] & 0x10))
		return NULL;
	at += 4 * (buf[0] & 0x0f);
	if (at + 4 > len)
		return NULL;
	*profile = pc_get16(buf + at);
	*n = 4 * (size_t)pc_get16(buf + at + 2);
	at += 4;
	return at + *n <= len ? buf + at : NULL;
}

int pc_wide_number(const uint8_t *buf, size_t len, uint8_t id)
{
	unsigned profile;
	size_t n, at = 0;
	const uint8_t *p = extensions(buf, len, &profile, &n);
	bool two = p && profile >> 4 == 0x100;

	if (!p || (!two && profile != 0xbede))
		return -1;
	while (at + 1 < n) {
		unsigned this = two ? p[at] : p[at] >> 4;
		size_t size = two ? p[at + 1] : (p[at] & 0x0fu) + 1;

		if (this == 0) { /* padding */
			at++;
			continue;
		}
		at += two ? 2 : 1;
		if (at + size > n || (!two && this == 15))
			return -1;
		if (this == id)
			return size >= 2 ? pc_get16(p + at) : -1;
		at += size;
	}
	return -1;
}

static void begin(struct pc_wide *w, uint16_t number)
{
	memset(w->came_us, 0, sizeof(w->came_us));
	w->known = true;
	w->next = w->highest = number;
}

void pc_wide_take(struct pc_wide *w, uint16_t number, uint64_t now_us)
{
	int16_t ahead = (int16_t)(number - w->highest);

	if (!w->known || ahead > FAR || ahead < -FAR) {
		begin(w, number);
		ahead = 0;
	}
	for (; ahead > 0; ahead--) /* those between have not come */
		w->came_us[++w->highest % PC_WIDE_KEPT] = 0;
	if (w->came_us[number % PC_WIDE_KEPT])
		return;
	w->came_us[number % PC_WIDE_KEPT] = now_us;
	/* One that was told to be lost is told again, with all since. */
	if ((int16_t)(number - w->next) < 0)
		w->next = number;
}

/* The first time that is told, and what of the rest one packet can tell. */
static uint64_t collect(const struct pc_wide *w, struct told *t)
{
	uint16_t waits = (uint16_t)(w->highest - w->next) + 1;
	uint64_t first = 0, last = 0;

	for (t->n = 0; t->n < waits && t->n < PC_WIDE_TOLD_MAX; t->n++) {
		uint64_t us =
			w->came_us[(uint16_t)(w->next + t->n) % PC_WIDE_KEPT];
		int64_t delta;

		t->symbol[t->n] = ABSENT;
		if (!us)
			continue;
		if (!first)
			first = last = us / REFERENCE_US * REFERENCE_US;
		/* of rounded times, so that nothing adds up */
		delta = (int64_t)(us / DELTA_US - last / DELTA_US);
		if (delta != (int16_t)delta)
			break;
		t->symbol[t->n] = delta >= 0 && delta < 256 ? SMALL : LARGE;
		t->delta[t->n] = (int16_t)delta;
		last = us;
	}
	return first;
}

static unsigned run_at(const struct told *t, unsigned at)
{
	unsigned n = 1;

	while (at + n < t->n && n < RUN_MAX &&
	       t->symbol[at + n] == t->symbol[at])
		n++;
	return n;
}

/* A run (3.1.3), else 14 symbols of one bit or 7 of two (3.1.4). */
static uint8_t *write_chunks(uint8_t *p, const struct told *t)
{
	for (unsigned at = 0, n; at < t->n; at += n, p += 2) {
		unsigned run = run_at(t, at), chunk = 0x8000, bits = 1;

		n = run;
		if (run >= RUN_WORTH || run == t->n - at) {
			pc_put16(p, (uint16_t)(t->symbol[at] << 13 | run));
			continue;
		}
		for (unsigned i = 0; i < 14 && at + i < t->n; i++)
			if (t->symbol[at + i] == LARGE)
				bits = 2;
		n = 14 / bits < t->n - at ? 14 / bits : t->n - at;
		if (bits == 2)
			chunk |= 0x4000;
		for (unsigned i = 0; i < n; i++)
			chunk |= (unsigned)t->symbol[at + i]
				 << (14 - bits * (i + 1));
		pc_put16(p, (uint16_t)chunk);
	}
	return p;
}

static uint8_t *write_deltas(uint8_t *p, const struct told *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		if (t->symbol[i] == SMALL) {
			*p++ = (uint8_t)t->delta[i];
		} else if (t->symbol[i] == LARGE) {
			pc_put16(p, (uint16_t)t->delta[i]);
			p += 2;
		}
	}
	return p;
}

size_t pc_wide_write(struct pc_wide *w, uint8_t buf[PC_WIDE_MAX], uint32_t ours,
		     uint32_t theirs)
{
	struct told t;
	uint64_t first;
	uint8_t *p = buf + HEAD;

	if (!w->known || (uint16_t)(w->highest + 1) == w->next)
		return 0;
	first = collect(w, &t);
	memset(buf, 0, HEAD);
	buf[0] = 0x80;
	buf[1] = PC_RTCP_RR;
	pc_put16(buf + 2, 1);
	pc_put32(buf + 4, ours);
	buf[8] = 0x80 | FMT_WIDE;
	buf[9] = PC_RTCP_RTPFB;
	pc_put32(buf + 12, ours);
	pc_put32(buf + 16, theirs);
	pc_put16(p, w->next);
	pc_put16(p + 2, (uint16_t)t.n);
	pc_put32(p + 4, (uint32_t)(first / REFERENCE_US) << 8 | w->count++);
	p = write_deltas(write_chunks(p + 8, &t), &t);
	while ((p - buf) % 4)
		*p++ = 0;
	pc_put16(buf + 10, (uint16_t)((p - buf - 8) / 4 - 1));
	w->next = (uint16_t)(w->next + t.n);
	return (size_t)(p - buf);
}
