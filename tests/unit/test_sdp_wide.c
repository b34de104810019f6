/* The one header extension that is kept, for transport-cc (RFC 8285). */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/convert.h"

#define WIDE                                                                   \
	"http://www.ietf.org/id/"                                              \
	"draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define WEB                                                                    \
	"v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"                  \
	"a=group:BUNDLE v\r\n"                                                 \
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:v\r\n"    \
	"a=rtcp-mux\r\na=setup:actpass\r\na=rtpmap:96 VP8/90000\r\n"           \
	"a=rtcp-fb:96 nack pli\r\n"
#define NUMBERED                                                               \
	WEB "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset\r\n"                \
	    "a=extmap:5 " WIDE "\r\na=rtcp-fb:96 transport-cc\r\n"
#define PHONE                                                                  \
	"v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\nm=video 6002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"

static struct pc_buf out;

static struct pc_sdp *parse(const char *text)
{
	struct pc_sdp *sdp = NULL;
	struct pc_sdp_error err;

	ck_assert_int_eq(pc_sdp_parse(&sdp, text, strlen(text), 0, &err), 0);
	return sdp;
}

static void convert(enum pc_sdp_to kind, const char *text, const char *offer)
{
	struct pc_sdp_convert how = { .to = kind };
	struct pc_sdp *sdp = parse(text);
	struct pc_sdp *answered = offer ? parse(offer) : NULL;
	struct pc_sdp_error err = { 0 };

	how.answer_to = answered;
	pc_buf_fini(&out);
	ck_assert_int_eq(pc_sdp_convert(sdp, &how, &err), 0);
	pc_sdp_write(sdp, &out);
	pc_sdp_free(sdp);
	pc_sdp_free(answered);
}

/* How often words are in what came out. */
static int times(const char *words)
{
	const char *at = out.data;
	int n = 0;

	while ((at = strstr(at, words))) {
		at++;
		n++;
	}
	return n;
}

START_TEST(test_to_a_phone)
{
	convert(PC_SDP_TO_SIP, NUMBERED, NULL);
	ck_assert_int_eq(times("extmap"), 0);
	ck_assert_int_eq(times("transport-cc"), 0);
}
END_TEST

START_TEST(test_answer)
{
	convert(PC_SDP_TO_WEBRTC, PHONE, NUMBERED);
	ck_assert_int_eq(times("a=extmap:5 " WIDE "\r\n"), 1);
	ck_assert_int_eq(times("a=rtcp-fb:96 transport-cc\r\n"), 1);
	ck_assert_int_eq(times("toffset"), 0);
	convert(PC_SDP_TO_WEBRTC, PHONE, WEB); /* it was not offered */
	ck_assert_int_eq(times("extmap"), 0);
	ck_assert_int_eq(times("transport-cc"), 0);
}
END_TEST

START_TEST(test_offer)
{
	convert(PC_SDP_TO_WEBRTC, PHONE, NULL);
	ck_assert_int_eq(times("a=extmap:1 " WIDE "\r\n"), 1);
	ck_assert_int_eq(times("extmap"), 1);
	ck_assert_int_eq(times("a=rtcp-fb:96 transport-cc\r\n"), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sdp wide");
	TCase *t = tcase_create("wide");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_test(t, test_to_a_phone);
	tcase_add_test(t, test_answer);
	tcase_add_test(t, test_offer);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	pc_buf_fini(&out);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
