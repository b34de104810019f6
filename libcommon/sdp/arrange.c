/*
 * Sections in their places, and what they have in common: RFC 3264 sections 6
 * and 8, RFC 8829 section 5.3.1, RFC 9143.
 */
#include "sdp/edit.h"
#include "sdp/hop.h"
#include "sdp/work.h"

#include <stdio.h>
#include <string.h>

#define GROUPS_MAX 16 /* BUNDLE groups that are answered */

static const char group_why[] = "RFC 9143: what is carried is one group";

/* Port 0 for a section that is offered, at the end or before another. */
static void reject(struct pc_sdp_work *w, const struct pc_sdp_pair *pair,
		   struct pc_sdp_section *before, const char *why)
{
	const struct pc_sdp_section *offered = pair->offered;
	const char *at = pc_sdp_value(offered->first), *kind, *mid;
	struct pc_sdp_section *s;
	size_t kind_len, len;

	kind = pc_sdp_word(&at, &kind_len);
	pc_sdp_word(&at, &len);
	s = pc_sdp_section_insert(w->sdp, before, why, "m=%.*s 0%s",
				  (int)kind_len, kind, at);
	if (!s)
		return;
	mid = pc_sdp_attr(offered, "mid");
	if (mid)
		pc_sdp_add(w->sdp, s, PC_SDP_LAST, why, "a=mid:%s", mid);
	if (pc_sdp_to_webrtc(w))
		pc_sdp_add(w->sdp, s, PC_SDP_LAST, why, "a=inactive");
}

/* All sections that answer nothing go; the others are unlinked. */
static void take_out_all(struct pc_sdp_work *w)
{
	struct pc_sdp *sdp = w->sdp;
	struct pc_sdp_section *s, *next;
	unsigned i;

	for (s = sdp->media; s; s = s->next)
		s->used = false;
	for (i = 0; i < w->n; i++)
		if (w->pairs[i].fate == PC_SDP_CARRY)
			w->pairs[i].section->used = true;
	for (s = sdp->media; s; s = next) {
		next = s->next;
		if (!s->used)
			pc_sdp_section_remove(sdp, s,
					      "it answers nothing, or what "
					      "is rejected");
	}
	sdp->media = sdp->last_media = NULL;
	sdp->n_media = 0;
}

static void leave_out(struct pc_sdp_work *w, struct pc_sdp_pair *pair,
		      const char *why)
{
	pc_sdp_section_remove(w->sdp, pair->section, why);
	pair->fate = PC_SDP_LEAVE_OUT;
	pair->gone = true;
}

void pc_sdp_arrange(struct pc_sdp_work *w)
{
	unsigned i;

	if (w->how->answer_to)
		take_out_all(w);
	for (i = 0; i < w->n; i++) {
		struct pc_sdp_pair *pair = &w->pairs[i];

		if (pair->fate == PC_SDP_REJECT)
			reject(w, pair, NULL, pair->why);
		else if (pair->offered)
			pc_sdp_section_append(w->sdp, pair->section);
		else if (pair->fate == PC_SDP_LEAVE_OUT &&
			 (w->crossing || pair->dropped))
			leave_out(w, pair, pair->why);
	}
}

void pc_sdp_give_up(struct pc_sdp_work *w, struct pc_sdp_pair *pair,
		    const char *why)
{
	if (!pair->offered) {
		leave_out(w, pair, why);
		return;
	}
	reject(w, pair, pair->section, why);
	pc_sdp_section_remove(w->sdp, pair->section, why);
	pair->fate = PC_SDP_REJECT;
}

void pc_sdp_set_mid(struct pc_sdp_work *w, struct pc_sdp_pair *pair)
{
	const char *mid = pair->offered ? w->offer.mid : w->m.mid;
	unsigned tries;

	if (!pair->offered && !mid) {
		snprintf(pair->made, sizeof(pair->made), "%u", pair->number);
		for (tries = 0;
		     tries < 8 &&
		     pc_sdp_mids_find(&w->mids, pair->made, strlen(pair->made));
		     tries++)
			snprintf(pair->made, sizeof(pair->made), "%u-%u",
				 pair->number, tries);
		mid = pair->made;
	}
	pair->mid = mid;
	if (mid)
		pc_sdp_set_attr(w->sdp, pair->section, "mid", mid, group_why);
	else
		pc_sdp_remove_attr(w->sdp, pair->section, "mid", group_why);
}

/* Which BUNDLE group of the offer has it (RFC 9143 section 7.3); -1: none. */
static int group_of_mid(const struct pc_sdp_work *w, const char *name)
{
	const struct pc_sdp_mid *mid;

	mid = name ? pc_sdp_mids_find(&w->mids, name, strlen(name)) : NULL;
	return mid && mid->bundled && mid->bundle < GROUPS_MAX
		       ? (int)mid->bundle
		       : -1;
}

static int group_of(const struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	if (pair->fate != PC_SDP_CARRY || !pair->mid)
		return -1;
	return pair->offered ? group_of_mid(w, pair->mid) : 0;
}

int pc_sdp_check_path(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	const struct pc_sdp_line *path = pc_sdp_lay_find(
		w->how->lays, w->how->n_lays, pair->section, "ice-ufrag");
	const int group = group_of_mid(w, w->offer.mid);

	if (!pair->offered || !path)
		return 0;
	if (w->path == path && (group < 0 || group != w->path_group))
		return pc_sdp_nothing(w->err, "RFC 9143 section 7.3",
				      "ICE has one path, and another section, "
				      "which the offer has in no BUNDLE with "
				      "this one, has it");
	w->path = path;
	w->path_group = group;
	return 0;
}

static void add_groups(struct pc_sdp_work *w)
{
	struct pc_buf groups[GROUPS_MAX] = { 0 };
	unsigned i;
	int g;

	for (i = 0; i < w->n; i++) {
		g = group_of(w, &w->pairs[i]);
		if (g >= 0)
			pc_buf_printf(&groups[g], " %s", w->pairs[i].mid);
	}
	for (i = 0; i < GROUPS_MAX; i++) {
		w->sdp->oom |= groups[i].oom;
		if (groups[i].len)
			pc_sdp_add(w->sdp, &w->sdp->session, PC_SDP_LAST,
				   group_why, "a=group:BUNDLE%s",
				   groups[i].data);
		pc_buf_fini(&groups[i]);
	}
}

static bool gone(const struct pc_sdp_work *w, const char *word, size_t len)
{
	const struct pc_sdp_mid *mid = pc_sdp_mids_find(&w->mids, word, len);

	return mid && w->pairs[mid->index].gone;
}

/* Take the mids of sections that are gone out of a group. */
static void mend_group(struct pc_sdp_work *w, struct pc_sdp_line *line)
{
	const char *at = pc_sdp_line_attr(line, "group"), *word;
	struct pc_buf text = { 0 };
	bool any = false;
	size_t len;

	while ((word = pc_sdp_word(&at, &len))) {
		if (gone(w, word, len)) {
			any = true;
			continue;
		}
		pc_buf_adds(&text, text.len ? " " : "a=group:");
		pc_buf_add(&text, word, len);
	}
	if (any && !text.oom)
		pc_sdp_rewrite(w->sdp, line, "of sections that are not here",
			       "%s", text.data);
	w->sdp->oom |= text.oom;
	pc_buf_fini(&text);
}

static void set_groups(struct pc_sdp_work *w)
{
	struct pc_sdp_line *line = w->sdp->session.first;
	const bool any = pc_sdp_find_attr(line, "group") != NULL;

	if (pc_sdp_to_webrtc(w) && (w->crossing || (!any && !w->how->as_is))) {
		add_groups(w);
		return;
	}
	for (; (line = pc_sdp_find_attr(line, "group")); line = line->next)
		mend_group(w, line);
}

/* What says nothing any more in a section that is rejected. */
static void empty(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	struct pc_sdp_line *line, *next;

	for (line = pair->section->first->next; line; line = next) {
		next = line->next;
		if (pc_sdp_type(line) != 'c')
			pc_sdp_remove(w->sdp, pair->section, line, pair->why);
	}
}

/* A section that stays rejected: nothing of the other hop is left in it. */
static void keep_rejected(struct pc_sdp_work *w, struct pc_sdp_pair *pair)
{
	const char *at = pc_sdp_value(pair->section->first), *kind;
	const bool web = pc_sdp_to_webrtc(w);
	size_t kind_len, len;

	kind = pc_sdp_word(&at, &kind_len);
	pc_sdp_word(&at, &len);
	pc_sdp_word(&at, &len);
	w->m.mid = pc_sdp_attr(pair->section, "mid");
	empty(w, pair);
	pc_sdp_rewrite(w->sdp, pair->section->first, pair->why, "m=%.*s 0 %s%s",
		       (int)kind_len, kind,
		       web ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP", at);
	if (!web)
		return;
	pc_sdp_set_mid(w, pair);
	pc_sdp_set_direction(w->sdp, pair->section, PC_SDP_INACTIVE);
}

/* c= of the session goes when each section has its own; else none lacks. */
static void set_addresses(struct pc_sdp_work *w)
{
	struct pc_sdp_line *c = pc_sdp_find(&w->sdp->session, 'c');
	struct pc_sdp_section *s;
	bool needed = false;

	for (s = w->sdp->media; s; s = s->next)
		needed |= !pc_sdp_section_rejected(s) && !pc_sdp_find(s, 'c');
	if (c && !needed) {
		pc_sdp_remove(w->sdp, &w->sdp->session, c,
			      "each section has its own");
		c = NULL;
	}
	for (s = w->sdp->media; s && !c; s = s->next)
		if (pc_sdp_section_rejected(s) && !pc_sdp_find(s, 'c'))
			pc_sdp_add_ordered(w->sdp, s,
					   "RFC 8866 5.7: also where nothing "
					   "is sent",
					   "c=IN IP4 0.0.0.0");
}

/*
 * A rejected section has the transport of one that is carried, as Chromium says
 * it. Nobody needs it there (RFC 3264 section 6), but GStreamer 1.22 takes no
 * answer with a section that has neither ICE's names nor a certificate.
 */
static void lend_transport(struct pc_sdp_work *w,
			   const struct pc_sdp_section *from)
{
	static const char *const names[] = { "ice-ufrag", "ice-pwd",
					     "fingerprint", "setup" };
	struct pc_sdp_section *s;
	struct pc_sdp_line *line;
	size_t i;

	for (s = w->sdp->media; from && s; s = s->next) {
		if (!pc_sdp_section_rejected(s))
			continue;
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			line = pc_sdp_find_attr(from->first, names[i]);
			if (line && !pc_sdp_attr(s, names[i]))
				pc_sdp_add(w->sdp, s, PC_SDP_LAST,
					   "as in what is carried", "%s",
					   line->text);
		}
	}
}

void pc_sdp_finish(struct pc_sdp_work *w)
{
	const struct pc_sdp_section *carried = NULL;
	unsigned i;

	for (i = 0; i < w->n && w->crossing; i++)
		if (w->pairs[i].fate == PC_SDP_KEEP)
			keep_rejected(w, &w->pairs[i]);
	set_groups(w);
	if (w->crossing)
		set_addresses(w);
	for (i = 0; i < w->n && !carried; i++)
		if (w->pairs[i].fate == PC_SDP_CARRY)
			carried = w->pairs[i].section;
	if (w->how->answer_to && pc_sdp_to_webrtc(w))
		lend_transport(w, carried);
}
