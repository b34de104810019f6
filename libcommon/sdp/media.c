/*
 * One m= section as media sees it.
 */
#include "sdp/media.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void copy(char *to, size_t size, const char *from, size_t len)
{
	if (len >= size)
		len = size - 1;
	if (len)
		memcpy(to, from, len);
	to[len] = '\0';
}

/* A decimal number up to max at text; *end behind it. -1: there is none. */
static long number(const char *text, long max, const char **end)
{
	char *behind;
	long value;

	*end = text;
	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	value = strtol(text, &behind, 10);
	if (errno || value > max)
		return -1;
	*end = behind;
	return value;
}

static unsigned number_or_0(const char *text, long max)
{
	const char *end;
	long value = text ? number(text, max, &end) : -1;

	return value < 0 ? 0 : (unsigned)value;
}

static bool word_is(const char *word, size_t len, const char *is)
{
	return len == strlen(is) && strncasecmp(word, is, len) == 0;
}

/* m=audio 9 UDP/TLS/RTP/SAVPF; *at is left at the formats. */
static void read_m(struct pc_sdp_media *m, const char **at)
{
	const char *word, *end;
	size_t len;

	word = pc_sdp_word(at, &len);
	copy(m->kind, sizeof(m->kind), word, len);
	word = pc_sdp_word(at, &len);
	m->port = number_or_0(word, 65535);
	end = word ? memchr(word, '/', len) : NULL;
	m->n_ports = end ? number_or_0(end + 1, 65535) : 1;
	word = pc_sdp_word(at, &len);
	copy(m->proto, sizeof(m->proto), word, len);
	m->dtls = strstr(m->proto, "/TLS/") || strstr(m->proto, "/DTLS/");
	m->rtp = strstr(m->proto, "RTP/") != NULL;
	m->secure = m->dtls || strstr(m->proto, "/SAVP");
	m->feedback = m->rtp && len > 3 && len < sizeof(m->proto) &&
		      strcmp(m->proto + len - 3, "VPF") == 0;
}

/* IN IP4 192.0.2.1[/ttl]: the address. false when it is not one. */
static bool read_address(char *ip, size_t size, bool *ip6, const char *text)
{
	const char *word, *slash;
	size_t len;

	word = pc_sdp_word(&text, &len);
	if (!word || !word_is(word, len, "IN"))
		return false;
	word = pc_sdp_word(&text, &len);
	if (!word || !(word_is(word, len, "IP4") || word_is(word, len, "IP6")))
		return false;
	if (ip6)
		*ip6 = word_is(word, len, "IP6");
	word = pc_sdp_word(&text, &len);
	if (!word)
		return false;
	slash = memchr(word, '/', len);
	copy(ip, size, word, slash ? (size_t)(slash - word) : len);
	return true;
}

static int read_connection(struct pc_sdp_media *m,
			   const struct pc_sdp_inherited *from,
			   const struct pc_sdp_section *section,
			   struct pc_sdp_error *err)
{
	const struct pc_sdp_line *c = pc_sdp_find(section, 'c');

	if (!c)
		c = from->c;
	if (c && !read_address(m->ip, sizeof(m->ip), &m->ip6, pc_sdp_value(c)))
		return pc_sdp_fail(err, c, "RFC 8866 section 5.7",
				   "expected c=IN IP4 or IP6 and an address");
	return 0;
}

/* a=rtcp:53020 [IN IP4 126.16.64.4] (RFC 3605) */
static void read_rtcp(struct pc_sdp_media *m,
		      const struct pc_sdp_section *section)
{
	const char *text = pc_sdp_attr(section, "rtcp"), *end;
	long port;

	m->rtcp_mux = pc_sdp_attr(section, "rtcp-mux") ||
		      pc_sdp_attr(section, "rtcp-mux-only");
	memcpy(m->rtcp_ip, m->ip, sizeof(m->ip));
	m->rtcp_port = m->rtcp_mux ? m->port : m->port ? m->port + 1 : 0;
	port = text && !m->rtcp_mux ? number(text, 65535, &end) : -1;
	if (port < 0)
		return;
	m->rtcp_port = (unsigned)port;
	read_address(m->rtcp_ip, sizeof(m->rtcp_ip), NULL, end);
}

static enum pc_sdp_direction
read_direction(const struct pc_sdp_section *section,
	       enum pc_sdp_direction otherwise)
{
	int d;

	for (d = PC_SDP_INACTIVE; d <= PC_SDP_SENDRECV; d++)
		if (pc_sdp_attr(section, pc_sdp_direction_text(d)))
			return d;
	return otherwise;
}

/* a=rtpmap:111 opus/48000/2 behind the payload type */
static void read_rtpmap(struct pc_sdp_codec *codec, const char *text)
{
	const char *word, *slash, *end;
	size_t len, n;
	long clock, channels;

	word = pc_sdp_word(&text, &len);
	slash = word ? memchr(word, '/', len) : NULL;
	if (!slash)
		return;
	n = (size_t)(slash - word);
	clock = number(slash + 1, 1000000000, &end);
	if (n == 0 || n >= sizeof(codec->name) || clock <= 0)
		return;
	copy(codec->name, sizeof(codec->name), word, n);
	codec->clock_hz = (unsigned)clock;
	channels = *end == '/' ? number(end + 1, 255, &end) : 1;
	codec->channels = channels > 0 ? (unsigned)channels : 1;
}

/* One pass over the attributes, so that a long section stays linear. */
static void read_payload_maps(struct pc_sdp_codec map[PC_SDP_CODECS_MAX],
			      const struct pc_sdp_section *section)
{
	const struct pc_sdp_line *line;

	for (line = section->first; line; line = line->next) {
		const char *rtpmap = pc_sdp_line_attr(line, "rtpmap");
		const char *fmtp = pc_sdp_line_attr(line, "fmtp");
		const char *value = rtpmap ? rtpmap : fmtp, *end;
		long pt = value ? number(value, 127, &end) : -1;

		if (pt < 0)
			continue;
		if (rtpmap)
			read_rtpmap(&map[pt], end);
		else if (!map[pt].fmtp)
			map[pt].fmtp = end + strspn(end, " \t");
	}
}

static void read_codecs(struct pc_sdp_media *m, const char *fmts,
			const struct pc_sdp_section *section)
{
	struct pc_sdp_codec map[PC_SDP_CODECS_MAX] = { 0 };
	bool seen[PC_SDP_CODECS_MAX] = { false };
	const char *word, *end;
	size_t len;

	read_payload_maps(map, section);
	while ((word = pc_sdp_word(&fmts, &len))) {
		long pt = number(word, 127, &end);
		const char *fmtp;

		if (pt < 0 || end != word + len || seen[pt])
			continue;
		seen[pt] = true;
		fmtp = map[pt].fmtp;
		if (!map[pt].name[0] &&
		    pc_sdp_codec_static(&map[pt], (unsigned)pt))
			continue;
		map[pt].pt = (uint8_t)pt;
		map[pt].fmtp = fmtp;
		m->codecs[m->n_codecs++] = map[pt];
	}
}

static int hex(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* a=fingerprint:sha-256 19:E2:1C:... (RFC 8122 section 5) */
static int read_fingerprint(struct pc_sdp_fingerprint *f, const char *text)
{
	const char *word = pc_sdp_word(&text, &f->len);
	size_t i;

	if (!word || f->len >= sizeof(f->hash))
		return -EBADMSG;
	for (i = 0; i < f->len; i++)
		f->hash[i] = (char)tolower((unsigned char)word[i]);
	f->hash[i] = '\0';
	f->len = 0;
	text += strspn(text, " \t");
	do {
		int high = hex(text[0]), low = high < 0 ? -1 : hex(text[1]);

		if (low < 0 || f->len == sizeof(f->bytes))
			return -EBADMSG;
		f->bytes[f->len++] = (uint8_t)(high << 4 | low);
		text += 2;
	} while (*text++ == ':');
	return text[-1] && !isspace((unsigned char)text[-1]) ? -EBADMSG : 0;
}

/*
 * All of a section, PC_SDP_FINGERPRINTS_MAX at most. Returns the line that is
 * none, or NULL.
 */
static const struct pc_sdp_line *
read_fingerprints(struct pc_sdp_fingerprint list[PC_SDP_FINGERPRINTS_MAX],
		  unsigned *n, const struct pc_sdp_section *section)
{
	struct pc_sdp_line *line = section->first;

	*n = 0;
	while ((line = pc_sdp_find_attr(line, "fingerprint"))) {
		if (*n == PC_SDP_FINGERPRINTS_MAX)
			break;
		if (read_fingerprint(&list[*n],
				     pc_sdp_line_attr(line, "fingerprint")))
			return line;
		++*n;
		line = line->next;
	}
	return NULL;
}

static int take_fingerprints(struct pc_sdp_media *m,
			     const struct pc_sdp_inherited *from,
			     const struct pc_sdp_section *section,
			     struct pc_sdp_error *err)
{
	const struct pc_sdp_line *broken =
		read_fingerprints(m->fingerprints, &m->n_fingerprints, section);

	if (!broken && m->n_fingerprints == 0) {
		memcpy(m->fingerprints, from->fingerprints,
		       sizeof(m->fingerprints));
		m->n_fingerprints = from->n_fingerprints;
		broken = from->broken;
	}
	if (!broken)
		return 0;
	return pc_sdp_fail(err, broken, "RFC 8122 section 5",
			   "expected a hash name and bytes like "
			   "sha-256 4A:AD:B9:...");
}

static enum pc_sdp_setup read_setup(const char *text)
{
	enum pc_sdp_setup setup = PC_SDP_SETUP_ACTPASS;
	size_t len;
	const char *word = text ? pc_sdp_word(&text, &len) : NULL;

	for (; word && setup <= PC_SDP_SETUP_HOLDCONN; setup++)
		if (word_is(word, len, pc_sdp_setup_text(setup)))
			return setup;
	return PC_SDP_SETUP_NONE;
}

/* a=ssrc:314159 cname:user@example.com (RFC 5576) */
static void read_ssrc(struct pc_sdp_media *m, struct pc_sdp_line *line)
{
	const char *text, *end;
	long ssrc, first = -1;

	for (; (line = pc_sdp_find_attr(line, "ssrc")); line = line->next) {
		text = pc_sdp_line_attr(line, "ssrc");
		ssrc = number(text, UINT32_MAX, &end);
		if (ssrc < 0 || (first >= 0 && ssrc != first))
			continue;
		first = ssrc;
		m->has_ssrc = true;
		m->ssrc = (uint32_t)ssrc;
		end += strspn(end, " \t");
		if (strncmp(end, "cname:", 6) != 0)
			continue;
		copy(m->cname, sizeof(m->cname), end + 6, strlen(end + 6));
		return;
	}
}

void pc_sdp_inherit(struct pc_sdp_inherited *from, const struct pc_sdp *sdp)
{
	const struct pc_sdp_section *session = &sdp->session;

	memset(from, 0, sizeof(*from));
	from->c = pc_sdp_find(session, 'c');
	/* RFC 8866 section 6.7 */
	from->direction = read_direction(session, PC_SDP_SENDRECV);
	from->setup = read_setup(pc_sdp_attr(session, "setup"));
	from->broken = read_fingerprints(from->fingerprints,
					 &from->n_fingerprints, session);
}

int pc_sdp_media_read_in(struct pc_sdp_media *m,
			 const struct pc_sdp_inherited *from,
			 const struct pc_sdp_section *section,
			 struct pc_sdp_error *err)
{
	const char *fmts = pc_sdp_value(section->first), *setup;
	int rc;

	memset(m, 0, sizeof(*m));
	read_m(m, &fmts);
	rc = read_connection(m, from, section, err);
	if (rc)
		return rc;
	read_rtcp(m, section);
	m->mid = pc_sdp_attr(section, "mid");
	m->direction = read_direction(section, from->direction);
	m->ptime_ms = number_or_0(pc_sdp_attr(section, "ptime"), 10000);
	m->maxptime_ms = number_or_0(pc_sdp_attr(section, "maxptime"), 10000);
	if (m->rtp)
		read_codecs(m, fmts, section);
	setup = pc_sdp_attr(section, "setup");
	m->setup = setup ? read_setup(setup) : from->setup;
	read_ssrc(m, section->first);
	rc = take_fingerprints(m, from, section, err);
	if (m->n_fingerprints && m->secure) /* RFC 5764's RTP/SAVPF */
		m->dtls = true;
	return rc;
}

int pc_sdp_media_read(struct pc_sdp_media *m, const struct pc_sdp *sdp,
		      const struct pc_sdp_section *section,
		      struct pc_sdp_error *err)
{
	struct pc_sdp_inherited from;

	pc_sdp_inherit(&from, sdp);
	return pc_sdp_media_read_in(m, &from, section, err);
}
