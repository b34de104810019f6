#include "sdp/feedback.h"

#include "sdp/edit.h"
#include "sdp/facts.h"

#include <stdlib.h>
#include <string.h>

static const char asks[] = "asks for a whole picture when one is lost";

/* "nack pli" in "96 nack pli"; *pt is 96, or -1 for "*". */
static const char *kind_of(const struct pc_sdp_line *line, int *pt)
{
	const char *value = pc_sdp_line_attr(line, "rtcp-fb");

	if (!value)
		return NULL;
	*pt = pc_sdp_facts_pt(value);
	value += strcspn(value, " \t");
	return value + strspn(value, " \t");
}

static bool passes(const char *kind)
{
	return strcmp(kind, "nack") == 0 || strcmp(kind, "nack pli") == 0 ||
	       strcmp(kind, "ccm fir") == 0;
}

/* Where in the list is what the section calls pt; -1: nowhere. */
static int index_from(const struct pc_sdp_payloads *list, int pt)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (list->from[i] == pt)
			return (int)i;
	return -1;
}

static int index_of(const struct pc_sdp_payloads *list, int pt)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (list->codecs[i].pt == pt)
			return (int)i;
	return -1;
}

static bool has_feedback(const struct pc_sdp_section *section)
{
	return pc_sdp_find_attr(section->first, "rtcp-fb") != NULL;
}

static void add_requests(struct pc_sdp *sdp, struct pc_sdp_section *section,
			 const struct pc_sdp_payloads *list)
{
	unsigned i;

	for (i = 0; i < list->n; i++) {
		pc_sdp_add(sdp, section, PC_SDP_LAST, asks,
			   "a=rtcp-fb:%u ccm fir", list->codecs[i].pt);
		pc_sdp_add(sdp, section, PC_SDP_LAST, asks,
			   "a=rtcp-fb:%u nack pli", list->codecs[i].pt);
	}
}

void pc_sdp_feedback_offer(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const struct pc_sdp_payloads *list, unsigned how)
{
	const bool video = strncmp(section->first->text, "m=video", 7) == 0;
	struct pc_sdp_line *line, *next;
	int pt, i;

	for (line = section->first; line; line = next) {
		const char *kind = kind_of(line, &pt), *why = NULL;

		next = line->next;
		if (!kind)
			continue;
		i = pt < 0 ? -1 : index_from(list, pt);
		if (how & PC_SDP_FEEDBACK_NONE)
			why = "RTP/AVP has no early feedback";
		else if ((how & PC_SDP_FEEDBACK_CROSSING) &&
			 (!video || !passes(kind)))
			why = "feedback that ends at the gateway";
		else if (pt >= 0 && i < 0)
			why = "of a codec that is not used here";
		if (why)
			pc_sdp_remove(sdp, section, line, why);
		else if (pt >= 0 && list->codecs[i].pt != pt)
			pc_sdp_rewrite(sdp, line, "its codec's new number",
				       "a=rtcp-fb:%u %s", list->codecs[i].pt,
				       kind);
	}
	if ((how & PC_SDP_FEEDBACK_ADD) && video &&
	    !(how & PC_SDP_FEEDBACK_NONE) && !has_feedback(section))
		add_requests(sdp, section, list);
}

/* Has the section plain nack, for any of its payload types? */
static bool has_nack(const struct pc_sdp_section *section)
{
	const struct pc_sdp_line *line;
	const char *kind;
	int pt;

	for (line = section->first; line; line = line->next) {
		kind = kind_of(line, &pt);
		if (kind && strcmp(kind, "nack") == 0)
			return true;
	}
	return false;
}

void pc_sdp_feedback_answer(struct pc_sdp *sdp, struct pc_sdp_section *section,
			    const struct pc_sdp_payloads *list,
			    const struct pc_sdp_section *offered)
{
	const bool video = strncmp(section->first->text, "m=video", 7) == 0;
	const bool nack = has_nack(section);
	const struct pc_sdp_line *line;
	const char *kind;
	int pt;

	pc_sdp_remove_attr(sdp, section, "rtcp-fb",
			   "feedback that ends at the gateway");
	for (line = offered->first; video && line; line = line->next) {
		kind = kind_of(line, &pt);
		if (!kind || !passes(kind) ||
		    (strcmp(kind, "nack") == 0 && !nack) ||
		    (pt >= 0 && index_of(list, pt) < 0))
			continue;
		pc_sdp_add(sdp, section, PC_SDP_LAST,
			   "feedback that was offered", "%s", line->text);
	}
}
