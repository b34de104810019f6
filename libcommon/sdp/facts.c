#include "sdp/facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int pc_sdp_facts_pt(const char *text)
{
	unsigned pt = 0;

	if (!isdigit((unsigned char)*text))
		return -1;
	for (; isdigit((unsigned char)*text); text++) {
		pt = pt * 10 + (unsigned)(*text - '0');
		if (pt >= PC_SDP_PTS)
			return -1;
	}
	return *text && *text != ' ' && *text != '\t' ? -1 : (int)pt;
}

static void read_formats(struct pc_sdp_facts *f)
{
	const char *at = pc_sdp_value(f->section->first), *word;
	size_t len;
	int i, pt;

	for (i = 0; i < 3; i++)
		pc_sdp_word(&at, &len);
	while ((word = pc_sdp_word(&at, &len))) {
		pt = pc_sdp_facts_pt(word);
		if (pt >= 0)
			f->offered[pt] = true;
	}
}

/* Where the first line of a name goes. */
static const struct pc_sdp_line **slot(struct pc_sdp_facts *f,
				       const struct pc_sdp_line *line)
{
	const struct {
		const char *name;
		const struct pc_sdp_line **to;
	} slots[] = {
		{ "mid", &f->mid },
		{ "ice-ufrag", &f->ufrag },
		{ "ice-pwd", &f->pwd },
		{ "candidate", &f->candidate },
		{ "crypto", &f->crypto },
		{ "fingerprint", &f->fingerprint },
		{ "setup", &f->setup },
		{ "rtcp", &f->rtcp },
		{ "rtcp-mux", &f->mux },
		{ "rtcp-mux-only", &f->mux_only },
		{ "rtcp-rsize", &f->rsize },
		{ "bundle-only", &f->bundle_only },
		{ "sctp-port", &f->sctp_port },
		{ "simulcast", &f->simulcast },
		{ "rid", &f->rid },
		{ "rtcp-fb", &f->feedback },
		{ "extmap", &f->extmap },
		{ "ssrc", &f->ssrc },
		{ "ptime", &f->ptime },
		{ "tls-id", &f->tls_id },
		{ "msid", &f->msid },
	};
	size_t i;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (pc_sdp_line_attr(line, slots[i].name))
			return slots[i].to;
	return NULL;
}

static void sort_map(const struct pc_sdp_line *map[PC_SDP_PTS],
		     const struct pc_sdp_line *line, const char *value)
{
	const int pt = value ? pc_sdp_facts_pt(value) : -1;

	if (pt >= 0 && !map[pt])
		map[pt] = line;
}

static void sort_line(struct pc_sdp_facts *f, const struct pc_sdp_line *line)
{
	const struct pc_sdp_line **to;
	int d;

	if (pc_sdp_type(line) == 'c' && !f->c)
		f->c = line;
	if (pc_sdp_type(line) != 'a')
		return;
	sort_map(f->rtpmap, line, pc_sdp_line_attr(line, "rtpmap"));
	sort_map(f->fmtp, line, pc_sdp_line_attr(line, "fmtp"));
	f->n_crypto += pc_sdp_line_attr(line, "crypto") != NULL;
	to = slot(f, line);
	if (to && !*to)
		*to = line;
	for (d = PC_SDP_INACTIVE; d <= PC_SDP_SENDRECV; d++) {
		if (!pc_sdp_line_attr(line, pc_sdp_direction_text(d)))
			continue;
		if (f->direction)
			f->direction2 = line;
		else
			f->direction = line;
	}
}

int pc_sdp_facts_read(struct pc_sdp_facts *f,
		      const struct pc_sdp_inherited *from,
		      const struct pc_sdp_section *section,
		      struct pc_sdp_error *err)
{
	const struct pc_sdp_line *line;

	memset(f, 0, sizeof(*f));
	f->section = section;
	f->rejected = pc_sdp_section_rejected(section);
	read_formats(f);
	for (line = section->first->next; line; line = line->next)
		sort_line(f, line);
	return pc_sdp_media_read_in(&f->m, from, section, err);
}
