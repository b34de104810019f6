#include "sdp/convert.h"

#include "sdp/hop.h"
#include "sdp/work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char not_carried[] = "the gateway does not carry it";
static const char no_address[] = "no fragment says where its media goes";
static const char not_wanted[] = "it is not wanted here";
static const char is_rejected[] = "it is rejected";
static const char no_answer[] = "nothing on the other side answers it";

int pc_sdp_nothing(struct pc_sdp_error *err, const char *rfc, const char *why)
{
	pc_sdp_fail(err, NULL, rfc, "%s", why);
	return -ENODATA;
}

bool pc_sdp_to_webrtc(const struct pc_sdp_work *w)
{
	return w->how->to == PC_SDP_TO_WEBRTC;
}

bool pc_sdp_listed(const char *list, const char *name)
{
	size_t len;

	for (; list && *list; list += len) {
		list += strspn(list, ", \t");
		len = strcspn(list, ", \t");
		if (len && strlen(name) == len &&
		    strncasecmp(list, name, len) == 0)
			return true;
	}
	return false;
}

/* Kinds that have an order of their own. */
enum { AUDIO, VIDEO, KINDS, OTHER = KINDS };

static unsigned kind_of(const struct pc_sdp_section *s)
{
	const char *at = pc_sdp_value(s->first), *word;
	size_t len;

	word = pc_sdp_word(&at, &len);
	if (word && len == 5 && memcmp(word, "audio", 5) == 0)
		return AUDIO;
	if (word && len == 5 && memcmp(word, "video", 5) == 0)
		return VIDEO;
	return OTHER;
}

/* Does --drop name its kind? */
static bool is_dropped(const struct pc_sdp_work *w,
		       const struct pc_sdp_section *s)
{
	const char *at = pc_sdp_value(s->first), *word;
	char kind[24] = "";
	size_t len;

	word = pc_sdp_word(&at, &len);
	if (word && len < sizeof(kind))
		memcpy(kind, word, len);
	return kind[0] && pc_sdp_listed(w->how->drop, kind);
}

/* Why a section cannot be carried, whatever else; NULL: it can. */
static const char *why_not(const struct pc_sdp_work *w,
			   const struct pc_sdp_section *s, bool first)
{
	const unsigned kind = kind_of(s);

	if (w->how->only_audio && kind != AUDIO)
		return not_wanted;
	if (is_dropped(w, s))
		return not_wanted;
	if (kind == OTHER || !strstr(s->first->text, "RTP/"))
		return not_carried;
	if (w->media_laid &&
	    (!first || !pc_sdp_lay_has(w->how->lays, w->how->n_lays, s)))
		return no_address;
	return NULL;
}

/* What seen[] knows: a section that is not rejected takes the fragments. */
static bool is_first(const struct pc_sdp_section *s, unsigned seen[KINDS])
{
	const unsigned kind = kind_of(s);

	return kind != OTHER && !pc_sdp_section_rejected(s) &&
	       strstr(s->first->text, "RTP/") && seen[kind]++ == 0;
}

static void plan_offer(struct pc_sdp_work *w)
{
	unsigned seen[KINDS] = { 0 }, number = 0;
	struct pc_sdp_section *s;

	for (s = w->sdp->media; s; s = s->next) {
		struct pc_sdp_pair *pair = &w->pairs[w->n++];
		const bool rejected = pc_sdp_section_rejected(s);

		pair->section = s;
		pair->first = is_first(s, seen);
		pair->why = why_not(w, s, pair->first || rejected);
		pair->fate = pair->why ? PC_SDP_LEAVE_OUT : PC_SDP_CARRY;
		pair->dropped = pair->why == not_wanted;
		if (!pair->why && rejected) {
			pair->fate = PC_SDP_KEEP;
			pair->why = is_rejected;
		}
		pair->number = number;
		number += pair->fate != PC_SDP_LEAVE_OUT;
	}
}

/* The next section of its kind at or after *s. */
static struct pc_sdp_section *next_of_kind(struct pc_sdp_section *s,
					   unsigned kind)
{
	while (s && kind_of(s) != kind)
		s = s->next;
	return s;
}

static void count_kinds(const struct pc_sdp *sdp, long count[KINDS], int sign)
{
	const struct pc_sdp_section *s;

	for (s = sdp->media; s; s = s->next)
		if (kind_of(s) != OTHER)
			count[kind_of(s)] += sign;
}

static void plan_answer(struct pc_sdp_work *w)
{
	struct pc_sdp_section *at[OTHER + 1] = { NULL }, *far;
	const struct pc_sdp_section *s;
	unsigned seen[KINDS] = { 0 }, kind;
	long spare[OTHER + 1] = { 0 }; /* sections that nobody offered */

	count_kinds(w->sdp, spare, 1);
	count_kinds(w->how->answer_to, spare, -1);
	for (kind = 0; kind < KINDS; kind++)
		at[kind] = next_of_kind(w->sdp->media, kind);
	for (s = w->how->answer_to->media; s; s = s->next) {
		struct pc_sdp_pair *pair = &w->pairs[w->n++];
		const bool rejected = pc_sdp_section_rejected(s);

		pair->offered = s;
		pair->fate = PC_SDP_REJECT;
		pair->first = is_first(s, seen);
		pair->why = why_not(w, s, pair->first || rejected);
		if (pair->why)
			continue;
		kind = kind_of(s);
		while ((far = at[kind]) && pc_sdp_section_rejected(far) &&
		       !rejected && spare[kind]-- > 0)
			at[kind] = next_of_kind(far->next, kind);
		if (far)
			at[kind] = next_of_kind(far->next, kind);
		pair->section = far;
		if (rejected || (far && pc_sdp_section_rejected(far)))
			pair->why = is_rejected;
		else if (!far || !strstr(far->first->text, "RTP/"))
			pair->why = no_answer;
		else
			pair->fate = PC_SDP_CARRY;
	}
}

/* Do the keys of the section change? */
static bool crosses(struct pc_sdp_work *w)
{
	const char *profile = w->how->profile;

	if (w->m.dtls != pc_sdp_to_webrtc(w))
		return true;
	return profile && !w->m.dtls &&
	       (strstr(profile, "SAVP") != NULL) != w->m.secure;
}

static int read_all(struct pc_sdp_work *w)
{
	unsigned i;
	int rc;

	w->crossing = w->how->answer_to || w->how->n_lays;
	for (i = 0; i < w->n; i++) {
		if (w->pairs[i].fate != PC_SDP_CARRY)
			continue;
		rc = pc_sdp_media_read_in(&w->m, &w->from, w->pairs[i].section,
					  w->err);
		if (rc)
			return rc;
		w->crossing |= crosses(w);
	}
	return 0;
}

static int check_lines(const struct pc_sdp *sdp, struct pc_sdp_error *err)
{
	const struct pc_sdp_section *s;

	for (s = sdp->media; s; s = s->next)
		if (pc_sdp_check_m(s->first, err))
			return -EBADMSG;
	return 0;
}

/* Nothing is carried: in which document is the reason, and what is it? */
static int refuse(struct pc_sdp_work *w)
{
	static const char rfc[] = "RFC 3264 section 6";
	const struct pc_sdp *offer = w->how->answer_to;
	const char *why = NULL;
	bool by_offer = offer != NULL, unanswered = false;
	bool rejected = false;
	unsigned i;

	for (i = 0; i < w->n; i++) {
		const struct pc_sdp_pair *pair = &w->pairs[i];

		if (pair->offered && !pc_sdp_section_rejected(pair->offered) &&
		    (pair->section || pair->why == no_answer))
			by_offer = false;
		unanswered |= pair->why == no_answer;
		rejected |= pair->why == is_rejected && pair->section;
		if (pair->why == no_address || pair->why == not_wanted)
			why = pair->why;
	}
	if (w->err)
		w->err->where = by_offer ? PC_SDP_IN_OFFER : PC_SDP_IN_INPUT;
	if (why == no_address)
		return pc_sdp_nothing(w->err, rfc,
				      "no fragment has an m= line for any of "
				      "the media that is offered");
	if (why)
		return pc_sdp_nothing(w->err, rfc,
				      "all media is of a kind that is to be "
				      "dropped");
	if (by_offer)
		return pc_sdp_nothing(w->err, rfc,
				      "the offer has no audio or video "
				      "that can be answered");
	if (unanswered && !rejected && w->sdp->media)
		return pc_sdp_nothing(w->err, rfc,
				      "it has no m= line of a kind (audio, "
				      "video) that the offer has");
	return pc_sdp_nothing(w->err, rfc,
			      w->sdp->media
				      ? "all audio and video is rejected, or "
					"of a kind that cannot be carried"
				      : "there is no m= line");
}

/* Fill pairs and crossing. 0, -EBADMSG, -ENODATA or -ENOMEM. */
static int plan(struct pc_sdp_work *w)
{
	const struct pc_sdp *offer = w->how->answer_to;
	unsigned i;
	int rc;

	if (w->err)
		w->err->where = PC_SDP_IN_OFFER;
	if (offer && check_lines(offer, w->err))
		return -EBADMSG;
	if (w->err)
		w->err->where = PC_SDP_IN_INPUT;
	if (check_lines(w->sdp, w->err))
		return -EBADMSG;
	w->pairs = calloc((offer ? offer : w->sdp)->n_media + 1,
			  sizeof(*w->pairs));
	if (!w->pairs)
		return -ENOMEM;
	rc = pc_sdp_mids_init(&w->mids, offer ? offer : w->sdp);
	if (rc)
		return rc;
	w->media_laid = pc_sdp_lay_has(w->how->lays, w->how->n_lays, NULL);
	pc_sdp_inherit(&w->from, w->sdp);
	if (offer) {
		pc_sdp_inherit(&w->offer_from, offer);
		plan_answer(w);
	} else {
		plan_offer(w);
	}
	rc = read_all(w);
	if (rc)
		return rc;
	for (i = 0; i < w->n; i++)
		if (w->pairs[i].fate == PC_SDP_CARRY)
			return 0;
	return refuse(w);
}

/*
 * Convert what is carried; what cannot be after all is given up. -ENODATA
 * when nothing remains, for the reason of the first.
 */
static int convert_all(struct pc_sdp_work *w)
{
	struct pc_sdp_error first = { 0 }, *err = w->err;
	unsigned i, carried = 0;
	int rc = 0;

	w->err = &w->here;
	for (i = 0; i < w->n; i++) {
		if (w->pairs[i].fate == PC_SDP_KEEP)
			pc_sdp_reserve(w, &w->pairs[i]);
		if (w->pairs[i].fate != PC_SDP_CARRY)
			continue;
		w->here = (struct pc_sdp_error){ 0 };
		rc = pc_sdp_convert_section(w, &w->pairs[i]);
		if (rc && !first.rfc)
			first = w->here;
		if (rc == -EBADMSG)
			break;
		if (rc == -ENODATA)
			pc_sdp_give_up(w, &w->pairs[i],
				       "nothing of it is shared");
		else
			carried++;
	}
	w->err = err;
	if (err && first.rfc)
		*err = first;
	if (rc == -EBADMSG)
		return rc;
	return carried ? 0 : -ENODATA;
}

static int convert(struct pc_sdp_work *w)
{
	int rc;

	pc_sdp_arrange(w);
	if (w->crossing) {
		pc_sdp_tidy(w->sdp);
		pc_sdp_inherit(&w->from, w->sdp);
		pc_sdp_strip(w->sdp, &w->sdp->session);
	}
	rc = convert_all(w);
	if (rc)
		return rc;
	pc_sdp_finish(w);
	return w->sdp->oom ? -ENOMEM : 0;
}

/* No conversion: fragments alone, into the sections that carry media. */
static int lay_only(struct pc_sdp_work *w)
{
	unsigned i;
	int rc = 0;

	for (i = 0; i < w->n && rc == 0; i++) {
		if (w->pairs[i].fate != PC_SDP_CARRY)
			continue;
		rc = pc_sdp_media_read_in(&w->m, &w->from, w->pairs[i].section,
					  w->err);
		if (rc == 0)
			rc = pc_sdp_lay_all(w, &w->pairs[i], w->m.dtls);
	}
	return rc == 0 && w->sdp->oom ? -ENOMEM : rc;
}

int pc_sdp_convert(struct pc_sdp *sdp, const struct pc_sdp_convert *how,
		   struct pc_sdp_error *err)
{
	struct pc_sdp_work *w;
	int rc;

	if (how->to == PC_SDP_TO_SAME && !how->n_lays)
		return 0;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	w->how = how;
	w->sdp = sdp;
	w->err = err;
	rc = plan(w);
	if (rc == 0)
		rc = how->to == PC_SDP_TO_SAME ? lay_only(w) : convert(w);
	pc_sdp_mids_fini(&w->mids);
	free(w->pairs);
	free(w);
	return rc;
}
