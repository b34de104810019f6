#include "sdp/lesson.h"

#include <string.h>

#include "sdp/attribute.h"

/* clang-format off */
static const struct pc_sdp_lesson types[] = {
	{ "v", "The version of SDP. There is only one.",
	  "a description begins with it, so that readers know what it is",
	  "RFC 8866 section 5.1", NULL },
	{ "o", "Who made this description: user, session, its version, and a "
	  "host.",
	  "the version is one more for each change, so that the other side can "
	  "see at once whether anything changed",
	  "RFC 8866 section 5.2",
	  "hold the call, and look which number grows" },
	{ "s", "The name of the session; \"-\" is none.",
	  "made for announcements of broadcasts; calls have no use for it",
	  "RFC 8866 section 5.3", NULL },
	{ "i", "A title for people.", "programs may show it",
	  "RFC 8866 section 5.4", NULL },
	{ "u", "A web page about the session.", "programs may show it",
	  "RFC 8866 section 5.5", NULL },
	{ "e", "Whom to write to about the session.",
	  "from the time of announcements", "RFC 8866 section 5.6", NULL },
	{ "p", "Whom to call about the session.",
	  "from the time of announcements", "RFC 8866 section 5.6", NULL },
	{ "c", "The address that media is to be sent to.",
	  "signalling and media take different ways; this is media's",
	  "RFC 8866 section 5.7",
	  "--address 203.0.113.5, if it is one that the other side cannot "
	  "reach" },
	{ "b", "How much bandwidth is wanted at most.",
	  "it keeps senders from filling a thin line",
	  "RFC 8866 section 5.8", "--set video/b=AS:300" },
	{ "t", "When the session is active; 0 0 is now and always.",
	  "made for announcements; calls have 0 0", "RFC 8866 section 5.9",
	  NULL },
	{ "r", "How the session repeats.", "made for announcements",
	  "RFC 8866 section 5.10", NULL },
	{ "z", "When clocks are changed between repetitions.",
	  "made for announcements", "RFC 8866 section 5.11", NULL },
	{ "k", "A key, readable by everyone on the way.",
	  "obsolete: it must not be used", "RFC 8866 section 5.12",
	  "--delete k=" },
	{ "m", "A stream of media begins here; the lines up to the next m= "
	  "belong to it.",
	  "each stream has its own port, protocol and codecs; an answer has as "
	  "many m= lines, in the same order, and port 0 for what it refuses",
	  "RFC 8866 section 5.14", NULL },
};

static const struct pc_sdp_lesson attributes[] = {
	{ "bundle-only", "To be used only if the other side bundles it.",
	  "port 0 makes those who do not know BUNDLE refuse it", NULL, NULL },
	{ "candidate", "An address where ICE may reach this side.",
	  "behind a NAT nobody knows which address works, so all are tried",
	  NULL, "ice-pair -v shows each pair as it is checked" },
	{ "crypto", "A key for SRTP, written in the description.",
	  "the simplest way to encrypt media; whoever reads the signalling can "
	  "listen", NULL, "use it only over sips: or TLS" },
	{ "end-of-candidates", "No more candidates will come.",
	  "the other side can stop waiting", NULL, NULL },
	{ "extmap", "A number for an extension in RTP headers.",
	  "audio levels, times and stream names travel beside the media", NULL,
	  NULL },
	{ "extmap-allow-mixed", "Short and long header extensions may mix.",
	  "one long one does not make all of them long", NULL, NULL },
	{ "fingerprint", "The hash of the certificate that this side shows in "
	  "DTLS.",
	  "signalling vouches for it, so nobody in between can put in "
	  "another", NULL,
	  "change one digit with --set, and see DTLS refused" },
	{ "fmtp", "Parameters of a codec: what this side wants to receive.",
	  "each codec has its own, as its RFC says", NULL, NULL },
	{ "framerate", "Pictures a second, at most.", "a wish", NULL, NULL },
	{ "group", "m= sections that belong together; BUNDLE: on one port.",
	  "one port is one pair of ICE candidates and one DTLS handshake for "
	  "all", NULL, "--only-audio, and see what remains of it" },
	{ "ice-lite", "This side does not check addresses; it only answers.",
	  "for servers with a public address", NULL, NULL },
	{ "ice-options", "What this side can do in ICE; trickle: candidates "
	  "may come later.", "a call need not wait for slow servers", NULL,
	  NULL },
	{ "ice-pwd", "The password of ICE's checks.",
	  "only who has seen this description can pass a check", NULL, NULL },
	{ "ice-ufrag", "The name that goes with the password of ICE's checks.",
	  "when both change, ICE starts again", NULL, NULL },
	{ "inactive", "Neither sends nor receives.", "on hold, by both", NULL,
	  NULL },
	{ "max-message-size", "The largest message that the data channel "
	  "takes.", "a sender must keep below it", NULL, NULL },
	{ "maxptime", "The longest packet, in milliseconds of media.",
	  "longer ones would come too late", NULL, NULL },
	{ "mid", "The name of this section.",
	  "groups, fragments and header extensions call it so", NULL, NULL },
	{ "msid", "Which stream and track of the browser this is.",
	  "the page at the other end finds them again by these names", NULL,
	  NULL },
	{ "msid-semantic", "Which of the browser's streams are here.",
	  "from before a=msid was agreed on; nothing needs it today", NULL,
	  "--delete a=msid-semantic" },
	{ "ptime", "Milliseconds of audio in a packet.",
	  "longer packets are fewer headers, and later", NULL,
	  "--ptime 40, and count the packets" },
	{ "recvonly", "Receives, and does not send.",
	  "the other side is then sendonly", NULL, NULL },
	{ "remote-candidates", "The addresses of the other side that ICE "
	  "chose.", "both agree on what won", NULL, NULL },
	{ "rid", "A name for one of several encodings of a track.",
	  "simulcast sends them side by side", NULL, NULL },
	{ "rtcp", "Where RTCP, the reports about RTP, goes.",
	  "if it is not the port after RTP's", NULL, NULL },
	{ "rtcp-fb", "Feedback that this side sends or takes at once, not in "
	  "the next report.",
	  "a lost picture can be asked for again: nack a packet, pli or fir a "
	  "whole picture", NULL,
	  "--delete a=rtcp-fb, and the video freezes when a packet is lost" },
	{ "rtcp-mux", "RTP and RTCP on one port.",
	  "half as many ports to open in a NAT; browsers insist", NULL, NULL },
	{ "rtcp-mux-only", "RTCP never has a port of its own.",
	  "the other side need not open one", NULL, NULL },
	{ "rtcp-rsize", "RTCP packets may be short.",
	  "feedback need not drag a whole report along", NULL, NULL },
	{ "rtpmap", "What a payload type means.",
	  "packets have only the number; from 96 on it means what this line "
	  "says", NULL, NULL },
	{ "sctp-port", "The port inside of DTLS that SCTP uses.",
	  "data channels run over SCTP", NULL, NULL },
	{ "sendonly", "Sends, and does not receive.",
	  "a call on hold, perhaps with music", NULL,
	  "--set a=sendrecv takes it back" },
	{ "sendrecv", "Sends and receives.", "so it is if nothing is said",
	  NULL, NULL },
	{ "setup", "Who begins DTLS: active does, passive waits, actpass lets "
	  "the answer choose.",
	  "one of the two has to begin", NULL,
	  "make both passive, and see that nobody begins" },
	{ "simulcast", "The same track is sent in several sizes at once.",
	  "a server gives each receiver the one that fits", NULL, NULL },
	{ "ssrc", "The number that RTP packets carry as their source, and "
	  "whose it is.",
	  "packets of several sources on one port are told apart by it", NULL,
	  NULL },
	{ "ssrc-group", "Sources that belong together; FID: a stream and its "
	  "repetitions.", "a receiver has to know which repairs which", NULL,
	  NULL },
	{ "tls-id", "The name of this DTLS connection.",
	  "another one means a new handshake", NULL, NULL },
	{ "tool", "The program that made this.", "for those who look for "
	  "faults", NULL, NULL },
};
/* clang-format on */

static const struct pc_sdp_lesson unknown_attribute = {
	"a", "An attribute that this program does not know.",
	"whoever does not know one passes it over", "RFC 8866 section 5.13",
	NULL
};
static const struct pc_sdp_lesson known_attribute = { "a", "An attribute.",
						      "its RFC says", NULL,
						      NULL };
static const struct pc_sdp_lesson no_type = {
	"", "Not a line of SDP.", "a reader may refuse the whole description",
	"RFC 8866 section 5", "--check"
};

static const struct pc_sdp_lesson *find(const struct pc_sdp_lesson *table,
					size_t n, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(table[i].name) == len &&
		    memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

const struct pc_sdp_lesson *pc_sdp_lesson_of(const struct pc_sdp_line *line)
{
	const struct pc_sdp_lesson *l;

	if (line->len < 2 || line->text[1] != '=')
		return &no_type;
	if (pc_sdp_type(line) != 'a') {
		l = find(types, sizeof(types) / sizeof(types[0]), line->text,
			 1);
		return l ? l : &no_type;
	}
	l = find(attributes, sizeof(attributes) / sizeof(attributes[0]),
		 pc_sdp_value(line), pc_sdp_attribute_name_len(line));
	if (l)
		return l;
	return pc_sdp_attribute_of(line) ? &known_attribute
					 : &unknown_attribute;
}
