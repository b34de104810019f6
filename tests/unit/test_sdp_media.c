/*
 * What media.h and ice.h read out of descriptions.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/ice.h"
#include "sdp/media.h"

#define DATA "tests/data/sdp/"

static struct pc_sdp *sdp;
static struct pc_sdp_media m;

static void load(const char *text, unsigned flags)
{
	struct pc_sdp_error err = { 0 };

	pc_sdp_free(sdp);
	sdp = NULL;
	ck_assert_int_eq(pc_sdp_parse(&sdp, text, strlen(text), flags, &err),
			 0);
}

static void load_file(const char *path, unsigned flags)
{
	struct pc_buf b = { 0 };

	ck_assert_int_eq(pc_buf_read_file(&b, path, 1 << 20), 0);
	load(b.data, flags);
	pc_buf_fini(&b);
}

static void read_media(const char *lines)
{
	struct pc_sdp_error err = { 0 };
	struct pc_buf b = { 0 };
	int rc;

	pc_buf_printf(&b, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n%s",
		      lines);
	load(b.data, 0);
	pc_buf_fini(&b);
	rc = pc_sdp_media_read(&m, sdp, sdp->media, &err);
	ck_assert_msg(rc == 0, "line %u: %s", err.line, err.what);
}

static void done(void)
{
	pc_sdp_free(sdp);
	sdp = NULL;
}

START_TEST(test_rfc8829_offer)
{
	static const uint8_t first[] = { 0x19, 0xe2, 0x1c, 0x3b };
	struct pc_sdp_ice ice;

	load_file(DATA "rfc8829-7.1-offer.sdp", 0);
	ck_assert_int_eq(pc_sdp_media_read(&m, sdp, sdp->media, NULL), 0);
	ck_assert_str_eq(m.kind, "audio");
	ck_assert_str_eq(m.proto, "UDP/TLS/RTP/SAVPF");
	ck_assert(m.rtp && m.secure && m.dtls && m.feedback);
	ck_assert_uint_eq(m.port, 10100);
	ck_assert_str_eq(m.ip, "203.0.113.100");
	ck_assert_str_eq(m.mid, "a1");
	ck_assert_int_eq(m.direction, PC_SDP_SENDRECV);
	ck_assert(m.rtcp_mux);
	ck_assert_uint_eq(m.rtcp_port, 10100);
	ck_assert_uint_eq(m.maxptime_ms, 120);
	ck_assert_uint_eq(m.n_codecs, 5);
	ck_assert_uint_eq(m.codecs[0].pt, 96);
	ck_assert_str_eq(m.codecs[0].name, "opus");
	ck_assert_uint_eq(m.codecs[0].clock_hz, 48000);
	ck_assert_uint_eq(m.codecs[0].channels, 2);
	ck_assert_str_eq(m.codecs[3].name, "telephone-event");
	ck_assert_str_eq(m.codecs[3].fmtp, "0-15");
	ck_assert_uint_eq(m.n_fingerprints, 1);
	ck_assert_str_eq(m.fingerprints[0].hash, "sha-256");
	ck_assert_uint_eq(m.fingerprints[0].len, 32);
	ck_assert(memcmp(m.fingerprints[0].bytes, first, 4) == 0);
	ck_assert_int_eq(m.setup, PC_SDP_SETUP_ACTPASS);
	pc_sdp_ice_read(&ice, sdp, NULL);
	ck_assert_str_eq(ice.ufrag, "ETEn");
	ck_assert_str_eq(ice.pwd, "OtSK0WpNtpUjkY4+86js7ZQl");
	ck_assert(ice.trickle && ice.end_of_candidates && !ice.lite);
	ck_assert_uint_eq(ice.n_candidates, 2);
	ck_assert_str_eq(ice.candidates[0],
			 "candidate:1 1 udp 2113929471 203.0.113.100 10100 "
			 "typ host");
	done();
}
END_TEST

START_TEST(test_static_payload_types)
{
	read_media("c=IN IP4 192.0.2.1/127\r\nm=audio 5004 RTP/AVP 8 0 9 13 "
		   "18 77 0 200 x\r\na=fmtp:18 annexb=no\r\n");
	ck_assert_uint_eq(m.n_codecs, 5); /* 77 means nothing; 0 once */
	ck_assert_str_eq(m.codecs[0].name, "PCMA");
	ck_assert_str_eq(m.codecs[2].name, "G722");
	ck_assert_uint_eq(m.codecs[2].clock_hz, 8000);
	ck_assert_str_eq(m.codecs[4].fmtp, "annexb=no");
	ck_assert_str_eq(m.ip, "192.0.2.1");
	ck_assert(!m.secure && !m.dtls && !m.feedback && !m.rtcp_mux);
	ck_assert_uint_eq(m.rtcp_port, 5005);
	ck_assert_ptr_nonnull(pc_sdp_codec_by_pt(&m, 13));
	ck_assert_ptr_null(pc_sdp_codec_by_pt(&m, 77));
	done();
}
END_TEST

/* RFC 3605 section 2.1 */
START_TEST(test_rtcp_attribute)
{
	read_media("c=IN IP4 192.0.2.1\r\nm=audio 49170 RTP/AVP 0\r\n"
		   "a=rtcp:53020 IN IP4 126.16.64.4\r\n");
	ck_assert_uint_eq(m.rtcp_port, 53020);
	ck_assert_str_eq(m.rtcp_ip, "126.16.64.4");
	read_media("c=IN IP6 2001:db8::1\r\nm=audio 49170 RTP/SAVPF 0\r\n"
		   "a=rtcp:53020\r\na=ssrc:5 msid:a b\r\n"
		   "a=ssrc:5 cname:x\r\na=ssrc:6 cname:y\r\n");
	ck_assert_uint_eq(m.rtcp_port, 53020);
	ck_assert_str_eq(m.rtcp_ip, "2001:db8::1");
	ck_assert(m.ip6 && m.secure && !m.dtls && m.feedback);
	ck_assert(m.has_ssrc && m.ssrc == 5);
	ck_assert_str_eq(m.cname, "x");
	done();
}
END_TEST

START_TEST(test_direction)
{
	read_media("a=recvonly\r\nm=audio 1 RTP/AVP 0\r\n");
	ck_assert_int_eq(m.direction, PC_SDP_RECVONLY);
	read_media("a=recvonly\r\nm=audio 1 RTP/AVP 0\r\na=sendonly\r\n");
	ck_assert_int_eq(m.direction, PC_SDP_SENDONLY);
	ck_assert_int_eq(pc_sdp_direction_flip(m.direction), PC_SDP_RECVONLY);
	ck_assert_int_eq(pc_sdp_direction_flip(PC_SDP_SENDRECV),
			 PC_SDP_SENDRECV);
	ck_assert_int_eq(pc_sdp_direction_flip(PC_SDP_INACTIVE),
			 PC_SDP_INACTIVE);
	read_media("m=audio 1 RTP/AVP 0\r\n");
	ck_assert_int_eq(m.direction, PC_SDP_SENDRECV);
	done();
}
END_TEST

static const char *const bad[] = {
	"m=audio 9 RTP/AVP 0\r\nc=IN\r\n",
	"m=audio 9 RTP/AVP 0\r\nc=OUT IP4 1.2.3.4\r\n",
	"m=audio 9 RTP/AVP 0\r\nc=IN IP9 1.2.3.4\r\n",
	"m=audio 9 RTP/AVP 0\r\na=fingerprint:sha-256\r\n",
	"m=audio 9 RTP/AVP 0\r\na=fingerprint:sha-256 \r\n",
	"m=audio 9 RTP/AVP 0\r\na=fingerprint:sha-256 AB:C\r\n",
	"m=audio 9 RTP/AVP 0\r\na=fingerprint:sha-256 AB:\r\n",
	"m=audio 9 RTP/AVP 0\r\na=fingerprint:sha-256 ABCD\r\n",
	"m=audio 9 RTP/AVP 0\r\na=fingerprint:sha-256-and-more AB\r\n",
};

START_TEST(test_bad_values_are_refused)
{
	struct pc_sdp_error err = { 0 };
	struct pc_buf b = { 0 };

	pc_buf_printf(&b, "v=0\r\n%s", bad[_i]);
	load(b.data, 0);
	pc_buf_fini(&b);
	ck_assert_int_eq(pc_sdp_media_read(&m, sdp, sdp->media, &err),
			 -EBADMSG);
	ck_assert_uint_eq(err.line, 3);
	ck_assert(strstr(err.what, "expected"));
	done();
}
END_TEST

/* What means nothing is left out of the payload map. */
START_TEST(test_odd_rtpmaps)
{
	read_media("m=audio 9/2 TCP/RTP/AVP 96 97 98 99 100 101\r\n"
		   "a=rtpmap:96 opus\r\na=rtpmap:97 /8000\r\n"
		   "a=rtpmap:98 x/0\r\na=rtpmap:99 x/99999999999999999999\r\n"
		   "a=rtpmap:100 0123456789012345678901234567890123/8000\r\n"
		   "a=rtpmap:101   x/8000/0\r\na=rtpmap:200 y/8000\r\n"
		   "a=rtpmap:\r\na=rtpmap\r\na=fmtp:101\r\n");
	ck_assert_uint_eq(m.n_ports, 2);
	ck_assert_uint_eq(m.n_codecs, 1);
	ck_assert_uint_eq(m.codecs[0].pt, 101);
	ck_assert_uint_eq(m.codecs[0].channels, 1);
	ck_assert_str_eq(m.codecs[0].fmtp, "");
	done();
}
END_TEST

START_TEST(test_fmtp_param)
{
	static const char fmtp[] = "minptime=10; UseInbandFEC=1;x;stereo=";
	size_t len;
	const char *v = pc_sdp_fmtp_param(fmtp, "useinbandfec", &len);

	ck_assert_ptr_nonnull(v);
	ck_assert(len == 1 && v[0] == '1');
	ck_assert_ptr_nonnull(pc_sdp_fmtp_param(fmtp, "minptime", &len));
	ck_assert_uint_eq(len, 2);
	ck_assert_ptr_nonnull(pc_sdp_fmtp_param(fmtp, "stereo", &len));
	ck_assert_uint_eq(len, 0);
	ck_assert_ptr_null(pc_sdp_fmtp_param(fmtp, "ptime", &len));
	ck_assert_ptr_null(pc_sdp_fmtp_param(fmtp, "x", &len));
	ck_assert_ptr_null(pc_sdp_fmtp_param(NULL, "x", &len));
}
END_TEST

/* RFC 8840 section 9's fragment. */
START_TEST(test_rfc8840_fragment)
{
	struct pc_sdp_ice ice;

	load_file(DATA "rfc8840-9.sdpfrag", PC_SDP_FRAGMENT);
	ck_assert_uint_eq(sdp->n_media, 2);
	pc_sdp_ice_read(&ice, sdp, pc_sdp_section_by_mid(sdp, "bar"));
	ck_assert_str_eq(ice.ufrag, "8hhY");
	ck_assert_str_eq(ice.pwd, "asd88fgpdd777uzjYhagZg");
	ck_assert_str_eq(ice.mid, "bar");
	ck_assert_uint_eq(ice.n_candidates, 1);
	ck_assert(strncmp(ice.candidates[0], "candidate:2 ", 12) == 0);
	ck_assert(ice.end_of_candidates && !ice.trickle);
	done();
}
END_TEST

START_TEST(test_ice_section_is_chosen)
{
	struct pc_sdp_ice ice;

	load("v=0\r\na=ice-lite\r\na=group:LS b\r\na=group:BUNDLE b a\r\n"
	     "m=audio 9 X 0\r\na=mid:a\r\na=ice-ufrag:A\r\n"
	     "m=audio 9 X 0\r\na=mid:b\r\na=ice-ufrag:B\r\n",
	     0);
	pc_sdp_ice_read(&ice, sdp, NULL);
	ck_assert_str_eq(ice.ufrag, "B");
	ck_assert(ice.lite);
	load("v=0\r\nm=audio 0 X 0\r\na=ice-ufrag:A\r\n"
	     "m=audio 9 X 0\r\na=ice-ufrag:B\r\n",
	     0);
	pc_sdp_ice_read(&ice, sdp, NULL);
	ck_assert_str_eq(ice.ufrag, "B");
	load("a=ice-ufrag:S\r\na=candidate:1\r\n", PC_SDP_FRAGMENT);
	pc_sdp_ice_read(&ice, sdp, NULL);
	ck_assert_str_eq(ice.ufrag, "S");
	ck_assert_str_eq(ice.candidates[0], "candidate:1");
	done();
}
END_TEST

START_TEST(test_candidates_are_bounded)
{
	struct pc_buf b = { 0 };
	struct pc_sdp_ice ice;
	int i;

	for (i = 0; i < 150; i++)
		pc_buf_adds(&b, "a=candidate:1 1 udp 1 ::1 9 typ host\r\n");
	load(b.data, PC_SDP_FRAGMENT);
	pc_sdp_ice_read(&ice, sdp, NULL);
	ck_assert_uint_eq(ice.n_candidates, PC_SDP_CANDIDATES_MAX);
	ck_assert_uint_eq(ice.n_dropped, 150 - PC_SDP_CANDIDATES_MAX);
	pc_buf_fini(&b);
	done();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp media");
	TCase *tc = tcase_create("sdp media");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_rfc8829_offer);
	tcase_add_test(tc, test_static_payload_types);
	tcase_add_test(tc, test_rtcp_attribute);
	tcase_add_test(tc, test_direction);
	tcase_add_loop_test(tc, test_bad_values_are_refused, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, test_odd_rtpmaps);
	tcase_add_test(tc, test_fmtp_param);
	tcase_add_test(tc, test_rfc8840_fragment);
	tcase_add_test(tc, test_ice_section_is_chosen);
	tcase_add_test(tc, test_candidates_are_bounded);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
