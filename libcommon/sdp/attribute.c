#include "sdp/attribute.h"

#include <stdlib.h>
#include <string.h>

#define S PC_SDP_AT_SESSION
#define M PC_SDP_AT_MEDIA
#define B PC_SDP_AT_BOTH

/* clang-format off */
/* In the order of strcmp: it is searched by halves. */
static const struct pc_sdp_attribute table[] = {
	{ "bundle-only", M, NULL, NULL, "RFC 9143 section 6" },
	{ "candidate", M,
	  "%i %d %w %d %w %d typ %t[ raddr %w][ rport %d]{ %w %w}",
	  "<foundation> <component> <transport> <priority> <address> <port> typ <type>",
	  "RFC 8839 section 5.1" },
	{ "cat", S, "%r", "a category", "RFC 8866 section 6.1" },
	{ "charset", S, "%t", "a character set", "RFC 8866 section 6.10" },
	{ "connection", B, "%t", "new or existing", "RFC 4145 section 5" },
	{ "content", M, "%r", "words like main,slides", "RFC 4796 section 5" },
	{ "crypto", M, "%d %w %w{ %w}", "<tag> <suite> inline:<key>",
	  "RFC 4568 section 9.1" },
	{ "end-of-candidates", B, NULL, NULL, "RFC 8838 section 8.2" },
	{ "extmap", B, "%d[/%t] %w[ %r]", "<id>[/<direction>] <URI>",
	  "RFC 8285 section 8" },
	{ "extmap-allow-mixed", B, NULL, NULL, "RFC 8285 section 6" },
	{ "fingerprint", B, "%t %x", "<hash> and bytes like 4A:AD:B9",
	  "RFC 8122 section 5" },
	{ "fmtp", M, "%w %r", "<format> <parameters>",
	  "RFC 8866 section 6.15" },
	{ "framerate", M, "%d[.%d]", "frames per second",
	  "RFC 8866 section 6.13" },
	{ "group", S, "%t{ %t}", "<semantics> <mid>...", "RFC 5888 section 5" },
	{ "ice-lite", S, NULL, NULL, "RFC 8839 section 5.3" },
	{ "ice-mismatch", M, NULL, NULL, "RFC 8839 section 5.3" },
	{ "ice-options", B, "%w{ %w}", "words like trickle",
	  "RFC 8839 section 5.6" },
	{ "ice-pacing", S, "%d", "milliseconds", "RFC 8839 section 5.5" },
	{ "ice-pwd", B, "%i", "letters, digits, + and /",
	  "RFC 8839 section 5.4" },
	{ "ice-ufrag", B, "%i", "letters, digits, + and /",
	  "RFC 8839 section 5.4" },
	{ "imageattr", M, "%w %r", "<PT> send|recv <sizes>",
	  "RFC 6236 section 3.1" },
	{ "inactive", B, NULL, NULL, "RFC 8866 section 6.7" },
	{ "keywds", S, "%r", "words", "RFC 8866 section 6.2" },
	{ "label", M, "%t", "a token", "RFC 4574 section 4" },
	{ "lang", B, "%r", "a language tag", "RFC 8866 section 6.12" },
	{ "max-message-size", M, "%d", "bytes", "RFC 8841 section 6" },
	{ "maxptime", M, "%d[.%d]", "milliseconds", "RFC 8866 section 6.5" },
	{ "mid", M, "%t", "one token", "RFC 5888 section 4" },
	{ "msid", B, "%w[ %w]", "<stream> <track>", "RFC 8830 section 2" },
	{ "msid-semantic", S, "%r", " WMS <streams>",
	  "draft-ietf-mmusic-msid-16" },
	{ "orient", M, "%t", "portrait, landscape or seascape",
	  "RFC 8866 section 6.8" },
	{ "ptime", M, "%d[.%d]", "milliseconds", "RFC 8866 section 6.4" },
	{ "quality", M, "%d", "0 to 10", "RFC 8866 section 6.14" },
	{ "recvonly", B, NULL, NULL, "RFC 8866 section 6.7" },
	{ "remote-candidates", M, "%d %w %d{ %d %w %d}",
	  "<component> <address> <port>", "RFC 8839 section 5.2" },
	{ "rid", M, "%t %t[ %r]", "<id> send|recv", "RFC 8851 section 10" },
	{ "rtcp", M, "%d[ %t %t %w]", "<port> [IN IP4|IP6 <address>]",
	  "RFC 3605 section 2.1" },
	{ "rtcp-fb", M, "%w %w[ %r]", "<PT or *> <kind of feedback>",
	  "RFC 4585 section 4.2" },
	{ "rtcp-mux", M, NULL, NULL, "RFC 5761 section 5.1" },
	{ "rtcp-mux-only", M, NULL, NULL, "RFC 8858 section 3" },
	{ "rtcp-rsize", M, NULL, NULL, "RFC 5506 section 5" },
	{ "rtpmap", M, "%d %t/%d[/%t]", "<PT> <name>/<clock>[/<channels>]",
	  "RFC 8866 section 6.6" },
	{ "sctp-port", M, "%d", "a port", "RFC 8841 section 5" },
	{ "sctpmap", M, "%d %w[ %d]", "<port> <application> <streams>",
	  "draft-ietf-mmusic-sctp-sdp-05" },
	{ "sdplang", B, "%r", "a language tag", "RFC 8866 section 6.11" },
	{ "sendonly", B, NULL, NULL, "RFC 8866 section 6.7" },
	{ "sendrecv", B, NULL, NULL, "RFC 8866 section 6.7" },
	{ "setup", B, "%t", "active, passive, actpass or holdconn",
	  "RFC 4145 section 4" },
	{ "simulcast", M, "[ ]%t %w[ %t %w]", "send|recv <rids>",
	  "RFC 8853 section 5.1" },
	{ "ssrc", M, "%d %t[:%r]", "<ssrc> <attribute>[:<value>]",
	  "RFC 5576 section 4.1" },
	{ "ssrc-group", M, "%t{ %d}", "<semantics> <ssrc>...",
	  "RFC 5576 section 4.2" },
	{ "tls-id", B, "%w", "20 to 255 letters, digits, + / - _",
	  "RFC 8842 section 4" },
	{ "tool", S, "%r", "a program's name", "RFC 8866 section 6.3" },
	{ "type", S, "%t", "a word like broadcast", "RFC 8866 section 6.9" },
};
/* clang-format on */

size_t pc_sdp_attribute_name_len(const struct pc_sdp_line *line)
{
	return strcspn(pc_sdp_value(line), ": \t");
}

struct key {
	const char *name;
	size_t len;
};

static int compare(const void *key, const void *element)
{
	const struct key *k = key;
	const struct pc_sdp_attribute *a = element;
	int order = strncmp(k->name, a->name, k->len);

	return order ? order : -(int)(a->name[k->len] != '\0');
}

const struct pc_sdp_attribute *
pc_sdp_attribute_of(const struct pc_sdp_line *line)
{
	const struct key key = { pc_sdp_value(line),
				 pc_sdp_attribute_name_len(line) };

	return bsearch(&key, table, sizeof(table) / sizeof(table[0]),
		       sizeof(table[0]), compare);
}
