/*
 * One section, made into what the other kind of peer needs.
 */
#include "sdp/edit.h"
#include "sdp/feedback.h"
#include "sdp/hop.h"
#include "sdp/sdes.h"
#include "sdp/work.h"

#include <stdio.h>
#include <string.h>

#define WEBRTC_PROTO "UDP/TLS/RTP/SAVPF"
#define DTLS_PROTO   "UDP/TLS/RTP/SAVP" /* of a phone without ICE, RFC 5764 */
#define CRYPTO_MAX   16                 /* a=crypto lines that are looked at */

struct target {
	const char *proto;
	size_t len;
	bool dtls, sdes, feedback;
};

/* A phone of RFC 2543 holds by an address of zeros (RFC 3264 8.4). */
static enum pc_sdp_direction direction_meant(const struct pc_sdp_media *m)
{
	if (!m->dtls &&
	    (strcmp(m->ip, "0.0.0.0") == 0 || strcmp(m->ip, "::") == 0))
		return m->direction & PC_SDP_SENDONLY;
	return m->direction;
}

static void set_direction(struct pc_sdp_work *w, struct pc_sdp_pair *pair,
			  bool dtls)
{
	enum pc_sdp_direction d = direction_meant(&w->m);

	if (pair->offered)
		d &= pc_sdp_direction_flip(direction_meant(&w->offer));
	/* RFC 8829 5.2.1: browsers say it in each section */
	if (d != w->m.direction ||
	    (dtls && !pc_sdp_attr(pair->section, pc_sdp_direction_text(d))))
		pc_sdp_set_direction(w->sdp, pair->section, d);
}

static void set_port(struct pc_sdp_work *w, struct pc_sdp_section *s,
		     unsigned port, const char *why)
{
	const char *at = pc_sdp_value(s->first), *kind;
	size_t kind_len, len;

	kind = pc_sdp_word(&at, &kind_len);
	pc_sdp_word(&at, &len);
	pc_sdp_rewrite(w->sdp, s->first, why, "m=%.*s %u%s", (int)kind_len,
		       kind, port, at);
}

/* Replace port and address by what says "wait for candidates" (RFC 8840). */
static void set_no_address(struct pc_sdp_work *w, struct pc_sdp_section *s)
{
	static const char why[] = "ICE finds the address";
	struct pc_sdp_line *c = pc_sdp_find(s, 'c');

	set_port(w, s, 9, why);
	if (c)
		pc_sdp_rewrite(w->sdp, c, why, "c=IN IP4 0.0.0.0");
	else
		pc_sdp_add_ordered(w->sdp, s, why, "c=IN IP4 0.0.0.0");
}

static struct pc_sdp_line *laid(const struct pc_sdp_work *w,
				const struct pc_sdp_section *s,
				const char *name)
{
	return pc_sdp_lay_find(w->how->lays, w->how->n_lays, s, name);
}

/* Is DTLS to be offered: to a browser, by --profile, or because it is there? */
static bool offers_dtls(const struct pc_sdp_work *w,
			const struct pc_sdp_pair *pair)
{
	if (pc_sdp_to_webrtc(w))
		return true;
	if (w->how->profile)
		return strstr(w->how->profile, "/TLS/") != NULL;
	return pc_sdp_lay_has_dtls(w->how->lays, w->how->n_lays, pair->section);
}

/* RFC 3264 section 6: the offer's protocol. */
static struct target answer_target(const struct pc_sdp_work *w,
				   const struct pc_sdp_pair *pair)
{
	const bool crypto = laid(w, pair->section, "crypto");
	const bool print = laid(w, pair->section, "fingerprint");
	const char *at = pc_sdp_value(pair->offered->first);
	struct target t = { .dtls = w->offer.dtls };

	pc_sdp_word(&at, &t.len);
	pc_sdp_word(&at, &t.len);
	t.proto = pc_sdp_word(&at, &t.len);
	/* Both offered: what the gateway has keys for. */
	if (t.dtls && crypto && !print && pc_sdp_attr(pair->offered, "crypto"))
		t.dtls = false;
	t.sdes = w->offer.secure && !t.dtls;
	t.feedback = w->offer.feedback;
	return t;
}

static struct target offer_target(const struct pc_sdp_work *w,
				  const struct pc_sdp_pair *pair)
{
	static const char *const plain[] = { "RTP/AVP", "RTP/AVPF" };
	static const char *const sdes[] = { "RTP/SAVP", "RTP/SAVPF" };
	const struct pc_sdp_media *m = &w->m;
	const bool same = m->dtls == pc_sdp_to_webrtc(w);
	struct target t = { .dtls = offers_dtls(w, pair), .proto = m->proto };
	bool keys = same && m->secure;

	if (w->media_laid)
		keys = laid(w, pair->section, "crypto") != NULL;
	if (w->how->profile)
		t.proto = w->how->profile;
	else if (t.dtls && !pc_sdp_to_webrtc(w))
		t.proto = DTLS_PROTO;
	else if (t.dtls && !same)
		t.proto = WEBRTC_PROTO;
	else if (!t.dtls)
		t.proto = (keys ? sdes : plain)[same && m->feedback];
	t.len = strlen(t.proto);
	t.feedback = t.len > 3 && strcmp(t.proto + t.len - 3, "VPF") == 0;
	t.sdes = !t.dtls && strstr(t.proto, "SAVP");
	return t;
}

/* RFC 8842 section 5.3, when DTLS is offered. */
static void set_setup(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	static const char why[] = "the DTLS role that fits the offer";
	const char *now = pc_sdp_attr(pair->section, "setup");
	const char *role = "active";

	if (!pair->offered) {
		if (!now && pc_sdp_attr(pair->section, "fingerprint") &&
		    !pc_sdp_attr(&w->sdp->session, "setup"))
			pc_sdp_set_attr(w->sdp, pair->section, "setup",
					"actpass", why);
		return;
	}
	if (w->offer.setup == PC_SDP_SETUP_ACTIVE)
		role = "passive";
	else if (w->offer.setup == PC_SDP_SETUP_HOLDCONN)
		role = "holdconn";
	else if (w->offer.setup != PC_SDP_SETUP_PASSIVE && now &&
		 strcmp(now, "passive") == 0)
		role = now;
	pc_sdp_set_attr(w->sdp, pair->section, "setup", role, why);
}

/* RFC 5761 5.1.1: only what was offered; browsers demand it (RFC 8829). */
static void set_rtcp_mux(struct pc_sdp_work *w, const struct pc_sdp_pair *pair,
			 bool dtls)
{
	static const char why[] = "RTP and RTCP on one port, if both can";

	if (pair->offered && !w->offer.rtcp_mux)
		pc_sdp_remove_attr(w->sdp, pair->section, "rtcp-mux", why);
	else if (dtls)
		pc_sdp_set_attr(w->sdp, pair->section, "rtcp-mux", "", why);
}

/* What a fragment says, but an answer may only if the offer does. */
static void remove_unoffered(struct pc_sdp_work *w,
			     const struct pc_sdp_pair *pair)
{
	static const char *const names[] = { "rtcp-rsize", "rtcp-mux-only",
					     "tls-id", "simulcast" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!pc_sdp_attr(pair->offered, names[i]))
			pc_sdp_remove_attr(w->sdp, pair->section, names[i],
					   "it was not offered");
}

/* Without it a browser's track would be in no stream (RFC 8829 5.2.1). */
static void set_msid(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	char msid[40];

	snprintf(msid, sizeof(msid), "pipecall %s", w->m.kind);
	if (!pc_sdp_attr(pair->section, "msid") &&
	    (w->crossing || !pc_sdp_attr(pair->section, "ssrc")))
		pc_sdp_set_attr(w->sdp, pair->section, "msid", msid,
				"a stream for the browser");
}

static void set_ptime(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	static const char why[] = "the packet time that was asked for";
	const unsigned ms = w->how->ptime_ms;
	char text[16];

	if (!ms || strcmp(w->m.kind, "audio") != 0)
		return;
	snprintf(text, sizeof(text), "%u", ms);
	pc_sdp_set_attr(w->sdp, pair->section, "ptime", text, why);
	if (w->m.maxptime_ms && w->m.maxptime_ms < ms)
		pc_sdp_set_attr(w->sdp, pair->section, "maxptime", text, why);
}

int pc_sdp_lay_all(struct pc_sdp_work *w, struct pc_sdp_pair *pair, bool dtls)
{
	unsigned i, what = dtls ? PC_SDP_LAY_DTLS : PC_SDP_LAY_PLAIN;
	int rc = 0;

	if (dtls && w->any_laid_dtls)
		what |= PC_SDP_LAY_AGAIN;
	if (!pair->first)
		what |= PC_SDP_LAY_ANOTHER;
	for (i = 0; i < w->how->n_lays && rc == 0; i++) {
		if (w->err)
			w->err->fragment = i;
		rc = pc_sdp_lay(w->sdp, pair->section, &w->how->lays[i], what,
				w->err);
	}
	w->any_laid_dtls |= dtls;
	return rc;
}

/*
 * An a=crypto of the offer with the suite of value; its tag, or -1. The leg of
 * a gateway does not do what is out of the ordinary: it is as if such a line
 * were not there (RFC 4568 sections 5.1.2 and 6.3).
 */
static long offered_tag(const struct pc_sdp_work *w,
			const struct pc_sdp_section *offered, const char *value)
{
	struct pc_sdp_line *line = offered->first;
	struct pc_sdp_sdes ours, theirs;
	unsigned i;

	pc_sdp_sdes_read(&ours, value);
	for (i = 0; i < CRYPTO_MAX; i++, line = line->next) {
		line = pc_sdp_find_attr(line, "crypto");
		if (!line)
			break;
		if (pc_sdp_sdes_read(&theirs,
				     pc_sdp_line_attr(line, "crypto")) ==
			    PC_SDP_SDES_BROKEN ||
		    (w->media_laid && !theirs.plain))
			continue;
		if (ours.suite && theirs.suite &&
		    ours.suite_len == theirs.suite_len &&
		    memcmp(ours.suite, theirs.suite, ours.suite_len) == 0)
			return (long)theirs.tag;
	}
	return -1;
}

/* RFC 4568 5.1.3: one a=crypto, with the tag that its suite was offered by. */
static void set_crypto(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	static const char why[] = "the one that answers the offer's";
	struct pc_sdp_line *line, *next;
	unsigned looked_at = 0;
	bool chosen = false;

	for (line = pair->section->first; line; line = next) {
		const char *value = pc_sdp_line_attr(line, "crypto");
		long tag;

		next = line->next;
		if (!value)
			continue;
		tag = chosen || looked_at++ >= CRYPTO_MAX
			      ? -1
			      : offered_tag(w, pair->offered, value);
		if (tag < 0) {
			pc_sdp_remove(w->sdp, pair->section, line, why);
			continue;
		}
		chosen = true;
		pc_sdp_rewrite(w->sdp, line, why, "a=crypto:%ld%s", tag,
			       value + strspn(value, "0123456789"));
	}
}

/* No fragment has one: can that be said to the other side? */
static int check_no_fingerprint(struct pc_sdp_work *w,
				const struct pc_sdp_pair *pair)
{
	if (!pair->offered && !pc_sdp_to_webrtc(w))
		return pc_sdp_nothing(w->err, "RFC 5763 section 5",
				      "UDP/TLS needs a=fingerprint, and no "
				      "fragment has one");
	if (pair->offered && w->media_laid)
		return pc_sdp_nothing(w->err, "RFC 8842 section 5.3",
				      "the offer is secured by DTLS, and no "
				      "fragment has a fingerprint");
	return 0;
}

/* Before anything changes: are there keys for what is to be secured? */
static int check_keys(struct pc_sdp_work *w, const struct pc_sdp_pair *pair,
		      const struct target *t)
{
	struct pc_sdp_line *line = laid(w, pair->section, "crypto");
	unsigned i;

	if (t->dtls && !laid(w, pair->section, "fingerprint"))
		return check_no_fingerprint(w, pair);
	if (!t->sdes || (!pair->offered && (line || !w->media_laid)))
		return 0;
	if (!pair->offered)
		return pc_sdp_nothing(
			w->err, "RFC 4568 section 7.1",
			"RTP/SAVP needs a=crypto, and no fragment "
			"has one");
	if (!w->media_laid)
		line = pc_sdp_find_attr(pair->section->first, "crypto");
	for (i = 0; line && i < CRYPTO_MAX;
	     i++, line = pc_sdp_find_attr(line->next, "crypto"))
		if (offered_tag(w, pair->offered,
				pc_sdp_line_attr(line, "crypto")) >= 0)
			return 0;
	return pc_sdp_nothing(w->err, "RFC 4568 section 5.1.3",
			      "the offer is secured by a=crypto, and neither "
			      "the description nor a fragment has a key for "
			      "one of its suites");
}

static int choose_codecs(struct pc_sdp_work *w, const struct pc_sdp_pair *pair,
			 struct pc_sdp_payloads *list)
{
	const struct pc_sdp_convert *how = w->how;
	const struct pc_sdp_choice choice = {
		.codecs = how->codecs,
		.prefer = how->prefer,
		.drop = how->drop,
		.transcode = how->transcode,
		.keep_repair = !w->crossing,
	};
	int rc = 0;

	if (pair->offered) {
		rc = pc_sdp_payloads_answer(list, &w->offer, &w->m, &choice);
	} else {
		pc_sdp_payloads_offer(list, &w->m, &choice);
		if (w->crossing && pc_sdp_to_webrtc(w))
			pc_sdp_payloads_renumber(list, &w->m, w->taken);
	}
	if (rc == 0 && list->n)
		return 0;
	return pc_sdp_nothing(w->err, "RFC 3264 section 6",
			      pair->offered
				      ? "the offer and the answer share no "
					"codec, and none that could be "
					"transcoded"
				      : "no codec is left to offer");
}

static void set_feedback(struct pc_sdp_work *w, const struct pc_sdp_pair *pair,
			 const struct pc_sdp_payloads *list,
			 const struct target *t)
{
	unsigned how = 0;

	if (pair->offered) {
		pc_sdp_feedback_answer(w->sdp, pair->section, list,
				       pair->offered, t->dtls);
		return;
	}
	if (w->crossing) {
		how = PC_SDP_FEEDBACK_CROSSING;
		if (!t->feedback)
			how |= PC_SDP_FEEDBACK_NONE;
		if (t->dtls)
			how |= PC_SDP_FEEDBACK_DTLS;
	}
	pc_sdp_feedback_offer(w->sdp, pair->section, list, how);
}

/* The lines that speak of one hop only, out and in. */
static int cross(struct pc_sdp_work *w, struct pc_sdp_pair *pair,
		 const struct target *t)
{
	struct pc_sdp_line *keep[CRYPTO_MAX];
	unsigned n = 0, i;
	struct pc_sdp_line *line = NULL;
	int rc;

	/* Without a gateway in between, keys are from end to end. */
	if (t->sdes && !w->media_laid)
		line = pc_sdp_find_attr(pair->section->first, "crypto");
	for (; line && n < CRYPTO_MAX;
	     line = pc_sdp_find_attr(line->next, "crypto"))
		keep[n++] = line;
	pc_sdp_strip(w->sdp, pair->section);
	for (i = 0; i < n; i++)
		pc_sdp_add(w->sdp, pair->section, PC_SDP_LAST,
			   "its keys are from end to end", "%s", keep[i]->text);
	if (t->dtls)
		set_no_address(w, pair->section);
	else if (w->m.port == 0)
		set_port(w, pair->section, 9, "its group ends here");
	rc = pc_sdp_lay_all(w, pair, t->dtls);
	if (!t->sdes)
		pc_sdp_remove_attr(w->sdp, pair->section, "crypto",
				   "the protocol is not one of SDES");
	if (!t->dtls && pair->offered && t->sdes)
		set_crypto(w, pair);
	return rc;
}

static int apply(struct pc_sdp_work *w, struct pc_sdp_pair *pair,
		 const struct pc_sdp_payloads *list, const struct target *t)
{
	const bool as_is = w->how->as_is && !w->crossing;
	int rc = 0;

	if (!as_is)
		set_direction(w, pair, t->dtls);
	pc_sdp_payloads_write(list, w->sdp, pair->section, t->proto, t->len,
			      t->dtls && !as_is);
	set_feedback(w, pair, list, t);
	set_ptime(w, pair);
	if (w->crossing)
		rc = cross(w, pair, t);
	if (rc || as_is)
		return rc;
	if (pc_sdp_to_webrtc(w) || pair->offered)
		pc_sdp_set_mid(w, pair);
	if (pair->offered)
		remove_unoffered(w, pair);
	if (t->dtls || pair->offered)
		set_rtcp_mux(w, pair, t->dtls);
	if (t->dtls)
		set_setup(w, pair);
	if (t->dtls && w->crossing)
		pc_sdp_feedback_wide(w->sdp, pair->section, pair->offered);
	if (pc_sdp_to_webrtc(w))
		set_msid(w, pair);
	return 0;
}

void pc_sdp_reserve(struct pc_sdp_work *w, const struct pc_sdp_pair *pair)
{
	const struct pc_sdp_choice all = { 0 };
	struct pc_sdp_payloads list;

	if (!w->crossing || !pc_sdp_to_webrtc(w) || pair->offered ||
	    pc_sdp_media_read_in(&w->m, &w->from, pair->section, NULL))
		return;
	pc_sdp_payloads_offer(&list, &w->m, &all);
	pc_sdp_payloads_renumber(&list, &w->m, w->taken);
	pc_sdp_payloads_fini(&list);
}

int pc_sdp_convert_section(struct pc_sdp_work *w, struct pc_sdp_pair *pair)
{
	struct pc_sdp_payloads list;
	struct target t;
	int rc;

	if (w->err)
		w->err->where = PC_SDP_IN_OFFER;
	rc = pair->offered ? pc_sdp_media_read_in(&w->offer, &w->offer_from,
						  pair->offered, w->err)
			   : 0;
	if (rc)
		return rc;
	if (w->err)
		w->err->where = PC_SDP_IN_INPUT;
	rc = pc_sdp_media_read_in(&w->m, &w->from, pair->section, w->err);
	if (rc)
		return rc;
	t = pair->offered ? answer_target(w, pair) : offer_target(w, pair);
	rc = check_keys(w, pair, &t);
	if (rc)
		return rc;
	rc = choose_codecs(w, pair, &list);
	if (rc == 0 && t.dtls)
		rc = pc_sdp_check_path(w, pair);
	if (rc == 0)
		rc = apply(w, pair, &list, &t);
	pc_sdp_payloads_fini(&list);
	return rc;
}
