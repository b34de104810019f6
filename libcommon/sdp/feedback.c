#include "sdp/feedback.h"

#include "sdp/edit.h"
#include "sdp/facts.h"

#include <stdlib.h>
#include <string.h>

/*
 * What rtp-bridge does itself on each hop, in the order in which it is added:
 * it asks for pictures as the other side understands it, answers NACK, and
 * tells a browser how fast it may send.
 */
static const char *const own[] = { "ccm fir", "nack", "nack pli", "goog-remb",
				   "transport-cc" };
#define N_OWN  (sizeof(own) / sizeof(own[0]))
#define N_ANY  (N_OWN - 2) /* those that phones know, too */
#define ALL_PT PC_SDP_CODECS_MAX
#define WIDE_URI                                                               \
	"http://www.ietf.org/id/"                                              \
	"draft-holmer-rmcat-transport-wide-cc-extensions-01"

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

/* Which of own it is; N_OWN: none that passes on such a hop. */
static size_t own_index(const char *kind, bool dtls)
{
	const size_t n = dtls ? N_OWN : N_ANY;
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(kind, own[i]) == 0)
			return i;
	return N_OWN;
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

/* What of own is not there yet for a codec of the list. */
static void add_own(struct pc_sdp *sdp, struct pc_sdp_section *section,
		    const struct pc_sdp_payloads *list)
{
	bool has[PC_SDP_CODECS_MAX + 1][N_OWN] = { { false } };
	const struct pc_sdp_line *line;
	const char *kind;
	unsigned i;
	size_t k;
	int pt;

	for (line = section->first; line; line = line->next) {
		kind = kind_of(line, &pt);
		k = kind ? own_index(kind, true) : N_OWN;
		if (k < N_OWN)
			has[pt < 0 ? ALL_PT : pt][k] = true;
	}
	for (i = 0; i < list->n; i++)
		for (k = 0; k < N_OWN; k++)
			if (!has[list->codecs[i].pt][k] && !has[ALL_PT][k])
				pc_sdp_add(sdp, section, PC_SDP_LAST,
					   "what rtp-bridge answers",
					   "a=rtcp-fb:%u %s",
					   list->codecs[i].pt, own[k]);
}

void pc_sdp_feedback_offer(struct pc_sdp *sdp, struct pc_sdp_section *section,
			   const struct pc_sdp_payloads *list, unsigned how)
{
	const bool video = strncmp(section->first->text, "m=video", 7) == 0;
	const bool dtls = how & PC_SDP_FEEDBACK_DTLS;
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
			 (!video || own_index(kind, dtls) == N_OWN))
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
	if (dtls && video)
		add_own(sdp, section, list);
}

void pc_sdp_feedback_answer(struct pc_sdp *sdp, struct pc_sdp_section *section,
			    const struct pc_sdp_payloads *list,
			    const struct pc_sdp_section *offered, bool dtls)
{
	const bool video = strncmp(section->first->text, "m=video", 7) == 0;
	const struct pc_sdp_line *line;
	const char *kind;
	int pt;

	pc_sdp_remove_attr(sdp, section, "rtcp-fb",
			   "feedback that ends at the gateway");
	for (line = offered->first; video && line; line = line->next) {
		kind = kind_of(line, &pt);
		if (!kind || own_index(kind, dtls) == N_OWN ||
		    (pt >= 0 && index_of(list, pt) < 0))
			continue;
		pc_sdp_add(sdp, section, PC_SDP_LAST,
			   "feedback that was offered", "%s", line->text);
	}
}

static bool is_told(const struct pc_sdp_section *section)
{
	const struct pc_sdp_line *line;
	const char *kind;
	int pt;

	for (line = section->first; line; line = line->next) {
		kind = kind_of(line, &pt);
		if (kind && strcmp(kind, "transport-cc") == 0)
			return true;
	}
	return false;
}

/* The number of transport-cc's header extension in a section; 0: none. */
static unsigned wide_id(const struct pc_sdp_section *section, uint16_t *used)
{
	const struct pc_sdp_line *line;
	unsigned found = 0;

	for (line = section->first; line; line = line->next) {
		const char *value = pc_sdp_line_attr(line, "extmap");
		unsigned long id = value ? strtoul(value, NULL, 10) : 0;

		if (id == 0 || id > 14)
			continue;
		*used |= (uint16_t)(1u << id);
		value += strcspn(value, " ");
		if (strcmp(value + strspn(value, " "), WIDE_URI) == 0)
			found = (unsigned)id;
	}
	return found;
}

void pc_sdp_feedback_wide(struct pc_sdp *sdp, struct pc_sdp_section *section,
			  const struct pc_sdp_section *offered)
{
	uint16_t used = 0;
	unsigned id = wide_id(section, &used);

	if (id || !is_told(section))
		return;
	if (offered)
		id = wide_id(offered, &used);
	else
		for (id = 1; id < 14 && used >> id & 1;)
			id++;
	if (id)
		pc_sdp_add(sdp, section, PC_SDP_LAST,
			   "its numbers are what transport-cc tells of",
			   "a=extmap:%u %s", id, WIDE_URI);
}
