/*
 * Any bytes as an offer, an answer and a fragment: what is made of them is SDP
 * again, and an answer that its offer allows.
 *
 * seeds: tests/data/sdp
 */
#include <stdint.h>
#include <stdlib.h>

#include "sdp/convert.h"
#include "sdp/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char web_offer[] =
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	"a=group:BUNDLE 0 v\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126\r\n"
	"c=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=setup:actpass\r\n"
	"a=rtpmap:111 opus/48000/2\r\na=rtpmap:126 telephone-event/8000\r\n"
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97 98\r\nc=IN IP4 0.0.0.0\r\n"
	"a=mid:v\r\na=rtcp-mux\r\na=setup:actpass\r\n"
	"a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n"
	"a=fmtp:97 apt=96\r\na=rtpmap:98 H264/90000\r\n"
	"a=fmtp:98 profile-level-id=42e01f;packetization-mode=1\r\n"
	"a=rtcp-fb:96 nack\r\na=rtcp-fb:* ccm fir\r\n";
static const char fragment[] =
	"a=ice-ufrag:x\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
	"c=IN IP4 0.0.0.0\r\na=mid:web\r\na=setup:actpass\r\n"
	"m=audio 4000 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\na=rtcp:4001\r\n";

static struct pc_sdp *parse(const void *data, size_t size, unsigned flags)
{
	struct pc_sdp *sdp = NULL;

	return pc_sdp_parse(&sdp, data, size, flags, NULL) ? NULL : sdp;
}

static void on_finding(void *arg, enum pc_sdp_severity severity,
		       const struct pc_sdp_error *err)
{
	(void)arg;
	(void)severity;
	if (!err->rfc || !err->what[0])
		abort();
}

static struct pc_sdp *web; /* an offer without fault */

static void check_answer(const struct pc_sdp *answer)
{
	struct pc_sdp_judge j = { .fn = on_finding };

	pc_sdp_check_pair(web, answer, &j);
	if (j.errors)
		abort();
}

/* What convert makes can be parsed, and answers every m= line. */
static void check_convert(const uint8_t *data, size_t size, enum pc_sdp_to to,
			  const struct pc_sdp *answer_to,
			  const struct pc_sdp_lay *lay)
{
	const struct pc_sdp_convert how = {
		.to = to,
		.answer_to = answer_to,
		.lays = lay,
		.n_lays = lay ? 1 : 0,
		.codecs = size % 2 ? "opus,PCMU,telephone-event" : NULL,
	};
	struct pc_sdp *sdp = parse(data, size, 0), *again;
	struct pc_buf out = { 0 };

	if (!sdp)
		return;
	if (pc_sdp_convert(sdp, &how, NULL) == 0) {
		pc_sdp_write(sdp, &out);
		again = parse(out.data, out.len, 0);
		if (!again ||
		    (answer_to && again->n_media != answer_to->n_media))
			abort();
		if (answer_to == web)
			check_answer(again);
		pc_sdp_free(again);
	}
	pc_buf_fini(&out);
	pc_sdp_free(sdp);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pc_sdp *legs;
	struct pc_sdp_lay lay;
	struct pc_sdp *sdp, *frag;

	if (!web) {
		web = parse(web_offer, sizeof(web_offer) - 1, 0);
		legs = parse(fragment, sizeof(fragment) - 1, PC_SDP_FRAGMENT);
	}
	lay = (struct pc_sdp_lay){ .sdp = legs };
	check_convert(data, size, PC_SDP_TO_SIP, NULL, &lay);
	check_convert(data, size, PC_SDP_TO_WEBRTC, NULL, &lay);
	check_convert(data, size, PC_SDP_TO_WEBRTC, web, &lay);
	check_convert(data, size, PC_SDP_TO_WEBRTC, web, NULL);
	check_convert(data, size, PC_SDP_TO_SIP, NULL, NULL);
	check_convert(data, size, PC_SDP_TO_WEBRTC, NULL, NULL);
	sdp = parse(data, size, 0);
	if (sdp) { /* as the offer that is answered */
		check_convert((const uint8_t *)web_offer, sizeof(web_offer) - 1,
			      PC_SDP_TO_SIP, sdp, &lay);
		check_convert((const uint8_t *)web_offer, sizeof(web_offer) - 1,
			      PC_SDP_TO_WEBRTC, sdp, &lay);
	}
	pc_sdp_free(sdp);
	frag = parse(data, size, PC_SDP_FRAGMENT);
	lay.sdp = frag;
	if (frag)
		check_convert((const uint8_t *)web_offer, sizeof(web_offer) - 1,
			      PC_SDP_TO_SIP, NULL, &lay);
	pc_sdp_free(frag);
	return 0;
}
