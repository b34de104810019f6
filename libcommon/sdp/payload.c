#include "sdp/payload.h"

#include "sdp/convert.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* What --codecs can add; the payload types browsers are used to. */
static const struct pc_sdp_codec known[] = {
	{ 111, "opus", 48000, 2, "minptime=10;useinbandfec=1" },
	{ 0, "PCMU", 8000, 1, NULL },
	{ 8, "PCMA", 8000, 1, NULL },
	{ 9, "G722", 8000, 1, NULL },
	{ 110, "telephone-event", 48000, 1, "0-15" },
	{ 101, "telephone-event", 8000, 1, "0-15" },
};
#define N_KNOWN (sizeof(known) / sizeof(known[0]))

bool pc_sdp_codec_transcodable(const char *name)
{
	return strcasecmp(name, "opus") == 0 || strcasecmp(name, "PCMU") == 0 ||
	       strcasecmp(name, "PCMA") == 0;
}

static bool is_event(const struct pc_sdp_codec *c)
{
	return strcasecmp(c->name, "telephone-event") == 0;
}

/* Neither speech nor music by itself: cannot be all there is in a call. */
static bool is_auxiliary(const struct pc_sdp_codec *c)
{
	return is_event(c) || strcasecmp(c->name, "CN") == 0;
}

/* Repair of lost packets between neighbours: means nothing further on. */
static bool is_repair(const struct pc_sdp_codec *c)
{
	static const char *const names[] = { "red", "rtx", "ulpfec", "flexfec",
					     "flexfec-03" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(c->name, names[i]) == 0)
			return true;
	return false;
}

static bool has_pt(const struct pc_sdp_payloads *list, unsigned pt)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (list->codecs[i].pt == pt)
			return true;
	return false;
}

static const struct pc_sdp_codec *has_codec(const struct pc_sdp_payloads *list,
					    const struct pc_sdp_codec *codec)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (pc_sdp_codec_same(&list->codecs[i], codec))
			return &list->codecs[i];
	return NULL;
}

static void append(struct pc_sdp_payloads *list,
		   const struct pc_sdp_codec *codec, bool kept)
{
	if (list->n == PC_SDP_CODECS_MAX || has_pt(list, codec->pt))
		return;
	list->kept[list->n] = kept;
	list->codecs[list->n++] = *codec;
}

/* RFC 4733 2.1: events run on the clock of the audio they replace. */
static bool has_clock(const struct pc_sdp_payloads *list, unsigned clock_hz)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (!is_auxiliary(&list->codecs[i]) &&
		    list->codecs[i].clock_hz == clock_hz)
			return true;
	return false;
}

static bool any_audio(const struct pc_sdp_payloads *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (!is_auxiliary(&list->codecs[i]))
			return true;
	return false;
}

/* A payload type of 96 to 127 free in both, wish if it is; or -1. */
static int free_pt(const struct pc_sdp_payloads *list,
		   const struct pc_sdp_media *m, unsigned wish)
{
	unsigned pt;

	if (!pc_sdp_codec_by_pt(m, wish) && !has_pt(list, wish))
		return (int)wish;
	if (wish < 96)
		return -1;
	for (pt = 96; pt < 128; pt++)
		if (!pc_sdp_codec_by_pt(m, pt) && !has_pt(list, pt))
			return (int)pt;
	return -1;
}

static void append_known(struct pc_sdp_payloads *list,
			 const struct pc_sdp_media *m,
			 const struct pc_sdp_codec *codec)
{
	struct pc_sdp_codec c = *codec;
	int pt = free_pt(list, m, c.pt);

	if (pt < 0)
		return;
	c.pt = (uint8_t)pt;
	append(list, &c, false);
}

/* Everything in m of this name, and what is known of it and missing. */
static void append_named(struct pc_sdp_payloads *list,
			 const struct pc_sdp_media *m, const char *name,
			 size_t len, bool events)
{
	bool any = false;
	size_t i;

	for (i = 0; i < m->n_codecs; i++) {
		const struct pc_sdp_codec *c = &m->codecs[i];

		if (strlen(c->name) != len || strncasecmp(c->name, name, len))
			continue;
		if (is_event(c) != events ||
		    (events && !has_clock(list, c->clock_hz)))
			continue;
		append(list, c, true);
		any = true;
	}
	for (i = 0; i < N_KNOWN; i++) {
		const struct pc_sdp_codec *c = &known[i];

		if (strlen(c->name) != len || strncasecmp(c->name, name, len))
			continue;
		if (events ? is_event(c) && has_clock(list, c->clock_hz) &&
				     !has_codec(list, c)
			   : !is_event(c) && !any)
			append_known(list, m, c);
	}
}

/* Names to codecs; events last, when it is known for which clocks. */
static void append_list(struct pc_sdp_payloads *list,
			const struct pc_sdp_media *m, const char *names,
			bool events)
{
	size_t len;

	for (; *names; names += len) {
		names += strspn(names, ", \t");
		len = strcspn(names, ", \t");
		if (len)
			append_named(list, m, names, len, events);
	}
}

void pc_sdp_payloads_offer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *m, const char *names)
{
	unsigned i;

	memset(list, 0, sizeof(*list));
	if (names) {
		append_list(list, m, names, false);
		append_list(list, m, names, true);
		return;
	}
	for (i = 0; i < m->n_codecs; i++)
		if (!is_auxiliary(&m->codecs[i]) && !is_repair(&m->codecs[i]))
			append(list, &m->codecs[i], true);
	for (i = 0; i < m->n_codecs; i++)
		if (is_auxiliary(&m->codecs[i]) &&
		    has_clock(list, m->codecs[i].clock_hz))
			append(list, &m->codecs[i], true);
}

static const struct pc_sdp_codec *find_same(const struct pc_sdp_media *m,
					    const struct pc_sdp_codec *codec)
{
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (pc_sdp_codec_same(&m->codecs[i], codec))
			return &m->codecs[i];
	return NULL;
}

static const struct pc_sdp_codec *find_name(const struct pc_sdp_media *m,
					    const char *name)
{
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (strcasecmp(m->codecs[i].name, name) == 0)
			return &m->codecs[i];
	return NULL;
}

static const struct pc_sdp_codec *
find_transcodable(const struct pc_sdp_media *m)
{
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (pc_sdp_codec_transcodable(m->codecs[i].name))
			return &m->codecs[i];
	return NULL;
}

static bool named(const char *names, const struct pc_sdp_codec *c)
{
	size_t len;

	if (!names)
		return true;
	for (; *names; names += len) {
		names += strspn(names, ", \t");
		len = strcspn(names, ", \t");
		if (len && strlen(c->name) == len &&
		    strncasecmp(names, c->name, len) == 0)
			return true;
	}
	return false;
}

/*
 * One codec of the offer, answered: the offer's payload type (RFC 3264 6.1);
 * the format parameters are what the far side wants to receive.
 */
static void append_answer(struct pc_sdp_payloads *list,
			  const struct pc_sdp_codec *offered,
			  const struct pc_sdp_codec *far)
{
	struct pc_sdp_codec c = *offered;
	size_t i;

	c.fmtp = far ? far->fmtp : NULL;
	for (i = 0; !far && i < N_KNOWN; i++)
		if (pc_sdp_codec_same(&known[i], offered))
			c.fmtp = known[i].fmtp;
	append(list, &c, far && far->pt == offered->pt);
}

static void append_shared(struct pc_sdp_payloads *list,
			  const struct pc_sdp_media *offer,
			  const struct pc_sdp_media *far, const char *names,
			  bool auxiliary)
{
	const struct pc_sdp_codec *same;
	unsigned i;

	for (i = 0; i < far->n_codecs; i++) {
		const struct pc_sdp_codec *c = &far->codecs[i];

		if (is_auxiliary(c) != auxiliary || is_repair(c) ||
		    !named(names, c))
			continue;
		same = find_same(offer, c);
		if (same)
			append_answer(list, same, c);
	}
}

/* Events at the clocks answered, when the far side has events at all. */
static void append_events(struct pc_sdp_payloads *list,
			  const struct pc_sdp_media *offer,
			  const struct pc_sdp_media *far)
{
	unsigned i;

	if (!find_name(far, "telephone-event"))
		return;
	for (i = 0; i < offer->n_codecs; i++)
		if (is_event(&offer->codecs[i]) &&
		    has_clock(list, offer->codecs[i].clock_hz))
			append_answer(list, &offer->codecs[i],
				      find_same(far, &offer->codecs[i]));
}

int pc_sdp_payloads_answer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *offer,
			   const struct pc_sdp_media *far, const char *names,
			   const char *transcode)
{
	const struct pc_sdp_codec *c;

	memset(list, 0, sizeof(*list));
	c = transcode && find_transcodable(far) ? find_name(offer, transcode)
						: NULL;
	if (c)
		append_answer(list, c, find_same(far, c));
	append_shared(list, offer, far, names, false);
	if (!any_audio(list) && find_transcodable(far)) {
		c = find_name(offer, "opus");
		if (!c)
			c = find_transcodable(offer);
		if (c)
			append_answer(list, c, NULL);
	}
	if (!any_audio(list))
		return -ENODATA;
	append_events(list, offer, far);
	append_shared(list, offer, far, names, true);
	return 0;
}
