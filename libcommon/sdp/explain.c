#include "sdp/explain.h"

#include <string.h>
#include <strings.h>

#include "sdp/attribute.h"
#include "sdp/facts.h"
#include "sdp/lesson.h"

#define WIDTH 76

/* The section in work: NULL facts for the session's part. */
struct context {
	const struct pc_sdp_facts *f;
	struct pc_buf *out, text;
};

/* Append text in lines of WIDTH, each indented. */
static void put_wrapped(struct pc_buf *out, const char *text)
{
	static const char indent[] = "    ";
	size_t column = 0, len;

	while (*text) {
		len = strcspn(text, " ");
		if (column && column + 1 + len > WIDTH) {
			pc_buf_adds(out, "\n");
			column = 0;
		}
		pc_buf_adds(out, column ? " " : indent);
		column += column ? 1 : strlen(indent);
		pc_buf_add_printable(out, text, len);
		column += len;
		text += len;
		text += strspn(text, " ");
	}
	pc_buf_adds(out, "\n");
}

static const char *proto_words(const char *proto)
{
	static const struct {
		const char *proto, *words;
	} table[] = {
		{ "RTP/AVP", "RTP in the clear" },
		{ "RTP/AVPF", "RTP in the clear, with early feedback" },
		{ "RTP/SAVP", "RTP encrypted (SRTP)" },
		{ "RTP/SAVPF", "RTP encrypted (SRTP), with early feedback" },
		{ "UDP/TLS/RTP/SAVP", "RTP encrypted by keys from DTLS" },
		{ "UDP/TLS/RTP/SAVPF",
		  "RTP encrypted by keys from DTLS, with early feedback" },
		{ "UDP/DTLS/SCTP", "data channels: SCTP inside of DTLS" },
		{ "TCP/MSRP", "text messages (MSRP)" },
		{ "udptl", "fax (T.38)" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcasecmp(table[i].proto, proto) == 0)
			return table[i].words;
	return "a protocol that this program does not know";
}

static void say_media(struct context *c)
{
	const struct pc_sdp_media *m = &c->f->m;
	struct pc_buf *t = &c->text;
	unsigned i;

	pc_buf_printf(t, " Here: %s, ", m->kind);
	if (m->port == 0 && c->f->bundle_only)
		pc_buf_adds(t, "port 0 until it is bundled");
	else if (m->port == 0)
		pc_buf_adds(t, "refused (port 0)");
	else if (m->port == 9)
		pc_buf_adds(t, "the port is not known yet (9, \"discard\"): "
			       "ICE finds it");
	else
		pc_buf_printf(t, "received on port %u", m->port);
	pc_buf_printf(t, "; %s: %s.", m->proto, proto_words(m->proto));
	for (i = 0; i < m->n_codecs; i++)
		pc_buf_printf(t, "%s %u %s",
			      i ? "," : " Codecs, best first:", m->codecs[i].pt,
			      m->codecs[i].name);
	if (m->n_codecs)
		pc_buf_adds(t, ".");
}

static void say_codec(struct context *c, const char *value)
{
	const int pt = pc_sdp_facts_pt(value);
	const struct pc_sdp_codec *codec =
		pt < 0 ? NULL : pc_sdp_codec_by_pt(&c->f->m, (unsigned)pt);

	if (!codec)
		return;
	pc_buf_printf(&c->text, " Here: %d is %s, with a clock of %u Hz", pt,
		      codec->name, codec->clock_hz);
	if (codec->channels > 1)
		pc_buf_printf(&c->text, ", %u channels", codec->channels);
	pc_buf_adds(&c->text, ".");
	if (strcasecmp(codec->name, "telephone-event") == 0)
		pc_buf_adds(&c->text, " It stands for keys pressed during the "
				      "call.");
	else if (strcasecmp(codec->name, "rtx") == 0)
		pc_buf_adds(&c->text, " It repeats lost packets of another "
				      "payload type.");
	else if (strcasecmp(codec->name, "CN") == 0)
		pc_buf_adds(&c->text, " It describes the noise while nobody "
				      "speaks.");
}

static void say_candidate(struct context *c, const char *value)
{
	static const struct {
		const char *type, *words;
	} types[] = {
		{ "host", "an address of the machine itself" },
		{ "srflx", "what a STUN server saw: the outside of a NAT" },
		{ "prflx", "what the other side saw during checks" },
		{ "relay", "an address of a TURN server, that passes on" },
	};
	const char *at = strstr(value, " typ ");
	size_t i, n = at ? strcspn(at + 5, " ") : 0;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (n == strlen(types[i].type) &&
		    memcmp(at + 5, types[i].type, n) == 0)
			pc_buf_printf(&c->text, " Here: %s.", types[i].words);
	if (strstr(value, ".local "))
		pc_buf_adds(&c->text, " The name in .local hides it: only "
				      "neighbours can look it up (mDNS).");
}

static void say_connection(struct context *c, const struct pc_sdp_line *line)
{
	if (strstr(line->text, " 0.0.0.0"))
		pc_buf_adds(&c->text, c->f && c->f->m.dtls
					      ? " Here: none yet, ICE finds it."
					      : " Here: none. Old phones say "
						"\"hold\" so.");
	else if (strstr(line->text, ".local"))
		pc_buf_adds(&c->text, " Here: a name that only neighbours can "
				      "look up (mDNS).");
}

/* What this line's value adds to its lesson. */
static void say_value(struct context *c, const struct pc_sdp_line *line)
{
	static const char *const coded[] = { "rtpmap", "fmtp" };
	const char *value;
	size_t i;

	if (pc_sdp_type(line) == 'm' && c->f)
		say_media(c);
	else if (pc_sdp_type(line) == 'c')
		say_connection(c, line);
	for (i = 0; c->f && i < 2; i++) {
		value = pc_sdp_line_attr(line, coded[i]);
		if (value)
			say_codec(c, value);
	}
	value = pc_sdp_line_attr(line, "candidate");
	if (value)
		say_candidate(c, value);
}

static void explain_line(struct context *c, const struct pc_sdp_line *line)
{
	const struct pc_sdp_lesson *l;
	const struct pc_sdp_attribute *a = NULL;
	const char *rfc;

	if (!line->len)
		return;
	l = pc_sdp_lesson_of(line);
	if (pc_sdp_type(line) == 'a')
		a = pc_sdp_attribute_of(line);
	rfc = l->rfc ? l->rfc : a ? a->rfc : "RFC 8866 section 5.13";
	pc_buf_add_printable(c->out, line->text, line->len);
	pc_buf_adds(c->out, "\n");
	pc_buf_clear(&c->text);
	pc_buf_adds(&c->text, l->what);
	say_value(c, line);
	put_wrapped(c->out, c->text.data ? c->text.data : "");
	pc_buf_clear(&c->text);
	pc_buf_printf(&c->text, "Why: %s. (%s)", l->why, rfc);
	put_wrapped(c->out, c->text.data ? c->text.data : "");
	if (!l->try)
		return;
	pc_buf_clear(&c->text);
	pc_buf_printf(&c->text, "Try: %s.", l->try);
	put_wrapped(c->out, c->text.data ? c->text.data : "");
}

static void explain_section(struct context *c,
			    const struct pc_sdp_section *section)
{
	const struct pc_sdp_line *line;

	for (line = section->first; line; line = line->next)
		explain_line(c, line);
}

void pc_sdp_explain(const struct pc_sdp *sdp, struct pc_buf *out)
{
	struct context c = { .out = out };
	struct pc_sdp_inherited from;
	const struct pc_sdp_section *s;
	struct pc_sdp_facts f;

	explain_section(&c, &sdp->session);
	pc_sdp_inherit(&from, sdp);
	for (s = sdp->media; s; s = s->next) {
		pc_buf_adds(out, "\n");
		c.f = NULL;
		if (pc_sdp_check_m(s->first, NULL) == 0) {
			pc_sdp_facts_read(&f, &from, s, NULL);
			c.f = &f;
		}
		explain_section(&c, s);
	}
	out->oom |= c.text.oom;
	pc_buf_fini(&c.text);
}
