#include "sdp/match.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What profile-level-id says: RFC 6184 section 8.1. */
struct h264 {
	unsigned profile; /* one number for each profile of table 5 */
	unsigned idc, iop, level;
};

/* Bits of iop that must be as given, from table 5 of RFC 6184. */
static const struct {
	unsigned idc, mask, iop, profile;
} h264_profiles[] = {
	{ 0x42, 0x4f, 0x40, 1 },  { 0x4d, 0x8f, 0x80, 1 }, /* constrained */
	{ 0x58, 0xcf, 0xc0, 1 },                           /* baseline */
	{ 0x42, 0x4f, 0x00, 2 },  { 0x58, 0xcf, 0x80, 2 }, /* baseline */
	{ 0x4d, 0xaf, 0x00, 3 },                           /* main */
	{ 0x58, 0xcf, 0x00, 4 },                           /* extended */
	{ 0x64, 0xff, 0x00, 5 },  { 0x64, 0xff, 0x0c, 6 }, /* high */
	{ 0x6e, 0xff, 0x00, 7 },  { 0x7a, 0xff, 0x00, 8 },
	{ 0xf4, 0xff, 0x00, 9 },  { 0x6e, 0xff, 0x10, 10 },
	{ 0x7a, 0xff, 0x10, 11 }, { 0xf4, 0xff, 0x10, 12 },
	{ 0x2c, 0xff, 0x10, 13 },
};

static struct h264 read_h264(const struct pc_sdp_codec *c)
{
	struct h264 h = { 0 };
	size_t len, i;
	const char *id = pc_sdp_fmtp_param(c->fmtp, "profile-level-id", &len);
	unsigned long bits = 0x42000a; /* RFC 6184: baseline, level 1 */
	char hex[7] = "";

	if (id && len == 6) {
		memcpy(hex, id, 6);
		bits = strtoul(hex, NULL, 16);
	}
	h.idc = bits >> 16 & 0xff;
	h.iop = bits >> 8 & 0xff;
	h.level = bits & 0xff;
	h.profile = 0x10000 | h.idc << 8 | h.iop; /* one of its own */
	for (i = 0; i < sizeof(h264_profiles) / sizeof(h264_profiles[0]); i++)
		if (h264_profiles[i].idc == h.idc &&
		    (h.iop & h264_profiles[i].mask) == h264_profiles[i].iop)
			h.profile = h264_profiles[i].profile;
	return h;
}

/* The parameter as a number, or what it is when it is not there. */
static long param(const struct pc_sdp_codec *c, const char *name,
		  long otherwise)
{
	size_t len;
	const char *value = pc_sdp_fmtp_param(c->fmtp, name, &len);

	return value && isdigit((unsigned char)*value) ? strtol(value, NULL, 10)
						       : otherwise;
}

static const struct {
	const char *codec, *param;
	long otherwise;
} agreed[] = {
	{ "H264", "packetization-mode", 0 },
	{ "H265", "profile-id", 1 },
	{ "H265", "tier-flag", 0 },
	{ "VP9", "profile-id", 0 },
	{ "AV1", "profile", 0 },
	{ "AV1", "tier", 0 },
	{ "AMR", "octet-align", 0 },
	{ "AMR", "crc", 0 },
	{ "AMR", "robust-sorting", 0 },
	{ "AMR", "interleaving", 0 },
	{ "AMR-WB", "octet-align", 0 },
	{ "AMR-WB", "crc", 0 },
	{ "AMR-WB", "robust-sorting", 0 },
	{ "AMR-WB", "interleaving", 0 },
	{ "G7221", "bitrate", 0 },
};

bool pc_sdp_codec_match(const struct pc_sdp_codec *a,
			const struct pc_sdp_codec *b)
{
	size_t i;

	if (!pc_sdp_codec_same(a, b))
		return false;
	for (i = 0; i < sizeof(agreed) / sizeof(agreed[0]); i++)
		if (strcasecmp(a->name, agreed[i].codec) == 0 &&
		    param(a, agreed[i].param, agreed[i].otherwise) !=
			    param(b, agreed[i].param, agreed[i].otherwise))
			return false;
	return strcasecmp(a->name, "H264") != 0 ||
	       read_h264(a).profile == read_h264(b).profile;
}

const struct pc_sdp_codec *pc_sdp_codec_find(const struct pc_sdp_media *m,
					     const struct pc_sdp_codec *codec)
{
	const struct pc_sdp_codec *c = pc_sdp_codec_by_pt(m, codec->pt);
	unsigned i;

	if (c && pc_sdp_codec_match(c, codec))
		return c;
	for (i = 0; i < m->n_codecs; i++)
		if (pc_sdp_codec_match(&m->codecs[i], codec))
			return &m->codecs[i];
	return NULL;
}

/*
 * Levels in their order: 1b (11 with constraint_set3 in the lower profiles,
 * or 9) stands between 1 and 1.1.
 */
static unsigned level_rank(const struct h264 *h)
{
	const bool low = h->idc == 0x42 || h->idc == 0x4d || h->idc == 0x58;

	if (h->level == 9 || (low && h->level == 11 && (h->iop & 0x10)))
		return 21; /* 1b */
	return h->level * 2;
}

/* Append fmtp with profile-level-id replaced by id. */
static void replace_profile(const char *fmtp, const char *id,
			    struct pc_buf *out)
{
	static const char name[] = "profile-level-id=";
	size_t len;
	const char *old = pc_sdp_fmtp_param(fmtp, "profile-level-id", &len);

	if (old) {
		pc_buf_add(out, fmtp, (size_t)(old - fmtp));
		pc_buf_adds(out, id);
		pc_buf_adds(out, old + len);
	} else {
		pc_buf_printf(out, "%s%s%s%s", fmtp ? fmtp : "",
			      fmtp && *fmtp ? ";" : "", name, id);
	}
}

void pc_sdp_answer_fmtp(const struct pc_sdp_codec *offered,
			const struct pc_sdp_codec *far, struct pc_buf *fmtp)
{
	static const char both[] = "level-asymmetry-allowed";
	struct h264 o, f;
	char id[8];

	if (strcasecmp(offered->name, "H264") == 0) {
		o = read_h264(offered);
		f = read_h264(far);
		if (level_rank(&f) > level_rank(&o) &&
		    !(param(offered, both, 0) && param(far, both, 0))) {
			snprintf(id, sizeof(id), "%02x%02x%02x", o.idc, o.iop,
				 o.level);
			replace_profile(far->fmtp, id, fmtp);
			return;
		}
	}
	if (far->fmtp)
		pc_buf_adds(fmtp, far->fmtp);
}
