/*
 * Conversions with more than one section, with video, and with keys: RFC
 * 3264, 4568, 4585, 5761, 6184, 8829, 9143.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/convert.h"
#include "sdp/judge.h"
#include "sdp/match.h"
#include "sdp/media.h"

#define HEAD "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define SIP                                                                    \
	"v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\n"
#define AUDIO "m=audio 6000 RTP/AVP 0\r\n"
#define WEB_AUDIO                                                              \
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:a\r\n"     \
	"a=rtcp-mux\r\na=setup:actpass\r\n"
#define WEB_VIDEO                                                              \
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\r\nc=IN IP4 0.0.0.0\r\n"      \
	"a=mid:v\r\na=rtcp-mux\r\na=setup:actpass\r\n"                         \
	"a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\n"                  \
	"a=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 nack\r\n"                       \
	"a=rtcp-fb:96 ccm fir\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 "          \
	"apt=96\r\n"                                                           \
	"a=rtpmap:98 H264/90000\r\na=fmtp:98 "                                 \
	"level-asymmetry-allowed=1;packetization-mode=1;"                      \
	"profile-level-id=42e01f\r\na=rtpmap:99 H264/90000\r\na=fmtp:99 "      \
	"packetization-mode=0;profile-level-id=42e01f\r\n"
#define WEB HEAD "a=group:BUNDLE a v\r\n" WEB_AUDIO WEB_VIDEO

static struct pc_buf out;
static struct pc_sdp_error err;

static struct pc_sdp *parse(const char *text, unsigned flags)
{
	struct pc_sdp *sdp = NULL;
	int rc = pc_sdp_parse(&sdp, text, strlen(text), flags, &err);

	ck_assert_msg(rc == 0, "line %u: %s in:\n%s", err.line, err.what, text);
	return sdp;
}

static int run(const char *text, struct pc_sdp_convert how,
	       const char *answer_to, const char *fragment)
{
	struct pc_sdp *sdp = parse(text, 0);
	struct pc_sdp *offer = answer_to ? parse(answer_to, 0) : NULL;
	struct pc_sdp *frag =
		fragment ? parse(fragment, PC_SDP_FRAGMENT) : NULL;
	const struct pc_sdp_lay lay = { .sdp = frag };
	struct pc_sdp_judge judge = { 0 };
	int rc;

	how.answer_to = offer;
	how.lays = &lay;
	how.n_lays = frag ? 1 : 0;
	pc_buf_fini(&out);
	memset(&err, 0, sizeof(err));
	rc = pc_sdp_convert(sdp, &how, &err);
	if (rc == 0)
		pc_sdp_write(sdp, &out);
	if (rc == 0 && offer) {
		pc_sdp_check_pair(offer, sdp, &judge);
		ck_assert_msg(judge.errors == 0, "%s", out.data);
	}
	pc_sdp_free(sdp);
	pc_sdp_free(offer);
	pc_sdp_free(frag);
	return rc;
}

static int to(enum pc_sdp_to kind, const char *text, const char *answer_to,
	      const char *fragment)
{
	return run(text, (struct pc_sdp_convert){ .to = kind }, answer_to,
		   fragment);
}

static void has(const char *line)
{
	char text[200];

	snprintf(text, sizeof(text), "\n%s\r\n", line);
	ck_assert_msg(strstr(out.data, text), "no %s in\n%s", line, out.data);
}

static void has_not(const char *words)
{
	ck_assert_msg(!strstr(out.data, words), "%s in\n%s", words, out.data);
}

START_TEST(test_browser_video_to_phone)
{
	ck_assert_int_eq(to(PC_SDP_TO_SIP, WEB, NULL, NULL), 0);
	has("m=audio 9 RTP/AVP 0");
	has("m=video 9 RTP/AVP 96 98 99");
	has_not("rtx");
	has_not("rtcp-fb"); /* RTP/AVP has none */
	has_not("BUNDLE");
	ck_assert_int_eq(run(WEB,
			     (struct pc_sdp_convert){ .to = PC_SDP_TO_SIP,
						      .profile = "RTP/AVPF" },
			     NULL, NULL),
			 0);
	has("m=video 9 RTP/AVPF 96 98 99");
	/* in order; not what needs header extensions */
	ck_assert_ptr_nonnull(strstr(out.data,
				     "a=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 "
				     "nack\r\na=rtcp-fb:96 ccm fir\r\n"));
	has_not("goog-remb");
}
END_TEST

START_TEST(test_phone_video_to_browser)
{
	const char *offer = SIP AUDIO "m=video 6002 RTP/AVP 96 0\r\n"
				      "a=rtpmap:96 H264/90000\r\n";

	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC, offer, NULL, NULL), 0);
	has("a=group:BUNDLE 0 1");
	has("m=audio 9 UDP/TLS/RTP/SAVPF 0");
	has("a=mid:1");
	has("a=rtcp-fb:96 nack pli");
	has("a=rtcp-fb:96 ccm fir");
	has("a=rtcp-fb:96 nack");
	has("a=rtcp-fb:96 goog-remb");
	has("a=msid:pipecall video");
	ck_assert_int_eq(to(PC_SDP_TO_SIP,
			    HEAD "a=group:BUNDLE 0 1\r\n"
				 "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
				 "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n"
				 "a=rtpmap:96 H264/90000\r\n",
			    offer, NULL),
			 0);
	has("m=video 9 RTP/AVP 96");
}
END_TEST

/* RFC 9143 10.1.2: in one group a number means one codec. */
START_TEST(test_clashing_numbers)
{
	const char *offer = SIP "m=audio 6000 RTP/AVP 96 72\r\n"
				"a=rtpmap:96 opus/48000/2\r\n"
				"a=rtpmap:72 iLBC/8000\r\n"
				"m=video 6002 RTP/AVPF 96\r\n"
				"a=rtpmap:96 H264/90000\r\n"
				"a=fmtp:96 profile-level-id=42801f\r\n"
				"a=rtcp-fb:96 nack pli\r\n";
	const char *answer =
		HEAD "a=group:BUNDLE 0 1\r\n"
		     "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
		     "a=rtpmap:96 opus/48000/2\r\n"
		     "m=video 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:1\r\n"
		     "a=rtpmap:98 H264/90000\r\n"
		     "a=fmtp:98 profile-level-id=42801f\r\n";

	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC, offer, NULL, NULL), 0);
	has("m=audio 9 UDP/TLS/RTP/SAVPF 96 97"); /* RFC 5761 section 4 */
	has("m=video 9 UDP/TLS/RTP/SAVPF 98");
	has("a=fmtp:98 profile-level-id=42801f");
	has("a=rtcp-fb:98 nack pli");
	/* and back, by the phone's numbers */
	ck_assert_int_eq(to(PC_SDP_TO_SIP, answer, offer, NULL), 0);
	has("m=video 9 RTP/AVPF 96");
	has("a=fmtp:96 profile-level-id=42801f");
	has("a=rtcp-fb:96 nack pli");
}
END_TEST

START_TEST(test_video_answered)
{
	const char *phone = SIP AUDIO
		"m=video 6002 RTP/AVP 34 97\r\na=rtpmap:97 H264/90000\r\n"
		"a=fmtp:97 packetization-mode=1;profile-level-id=42c01e\r\n";

	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC, phone, WEB, NULL), 0);
	has("a=group:BUNDLE a v");
	has("m=video 9 UDP/TLS/RTP/SAVPF 98");
	has("a=fmtp:98 packetization-mode=1;profile-level-id=42c01e");
	has_not("rtcp-fb:98"); /* none was offered for it */
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP AUDIO "m=video 6002 RTP/AVP 97\r\n"
				      "a=rtpmap:97 VP8/90000\r\n",
			    WEB, NULL),
			 0);
	ck_assert_ptr_nonnull(strstr(
		out.data, "a=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 nack pli\r\n"
			  "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 ccm fir\r\n"));
	/* video rejected: its mid is in no group */
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP AUDIO "m=video 0 RTP/AVP 34\r\n", WEB, NULL),
			 0);
	has("a=group:BUNDLE a");
	has("m=video 0 UDP/TLS/RTP/SAVPF 96 97 98 99");
	/* no codec in common: rejected, and the audio goes on */
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP AUDIO "m=video 6002 RTP/AVP 34\r\n", WEB, NULL),
			 0);
	has("m=video 0 UDP/TLS/RTP/SAVPF 96 97 98 99");
	has("a=group:BUNDLE a");
}
END_TEST

/* RFC 3264 section 8.3.2: a number keeps its meaning for the whole session. */
START_TEST(test_numbers_are_stable)
{
	const char *video = "m=video 6002 RTP/AVP 96\r\n"
			    "a=rtpmap:96 VP8/90000\r\n";
	static const char *const audio[] = {
		SIP "m=audio 6000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n",
		SIP "m=audio 6000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n"
		    "a=sendonly\r\n",
		SIP "m=audio 0 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n",
	};
	char text[500];
	size_t i;

	for (i = 0; i < sizeof(audio) / sizeof(audio[0]); i++) {
		snprintf(text, sizeof(text), "%s%s", audio[i], video);
		ck_assert_int_eq(to(PC_SDP_TO_WEBRTC, text, NULL, NULL), 0);
		has("m=video 9 UDP/TLS/RTP/SAVPF 97");
		has("a=rtpmap:97 VP8/90000");
	}
}
END_TEST

/* RFC 3264 section 8: a later offer has as many m= lines, in their places. */
START_TEST(test_rejected_stays_in_place)
{
	const char *offer =
		HEAD "a=group:BUNDLE v\r\n"
		     "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n" WEB_VIDEO;

	ck_assert_int_eq(to(PC_SDP_TO_SIP, offer, NULL, NULL), 0);
	ck_assert_ptr_nonnull(strstr(out.data, "m=audio 0 RTP/AVP 0\r\n"));
	ck_assert(strstr(out.data, "m=audio 0") < strstr(out.data, "m=video"));
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP "m=audio 0 RTP/AVP 0\r\n"
				"m=video 6002 RTP/AVP 96\r\n"
				"a=rtpmap:96 VP8/90000\r\n",
			    offer, NULL),
			 0);
	ck_assert(strstr(out.data, "m=audio 0 UDP") <
		  strstr(out.data, "m=video 9 UDP"));
	has("a=group:BUNDLE v");
}
END_TEST

START_TEST(test_bundle_only_is_live)
{
	const char *offer = HEAD
		"a=group:BUNDLE a v\r\n" WEB_AUDIO
		"m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
		"a=mid:v\r\na=bundle-only\r\na=rtcp-mux\r\na=setup:actpass\r\n"
		"a=rtpmap:96 VP8/90000\r\n";

	ck_assert_int_eq(to(PC_SDP_TO_SIP, offer, NULL, NULL), 0);
	has("m=video 9 RTP/AVP 96");
	has_not("bundle-only");
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP AUDIO "m=video 6002 RTP/AVP 97\r\n"
				      "a=rtpmap:97 VP8/90000\r\n",
			    offer, NULL),
			 0);
	has("m=video 9 UDP/TLS/RTP/SAVPF 96");
	has("a=group:BUNDLE a v");
	has_not("bundle-only");
}
END_TEST

#define KEY "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
#define SRTP_LEG                                                               \
	"m=audio 40312 RTP/SAVP 0\r\nc=IN IP4 127.0.0.1\r\n"                   \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY "\r\n"                       \
	"a=crypto:2 AES_CM_128_HMAC_SHA1_32 " KEY "\r\n"

START_TEST(test_sdes)
{
	const char *offer =
		SIP "m=audio 6000 RTP/SAVPF 0\r\n"
		    "a=crypto:7 AES_CM_128_HMAC_SHA1_32 " KEY "\r\n";

	/* An offer with the keys of its leg; one without them is AVP. */
	ck_assert_int_eq(to(PC_SDP_TO_SIP, HEAD WEB_AUDIO, NULL, SRTP_LEG), 0);
	has("m=audio 40312 RTP/SAVP 0");
	has("a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY);
	ck_assert_int_eq(to(PC_SDP_TO_SIP, offer, NULL,
			    "m=audio 40312 RTP/AVP 0\r\n"
			    "c=IN IP4 127.0.0.1\r\n"),
			 0);
	has("m=audio 40312 RTP/AVPF 0");
	has_not("crypto");
	/* SAVP that nobody has keys for is no offer. */
	ck_assert_int_eq(run(offer,
			     (struct pc_sdp_convert){ .to = PC_SDP_TO_SIP,
						      .profile = "RTP/SAVP" },
			     NULL,
			     "m=audio 40312 RTP/AVP 0\r\n"
			     "c=IN IP4 127.0.0.1\r\n"),
			 -ENODATA);
	/* RFC 4568 5.1.3: one answers, by the offer's tag and suite. */
	ck_assert_int_eq(to(PC_SDP_TO_SIP, HEAD WEB_AUDIO, offer, SRTP_LEG), 0);
	has("m=audio 40312 RTP/SAVPF 0");
	has("a=crypto:7 AES_CM_128_HMAC_SHA1_32 " KEY);
	has_not("a=crypto:1");
	/* To DTLS its keys end. */
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC, offer, NULL, NULL), 0);
	has_not("crypto");
	has("m=audio 9 UDP/TLS/RTP/SAVPF 0");
	/* The leg has no key for the offer. */
	ck_assert_int_eq(to(PC_SDP_TO_SIP, HEAD WEB_AUDIO, offer,
			    "m=audio 40312 RTP/AVP 0\r\n"
			    "c=IN IP4 127.0.0.1\r\n"),
			 -ENODATA);
	ck_assert_str_eq(err.rfc, "RFC 4568 section 5.1.3");
}
END_TEST

/* The first section that is carried is "0", whatever was left out. */
START_TEST(test_numbering_of_mids)
{
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP "m=image 5004 udptl t38\r\n" AUDIO
				"m=video 6002 RTP/AVP 34\r\n",
			    NULL, NULL),
			 0);
	has("a=group:BUNDLE 0 1");
	ck_assert_int_eq(to(PC_SDP_TO_WEBRTC,
			    SIP "m=audio 0 RTP/AVP 0\r\n"
				"m=video 6002 RTP/AVP 34\r\na=mid:0\r\n",
			    NULL, NULL),
			 0);
	has("a=group:BUNDLE 0");
	has("a=mid:0-0");
}
END_TEST

/* What a leg says is no answer to what was not offered. */
START_TEST(test_not_offered)
{
	ck_assert_int_eq(to(PC_SDP_TO_SIP, HEAD WEB_AUDIO, SIP AUDIO,
			    "m=audio 40312 RTP/AVP 0\r\n"
			    "c=IN IP4 127.0.0.1\r\na=rtcp-mux\r\n"
			    "a=rtcp-rsize\r\n"),
			 0);
	has_not("rtcp-");
}
END_TEST

/* Both keys are offered: that is answered which the leg has. */
START_TEST(test_crypto_and_fingerprint)
{
	const char *offer = SIP "m=audio 6000 RTP/SAVP 0\r\n"
				"a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY "\r\n"
				"a=fingerprint:sha-256 AB:CD\r\n"
				"a=setup:actpass\r\n";

	ck_assert_int_eq(to(PC_SDP_TO_SIP, HEAD WEB_AUDIO, offer, SRTP_LEG), 0);
	has("a=crypto:1 AES_CM_128_HMAC_SHA1_80 " KEY);
	has_not("fingerprint");
	ck_assert_int_eq(
		to(PC_SDP_TO_SIP, HEAD WEB_AUDIO, offer,
		   "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
		   "a=fingerprint:sha-256 12:34\r\na=setup:actpass\r\n"),
		0);
	has("a=fingerprint:sha-256 12:34");
	has("a=setup:active");
	has_not("crypto");
}
END_TEST

static const struct {
	const char *a, *b;
	bool match;
} h264[] = {
	{ NULL, NULL, true },
	{ "profile-level-id=42e01f", "profile-level-id=42e00a", true },
	/* constrained baseline in three spellings */
	{ "profile-level-id=42e01f", "profile-level-id=42c01e", true },
	{ "profile-level-id=42e01f", "profile-level-id=4d801f", true },
	{ "profile-level-id=42e01f", "profile-level-id=58c01f", true },
	{ "profile-level-id=42e01f", "profile-level-id=42001f", false },
	{ "profile-level-id=42001f", "profile-level-id=428014", true },
	{ "profile-level-id=42001f", NULL, true }, /* the default */
	{ "profile-level-id=42e01f", NULL, false },
	{ "profile-level-id=640c1f", "profile-level-id=64001f", false },
	{ "packetization-mode=1", "packetization-mode=0", false },
	{ "packetization-mode=0", NULL, true },
};

START_TEST(test_h264_match)
{
	const struct pc_sdp_codec a = { 96, "H264", 90000, 1, h264[_i].a };
	const struct pc_sdp_codec b = { 97, "h264", 90000, 1, h264[_i].b };

	ck_assert_int_eq(pc_sdp_codec_match(&a, &b), h264[_i].match);
	ck_assert_int_eq(pc_sdp_codec_match(&b, &a), h264[_i].match);
}
END_TEST

static const struct {
	const char *offered, *far, *answered;
} levels[] = {
	{ "profile-level-id=42e01f", "profile-level-id=42e00d",
	  "profile-level-id=42e00d" },
	{ "profile-level-id=42e00d", "profile-level-id=42e01f",
	  "profile-level-id=42e00d" },
	{ "profile-level-id=42e00d;level-asymmetry-allowed=1",
	  "profile-level-id=42e01f;level-asymmetry-allowed=1",
	  "profile-level-id=42e01f;level-asymmetry-allowed=1" },
	/* level 1b is between 1 and 1.1 */
	{ "profile-level-id=42f00b", "profile-level-id=42e00b",
	  "profile-level-id=42f00b" },
	{ "profile-level-id=42e00b", "max-fs=99;profile-level-id=42f00b",
	  "max-fs=99;profile-level-id=42f00b" },
};

/* RFC 6184 section 8.2.2: a level may go down, not up. */
START_TEST(test_h264_level)
{
	const struct pc_sdp_codec o = { 96, "H264", 90000, 1,
					levels[_i].offered };
	const struct pc_sdp_codec f = { 97, "H264", 90000, 1, levels[_i].far };
	struct pc_buf b = { 0 };

	pc_sdp_answer_fmtp(&o, &f, &b);
	ck_assert_str_eq(b.data, levels[_i].answered);
	pc_buf_fini(&b);
}
END_TEST

/* Already of the right kind: not a byte changes. */
START_TEST(test_no_change_without_need)
{
	static const struct {
		enum pc_sdp_to to;
		const char *text;
	} same[] = {
		{ PC_SDP_TO_SIP,
		  SIP "m=audio 6000 RTP/SAVP 0 101 13\r\na=crypto:1 "
		      "AES_CM_128_HMAC_SHA1_80 " KEY "\r\n"
		      "a=rtpmap:101 telephone-event/8000\r\n"
		      "m=image 6002 udptl t38\r\na=x-odd: y \r\n" },
		{ PC_SDP_TO_SIP, SIP "m=audio 6000 RTP/AVP 98 0\r\n"
				     "a=rtpmap:98 red/8000\r\n"
				     "a=fmtp:98 0/0\r\na=mid:x\r\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		ck_assert_int_eq(to(same[i].to, same[i].text, NULL, NULL), 0);
		ck_assert_str_eq(out.data, same[i].text);
	}
}
END_TEST

#define LOOP(array, test)                                                      \
	tcase_add_loop_test(tc, test, 0,                                       \
			    (int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
	Suite *suite = suite_create("sdp video");
	TCase *tc = tcase_create("sdp video");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_browser_video_to_phone);
	tcase_add_test(tc, test_phone_video_to_browser);
	tcase_add_test(tc, test_clashing_numbers);
	tcase_add_test(tc, test_video_answered);
	tcase_add_test(tc, test_numbers_are_stable);
	tcase_add_test(tc, test_rejected_stays_in_place);
	tcase_add_test(tc, test_bundle_only_is_live);
	tcase_add_test(tc, test_sdes);
	tcase_add_test(tc, test_numbering_of_mids);
	tcase_add_test(tc, test_not_offered);
	tcase_add_test(tc, test_crypto_and_fingerprint);
	LOOP(h264, test_h264_match);
	LOOP(levels, test_h264_level);
	tcase_add_test(tc, test_no_change_without_need);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
