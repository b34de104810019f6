#include "sdp/meaning.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/facts.h"

#define PARAMS_MAX 64

static struct pc_sdp_says *grow(struct pc_sdp_meaning *m)
{
	const unsigned cap = m->cap ? m->cap * 2 : 64;
	struct pc_sdp_says *v;

	if (m->n < m->cap)
		return &m->v[m->n++];
	v = realloc(m->v, cap * sizeof(*v));
	if (!v) {
		m->oom = true;
		return NULL;
	}
	m->v = v;
	m->cap = cap;
	return &m->v[m->n++];
}

static void add(struct pc_sdp_meaning *m, int section, bool member,
		const char *what, const char *value)
{
	struct pc_sdp_says *s;
	char *w = pc_sdp_arena_text(m->arena, what, strlen(what));
	char *v = pc_sdp_arena_text(m->arena, value, strlen(value));

	if (!w || !v) {
		m->oom = true;
		return;
	}
	s = grow(m);
	if (s)
		*s = (struct pc_sdp_says){ .section = section,
					   .what = w,
					   .value = v,
					   .place = m->n,
					   .member = member };
}

static void say(struct pc_sdp_meaning *m, int section, const char *what,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void say(struct pc_sdp_meaning *m, int section, const char *what,
		const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(m, section, false, what, text);
}

/* Attributes that are told in other words. */
static bool told(const struct pc_sdp_line *line)
{
	static const char *const names[] = {
		"rtpmap",    "fmtp",     "rtcp-fb",    "setup",    "rtcp",
		"rtcp-mux",  "sendrecv", "sendonly",   "recvonly", "inactive",
		"ice-ufrag", "ice-pwd",  "fingerprint"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (pc_sdp_line_attr(line, names[i]))
			return true;
	return false;
}

/* o=- 7 1 IN IP4 h: its version, and the rest. */
static void say_origin(struct pc_sdp_meaning *m, const char *value)
{
	const char *at = value, *version;
	size_t len;

	pc_sdp_word(&at, &len);
	pc_sdp_word(&at, &len);
	version = pc_sdp_word(&at, &len);
	if (!version) {
		add(m, -1, false, "origin", value);
		return;
	}
	say(m, -1, "origin", "%.*s%s", (int)(version - value), value,
	    at + strspn(at, " "));
	say(m, -1, "version", "%.*s", (int)len, version);
}

static void say_line(struct pc_sdp_meaning *m, int section,
		     const struct pc_sdp_line *line)
{
	static const char *const words[] = { ['s'] = "name",
					     ['t'] = "time",
					     ['b'] = "bandwidth",
					     ['i'] = "title",
					     ['u'] = "URI" };
	const unsigned char type = (unsigned char)pc_sdp_type(line);
	const char *value = pc_sdp_value(line), *colon;
	char what[80];

	if (!type) {
		if (line->len)
			add(m, section, true, "a line that is not SDP",
			    line->text);
		return;
	}
	if (type == 'v' || type == 'm' || type == 'c' || !line->len ||
	    (type == 'a' && told(line)))
		return;
	if (type == 'o') {
		say_origin(m, value);
	} else if (type == 'a') {
		colon = strchr(value, ':');
		snprintf(what, sizeof(what), "a=%.*s",
			 colon ? (int)(colon - value) : 70, value);
		add(m, section, true, what, colon ? colon + 1 : "");
	} else {
		snprintf(what, sizeof(what), "%c=", type);
		add(m, section, type != 's' && type != 't',
		    type < sizeof(words) / sizeof(words[0]) && words[type]
			    ? words[type]
			    : what,
		    value);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "b=2; a=1" -> "a=1;b=2": parameters are a set. */
static void sort_params(struct pc_sdp_meaning *m, const char *fmtp,
			struct pc_buf *out)
{
	char *params[PARAMS_MAX];
	unsigned n = 0, i;
	size_t len;

	if (fmtp && strlen(fmtp) > 2000) { /* no parameters are like that */
		pc_buf_adds(out, fmtp);
		return;
	}
	for (; fmtp && *fmtp && n < PARAMS_MAX; fmtp += len) {
		fmtp += strspn(fmtp, "; \t");
		len = strcspn(fmtp, ";");
		if (!len)
			continue;
		params[n] = pc_sdp_arena_text(m->arena, fmtp, len);
		if (!params[n]) {
			m->oom = true;
			return;
		}
		while (len && strchr(" \t", params[n][len - 1]))
			params[n][--len] = '\0';
		n++;
		len = strcspn(fmtp, ";");
	}
	qsort(params, n, sizeof(params[0]), by_text);
	for (i = 0; i < n; i++)
		pc_buf_printf(out, "%s%s", i ? ";" : "", params[i]);
}

/* The feedback of one payload type, in its order, "*" included. */
static void put_feedback(const struct pc_sdp_facts *f, unsigned pt,
			 struct pc_buf *out)
{
	const struct pc_sdp_line *line;
	const char *value, *kind;

	for (line = f->feedback; line; line = line->next) {
		value = pc_sdp_line_attr(line, "rtcp-fb");
		if (!value ||
		    (*value != '*' && pc_sdp_facts_pt(value) != (int)pt))
			continue;
		kind = value + strcspn(value, " ");
		pc_buf_printf(out, "%s%s", out->len ? "," : "", kind);
	}
}

static void say_codec(struct pc_sdp_meaning *m, int section,
		      const struct pc_sdp_facts *f,
		      const struct pc_sdp_codec *c)
{
	struct pc_buf params = { 0 }, feedback = { 0 }, value = { 0 };
	char what[100];
	size_t len;
	const char *mode =
		pc_sdp_fmtp_param(c->fmtp, "packetization-mode", &len);
	const char *id = pc_sdp_fmtp_param(c->fmtp, "profile-level-id", &len);

	/* Variants of H.264 are codecs of their own. */
	snprintf(what, sizeof(what), "codec %s/%u/%u%s%.1s%s%.4s", c->name,
		 c->clock_hz, c->channels, mode ? " mode " : "",
		 mode ? mode : "", id ? " profile " : "", id ? id : "");
	sort_params(m, c->fmtp, &params);
	put_feedback(f, c->pt, &feedback);
	pc_buf_printf(&value, "payload type %u%s%s%s%s", c->pt,
		      params.len ? ", " : "", params.len ? params.data : "",
		      feedback.len ? ", feedback" : "",
		      feedback.len ? feedback.data : "");
	m->oom |= value.oom || params.oom || feedback.oom;
	if (value.data)
		add(m, section, false, what, value.data);
	pc_buf_fini(&params);
	pc_buf_fini(&feedback);
	pc_buf_fini(&value);
}

static void say_keys(struct pc_sdp_meaning *m, int section,
		     const struct pc_sdp *sdp, const struct pc_sdp_facts *f)
{
	const char *ufrag =
		f->ufrag ? pc_sdp_line_attr(f->ufrag, "ice-ufrag") : NULL;
	const char *pwd = f->pwd ? pc_sdp_line_attr(f->pwd, "ice-pwd") : NULL;
	struct pc_buf hash = { 0 };
	unsigned i;

	(void)sdp;
	if (ufrag || pwd)
		say(m, section, "ICE credentials", "%s %s", ufrag ? ufrag : "",
		    pwd ? pwd : "");
	for (i = 0; i < f->m.n_fingerprints; i++) {
		pc_buf_clear(&hash);
		pc_buf_printf(&hash, "%s ", f->m.fingerprints[i].hash);
		pc_buf_add_hex(&hash, f->m.fingerprints[i].bytes,
			       f->m.fingerprints[i].len);
		m->oom |= hash.oom;
		if (hash.data)
			add(m, section, true, "fingerprint", hash.data);
	}
	pc_buf_fini(&hash);
	if (pc_sdp_setup_text(f->m.setup))
		say(m, section, "DTLS role", "%s",
		    pc_sdp_setup_text(f->m.setup));
}

static void say_section(struct pc_sdp_meaning *m, int section,
			const struct pc_sdp *sdp, const struct pc_sdp_facts *f)
{
	const struct pc_sdp_media *media = &f->m;
	struct pc_buf order = { 0 };
	unsigned i;

	say(m, section, "media", "%s", media->kind);
	say(m, section, "port", "%u%s", media->port,
	    f->rejected ? " (rejected)" : "");
	say(m, section, "protocol", "%s", media->proto);
	say(m, section, "address", "%s", media->ip);
	say(m, section, "direction", "%s",
	    pc_sdp_direction_text(media->direction));
	if (media->rtp && media->rtcp_mux)
		say(m, section, "RTCP", "on the same port");
	else if (media->rtp)
		say(m, section, "RTCP", "%s port %u", media->rtcp_ip,
		    media->rtcp_port);
	say_keys(m, section, sdp, f);
	for (i = 0; i < media->n_codecs; i++) {
		say_codec(m, section, f, &media->codecs[i]);
		pc_buf_printf(&order, "%s%s", i ? " " : "",
			      media->codecs[i].name);
	}
	if (order.data)
		add(m, section, false, "order of codecs", order.data);
	m->oom |= order.oom;
	pc_buf_fini(&order);
}

/* ICE credentials of the session part are those of sections without. */
static void inherit_ice(struct pc_sdp_facts *f, struct pc_sdp_line *ufrag,
			struct pc_sdp_line *pwd)
{
	if (!f->ufrag)
		f->ufrag = ufrag;
	if (!f->pwd)
		f->pwd = pwd;
}

int pc_sdp_meaning_read(struct pc_sdp_meaning *m, const struct pc_sdp *sdp)
{
	struct pc_sdp_line *first = sdp->session.first;
	struct pc_sdp_line *ufrag = pc_sdp_find_attr(first, "ice-ufrag");
	struct pc_sdp_line *pwd = pc_sdp_find_attr(first, "ice-pwd");
	const struct pc_sdp_section *s;
	const struct pc_sdp_line *line;
	struct pc_sdp_inherited from;
	struct pc_sdp_facts f;
	int i = 0;

	m->arena = pc_sdp_arena_new();
	if (!m->arena)
		return -ENOMEM;
	pc_sdp_inherit(&from, sdp);
	for (line = first; line; line = line->next)
		say_line(m, -1, line);
	for (s = sdp->media; s; s = s->next, i++) {
		if (pc_sdp_check_m(s->first, NULL) == 0) {
			pc_sdp_facts_read(&f, &from, s, NULL);
			inherit_ice(&f, ufrag, pwd);
			say_section(m, i, sdp, &f);
		}
		for (line = s->first->next; line; line = line->next)
			say_line(m, i, line);
	}
	return m->oom ? -ENOMEM : 0;
}

void pc_sdp_meaning_fini(struct pc_sdp_meaning *m)
{
	pc_sdp_arena_free(m->arena);
	free(m->v);
	memset(m, 0, sizeof(*m));
}
