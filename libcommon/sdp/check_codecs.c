/*
 * Payload types: RFC 8866 sections 5.14 and 6.6, RFC 3551, and the formats'
 * own RFCs.
 */
#include "sdp/check_media.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ERROR   PC_SDP_ERROR
#define WARNING PC_SDP_WARNING

static const char rfc_media[] = "RFC 8866 section 5.14";
static const char rfc_rtpmap[] = "RFC 8866 section 6.6";

static bool is(const struct pc_sdp_codec *c, const char *name)
{
	return strcasecmp(c->name, name) == 0;
}

static void judge_formats(const struct pc_sdp_facts *f, struct pc_sdp_judge *j)
{
	const struct pc_sdp_line *line = f->section->first;
	const char *at = pc_sdp_value(line), *word;
	bool seen[PC_SDP_PTS] = { false };
	size_t len;
	int i, pt;

	for (i = 0; i < 3; i++)
		pc_sdp_word(&at, &len);
	while ((word = pc_sdp_word(&at, &len))) {
		const size_t column = (size_t)(word - line->text) + 1;

		pt = pc_sdp_facts_pt(word);
		if (pt < 0) {
			pc_sdp_blame(j, ERROR, line, column, rfc_media,
				     "expected a payload type from 0 to 127");
			continue;
		}
		if (seen[pt])
			pc_sdp_blame(j, ERROR, line, column, rfc_media,
				     "payload type %d a second time", pt);
		seen[pt] = true;
		if (f->m.rtcp_mux && pt >= 64 && pt < 96)
			pc_sdp_blame(j, ERROR, line, column,
				     "RFC 5761 section 4",
				     "payload type %d looks like RTCP on the "
				     "one port of a=rtcp-mux",
				     pt);
		if (!pc_sdp_codec_by_pt(&f->m, (unsigned)pt) && !f->rejected)
			pc_sdp_blame(j, ERROR, line, column, rfc_rtpmap,
				     "expected a=rtpmap:%d, which says what "
				     "payload type %d is",
				     pt, pt);
	}
}

/* Lines for a payload type that the m= line does not have, or twice. */
static void judge_maps(const struct pc_sdp_facts *f, struct pc_sdp_judge *j)
{
	const struct pc_sdp_line *line;

	for (line = f->section->first->next; line; line = line->next) {
		const char *rtpmap = pc_sdp_line_attr(line, "rtpmap");
		const char *fmtp = pc_sdp_line_attr(line, "fmtp");
		const char *feedback = pc_sdp_line_attr(line, "rtcp-fb");
		const char *value = rtpmap ? rtpmap : fmtp ? fmtp : feedback;
		const int pt = value ? pc_sdp_facts_pt(value) : -1;

		if (pt < 0)
			continue;
		if (!f->offered[pt] && !f->rejected)
			pc_sdp_blame(
				j, WARNING, line,
				(size_t)(value - line->text) + 1,
				rtpmap ? rfc_rtpmap : "RFC 8866 section 6.15",
				"payload type %d is not in the m= line", pt);
		if (rtpmap && f->rtpmap[pt] != line)
			pc_sdp_blame(j, ERROR, line, 1, rfc_rtpmap,
				     "payload type %d is mapped in line %u, "
				     "too",
				     pt, f->rtpmap[pt]->number);
	}
}

/* A static number with another meaning: legal, and never understood. */
static void judge_static(const struct pc_sdp_facts *f,
			 const struct pc_sdp_codec *c, struct pc_sdp_judge *j)
{
	struct pc_sdp_codec fixed;

	if (f->rtpmap[c->pt] && pc_sdp_codec_static(&fixed, c->pt) == 0 &&
	    !pc_sdp_codec_same(c, &fixed))
		pc_sdp_blame(j, WARNING, f->rtpmap[c->pt], 1,
			     "RFC 3551 section 6",
			     "payload type %u is %s/%u; other codecs take "
			     "96 to 127",
			     c->pt, fixed.name, fixed.clock_hz);
}

static void judge_h264(const struct pc_sdp_facts *f,
		       const struct pc_sdp_codec *c, struct pc_sdp_judge *j)
{
	static const char rfc[] = "RFC 6184 section 8.1";
	size_t len;
	const char *value =
		pc_sdp_fmtp_param(c->fmtp, "profile-level-id", &len);

	if (value && (len != 6 || strspn(value, "0123456789abcdefABCDEF") < 6))
		pc_sdp_blame(j, ERROR, f->fmtp[c->pt], 1, rfc,
			     "expected profile-level-id of six hex digits");
	value = pc_sdp_fmtp_param(c->fmtp, "packetization-mode", &len);
	if (value && (len != 1 || !strchr("012", *value)))
		pc_sdp_blame(j, ERROR, f->fmtp[c->pt], 1, rfc,
			     "expected packetization-mode 0, 1 or 2");
}

/* apt= of rtx (RFC 4588), the numbers in red's fmtp (RFC 2198). */
static void judge_repair(const struct pc_sdp_facts *f,
			 const struct pc_sdp_codec *c, struct pc_sdp_judge *j)
{
	size_t len;
	const char *apt = pc_sdp_fmtp_param(c->fmtp, "apt", &len);
	char *end;
	long pt = apt ? strtol(apt, &end, 10) : -1;

	if (!apt)
		pc_sdp_blame(j, ERROR, f->rtpmap[c->pt], 1,
			     "RFC 4588 section 8.1",
			     "expected a=fmtp:%u apt=<payload type>", c->pt);
	else if (pt < 0 || pt > 127 || !f->offered[pt])
		pc_sdp_blame(j, ERROR, f->fmtp[c->pt], 1,
			     "RFC 4588 section 8.1",
			     "apt= names a payload type that the m= line does "
			     "not have");
}

static bool clock_offered(const struct pc_sdp_media *m, unsigned clock_hz)
{
	unsigned i;

	for (i = 0; i < m->n_codecs; i++)
		if (!is(&m->codecs[i], "telephone-event") &&
		    !is(&m->codecs[i], "CN") &&
		    m->codecs[i].clock_hz == clock_hz)
			return true;
	return false;
}

static void judge_codec(const struct pc_sdp_facts *f,
			const struct pc_sdp_codec *c, struct pc_sdp_judge *j)
{
	const struct pc_sdp_line *map = f->rtpmap[c->pt];

	judge_static(f, c, j);
	if (is(c, "opus") && (c->clock_hz != 48000 || c->channels != 2))
		pc_sdp_blame(j, ERROR, map, 1, "RFC 7587 section 7",
			     "expected opus/48000/2, whatever is sent");
	else if (is(c, "G722") && c->clock_hz != 8000)
		pc_sdp_blame(j, ERROR, map, 1, "RFC 3551 section 4.5.2",
			     "expected G722/8000, although it samples at "
			     "16000");
	else if (is(c, "H264"))
		judge_h264(f, c, j);
	else if (is(c, "rtx"))
		judge_repair(f, c, j);
	else if (is(c, "telephone-event") && !clock_offered(&f->m, c->clock_hz))
		pc_sdp_blame(j, WARNING, map, 1, "RFC 4733 section 2.1",
			     "no audio codec here has the clock of %u Hz that "
			     "these events need",
			     c->clock_hz);
	if (strcmp(f->m.kind, "video") == 0 && c->clock_hz != 90000 &&
	    !is(c, "red") && !is(c, "rtx"))
		pc_sdp_blame(j, WARNING, map, 1, "RFC 3551 section 5",
			     "a video clock of %u Hz, not 90000", c->clock_hz);
}

void pc_sdp_check_codecs(const struct pc_sdp_facts *f,
			 struct pc_sdp_judge *judge)
{
	unsigned i;

	judge_formats(f, judge);
	judge_maps(f, judge);
	for (i = 0; i < f->m.n_codecs; i++)
		judge_codec(f, &f->m.codecs[i], judge);
}
