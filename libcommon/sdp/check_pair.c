/*
 * An answer beside its offer: RFC 3264 section 6, and what RFC 4568, 4585,
 * 5761, 8285, 8829, 8842, 8853 and 9143 add to it.
 */
#include "sdp/facts.h"
#include "sdp/judge.h"
#include "sdp/match.h"
#include "sdp/mids.h"
#include "sdp/sdes.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ERROR   PC_SDP_ERROR
#define WARNING PC_SDP_WARNING

struct pair {
	struct pc_sdp_facts o, a; /* a section of the offer, its answer */
	struct pc_sdp_judge *j;
};

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static const char rfc_answer[] = "RFC 3264 section 6";

/* false: the answer's section is rejected, which is always right. */
static bool judge_line(struct pair *p)
{
	const struct pc_sdp_line *line = p->a.section->first;
	const struct pc_sdp_media *o = &p->o.m, *a = &p->a.m;

	if (strcmp(o->kind, a->kind) != 0)
		pc_sdp_blame(p->j, ERROR, line, 3, rfc_answer,
			     "expected m=%s, as at this place in the offer "
			     "(line %u)",
			     o->kind, p->o.section->first->number);
	if (p->o.rejected && !p->a.rejected)
		pc_sdp_blame(p->j, ERROR, line, 1, rfc_answer,
			     "expected port 0: the offer has port 0 here");
	if (!same_text(o->mid, a->mid) && (o->mid || !p->a.rejected))
		pc_sdp_blame(p->j, p->a.rejected && !a->mid ? WARNING : ERROR,
			     p->a.mid ? p->a.mid : line, 1,
			     "RFC 5888 section 9.1",
			     o->mid ? "expected a=mid:%.60s, as in the offer"
				    : "expected no a=mid: the offer has "
				      "none%.0s",
			     o->mid ? o->mid : "");
	if (p->a.rejected)
		return false;
	if (strcmp(o->proto, a->proto) != 0)
		pc_sdp_blame(p->j, ERROR, line, 1, rfc_answer,
			     "expected %s, as in the offer, not %s", o->proto,
			     a->proto);
	if (p->a.bundle_only)
		pc_sdp_blame(p->j, ERROR, p->a.bundle_only, 1,
			     "RFC 9143 section 6",
			     "a=bundle-only has no place in an answer");
	return true;
}

/* The offer's codec that an answer's payload type accepts; or NULL. */
static void judge_codec(struct pair *p, const struct pc_sdp_codec *c,
			unsigned *shared)
{
	const struct pc_sdp_codec *same = pc_sdp_codec_by_pt(&p->o.m, c->pt);
	const struct pc_sdp_codec *match = pc_sdp_codec_find(&p->o.m, c);
	const struct pc_sdp_line *at = p->a.rtpmap[c->pt];

	if (!at)
		at = p->a.section->first;
	if (!match && same && pc_sdp_codec_same(same, c))
		pc_sdp_blame(p->j, ERROR, at, 1,
			     strcasecmp(c->name, "H264") == 0
				     ? "RFC 6184 section 8.2.2"
				     : "RFC 3264 section 6.1",
			     "%s: profile or mode is not that of the offer",
			     c->name);
	else if (!match)
		pc_sdp_blame(p->j, ERROR, at, 1, "RFC 3264 section 6.1",
			     "%s/%u/%u is not in the offer", c->name,
			     c->clock_hz, c->channels);
	else if (match->pt != c->pt)
		pc_sdp_blame(p->j, WARNING, at, 1, "RFC 3264 section 6.1",
			     "%s is payload type %u in the offer, %u here; "
			     "some expect the same",
			     c->name, match->pt, c->pt);
	*shared += match != NULL;
}

static void judge_formats(struct pair *p)
{
	unsigned i, shared = 0;
	const char *o = pc_sdp_value(p->o.section->first);
	const char *a = pc_sdp_value(p->a.section->first);
	size_t len;

	if (p->o.m.rtp && p->a.m.rtp) {
		for (i = 0; i < p->a.m.n_codecs; i++)
			judge_codec(p, &p->a.m.codecs[i], &shared);
		if (!shared)
			pc_sdp_blame(p->j, ERROR, p->a.section->first, 1,
				     rfc_answer,
				     "no codec of the offer is accepted: "
				     "expected port 0");
		return;
	}
	for (i = 0; i < 3; i++) {
		pc_sdp_word(&o, &len);
		pc_sdp_word(&a, &len);
	}
	if (strcmp(o, a) != 0 && !p->o.m.rtp)
		pc_sdp_blame(p->j, WARNING, p->a.section->first, 1, rfc_answer,
			     "expected the offer's formats:%.80s", o);
}

static void judge_direction(struct pair *p)
{
	const enum pc_sdp_direction may =
		pc_sdp_direction_flip(p->o.m.direction);

	if (p->a.m.direction & ~may)
		pc_sdp_blame(p->j, ERROR,
			     p->a.direction ? p->a.direction
					    : p->a.section->first,
			     1, "RFC 3264 section 6.1",
			     "the offer is %s: expected %s%s, not %s",
			     pc_sdp_direction_text(p->o.m.direction),
			     pc_sdp_direction_text(may),
			     may == PC_SDP_INACTIVE ? "" : " or inactive",
			     pc_sdp_direction_text(p->a.m.direction));
}

static void judge_rtcp(struct pair *p)
{
	if (p->a.mux && !p->o.m.rtcp_mux)
		pc_sdp_blame(p->j, ERROR, p->a.mux, 1, "RFC 5761 section 5.1.1",
			     "a=rtcp-mux was not offered");
	if (p->o.mux_only && !p->a.mux)
		pc_sdp_blame(p->j, ERROR, p->a.section->first, 1,
			     "RFC 8858 section 4.3",
			     "expected a=rtcp-mux: the offer insists "
			     "(a=rtcp-mux-only)");
	if (p->a.rsize && !p->o.rsize)
		pc_sdp_blame(p->j, ERROR, p->a.rsize, 1, "RFC 5506 section 5",
			     "a=rtcp-rsize was not offered");
	if (p->a.feedback && !p->o.feedback)
		pc_sdp_blame(p->j, WARNING, p->a.feedback, 1,
			     "RFC 4585 section 4.2",
			     "a=rtcp-fb that was not offered");
}

/* RFC 8842 section 5.3. */
static void judge_dtls(struct pair *p)
{
	static const char rfc[] = "RFC 8842 section 5.3";
	const enum pc_sdp_setup o = p->o.m.setup, a = p->a.m.setup;
	const struct pc_sdp_line *at =
		p->a.setup ? p->a.setup : p->a.section->first;

	if (!p->o.m.dtls || a == PC_SDP_SETUP_NONE)
		return;
	if (a == PC_SDP_SETUP_ACTPASS)
		pc_sdp_blame(p->j, ERROR, at, 1, rfc,
			     "expected a=setup:active or passive: an answer "
			     "decides");
	else if (a != PC_SDP_SETUP_HOLDCONN && o == a)
		pc_sdp_blame(p->j, ERROR, at, 1, rfc, "both sides would be %s",
			     pc_sdp_setup_text(a));
	if (p->a.tls_id && !p->o.tls_id)
		pc_sdp_blame(p->j, WARNING, p->a.tls_id, 1, rfc,
			     "a=tls-id that was not offered");
}

/* One a=crypto, with the tag and suite of one that was offered. */
static void judge_sdes(struct pair *p)
{
	static const char rfc[] = "RFC 4568 section 5.1.3";
	const struct pc_sdp_line *line;
	struct pc_sdp_sdes chosen, offered;

	if (!p->a.crypto)
		return;
	if (p->a.n_crypto > 1)
		pc_sdp_blame(p->j, ERROR, p->a.crypto, 1, rfc,
			     "expected one a=crypto in an answer, not %u",
			     p->a.n_crypto);
	pc_sdp_sdes_read(&chosen, pc_sdp_line_attr(p->a.crypto, "crypto"));
	for (line = p->o.crypto; line; line = line->next) {
		const char *value = pc_sdp_line_attr(line, "crypto");

		if (!value)
			continue;
		pc_sdp_sdes_read(&offered, value);
		if (offered.tag == chosen.tag && chosen.suite &&
		    offered.suite && offered.suite_len == chosen.suite_len &&
		    memcmp(offered.suite, chosen.suite, chosen.suite_len) == 0)
			return;
	}
	pc_sdp_blame(p->j, ERROR, p->a.crypto, 10, rfc,
		     "expected tag and suite of an a=crypto of the offer");
}

static void judge_ice(struct pair *p)
{
	if (p->a.candidate && !p->o.ufrag && !p->o.candidate && !p->o.m.dtls)
		pc_sdp_blame(p->j, WARNING, p->a.candidate, 1,
			     "RFC 8839 section 4.3",
			     "candidates, although the offer has no ICE");
}

/* Ids mean in the answer what they mean in the offer. */
static void judge_extensions(struct pair *p)
{
	const struct pc_sdp_line *line, *offered[256] = { NULL };
	const char *value, *uri, *other;
	long id;

	for (line = p->o.extmap; line; line = line->next) {
		value = pc_sdp_line_attr(line, "extmap");
		id = value ? strtol(value, NULL, 10) : 0;
		if (id > 0 && id < 256 && !offered[id])
			offered[id] = line;
	}
	for (line = p->a.extmap; line; line = line->next) {
		value = pc_sdp_line_attr(line, "extmap");
		id = value ? strtol(value, NULL, 10) : 0;
		if (id <= 0 || id >= 256)
			continue;
		uri = value + strcspn(value, " ");
		other = offered[id] ? pc_sdp_line_attr(offered[id], "extmap")
				    : NULL;
		if (!other)
			pc_sdp_blame(
				p->j, WARNING, line, 10, "RFC 8285 section 7",
				"id %ld is not in this section's offer", id);
		else if (strcmp(other + strcspn(other, " "), uri) != 0)
			pc_sdp_blame(p->j, ERROR, line, 10,
				     "RFC 8285 section 7",
				     "id %ld means another extension in the "
				     "offer (line %u)",
				     id, offered[id]->number);
	}
}

static void judge_streams(struct pair *p)
{
	if (p->a.simulcast && !p->o.simulcast)
		pc_sdp_blame(p->j, ERROR, p->a.simulcast, 1,
			     "RFC 8853 section 5.3.2",
			     "a=simulcast was not offered");
}

static void judge_section(struct pair *p)
{
	if (!judge_line(p))
		return;
	judge_formats(p);
	judge_direction(p);
	judge_rtcp(p);
	judge_dtls(p);
	judge_sdes(p);
	judge_ice(p);
	judge_extensions(p);
	judge_streams(p);
}

/* RFC 9143 section 7.3: what is bundled was offered so. */
static void judge_groups(const struct pc_sdp *offer,
			 const struct pc_sdp *answer, struct pc_sdp_judge *j)
{
	struct pc_sdp_mids o = { 0 }, a = { 0 };
	unsigned i;

	if (pc_sdp_mids_init(&o, offer) == 0 &&
	    pc_sdp_mids_init(&a, answer) == 0) {
		for (i = 0; i < a.n; i++) {
			const char *mid = a.v[i].mid;
			const struct pc_sdp_mid *in =
				pc_sdp_mids_find(&o, mid, strlen(mid));

			if (a.v[i].bundled && !(in && in->bundled))
				pc_sdp_blame(
					j, ERROR,
					pc_sdp_find_attr(answer->session.first,
							 "group"),
					1, "RFC 9143 section 7.3",
					"the offer bundles no mid %.60s", mid);
		}
	}
	pc_sdp_mids_fini(&o);
	pc_sdp_mids_fini(&a);
}

static void judge_session(const struct pc_sdp *offer,
			  const struct pc_sdp *answer, struct pc_sdp_judge *j)
{
	const struct pc_sdp_line *o = pc_sdp_find(&offer->session, 't');
	const struct pc_sdp_line *a = pc_sdp_find(&answer->session, 't');

	if (offer->n_media != answer->n_media)
		pc_sdp_blame(j, ERROR, NULL, 0, rfc_answer,
			     "expected %u m= lines, as in the offer, not %u",
			     offer->n_media, answer->n_media);
	if (o && a && strcmp(o->text, a->text) != 0)
		pc_sdp_blame(j, WARNING, a, 1, rfc_answer,
			     "expected %.60s, as in the offer", o->text);
	if (pc_sdp_attr(&offer->session, "ice-lite") &&
	    pc_sdp_attr(&answer->session, "ice-lite"))
		pc_sdp_blame(
			j, WARNING,
			pc_sdp_find_attr(answer->session.first, "ice-lite"), 1,
			"RFC 8445 section 6.1.1",
			"both sides are lite: none of them checks");
}

void pc_sdp_check_pair(const struct pc_sdp *offer, const struct pc_sdp *answer,
		       struct pc_sdp_judge *judge)
{
	const struct pc_sdp_section *o = offer->media, *a = answer->media;
	struct pc_sdp_inherited from_offer, from_answer;
	struct pair p = { .j = judge };

	judge_session(offer, answer, judge);
	judge_groups(offer, answer, judge);
	pc_sdp_inherit(&from_offer, offer);
	pc_sdp_inherit(&from_answer, answer);
	for (; o && a; o = o->next, a = a->next) {
		if (pc_sdp_check_m(o->first, NULL) ||
		    pc_sdp_check_m(a->first, NULL))
			continue;
		pc_sdp_facts_read(&p.o, &from_offer, o, NULL);
		pc_sdp_facts_read(&p.a, &from_answer, a, NULL);
		judge_section(&p);
	}
}
