/*
 * Transport, keys, feedback, header extensions and streams of one section.
 */
#include "sdp/check_media.h"

#include "sdp/sdes.h"

#include <stdlib.h>
#include <string.h>

#define ERROR   PC_SDP_ERROR
#define WARNING PC_SDP_WARNING

static void judge_direction(const struct pc_sdp_facts *f,
			    struct pc_sdp_judge *j)
{
	if (f->direction2)
		pc_sdp_blame(j, ERROR, f->direction2, 1, "RFC 8866 section 6.7",
			     "a second direction: line %u has one, too",
			     f->direction->number);
	if (!f->m.dtls && !f->rejected && strcmp(f->m.ip, "0.0.0.0") == 0)
		pc_sdp_blame(j, WARNING, f->c ? f->c : f->section->first, 1,
			     "RFC 3264 section 8.4",
			     "hold by an address of zeros is of RFC 2543: "
			     "a=sendonly says it today");
}

static void judge_transport(const struct pc_sdp_facts *f,
			    struct pc_sdp_judge *j)
{
	const struct pc_sdp_media *m = &f->m;

	if (m->rtp && m->port & 1 && !m->rtcp_mux && !f->rtcp && m->port != 9)
		pc_sdp_blame(j, WARNING, f->section->first, 1,
			     "RFC 3550 section 11",
			     "an odd RTP port, and no a=rtcp that says where "
			     "RTCP is");
	if (m->port == 65535 && m->rtp && !m->rtcp_mux && !f->rtcp)
		pc_sdp_blame(j, ERROR, f->section->first, 1,
			     "RFC 3550 section 11", "no port is left for RTCP");
	if (f->mux_only && !f->mux)
		pc_sdp_blame(j, WARNING, f->mux_only, 1, "RFC 8858 section 3",
			     "expected a=rtcp-mux beside a=rtcp-mux-only, for "
			     "those who do not know it");
	if (m->ptime_ms && m->maxptime_ms && m->ptime_ms > m->maxptime_ms)
		pc_sdp_blame(j, WARNING, f->ptime, 1, "RFC 8866 section 6.5",
			     "ptime is more than maxptime");
	if (strstr(m->proto, "SCTP") && strstr(m->proto, "DTLS") &&
	    strcmp(m->proto, "DTLS/SCTP") != 0 && !f->sctp_port && !f->rejected)
		pc_sdp_blame(j, ERROR, f->section->first, 1,
			     "RFC 8841 section 5", "expected a=sctp-port");
}

static void judge_crypto(const struct pc_sdp_facts *f, struct pc_sdp_judge *j)
{
	static const char rfc[] = "RFC 4568 section 9.1";
	const struct pc_sdp_line *line;
	struct pc_sdp_sdes key;
	bool seen[10] = { false };

	for (line = f->crypto; line; line = line->next) {
		const char *value = pc_sdp_line_attr(line, "crypto");

		if (!value)
			continue;
		switch (pc_sdp_sdes_read(&key, value)) {
		case PC_SDP_SDES_OK:
			break;
		case PC_SDP_SDES_UNKNOWN:
			pc_sdp_blame(j, WARNING, line, 1, rfc,
				     "a suite that few know: %.*s",
				     (int)key.suite_len, key.suite);
			break;
		case PC_SDP_SDES_BROKEN:
			pc_sdp_blame(j, ERROR, line, 1, rfc,
				     "expected inline: and a key of %zu bytes "
				     "in base64",
				     key.want_len);
		}
		if (key.tag < 10 && seen[key.tag])
			pc_sdp_blame(j, ERROR, line, 10, rfc,
				     "tag %u a second time", key.tag);
		if (key.tag < 10)
			seen[key.tag] = true;
	}
}

static void judge_keys(const struct pc_sdp_facts *f,
		       const struct pc_sdp_inherited *from,
		       struct pc_sdp_judge *j)
{
	const struct pc_sdp_media *m = &f->m;
	const struct pc_sdp_line *first = f->section->first;
	const bool named_dtls =
		strstr(m->proto, "/TLS/") || strstr(m->proto, "/DTLS/");

	judge_crypto(f, j);
	if (f->rejected || f->bundle_only)
		return;
	if (m->dtls && !m->n_fingerprints && !from->broken)
		pc_sdp_blame(j, ERROR, first, 1, "RFC 8842 section 5.1",
			     "expected a=fingerprint, without which nobody "
			     "can know whom DTLS connects");
	if (m->dtls && m->setup == PC_SDP_SETUP_NONE)
		pc_sdp_blame(j, f->setup ? ERROR : WARNING,
			     f->setup ? f->setup : first, 1,
			     "RFC 8842 section 5.1",
			     "expected a=setup: active, passive, actpass or "
			     "holdconn");
	if (m->secure && !m->dtls && !f->crypto)
		pc_sdp_blame(j, ERROR, first, 1, "RFC 4568 section 7.1",
			     "expected a=crypto or a=fingerprint: %s needs "
			     "keys",
			     m->proto);
	if (f->crypto && named_dtls)
		pc_sdp_blame(j, ERROR, f->crypto, 1, "RFC 8827 section 6.5",
			     "a=crypto where DTLS makes the keys");
	else if (f->crypto && !m->secure)
		pc_sdp_blame(j, WARNING, f->crypto, 1, "RFC 4568 section 4",
			     "a=crypto belongs to RTP/SAVP, not to %s",
			     m->proto);
}

static void judge_extensions(const struct pc_sdp_facts *f,
			     struct pc_sdp_judge *j)
{
	static const char rfc[] = "RFC 8285 section 7";
	const struct pc_sdp_line *line, *seen[256] = { NULL };
	const char *value;
	long id;

	for (line = f->extmap; line; line = line->next) {
		value = pc_sdp_line_attr(line, "extmap");
		if (!value)
			continue;
		id = strtol(value, NULL, 10);
		if (id >= 4096 && id <= 4351)
			continue; /* to be chosen from */
		if (id < 1 || id > 255 || id == 15)
			pc_sdp_blame(j, ERROR, line, 10, rfc,
				     "expected an id from 1 to 14 or 16 to "
				     "255");
		else if (seen[id])
			pc_sdp_blame(j, ERROR, line, 10, rfc,
				     "id %ld is that of line %u, too", id,
				     seen[id]->number);
		else
			seen[id] = line;
	}
}

/* Is word among the rids of the section? */
static bool rid_known(const struct pc_sdp_facts *f, const char *word,
		      size_t len)
{
	const struct pc_sdp_line *line;
	const char *value;

	for (line = f->rid; line; line = line->next) {
		value = pc_sdp_line_attr(line, "rid");
		if (value && strncmp(value, word, len) == 0 &&
		    (value[len] == ' ' || !value[len]))
			return true;
	}
	return false;
}

/* a=simulcast:send h;m,~l recv x (RFC 8853); 64 rids are looked up. */
static void judge_simulcast(const struct pc_sdp_facts *f,
			    struct pc_sdp_judge *j)
{
	const char *at, *list;
	size_t len, n;
	unsigned looked_up = 0;

	if (!f->simulcast)
		return;
	at = pc_sdp_line_attr(f->simulcast, "simulcast");
	while (pc_sdp_word(&at, &len) && (list = pc_sdp_word(&at, &len))) {
		const char *end = list + len;

		for (; list < end && looked_up < 64; list += n + 1) {
			list += *list == '~';
			n = strcspn(list, ";, ");
			looked_up++;
			if (rid_known(f, list, n))
				continue;
			pc_sdp_blame(j, ERROR, f->simulcast,
				     (size_t)(list - f->simulcast->text) + 1,
				     "RFC 8853 section 5.2",
				     "expected a=rid:%.*s in this section",
				     n < 40 ? (int)n : 40, list);
		}
	}
}

void pc_sdp_check_media(const struct pc_sdp_facts *f,
			const struct pc_sdp_inherited *from,
			struct pc_sdp_judge *judge)
{
	judge_direction(f, judge);
	judge_transport(f, judge);
	judge_keys(f, from, judge);
	judge_extensions(f, judge);
	judge_simulcast(f, judge);
	if (f->m.rtp)
		pc_sdp_check_codecs(f, judge);
	if (f->feedback && f->m.rtp && !f->m.feedback && !f->rejected)
		pc_sdp_blame(judge, PC_SDP_WARNING, f->feedback, 1,
			     "RFC 4585 section 4.2",
			     "a=rtcp-fb belongs to RTP/AVPF and RTP/SAVPF, "
			     "not to %s",
			     f->m.proto);
}
