#include "sdp/payload.h"

#include "sdp/convert.h"
#include "sdp/match.h"
#include "sdp/payload_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const struct pc_sdp_codec pc_sdp_known[] = {
	{ 111, "opus", 48000, 2, "minptime=10;useinbandfec=1" },
	{ 0, "PCMU", 8000, 1, NULL },
	{ 8, "PCMA", 8000, 1, NULL },
	{ 9, "G722", 8000, 1, NULL },
	{ 110, "telephone-event", 48000, 1, "0-15" },
	{ 101, "telephone-event", 8000, 1, "0-15" },
};
const unsigned pc_sdp_n_known = sizeof(pc_sdp_known) / sizeof(pc_sdp_known[0]);

static const char video_names[] =
	"VP8,VP9,AV1,H264,H265,H266,H261,H263,H263-1998,H263-2000,JPEG,"
	"theora,MPV,MP4V-ES";
static const char repair_names[] = "red,rtx,ulpfec,flexfec,flexfec-03";

bool pc_sdp_codec_transcodable(const char *name)
{
	return pc_sdp_listed("opus,PCMU,PCMA,G722", name);
}

bool pc_sdp_is_event(const struct pc_sdp_codec *c)
{
	return strcasecmp(c->name, "telephone-event") == 0;
}

bool pc_sdp_is_auxiliary(const struct pc_sdp_codec *c)
{
	return pc_sdp_is_event(c) || strcasecmp(c->name, "CN") == 0;
}

bool pc_sdp_is_repair(const struct pc_sdp_codec *c)
{
	return pc_sdp_listed(repair_names, c->name);
}

const char *pc_sdp_names_for(const char *names, const char *kind)
{
	const bool video = strcmp(kind, "video") == 0;
	const char *at = names;
	char name[32];
	size_t len;

	for (; at && *at; at += len) {
		at += strspn(at, ", \t");
		len = strcspn(at, ", \t");
		if (!len || len >= sizeof(name))
			continue;
		memcpy(name, at, len);
		name[len] = '\0';
		if (pc_sdp_listed(video_names, name) == video)
			return names;
	}
	return NULL;
}

static bool has_pt(const struct pc_sdp_payloads *list, unsigned pt)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (list->codecs[i].pt == pt)
			return true;
	return false;
}

static bool has_codec(const struct pc_sdp_payloads *list,
		      const struct pc_sdp_codec *codec)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (pc_sdp_codec_same(&list->codecs[i], codec))
			return true;
	return false;
}

void pc_sdp_list_add(struct pc_sdp_payloads *list,
		     const struct pc_sdp_codec *codec, bool kept, unsigned from)
{
	if (list->n == PC_SDP_CODECS_MAX || has_pt(list, codec->pt))
		return;
	list->kept[list->n] = kept;
	list->from[list->n] = (uint8_t)from;
	list->codecs[list->n++] = *codec;
}

bool pc_sdp_list_has_clock(const struct pc_sdp_payloads *list,
			   unsigned clock_hz)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (!pc_sdp_is_auxiliary(&list->codecs[i]) &&
		    list->codecs[i].clock_hz == clock_hz)
			return true;
	return false;
}

bool pc_sdp_list_has_media(const struct pc_sdp_payloads *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (!pc_sdp_is_auxiliary(&list->codecs[i]) &&
		    !pc_sdp_is_repair(&list->codecs[i]))
			return true;
	return false;
}

/* Move entry i of the list to place to, before those that stand there. */
static void move_up(struct pc_sdp_payloads *list, unsigned i, unsigned to)
{
	const struct pc_sdp_codec codec = list->codecs[i];
	const bool kept = list->kept[i];
	const uint8_t from = list->from[i];
	char *owned = list->owned[i];

	for (; i > to; i--) {
		list->codecs[i] = list->codecs[i - 1];
		list->kept[i] = list->kept[i - 1];
		list->from[i] = list->from[i - 1];
		list->owned[i] = list->owned[i - 1];
	}
	list->codecs[to] = codec;
	list->kept[to] = kept;
	list->from[to] = from;
	list->owned[to] = owned;
}

void pc_sdp_list_prefer(struct pc_sdp_payloads *list, const char *prefer)
{
	unsigned i, to = 0;
	size_t len;

	for (; prefer && *prefer; prefer += len) {
		prefer += strspn(prefer, ", \t");
		len = strcspn(prefer, ", \t");
		for (i = to; len && i < list->n; i++)
			if (strlen(list->codecs[i].name) == len &&
			    strncasecmp(list->codecs[i].name, prefer, len) == 0)
				move_up(list, i, to++);
	}
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
	pc_sdp_list_add(list, &c, false, PC_SDP_NO_PT);
}

static bool name_is(const struct pc_sdp_codec *c, const char *name, size_t len)
{
	return strlen(c->name) == len && strncasecmp(c->name, name, len) == 0;
}

/* One name of a list; events: only if it is telephone-event, else only if
 * not. */
static void append_named(struct pc_sdp_payloads *list,
			 const struct pc_sdp_media *m, const char *name,
			 size_t len, bool events)
{
	bool any = false;
	unsigned i;

	for (i = 0; i < m->n_codecs; i++) {
		const struct pc_sdp_codec *c = &m->codecs[i];

		if (!name_is(c, name, len) || pc_sdp_is_event(c) != events ||
		    (events && !pc_sdp_list_has_clock(list, c->clock_hz)))
			continue;
		pc_sdp_list_add(list, c, true, c->pt);
		any = true;
	}
	if (strcmp(m->kind, "audio") != 0)
		return;
	for (i = 0; i < pc_sdp_n_known; i++) {
		const struct pc_sdp_codec *c = &pc_sdp_known[i];

		if (!name_is(c, name, len))
			continue;
		if (events ? pc_sdp_is_event(c) &&
				     pc_sdp_list_has_clock(list, c->clock_hz) &&
				     !has_codec(list, c)
			   : !pc_sdp_is_event(c) && !any)
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

/* rtx and red whose codec went; what of them stays, stays in place. */
static bool has_use(const struct pc_sdp_payloads *list,
		    const struct pc_sdp_codec *c)
{
	size_t len;
	const char *apt = pc_sdp_fmtp_param(c->fmtp, "apt", &len);

	return !apt || has_pt(list, (unsigned)strtoul(apt, NULL, 10));
}

/* rtx of the codecs that were named. */
static void append_rtx(struct pc_sdp_payloads *list,
		       const struct pc_sdp_media *m)
{
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (strcasecmp(m->codecs[i].name, "rtx") == 0 &&
		    has_use(list, &m->codecs[i]))
			pc_sdp_list_add(list, &m->codecs[i], true,
					m->codecs[i].pt);
}

/* All codecs as they are, in their order; those without use left out. */
static void append_all(struct pc_sdp_payloads *list,
		       const struct pc_sdp_media *m,
		       const struct pc_sdp_choice *choice)
{
	struct pc_sdp_payloads media = { 0 };
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (!pc_sdp_is_auxiliary(&m->codecs[i]) &&
		    !pc_sdp_is_repair(&m->codecs[i]) &&
		    !pc_sdp_listed(choice->drop, m->codecs[i].name))
			pc_sdp_list_add(&media, &m->codecs[i], true, 0);
	for (i = 0; i < m->n_codecs; i++) {
		const struct pc_sdp_codec *c = &m->codecs[i];

		if (pc_sdp_listed(choice->drop, c->name))
			continue;
		if (pc_sdp_is_repair(c)
			    ? !choice->keep_repair || !has_use(&media, c)
			    : pc_sdp_is_auxiliary(c))
			continue;
		pc_sdp_list_add(list, c, true, c->pt);
	}
	for (i = 0; i < m->n_codecs; i++)
		if (pc_sdp_is_auxiliary(&m->codecs[i]) &&
		    !pc_sdp_listed(choice->drop, m->codecs[i].name) &&
		    pc_sdp_list_has_clock(&media, m->codecs[i].clock_hz))
			pc_sdp_list_add(list, &m->codecs[i], true,
					m->codecs[i].pt);
}

/* Is everything of the section in the list, as it was? */
static bool is_all(const struct pc_sdp_payloads *list,
		   const struct pc_sdp_media *m)
{
	return list->n == m->n_codecs;
}

void pc_sdp_payloads_offer(struct pc_sdp_payloads *list,
			   const struct pc_sdp_media *m,
			   const struct pc_sdp_choice *choice)
{
	const char *names = pc_sdp_names_for(choice->codecs, m->kind);
	unsigned i;

	memset(list, 0, sizeof(*list));
	if (names) {
		append_list(list, m, names, false);
		append_list(list, m, names, true);
		if (choice->keep_repair)
			append_rtx(list, m);
	} else {
		append_all(list, m, choice);
		if (is_all(list, m)) { /* then also in its order */
			memset(list, 0, sizeof(*list));
			for (i = 0; i < m->n_codecs; i++)
				pc_sdp_list_add(list, &m->codecs[i], true,
						m->codecs[i].pt);
		}
	}
	pc_sdp_list_prefer(list, choice->prefer);
	if (!pc_sdp_list_has_media(list))
		list->n = 0;
}

/* A number that neither the section nor the group has; or old. */
static unsigned other_pt(const struct pc_sdp_payloads *list,
			 const struct pc_sdp_media *m,
			 const struct pc_sdp_codec taken[], unsigned old)
{
	static const unsigned ranges[][2] = { { 96, 127 }, { 35, 63 } };
	unsigned r, pt;

	for (r = 0; r < 2; r++)
		for (pt = ranges[r][0]; pt <= ranges[r][1]; pt++)
			if (!taken[pt].name[0] && !has_pt(list, pt) &&
			    !pc_sdp_codec_by_pt(m, pt))
				return pt;
	return old;
}

void pc_sdp_payloads_renumber(struct pc_sdp_payloads *list,
			      const struct pc_sdp_media *m,
			      struct pc_sdp_codec taken[PC_SDP_CODECS_MAX])
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		struct pc_sdp_codec *c = &list->codecs[i];
		const bool clash = taken[c->pt].name[0] &&
				   !pc_sdp_codec_match(&taken[c->pt], c);

		if (clash || (c->pt >= 64 && c->pt < 96)) {
			c->pt = (uint8_t)other_pt(list, m, taken, c->pt);
			list->kept[i] = false;
		}
		taken[c->pt] = *c;
	}
}

void pc_sdp_payloads_fini(struct pc_sdp_payloads *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		free(list->owned[i]);
	list->n = 0;
}
