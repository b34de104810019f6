/* Answers of the other kind of peer to an offer (RFC 3264). */
#include "sdp_converted.h"

/* RFC 8829 5.3.1, RFC 9143 7.3: every m= line answered, in its place. */
START_TEST(test_answer_to_browser_rejects_the_rest)
{
	char *offer = load(DATA "chromium-av-data-offer.sdp");
	struct pc_sdp_section *s;

	ck_assert_int_eq(convert_laid(SIP "m=audio 6000 RTP/AVP 8 0\r\n",
				      PC_SDP_TO_WEBRTC, offer),
			 0);
	ck_assert_uint_eq(result->n_media, 3);
	ck_assert_str_eq(first_line("m=audio"),
			 "m=audio 9 UDP/TLS/RTP/SAVPF 8 0");
	ck_assert_str_eq(first_line("a=group"), "a=group:BUNDLE 0");
	s = result->media->next;
	ck_assert(strncmp(s->first->text, "m=video 0 UDP/TLS/RTP/SAVPF 96 ",
			  31) == 0);
	ck_assert_str_eq(pc_sdp_attr(s, "mid"), "1");
	s = s->next;
	ck_assert_str_eq(s->first->text,
			 "m=application 0 UDP/DTLS/SCTP webrtc-datachannel");
	ck_assert_str_eq(pc_sdp_attr(s, "mid"), "2");
	ck_assert_int_eq(m.setup, PC_SDP_SETUP_ACTIVE);
	free(offer);
	done();
}
END_TEST

START_TEST(test_answer_to_phone_keeps_its_numbers)
{
	const char *offer = SIP "m=video 5000 RTP/AVP 99\r\n"
				"a=rtpmap:99 H264/90000\r\n"
				"m=audio 6000 RTP/AVPF 8 120 101\r\n"
				"a=rtpmap:120 opus/48000/2\r\n"
				"a=rtpmap:101 telephone-event/8000\r\n";
	const char *answer = WEB("96 8 97") "a=fmtp:96 useinbandfec=1\r\n";

	ck_assert_int_eq(convert_laid(answer, PC_SDP_TO_SIP, offer), 0);
	ck_assert_uint_eq(result->n_media, 2);
	ck_assert_str_eq(first_line("m=video"), "m=video 0 RTP/AVP 99");
	ck_assert_str_eq(first_line("m=audio"),
			 "m=audio 40312 RTP/AVPF 120 8 101");
	ck_assert_str_eq(m.codecs[0].name, "opus");
	ck_assert_str_eq(m.codecs[0].fmtp, "useinbandfec=1");
	ck_assert_ptr_null(strstr(out.data, "a=rtpmap:96"));
	ck_assert_ptr_null(strstr(out.data, "a=group"));
	ck_assert_ptr_null(strstr(out.data, "a=mid"));
	done();
}
END_TEST

/* RFC 3264 10.1: audio accepted, video 1 rejected; here both are. */
START_TEST(test_rfc3264_10_1)
{
	char *offer = load(DATA "rfc3264-10.1-offer.sdp");

	ck_assert_int_eq(convert_laid(WEB("0"), PC_SDP_TO_SIP, offer), 0);
	ck_assert_uint_eq(result->n_media, 3);
	ck_assert_str_eq(first_line("m=audio"), "m=audio 40312 RTP/AVP 0");
	ck_assert_str_eq(first_line("m=video"), "m=video 0 RTP/AVP 31");
	ck_assert_str_eq(result->last_media->first->text,
			 "m=video 0 RTP/AVP 32");
	free(offer);
	done();
}
END_TEST

/* The offer's direction, the far side's, and what the answer must say. */
static const struct {
	const char *offered, *far, *answered;
} directions[] = {
	{ "sendrecv", "sendrecv", "sendrecv" },
	{ "sendrecv", "sendonly", "sendonly" },
	{ "sendrecv", "recvonly", "recvonly" },
	{ "sendrecv", "inactive", "inactive" },
	{ "sendonly", "sendrecv", "recvonly" }, /* RFC 3264 6.1 */
	{ "sendonly", "recvonly", "recvonly" },
	{ "sendonly", "sendonly", "inactive" },
	{ "recvonly", "sendrecv", "sendonly" },
	{ "recvonly", "recvonly", "inactive" },
	{ "inactive", "sendrecv", "inactive" },
};

START_TEST(test_direction_of_answer)
{
	char offer[400], answer[800];

	snprintf(offer, sizeof(offer), SIP "m=audio 6000 RTP/AVP 0\r\na=%s\r\n",
		 directions[_i].offered);
	snprintf(answer, sizeof(answer), WEB("0") "a=%s\r\n",
		 directions[_i].far);
	ck_assert_int_eq(convert(answer, PC_SDP_TO_SIP, offer), 0);
	ck_assert_str_eq(pc_sdp_direction_text(m.direction),
			 directions[_i].answered);
	done();
}
END_TEST

/* RFC 3264 8.4: the hold of RFC 2543 is an address of zeros. */
START_TEST(test_old_hold)
{
	const char *hold =
		HEAD "c=IN IP4 0.0.0.0\r\nm=audio 6000 RTP/AVP 0\r\n";

	ck_assert_int_eq(convert_laid(hold, PC_SDP_TO_WEBRTC, NULL), 0);
	ck_assert_int_eq(m.direction, PC_SDP_SENDONLY);
	ck_assert_int_eq(convert_laid(WEB("0"), PC_SDP_TO_SIP, hold), 0);
	ck_assert_int_eq(m.direction, PC_SDP_RECVONLY);
	ck_assert_int_eq(convert_laid(hold, PC_SDP_TO_WEBRTC, WEB("0")), 0);
	ck_assert_int_eq(m.direction, PC_SDP_SENDONLY);
	done();
}
END_TEST

static const struct {
	const char *offered, *answered;
} setups[] = {
	/* RFC 8842 section 5.3 */
	{ "actpass", "active" },
	{ "active", "passive" },
	{ "passive", "active" },
	{ "holdconn", "holdconn" },
};

START_TEST(test_setup_of_answer)
{
	char offer[600];

	snprintf(
		offer, sizeof(offer),
		HEAD
		"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\na=setup:%s\r\n",
		setups[_i].offered);
	ck_assert_int_eq(convert_laid(SIP "m=audio 6000 RTP/AVP 0\r\n",
				      PC_SDP_TO_WEBRTC, offer),
			 0);
	ck_assert_str_eq(pc_sdp_setup_text(m.setup), setups[_i].answered);
	ck_assert_ptr_null(strstr(out.data, "a=group"));
	ck_assert_ptr_null(m.mid);
	done();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp answer");
	TCase *tc = tcase_create("sdp answer");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, test_answer_to_browser_rejects_the_rest);
	tcase_add_test(tc, test_answer_to_phone_keeps_its_numbers);
	tcase_add_test(tc, test_rfc3264_10_1);
	LOOP(directions, test_direction_of_answer);
	tcase_add_test(tc, test_old_hold);
	LOOP(setups, test_setup_of_answer);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
