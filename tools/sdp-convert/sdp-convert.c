/*
 * sdp-convert: a session description for the other kind of peer (RFC 8866,
 * RFC 3264, RFC 8829), as a filter; and what can be said about one.
 *
 *	sdp-convert --to sip --with media.sdpfrag <offer.sdp >offer.sip.sdp
 *	sdp-convert --to webrtc --answer-to offer.sdp --with media.sdpfrag \
 *		--with ice.sdpfrag <answer.sip.sdp >answer.sdp
 *	sdp-convert --check <offer.sdp
 *
 * Without options what comes in goes out, byte for byte, if it is SDP.
 */

#include "app.h"

/* clang-format off */
#define OPT(l, n, m, h, k, field)                                              \
	{ l, n, m, h, NULL, k, offsetof(struct config, field) }
static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("600", "give up when the input has not ended by then"),
	OPT(0, "to", "KIND", "sip: for plain SIP phones; webrtc: for browsers",
	    PC_OPT_STR, to),
	OPT('a', "answer-to", "FILE",
	    "make an answer to the offer in FILE, which came from that side",
	    PC_OPT_STR, answer_to),
	OPT('w', "with", "FILE[#MID]",
	    "lay in this SDP fragment (its section MID); may be repeated",
	    PC_OPT_LIST, with),
	OPT(0, "codecs", "NAMES",
	    "these codecs in this order, e.g. opus,PCMU,telephone-event",
	    PC_OPT_STR, codecs),
	OPT(0, "prefer", "NAMES", "put these codecs first, if they are there",
	    PC_OPT_STR, prefer),
	OPT(0, "drop", "NAMES",
	    "without these codecs and kinds of media, e.g. video,G722",
	    PC_OPT_STR, drop),
	OPT(0, "only-audio", NULL, "without any media but audio", PC_OPT_FLAG,
	    only_audio),
	OPT(0, "transcode", "NAME",
	    "answer with this codec first although it is transcoded",
	    PC_OPT_STR, transcode),
	OPT(0, "ptime", "MS", "ask for audio packets of this many milliseconds",
	    PC_OPT_UINT, ptime_ms),
	OPT(0, "profile", "PROTO",
	    "offer a phone RTP/AVP, AVPF, SAVP, SAVPF, or UDP/TLS/RTP/SAVP, "
	    "SAVPF",
	    PC_OPT_STR, profile),
	OPT(0, "set", "[WHERE/]LINE",
	    "put LINE in place of those like it (audio/a=ptime:20); may be "
	    "repeated", PC_OPT_LIST, set),
	OPT(0, "delete", "[WHERE/]LINE",
	    "remove the lines that begin so (a=candidate); may be repeated",
	    PC_OPT_LIST, remove),
	OPT(0, "address", "IP[:PORT]",
	    "write this address, and ports from PORT on", PC_OPT_STR, address),
	OPT(0, "strict", NULL, "refuse what is not to the letter of RFC 8866",
	    PC_OPT_FLAG, strict),
	OPT(0, "lenient", NULL, "keep lines that are not SDP, too",
	    PC_OPT_FLAG, lenient),
	OPT('j', "json", NULL,
	    "print JSON instead; JSON on stdin becomes SDP again", PC_OPT_FLAG,
	    json),
	OPT(0, "check", NULL,
	    "print what is wrong with it, by the RFCs; exit 1 on errors",
	    PC_OPT_FLAG, check),
	OPT(0, "explain", NULL, "print each line with what it means",
	    PC_OPT_FLAG, explain),
	OPT(0, "diff", NULL,
	    "print what differs in meaning between two files; exit 1 if any",
	    PC_OPT_FLAG, diff),
	OPT(0, "fragment", NULL,
	    "print what it says of ICE, as an SDP fragment (RFC 8840)",
	    PC_OPT_FLAG, fragment),
	OPT(0, "report", NULL,
	    "print the lines that change, and why, not the result",
	    PC_OPT_FLAG, report),
	OPT(0, "stream", NULL,
	    "convert many: a JSON object with \"sdp\" in each line",
	    PC_OPT_FLAG, stream),
	{ 0 }
};
/* clang-format on */

static void fini(void *arg)
{
	app_fini(arg);
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "sdp-convert",
		.synopsis = "[options] <description >description",
		.purpose = "make a session description fit for a SIP phone "
			   "or a browser",
		.examples =
			"sdp-convert --to sip --with media.sdpfrag "
			"<offer.sdp >offer.sip.sdp\n"
			"sdp-convert --to webrtc --answer-to offer.sdp "
			"--with media.sdpfrag <answer.sip.sdp >answer.sdp\n"
			"sdp-convert --check offer.sdp answer.sdp\n",
		.options = options,
	},
	.fini = fini,
};

int main(int argc, char **argv)
{
	static struct app app;
	int status = pc_tool_init(&app.tool, &spec, &app.cfg, argc, argv);

	if (status >= 0)
		return status;
	app.tool.arg = &app;
	status = app_configure(&app);
	if (status >= 0)
		pc_tool_exit(&app.tool, status);
	else
		app_start(&app);
	return pc_tool_run(&app.tool);
}
