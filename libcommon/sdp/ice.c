/*
 * The ICE lines of a description or fragment.
 */
#include "sdp/ice.h"

#include <string.h>

static void read_options(struct pc_sdp_ice *ice)
{
	const char *at = ice->options, *word;
	size_t len;

	while (at && (word = pc_sdp_word(&at, &len))) {
		if (len == 7 && memcmp(word, "trickle", 7) == 0)
			ice->trickle = true;
		else
			ice->more_options = true;
	}
}

/* The section named by the first mid of a=group:BUNDLE (RFC 9143 7.2). */
static struct pc_sdp_section *bundle_tagged(const struct pc_sdp *sdp)
{
	struct pc_sdp_line *line = sdp->session.first;
	struct pc_sdp_section *section;

	while ((line = pc_sdp_find_attr(line, "group"))) {
		const char *at = pc_sdp_line_attr(line, "group"), *word, *mid;
		size_t len;

		line = line->next;
		word = pc_sdp_word(&at, &len);
		if (!word || len != 6 || memcmp(word, "BUNDLE", 6) != 0)
			continue;
		word = pc_sdp_word(&at, &len);
		for (section = sdp->media; word && section;
		     section = section->next) {
			mid = pc_sdp_attr(section, "mid");
			if (mid && strlen(mid) == len &&
			    memcmp(mid, word, len) == 0)
				return section;
		}
		return NULL;
	}
	return NULL;
}

static const struct pc_sdp_section *choose(const struct pc_sdp *sdp)
{
	struct pc_sdp_section *section = bundle_tagged(sdp);

	if (section)
		return section;
	for (section = sdp->media; section; section = section->next)
		if (!pc_sdp_section_rejected(section))
			return section;
	return &sdp->session;
}

static void read_candidates(struct pc_sdp_ice *ice, struct pc_sdp_line *line)
{
	for (; (line = pc_sdp_find_attr(line, "candidate"));
	     line = line->next) {
		if (ice->n_candidates == PC_SDP_CANDIDATES_MAX)
			ice->n_dropped++;
		else
			ice->candidates[ice->n_candidates++] = line->text + 2;
	}
}

void pc_sdp_ice_read(struct pc_sdp_ice *ice, const struct pc_sdp *sdp,
		     const struct pc_sdp_section *section)
{
	memset(ice, 0, sizeof(*ice));
	if (!section)
		section = choose(sdp);
	ice->mid = pc_sdp_attr(section, "mid");
	ice->ufrag = pc_sdp_attr_inherited(sdp, section, "ice-ufrag");
	ice->pwd = pc_sdp_attr_inherited(sdp, section, "ice-pwd");
	ice->options = pc_sdp_attr_inherited(sdp, section, "ice-options");
	read_options(ice);
	ice->lite = pc_sdp_attr(&sdp->session, "ice-lite") != NULL;
	ice->end_of_candidates =
		pc_sdp_attr_inherited(sdp, section, "end-of-candidates");
	read_candidates(ice, section->first);
}
