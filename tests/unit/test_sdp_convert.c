/* Descriptions for the other kind of peer (RFC 8829, 8842, 9143). */
#include "sdp_converted.h"

START_TEST(test_browser_offer_to_sip)
{
	char *offer = load(DATA "chromium-av-data-offer.sdp");

	ck_assert_int_eq(convert_laid(offer, PC_SDP_TO_SIP, NULL), 0);
	ck_assert_uint_eq(result->n_media, 1);
	ck_assert_str_eq(first_line("m="),
			 "m=audio 40312 RTP/AVP 111 9 0 8 13 110 126");
	ck_assert_str_eq(m.ip, "127.0.0.1");
	ck_assert_uint_eq(m.rtcp_port, 40313);
	ck_assert_str_eq(m.codecs[0].fmtp, "minptime=10;useinbandfec=1");
	ck_assert_str_eq(first_line("o="), "o=- 2689799646026425488 2 IN IP4 "
					   "127.0.0.1");
	free(offer);
	done();
}
END_TEST

START_TEST(test_sip_offer_to_browser)
{
	const char *offer = SIP "a=sendrecv\r\n"
				"m=audio 6000 RTP/AVP 8 101\r\nb=AS:80\r\n"
				"a=ptime:20\r\n"
				"a=rtpmap:101 telephone-event/8000\r\n"
				"a=x-unknown:kept\r\na=rtcp:6001\r\n";

	ck_assert_int_eq(convert_laid(offer, PC_SDP_TO_WEBRTC, NULL), 0);
	ck_assert_str_eq(
		out.data, HEAD
		"a=sendrecv\r\na=ice-options:trickle\r\n"
		"a=group:BUNDLE 0\r\n"
		"m=audio 9 UDP/TLS/RTP/SAVPF 8 101\r\nc=IN IP4 0.0.0.0\r\n"
		"b=AS:80\r\na=ptime:20\r\na=rtpmap:101 telephone-event/8000\r\n"
		"a=x-unknown:kept\r\na=sendrecv\r\na=rtpmap:8 PCMA/8000\r\n"
		"a=fingerprint:sha-256 AB:CD\r\na=setup:actpass\r\n"
		"a=rtcp-mux\r\na=ssrc:5 cname:pipecall\r\n"
		"a=ice-ufrag:uuuu\r\na=ice-pwd:pppp\r\n"
		"a=candidate:1 1 udp 1 127.0.0.1 40000 typ host\r\n"
		"a=end-of-candidates\r\na=mid:0\r\n"
		"a=msid:pipecall audio\r\n");
	done();
}
END_TEST

#define EVENT "a=rtpmap:101 telephone-event/8000\r\n"

/* A browser's offer of WEB(offered), a phone's answer, what is answered. */
static const struct {
	const char *offer, *answer, *fmts;
} choices[] = {
	/* shared: passes through, by the browser's numbers */
	{ WEB("96 0 8"), "0", "0" },
	{ WEB("96 0 8"), "8 0", "8 0" },
	{ WEB("96 0 97"), "0 101\r\n" EVENT, "0 97" },
	{ WEB("96 0 97 98"), "101 0\r\n" EVENT, "0 97" },
	{ WEB("96 0"), "111\r\na=rtpmap:111 OPUS/48000/2\r\n", "96" },
	{ WEB("96 0 13"), "0 13", "0 13" },
	{ WEB("96 0 9"), "9", "9" },
	/* nothing shared: Opus, transcoded; events on its clock */
	{ WEB("96"), "0", "96" },
	{ WEB("96 97 98"), "0 101\r\n" EVENT, "96 98 97" },
	{ WEB("96 97 98"), "0", "96" },
	{ WEB("8"), "0", "8" },
	/* Opus in mono is not RFC 7587's Opus */
	{ WEB("96 0"), "0 96\r\na=rtpmap:96 opus/48000\r\n", "0" },
};

START_TEST(test_choice_of_codec)
{
	char answer[400], want[100];

	snprintf(answer, sizeof(answer), SIP "m=audio 6000 RTP/AVP %s\r\n",
		 choices[_i].answer);
	ck_assert_int_eq(convert(answer, PC_SDP_TO_WEBRTC, choices[_i].offer),
			 0);
	snprintf(want, sizeof(want), "m=audio 9 UDP/TLS/RTP/SAVPF %s",
		 choices[_i].fmts);
	ck_assert_str_eq(first_line("m=audio"), want);
	done();
}
END_TEST

/* What cannot be carried: the answer is no, in words. */
static const struct {
	enum pc_sdp_to to;
	const char *text, *answer_to, *why;
} refusals[] = {
	{ PC_SDP_TO_WEBRTC, SIP "m=audio 6000 RTP/AVP 18\r\n", WEB("96 0"),
	  "share no codec" },
	{ PC_SDP_TO_WEBRTC, SIP "m=audio 6000 RTP/AVP 101\r\n" EVENT,
	  WEB("96 97"), "share no codec" },
	{ PC_SDP_TO_WEBRTC, SIP "m=audio 6000 RTP/AVP 13\r\n", WEB("96 13"),
	  "share no codec" },
	{ PC_SDP_TO_WEBRTC, SIP "m=audio 0 RTP/AVP 0\r\n", WEB("96 0"),
	  "rejected" },
	{ PC_SDP_TO_WEBRTC, SIP "m=text 6000 RTP/AVP 98\r\n", NULL, "audio" },
	{ PC_SDP_TO_WEBRTC, SIP, NULL, "no m= line" },
	{ PC_SDP_TO_SIP, WEB("0"), SIP "m=audio 0 RTP/AVP 0\r\n",
	  "the offer has no audio" },
	{ PC_SDP_TO_SIP, WEB("0"),
	  SIP "m=audio 5000 RTP/SAVP 0\r\n"
	      "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n",
	  "a=crypto" },
	{ PC_SDP_TO_SIP, HEAD "m=audio 5000 UDP/TLS/RTP/SAVPF 96\r\n", NULL,
	  "no codec" },
	{ PC_SDP_TO_SIP, HEAD "m=audiox 5000 RTP/AVP 0\r\n", NULL, "audio" },
	{ PC_SDP_TO_SIP, HEAD "m=audio 5000 udptl t38\r\n", NULL, "audio" },
};

START_TEST(test_refusals)
{
	ck_assert_int_eq(convert(refusals[_i].text, refusals[_i].to,
				 refusals[_i].answer_to),
			 -ENODATA);
	ck_assert_msg(strstr(err.what, refusals[_i].why), "%s", err.what);
}
END_TEST

/* --codecs: kept, added, ordered; payload types clash with none. */
static const struct {
	const char *text, *codecs, *fmts;
} lists[] = {
	{ SIP "m=audio 1 RTP/AVP 0\r\n", "opus,PCMU,telephone-event",
	  "111 0 110 101" },
	{ SIP "m=audio 1 RTP/AVP 0 101\r\n" EVENT, "pcmu, telephone-event",
	  "0 101" },
	{ SIP "m=audio 1 RTP/AVP 0 101\r\n" EVENT, "telephone-event,opus",
	  "111 110" },
	{ SIP "m=audio 1 RTP/AVP 0 111 101\r\na=rtpmap:111 iLBC/8000\r\n"
	      "a=rtpmap:101 speex/8000\r\n",
	  "opus,PCMA,telephone-event", "96 8 110 97" },
	{ SIP "m=audio 1 RTP/AVP 18 0\r\n", "G729", "18" },
	{ SIP "m=audio 1 RTP/AVP 0\r\n", "bogus,PCMU,PCMU,", "0" },
};

START_TEST(test_codec_lists)
{
	struct pc_sdp_convert how = { .to = PC_SDP_TO_WEBRTC,
				      .codecs = lists[_i].codecs };
	char want[100];

	ck_assert_int_eq(convert_with(lists[_i].text, &how, NULL), 0);
	snprintf(want, sizeof(want), "m=audio 9 UDP/TLS/RTP/SAVPF %s",
		 lists[_i].fmts);
	ck_assert_str_eq(first_line("m=audio"), want);
	done();
}
END_TEST

START_TEST(test_transcode_on_request)
{
	struct pc_sdp_convert how = { .to = PC_SDP_TO_WEBRTC,
				      .transcode = "opus" };

	ck_assert_int_eq(convert_with(SIP "m=audio 6000 RTP/AVP 0\r\n", &how,
				      WEB("0 96")),
			 0);
	ck_assert_str_eq(first_line("m="), "m=audio 9 UDP/TLS/RTP/SAVPF 96 0");
	done();
}
END_TEST

/* What browsers refuse to parse is mended, what they need is there. */
START_TEST(test_odd_sip_is_tidied)
{
	ck_assert_int_eq(convert("v= 0 \nt= 0 0\n\nX=?\nc=IN IP4 127.0.0.1\n"
				 "o=- 1 1 IN IP4 127.0.0.1\na=\n"
				 "m=audio  6000  RTP/AVP  0  101\n"
				 "a=rtpmap:101   telephone-event/8000 \n"
				 "a=fmtp:101 \n",
				 PC_SDP_TO_WEBRTC, NULL),
			 0);
	ck_assert_str_eq(out.data,
			 "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\n"
			 "a=group:BUNDLE 0\n"
			 "m=audio 9 UDP/TLS/RTP/SAVPF 0 101\n"
			 "c=IN IP4 0.0.0.0\n"
			 "a=rtpmap:101 telephone-event/8000\n"
			 "a=sendrecv\na=rtpmap:0 PCMU/8000\n"
			 "a=mid:0\na=rtcp-mux\na=msid:pipecall audio\n");
	done();
}
END_TEST

/* Lines put behind one that ends in no line feed do not run into it. */
START_TEST(test_broken_line_endings)
{
	static const char *const ends[] = { "", "\r", "\r\r\n", "\n" };
	char text[200];

	snprintf(text, sizeof(text), "v=0%sm=audio 1 RTP/AVP 0%sa=x:y%s",
		 _i < 2 ? "\r\n" : ends[_i], _i < 2 ? "\r\n" : ends[_i],
		 ends[_i]);
	ck_assert_int_eq(convert_laid(text, PC_SDP_TO_WEBRTC, NULL), 0);
	ck_assert_str_eq(pc_sdp_attr(result->media, "x"), "y");
	ck_assert_str_eq(pc_sdp_attr(result->media, "ice-ufrag"), "uuuu");
	ck_assert_ptr_null(strstr(out.data, "\r\r"));
	done();
}
END_TEST

START_TEST(test_lay_alone_and_by_name)
{
	struct pc_sdp *media = parse(media_fragment, PC_SDP_FRAGMENT);
	struct pc_sdp_lay lay = { .sdp = media, .name = "web" };
	struct pc_sdp_convert how = { .lays = &lay, .n_lays = 1 };
	const char *text = SIP "m=audio 1 RTP/AVP 0\r\na=setup:active\r\n";

	ck_assert_int_eq(convert_with(text, &how, NULL), 0);
	ck_assert_str_eq(out.data, SIP
			 "m=audio 9 RTP/AVP 0\r\n"
			 "c=IN IP4 0.0.0.0\r\n"
			 "a=fingerprint:sha-256 AB:CD\r\na=setup:actpass\r\n"
			 "a=rtcp-mux\r\na=ssrc:5 cname:pipecall\r\n");
	lay.name = "nobody";
	ck_assert_int_eq(convert_with(text, &how, NULL), -EBADMSG);
	ck_assert_int_eq(err.where, PC_SDP_IN_FRAGMENT);
	lay.name = NULL;
	ck_assert_int_eq(convert_with(text, &how, NULL), 0);
	ck_assert_str_eq(first_line("m="), "m=audio 40312 RTP/AVP 0");
	pc_sdp_free(media);
	media = parse("m=audio 1 RTP/AVP 0\r\nm=audio 2 RTP/AVP 0\r\n",
		      PC_SDP_FRAGMENT);
	lay.sdp = media;
	ck_assert_int_eq(convert_with(text, &how, NULL), -EBADMSG);
	ck_assert(strstr(err.what, "2 of its 2"));
	pc_sdp_free(media);
	done();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp convert");
	TCase *tc = tcase_create("sdp convert");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, test_browser_offer_to_sip);
	tcase_add_test(tc, test_sip_offer_to_browser);
	LOOP(choices, test_choice_of_codec);
	LOOP(refusals, test_refusals);
	LOOP(lists, test_codec_lists);
	tcase_add_test(tc, test_transcode_on_request);
	tcase_add_test(tc, test_odd_sip_is_tidied);
	tcase_add_loop_test(tc, test_broken_line_endings, 0, 4);
	tcase_add_test(tc, test_lay_alone_and_by_name);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
