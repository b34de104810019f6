#include "sdp/facts.h"

#include <ctype.h>
#include <stddef.h>
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
#define SLOT(name, field)                                                      \
	{                                                                      \
		name, offsetof(struct pc_sdp_facts, field)                     \
	}
static const struct {
	const char *name;
	size_t offset;
} slots[] = {
	SLOT("mid", mid),
	SLOT("ice-ufrag", ufrag),
	SLOT("ice-pwd", pwd),
	SLOT("candidate", candidate),
	SLOT("crypto", crypto),
	SLOT("fingerprint", fingerprint),
	SLOT("setup", setup),
	SLOT("rtcp", rtcp),
	SLOT("rtcp-mux", mux),
	SLOT("rtcp-mux-only", mux_only),
	SLOT("rtcp-rsize", rsize),
	SLOT("bundle-only", bundle_only),
	SLOT("sctp-port", sctp_port),
	SLOT("simulcast", simulcast),
	SLOT("rid", rid),
	SLOT("rtcp-fb", feedback),
	SLOT("extmap", extmap),
	SLOT("ssrc", ssrc),
	SLOT("ptime", ptime),
	SLOT("tls-id", tls_id),
	SLOT("msid", msid),
};

static void sort_slot(struct pc_sdp_facts *f, const struct pc_sdp_line *line)
{
	const struct pc_sdp_line **to;
	size_t i;

	for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		if (!pc_sdp_line_attr(line, slots[i].name))
			continue;
		to = (void *)((char *)f + slots[i].offset);
		if (!*to)
			*to = line;
		return;
	}
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
	int d;

	if (pc_sdp_type(line) == 'c' && !f->c)
		f->c = line;
	if (pc_sdp_type(line) != 'a')
		return;
	sort_map(f->rtpmap, line, pc_sdp_line_attr(line, "rtpmap"));
	sort_map(f->fmtp, line, pc_sdp_line_attr(line, "fmtp"));
	f->n_crypto += pc_sdp_line_attr(line, "crypto") != NULL;
	sort_slot(f, line);
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
