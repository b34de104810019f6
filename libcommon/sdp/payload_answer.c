/*
 * Codecs of an answer: RFC 3264 section 6.1.
 */
#include "sdp/convert.h"
#include "sdp/match.h"
#include "sdp/payload_list.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

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

/* What rtp-bridge wants to receive when it transcodes from this. */
static const char *known_fmtp(const struct pc_sdp_codec *codec)
{
	unsigned i;

	for (i = 0; i < pc_sdp_n_known; i++)
		if (pc_sdp_codec_same(&pc_sdp_known[i], codec))
			return pc_sdp_known[i].fmtp;
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
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
	struct pc_buf fmtp = { 0 };
	const unsigned before = list->n;
	bool kept = far && far->pt == offered->pt;

	c.fmtp = far ? far->fmtp : known_fmtp(offered);
	if (far)
		pc_sdp_answer_fmtp(offered, far, &fmtp);
	if (far && fmtp.data && !fmtp.oom && !same_text(fmtp.data, far->fmtp)) {
		c.fmtp = fmtp.data;
		kept = false;
	}
	pc_sdp_list_add(list, &c, kept, far ? far->pt : PC_SDP_NO_PT);
	if (list->n > before && c.fmtp == fmtp.data)
		list->owned[before] = fmtp.data;
	else
		pc_buf_fini(&fmtp);
}

static void append_shared(struct pc_sdp_payloads *list,
			  const struct pc_sdp_media *offer,
			  const struct pc_sdp_media *far,
			  const struct pc_sdp_choice *choice, const char *names,
			  bool auxiliary)
{
	const struct pc_sdp_codec *same;
	unsigned i;

	for (i = 0; i < far->n_codecs; i++) {
		const struct pc_sdp_codec *c = &far->codecs[i];

		if (pc_sdp_is_auxiliary(c) != auxiliary ||
		    pc_sdp_is_repair(c) ||
		    (names && !pc_sdp_listed(names, c->name)) ||
		    pc_sdp_listed(choice->drop, c->name))
			continue;
		same = pc_sdp_codec_find(offer, c);
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
		if (pc_sdp_is_event(&offer->codecs[i]) &&
		    pc_sdp_list_has_clock(list, offer->codecs[i].clock_hz))
			append_answer(
				list, &offer->codecs[i],
				pc_sdp_codec_find(far, &offer->codecs[i]));
}

static void append_transcoded(struct pc_sdp_payloads *list,
			      const struct pc_sdp_media *offer,
			      const struct pc_sdp_media *far,
			      const struct pc_sdp_choice *choice)
{
	const struct pc_sdp_codec *c = find_name(offer, "opus");

	if (strcmp(offer->kind, "audio") != 0 || !find_transcodable(far))
		return;
	if (!c || pc_sdp_listed(choice->drop, c->name))
		c = find_transcodable(offer);
	if (c && !pc_sdp_listed(choice->drop, c->name))
		append_answer(list, c, NULL);
}

int pc_sdp_payloads_answer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *offer,
			   const struct pc_sdp_media *far,
			   const struct pc_sdp_choice *choice)
{
	const char *names = pc_sdp_names_for(choice->codecs, offer->kind);
	const struct pc_sdp_codec *c = NULL;

	memset(list, 0, sizeof(*list));
	if (choice->transcode && find_transcodable(far))
		c = find_name(offer, choice->transcode);
	if (c)
		append_answer(list, c, pc_sdp_codec_find(far, c));
	append_shared(list, offer, far, choice, names, false);
	if (!pc_sdp_list_has_media(list))
		append_transcoded(list, offer, far, choice);
	if (!pc_sdp_list_has_media(list))
		return -ENODATA;
	if (!pc_sdp_listed(choice->drop, "telephone-event"))
		append_events(list, offer, far);
	append_shared(list, offer, far, choice, names, true);
	if (!choice->transcode)
		pc_sdp_list_prefer(list, choice->prefer);
	return 0;
}
