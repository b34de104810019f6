/*
 * Payload types into an m= section: RFC 8866 sections 5.14, 6.6 and 6.15.
 */
#include "sdp/payload.h"

#include "sdp/edit.h"

#include <stdio.h>
#include <stdlib.h>

/* The payload type of an a=rtpmap or a=fmtp line, or -1. */
static int line_pt(const struct pc_sdp_line *line)
{
	const char *value = pc_sdp_line_attr(line, "rtpmap");
	char *end;
	long pt;

	if (!value)
		value = pc_sdp_line_attr(line, "fmtp");
	if (!value)
		return -1;
	pt = strtol(value, &end, 10);
	return end == value || pt < 0 || pt > 127 ? 128 : (int)pt;
}

static void remove_maps(const struct pc_sdp_payloads *list, struct pc_sdp *sdp,
			struct pc_sdp_section *section)
{
	struct pc_sdp_line *line, *next;
	bool kept[PC_SDP_CODECS_MAX + 1] = { false };
	unsigned i;

	for (i = 0; i < list->n; i++)
		kept[list->codecs[i].pt] = list->kept[i];
	for (line = section->first; line; line = next) {
		int pt = line_pt(line);

		next = line->next;
		if (pt >= 0 && !kept[pt])
			pc_sdp_remove(sdp, section, line,
				      "of a codec that is not used here");
	}
}

static void add_rtpmap(struct pc_sdp *sdp, struct pc_sdp_section *section,
		       const struct pc_sdp_codec *c, const char *why)
{
	char channels[16] = "";

	if (c->channels > 1)
		snprintf(channels, sizeof(channels), "/%u", c->channels);
	pc_sdp_add(sdp, section, PC_SDP_LAST, why, "a=rtpmap:%u %s/%u%s", c->pt,
		   c->name, c->clock_hz, channels);
}

/* The lines of codecs that the section has none for. */
static void add_maps(const struct pc_sdp_payloads *list, struct pc_sdp *sdp,
		     struct pc_sdp_section *section, bool map_all)
{
	static const char why[] = "a codec as its receiver numbers it";
	bool mapped[PC_SDP_CODECS_MAX + 1] = { false };
	const struct pc_sdp_line *line;
	unsigned i;

	for (line = section->first; line; line = line->next)
		if (pc_sdp_line_attr(line, "rtpmap"))
			mapped[line_pt(line)] = true;
	for (i = 0; i < list->n; i++) {
		const struct pc_sdp_codec *c = &list->codecs[i];

		if (!list->kept[i])
			add_rtpmap(sdp, section, c, why);
		else if (map_all && !mapped[c->pt])
			add_rtpmap(sdp, section, c, "RFC 8829 5.2.1");
		if (!list->kept[i] && c->fmtp && c->fmtp[0])
			pc_sdp_add(sdp, section, PC_SDP_LAST, why,
				   "a=fmtp:%u %s", c->pt, c->fmtp);
	}
}

void pc_sdp_payloads_write(const struct pc_sdp_payloads *list,
			   struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const char *proto, size_t proto_len, bool map_all)
{
	const char *at = pc_sdp_value(section->first), *kind, *port;
	size_t kind_len, port_len;
	struct pc_buf fmts = { 0 };
	unsigned i;

	kind = pc_sdp_word(&at, &kind_len);
	port = pc_sdp_word(&at, &port_len);
	for (i = 0; i < list->n; i++)
		pc_buf_printf(&fmts, " %u", list->codecs[i].pt);
	if (fmts.oom) {
		sdp->oom = true;
		pc_buf_fini(&fmts);
		return;
	}
	pc_sdp_rewrite(sdp, section->first, "protocol and codecs",
		       "m=%.*s %.*s %.*s%s", (int)kind_len, kind, (int)port_len,
		       port, (int)proto_len, proto, fmts.data);
	pc_buf_fini(&fmts);
	remove_maps(list, sdp, section);
	add_maps(list, sdp, section, map_all);
}
