#include "sdp/convert.h"

#include "sdp/edit.h"
#include "sdp/hop.h"
#include "sdp/media.h"
#include "sdp/payload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WEBRTC_PROTO "UDP/TLS/RTP/SAVPF"
#define SIP_PROTO    "RTP/AVP"
#define LOOK_AT_MAX  16

/* The work in hand: one carried section, and what it was before. */
struct work {
	const struct pc_sdp_convert *how;
	struct pc_sdp *sdp;
	struct pc_sdp_section *section; /* the carried one */
	struct pc_sdp_media m;
	const struct pc_sdp_section *offered; /* in how->answer_to; or NULL */
	struct pc_sdp_media offer;
	struct pc_sdp_error *err;
};

static int nothing(struct pc_sdp_error *err, const char *rfc, const char *why)
{
	pc_sdp_fail(err, NULL, rfc, "%s", why);
	return -ENODATA;
}

/* Keys by SDES (RFC 4568), which nobody here speaks yet. */
static bool has_sdes(const struct pc_sdp_media *m)
{
	return m->secure && !m->dtls && !m->n_fingerprints;
}

/*
 * The section that is carried: the first audio that is not rejected and that
 * media can take. 0 with *section NULL when there is none among the first
 * LOOK_AT_MAX (each look takes a time that grows with the session's lines).
 */
static int find_carried(struct pc_sdp_section **section, struct pc_sdp_media *m,
			const struct pc_sdp *sdp, struct pc_sdp_error *err)
{
	struct pc_sdp_section *s;
	unsigned looked_at = 0;

	*section = NULL;
	for (s = sdp->media; s && looked_at < LOOK_AT_MAX; s = s->next) {
		if (strncmp(s->first->text, "m=audio", 7) != 0 ||
		    pc_sdp_section_rejected(s))
			continue;
		looked_at++;
		if (pc_sdp_media_read(m, sdp, s, err))
			return -EBADMSG;
		if (strcmp(m->kind, "audio") == 0 && m->rtp && !has_sdes(m)) {
			*section = s;
			return 0;
		}
	}
	return 0;
}

static void remove_other_sections(struct work *w)
{
	struct pc_sdp_section *s, *next;

	for (s = w->sdp->media; s; s = next) {
		next = s->next;
		if (s != w->section)
			pc_sdp_section_remove(w->sdp, s,
					      "the gateway does not carry it");
	}
}

static bool to_webrtc(const struct work *w)
{
	return w->how->to == PC_SDP_TO_WEBRTC;
}

/* Is the hop that the result is for secured by DTLS? The offer says. */
static bool to_dtls(const struct work *w)
{
	return w->offered ? w->offer.dtls : to_webrtc(w);
}

/* A phone of RFC 2543 holds by an address of zeros (RFC 3264 8.4). */
static enum pc_sdp_direction direction_meant(const struct pc_sdp_media *m)
{
	if (!m->dtls &&
	    (strcmp(m->ip, "0.0.0.0") == 0 || strcmp(m->ip, "::") == 0))
		return m->direction & PC_SDP_SENDONLY;
	return m->direction;
}

static void set_direction(struct work *w)
{
	enum pc_sdp_direction d = direction_meant(&w->m);

	if (w->offered)
		d &= pc_sdp_direction_flip(direction_meant(&w->offer));
	/* RFC 8829 5.2.1: browsers say it in each section */
	if (d != w->m.direction ||
	    (to_dtls(w) && !pc_sdp_attr(w->section, pc_sdp_direction_text(d))))
		pc_sdp_set_direction(w->sdp, w->section, d);
}

/* Replace port and address by what says "wait for candidates" (RFC 8840). */
static void set_no_address(struct work *w)
{
	static const char why[] = "ICE finds the address";
	const char *at = pc_sdp_value(w->section->first), *kind;
	struct pc_sdp_line *c = pc_sdp_find(w->section, 'c');
	size_t kind_len, len;

	kind = pc_sdp_word(&at, &kind_len);
	pc_sdp_word(&at, &len);
	pc_sdp_rewrite(w->sdp, w->section->first, why, "m=%.*s 9%s",
		       (int)kind_len, kind, at);
	if (c)
		pc_sdp_rewrite(w->sdp, c, why, "c=IN IP4 0.0.0.0");
	else
		pc_sdp_add_ordered(w->sdp, w->section, why, "c=IN IP4 0.0.0.0");
}

static int set_payloads(struct work *w)
{
	struct pc_sdp_payloads list;
	const char *proto = to_webrtc(w) ? WEBRTC_PROTO : SIP_PROTO, *at;
	size_t len = strlen(proto);
	int rc = 0;

	if (w->offered) { /* RFC 3264 section 6: the offer's protocol */
		at = pc_sdp_value(w->offered->first);
		pc_sdp_word(&at, &len);
		pc_sdp_word(&at, &len);
		proto = pc_sdp_word(&at, &len);
		rc = pc_sdp_payloads_answer(&list, &w->offer, &w->m,
					    w->how->codecs, w->how->transcode);
	} else {
		if (w->m.dtls == to_webrtc(w)) { /* AVPF stays AVPF */
			proto = w->m.proto;
			len = strlen(proto);
		}
		pc_sdp_payloads_offer(&list, &w->m, w->how->codecs);
	}
	if (rc || list.n == 0)
		return nothing(w->err, "RFC 3264 section 6",
			       w->offered ? "the offer and the answer share no "
					    "codec, and none that could be "
					    "transcoded"
					  : "no codec is left to offer");
	pc_sdp_payloads_write(&list, w->sdp, w->section, proto, len,
			      to_dtls(w));
	return 0;
}

/* RFC 8842 section 5.3, when DTLS is offered. */
static void set_setup(struct work *w)
{
	static const char why[] = "the DTLS role that fits the offer";
	const char *now = pc_sdp_attr(w->section, "setup");
	const char *role = "active";

	if (!w->offered) {
		if (!now && pc_sdp_attr(w->section, "fingerprint"))
			pc_sdp_set_attr(w->sdp, w->section, "setup", "actpass",
					why);
		return;
	}
	if (w->offer.setup == PC_SDP_SETUP_ACTIVE)
		role = "passive";
	else if (w->offer.setup == PC_SDP_SETUP_HOLDCONN)
		role = "holdconn";
	else if (w->offer.setup != PC_SDP_SETUP_PASSIVE && now &&
		 strcmp(now, "passive") == 0)
		role = now;
	pc_sdp_set_attr(w->sdp, w->section, "setup", role, why);
}

/* Does the offer's BUNDLE group name this mid? (RFC 9143 section 7.3) */
static bool bundled(const struct pc_sdp *sdp, const char *mid)
{
	struct pc_sdp_line *line = sdp->session.first;
	const char *at, *word;
	size_t len;

	for (; (line = pc_sdp_find_attr(line, "group")); line = line->next) {
		at = pc_sdp_line_attr(line, "group");
		word = pc_sdp_word(&at, &len);
		if (!word || len != 6 || memcmp(word, "BUNDLE", 6) != 0)
			continue;
		while ((word = pc_sdp_word(&at, &len)))
			if (len == strlen(mid) && memcmp(word, mid, len) == 0)
				return true;
	}
	return false;
}

/* a=mid and the BUNDLE group of the one section that is carried. */
static void set_mid(struct work *w)
{
	static const char why[] = "RFC 9143: the carried section's group";
	const char *mid = w->offered ? w->offer.mid : w->m.mid;
	char group[300];

	if (!w->offered && !mid)
		mid = "0";
	if (!mid) {
		pc_sdp_remove_attr(w->sdp, w->section, "mid", why);
		return;
	}
	pc_sdp_set_attr(w->sdp, w->section, "mid", mid, why);
	if (!to_webrtc(w) || strlen(mid) > 256 ||
	    (w->offered && !bundled(w->how->answer_to, mid)))
		return;
	snprintf(group, sizeof(group), "BUNDLE %s", mid);
	pc_sdp_set_attr(w->sdp, &w->sdp->session, "group", group, why);
}

/* RFC 5761 5.1.1: only what was offered; browsers demand it (RFC 8829). */
static void set_rtcp_mux(struct work *w)
{
	static const char why[] = "RTP and RTCP on one port, if both can";

	if (!w->offered || w->offer.rtcp_mux)
		pc_sdp_set_attr(w->sdp, w->section, "rtcp-mux", "", why);
	else
		pc_sdp_remove_attr(w->sdp, w->section, "rtcp-mux", why);
}

/* Without it a browser's track would be in no stream (RFC 8829 5.2.1). */
static void set_msid(struct work *w)
{
	if (!pc_sdp_attr(w->section, "msid"))
		pc_sdp_set_attr(w->sdp, w->section, "msid", "pipecall audio",
				"a stream for the browser");
}

static int lay_fragments(struct work *w, enum pc_sdp_lay_for what)
{
	unsigned i;
	int rc = 0;

	for (i = 0; i < w->how->n_lays && rc == 0; i++) {
		if (w->err)
			w->err->fragment = i;
		rc = pc_sdp_lay(w->sdp, w->section, &w->how->lays[i], what,
				w->err);
	}
	return rc;
}

/* c= of the session, when the only section now has its own. */
static void remove_session_address(struct work *w)
{
	struct pc_sdp_line *c = pc_sdp_find(&w->sdp->session, 'c');

	if (c && pc_sdp_find(w->section, 'c'))
		pc_sdp_remove(w->sdp, &w->sdp->session, c,
			      "the section has its own");
}

/* Answer port 0 to what is not carried (RFC 3264 6, RFC 8829 5.3.1). */
static void reject(struct work *w, const struct pc_sdp_section *offered,
		   struct pc_sdp_section *before, bool address)
{
	static const char why[] = "the gateway does not carry it";
	const char *at = pc_sdp_value(offered->first), *kind, *mid;
	struct pc_sdp_section *s;
	size_t kind_len, len;

	kind = pc_sdp_word(&at, &kind_len);
	pc_sdp_word(&at, &len);
	s = pc_sdp_section_insert(w->sdp, before, why, "m=%.*s 0%s",
				  (int)kind_len, kind, at);
	if (!s)
		return;
	if (address)
		pc_sdp_add(w->sdp, s, PC_SDP_LAST, why, "c=IN IP4 0.0.0.0");
	mid = pc_sdp_attr(offered, "mid");
	if (mid)
		pc_sdp_add(w->sdp, s, PC_SDP_LAST, why, "a=mid:%s", mid);
	if (to_webrtc(w))
		pc_sdp_add(w->sdp, s, PC_SDP_LAST, why, "a=inactive");
}

static void reject_others(struct work *w)
{
	const struct pc_sdp_section *s = w->how->answer_to->media;
	struct pc_sdp_section *before = w->section;
	const bool address = !pc_sdp_find(&w->sdp->session, 'c');

	for (; s; s = s->next) {
		if (s == w->offered)
			before = NULL;
		else
			reject(w, s, before, address);
	}
}

static int find_sections(struct work *w)
{
	static const char rfc[] = "RFC 3264 section 6";
	struct pc_sdp_section *offered;
	int rc;

	if (w->how->answer_to) {
		rc = find_carried(&offered, &w->offer, w->how->answer_to,
				  w->err);
		if (w->err)
			w->err->where = PC_SDP_IN_OFFER;
		if (rc)
			return rc;
		if (!offered)
			return nothing(w->err, rfc,
				       "the offer has no audio "
				       "that can be answered");
		w->offered = offered;
	}
	if (w->err)
		w->err->where = PC_SDP_IN_INPUT;
	rc = find_carried(&w->section, &w->m, w->sdp, w->err);
	if (rc)
		return rc;
	if (!w->section)
		return nothing(w->err, rfc,
			       w->sdp->media ? "all audio is rejected, or of a "
					       "kind that cannot be carried"
					     : "there is no m= line");
	return 0;
}

static int convert(struct work *w)
{
	/* an offer of the right kind keeps what it says, if left alone */
	const bool crossing =
		w->offered || w->how->n_lays || w->m.dtls != to_dtls(w);
	int rc;

	remove_other_sections(w);
	if (crossing) {
		pc_sdp_tidy(w->sdp);
		rc = pc_sdp_media_read(&w->m, w->sdp, w->section, w->err);
		if (rc)
			return rc;
		pc_sdp_strip_hop(w->sdp, w->section);
	}
	set_direction(w);
	rc = set_payloads(w);
	if (rc)
		return rc;
	if (crossing && to_dtls(w))
		set_no_address(w);
	rc = lay_fragments(w, to_dtls(w) ? PC_SDP_LAY_WEBRTC : PC_SDP_LAY_SIP);
	if (rc)
		return rc;
	remove_session_address(w);
	if (to_webrtc(w) || w->offered)
		set_mid(w);
	if (to_dtls(w)) {
		set_rtcp_mux(w);
		set_setup(w);
	}
	if (to_webrtc(w))
		set_msid(w);
	if (w->offered)
		reject_others(w);
	return w->sdp->oom ? -ENOMEM : 0;
}

/* No conversion: fragments alone, into the section that carries media. */
static int lay_only(struct work *w)
{
	int rc = find_sections(w);

	if (rc)
		return rc;
	rc = lay_fragments(w, w->m.dtls ? PC_SDP_LAY_WEBRTC : PC_SDP_LAY_SIP);
	return rc == 0 && w->sdp->oom ? -ENOMEM : rc;
}

int pc_sdp_convert(struct pc_sdp *sdp, const struct pc_sdp_convert *how,
		   struct pc_sdp_error *err)
{
	struct work w = { .how = how, .sdp = sdp, .err = err };
	int rc;

	if (how->to == PC_SDP_TO_SAME)
		return how->n_lays ? lay_only(&w) : 0;
	rc = find_sections(&w);
	return rc ? rc : convert(&w);
}
