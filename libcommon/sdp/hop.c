#include "sdp/hop.h"

#include "sdp/edit.h"

#include <ctype.h>
#include <string.h>

static const struct {
	const char *name, *why;
} hop[] = {
	{ "ice-ufrag", "ICE ends at the gateway" },
	{ "ice-pwd", "ICE ends at the gateway" },
	{ "ice-options", "ICE ends at the gateway" },
	{ "ice-lite", "ICE ends at the gateway" },
	{ "ice-mismatch", "ICE ends at the gateway" },
	{ "ice-pacing", "ICE ends at the gateway" },
	{ "candidate", "ICE ends at the gateway" },
	{ "remote-candidates", "ICE ends at the gateway" },
	{ "end-of-candidates", "ICE ends at the gateway" },
	{ "fingerprint", "DTLS ends at the gateway" },
	{ "setup", "DTLS ends at the gateway" },
	{ "connection", "DTLS ends at the gateway" },
	{ "tls-id", "DTLS ends at the gateway" },
	{ "dtls-id", "DTLS ends at the gateway" },
	{ "identity", "DTLS ends at the gateway" },
	{ "crypto", "SRTP ends at the gateway" },
	{ "rtcp", "RTCP is the gateway's own" },
	{ "rtcp-mux", "RTCP is the gateway's own" },
	{ "rtcp-mux-only", "RTCP is the gateway's own" },
	{ "rtcp-rsize", "RTCP is the gateway's own" },
	{ "rtcp-xr", "RTCP is the gateway's own" },
	{ "group", "of m= sections that are not here" },
	{ "mid", "of a group that ends at the gateway" },
	{ "bundle-only", "of a group that ends at the gateway" },
	{ "msid", "of the browser's streams" },
	{ "msid-semantic", "of the browser's streams" },
	{ "ssrc", "the gateway sends its own" },
	{ "ssrc-group", "the gateway sends its own" },
	{ "extmap", "header extensions end at the gateway" },
	{ "extmap-allow-mixed", "header extensions end at the gateway" },
	{ "rid", "of streams that are not here" },
	{ "simulcast", "of streams that are not here" },
	{ "imageattr", "of payload types of the other side" },
};

/* Why a line speaks of the hop only; NULL: it does not. */
static const char *why_hop(const struct pc_sdp_line *line)
{
	size_t i;

	if (pc_sdp_type(line) != 'a')
		return NULL;
	for (i = 0; i < sizeof(hop) / sizeof(hop[0]); i++)
		if (pc_sdp_line_attr(line, hop[i].name))
			return hop[i].why;
	return NULL;
}

void pc_sdp_strip(struct pc_sdp *sdp, struct pc_sdp_section *section)
{
	struct pc_sdp_line *line, *next;

	for (line = section->first; line; line = next) {
		const char *why = why_hop(line);

		next = line->next;
		if (why)
			pc_sdp_remove(sdp, section, line, why);
	}
}

/* NULL: the line may stay. */
static const char *why_untidy(const struct pc_sdp_line *line)
{
	const char *value = pc_sdp_value(line);

	if (!line->len)
		return "a blank line is not SDP";
	if (!pc_sdp_type(line))
		return "not a line of SDP";
	if (!islower((unsigned char)pc_sdp_type(line)))
		return "not a type of RFC 8866";
	if (!value[strspn(value, " \t")] && strcmp(line->text, "s= ") != 0)
		return "a line with no value";
	return NULL;
}

/*
 * "a=rtpmap:0  PCMU/8000 " as RFC 8866 section 9 has it: one space behind the
 * payload type, none at either end. Browsers refuse others.
 */
static void tidy_spaces(struct pc_sdp *sdp, struct pc_sdp_section *section,
			struct pc_sdp_line *line)
{
	const char *text = pc_sdp_value(line);
	size_t len, head, gap = 0;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		len--;
	head = len;
	if (pc_sdp_line_attr(line, "rtpmap") ||
	    pc_sdp_line_attr(line, "fmtp")) {
		head = strcspn(text, " \t");
		gap = strspn(text + head, " \t");
		if (head + gap >= len) {
			pc_sdp_remove(sdp, section, line, "it says nothing");
			return;
		}
	}
	pc_sdp_rewrite(sdp, line, "spaces that browsers refuse",
		       "%c=%.*s%s%.*s", pc_sdp_type(line), (int)head, text,
		       gap ? " " : "", (int)(len - head - gap),
		       text + head + gap);
}

static void tidy_section(struct pc_sdp *sdp, struct pc_sdp_section *section)
{
	struct pc_sdp_line *line, *next;

	for (line = section->first; line; line = next) {
		const char *why = why_untidy(line);

		next = line->next;
		if (strcmp(line->eol, "\n") && strcmp(line->eol, "\r\n"))
			line->eol = sdp->eol;
		if (why)
			pc_sdp_remove(sdp, section, line, why);
		else if (pc_sdp_type(line) != 's')
			tidy_spaces(sdp, section, line);
	}
	pc_sdp_sort(sdp, section);
}

void pc_sdp_tidy(struct pc_sdp *sdp)
{
	static const char why[] = "RFC 8866 section 5 demands the line";
	struct pc_sdp_section *session = &sdp->session, *section;

	if (strcmp(sdp->eol, "\n") != 0)
		sdp->eol = "\r\n";
	tidy_section(sdp, session);
	for (section = sdp->media; section; section = section->next)
		tidy_section(sdp, section);
	if (!pc_sdp_find(session, 'o'))
		pc_sdp_add_ordered(sdp, session, why,
				   "o=- 1 1 IN IP4 127.0.0.1");
	if (!pc_sdp_find(session, 's'))
		pc_sdp_add_ordered(sdp, session, why, "s=-");
	if (!pc_sdp_find(session, 't'))
		pc_sdp_add_ordered(sdp, session, why, "t=0 0");
}

void pc_sdp_set_direction(struct pc_sdp *sdp, struct pc_sdp_section *section,
			  enum pc_sdp_direction direction)
{
	static const char why[] = "what both sides have in mind";
	int d;

	for (d = PC_SDP_INACTIVE; d <= PC_SDP_SENDRECV; d++)
		if (d != (int)direction)
			pc_sdp_remove_attr(sdp, section,
					   pc_sdp_direction_text(d), why);
	pc_sdp_set_attr(sdp, section, pc_sdp_direction_text(direction), "",
			why);
}
