/*
 * Answers for which a leg has what the offer asks: a certificate (RFC 8842), and
 * a path for each section that is in no BUNDLE (RFC 9143).
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/convert.h"

#define HEAD                                                                   \
	"v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\n"
#define PRINT "a=fingerprint:sha-256 AB:CD\r\na=setup:actpass\r\n"
#define VP8   "a=rtpmap:96 VP8/90000\r\n"

static struct pc_buf out;

static struct pc_sdp *parse(const char *text, unsigned flags)
{
	struct pc_sdp *sdp = NULL;
	struct pc_sdp_error err;

	ck_assert_int_eq(pc_sdp_parse(&sdp, text, strlen(text), flags, &err),
			 0);
	return sdp;
}

/* text answers offer, with the lines of a leg: 0 and out is filled, or less. */
static int answers(enum pc_sdp_to to, const char *text, const char *offer,
		   const char *leg)
{
	struct pc_sdp *sdp = parse(text, 0), *offered = parse(offer, 0);
	struct pc_sdp *fragment = parse(leg, PC_SDP_FRAGMENT);
	const struct pc_sdp_lay lay = { .sdp = fragment };
	const struct pc_sdp_convert how = {
		.to = to, .answer_to = offered, .lays = &lay, .n_lays = 1
	};
	struct pc_sdp_error err = { 0 };
	int rc = pc_sdp_convert(sdp, &how, &err);

	pc_buf_fini(&out);
	pc_sdp_write(sdp, &out);
	pc_sdp_free(sdp);
	pc_sdp_free(offered);
	pc_sdp_free(fragment);
	return rc;
}

static void has(const char *words)
{
	ck_assert_msg(strstr(out.data, words) != NULL, "no %s in:\n%s", words,
		      out.data);
}

/* A leg in the clear cannot answer DTLS: the caller has to hear of that. */
START_TEST(test_dtls_needs_a_fingerprint)
{
	static const char us[] = HEAD "m=audio 6 RTP/AVP 0\r\n";
	static const char offer[] =
		HEAD "m=audio 6000 UDP/TLS/RTP/SAVP 0\r\n" PRINT;

	ck_assert_int_eq(
		answers(PC_SDP_TO_SIP, us, offer, "m=audio 4000 RTP/AVP 0\r\n"),
		-ENODATA);
	ck_assert_int_eq(answers(PC_SDP_TO_SIP, us, offer,
				 "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n"
				 "a=fingerprint:sha-256 12:34\r\n"),
			 0);
	has("m=audio 4000 UDP/TLS/RTP/SAVP 0\r\n");
	has("a=fingerprint:sha-256 12:34\r\n");
	has("a=setup:active\r\n");
}
END_TEST

#define TWO                                                                    \
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n" PRINT                   \
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n" VP8 PRINT
#define MEDIA                                                                  \
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" PRINT                              \
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" PRINT

/* webrtcbin's default: a path for each section. ice-pair has one. */
START_TEST(test_one_path_without_bundle)
{
	static const char us[] =
		HEAD "m=audio 6 RTP/AVP 0\r\nm=video 8 RTP/AVP 96\r\n" VP8;
	static const char ice[] = "a=ice-ufrag:uuuu\r\na=ice-pwd:"
				  "pppppppppppppppppppppp\r\n" MEDIA;

	ck_assert_int_eq(answers(PC_SDP_TO_WEBRTC, us, HEAD TWO, ice), 0);
	has("m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n");
	has("m=video 0 UDP/TLS/RTP/SAVPF 96\r\n");
	/* webrtcbin wants these of a section that is rejected, too */
	ck_assert_ptr_nonnull(
		strstr(strstr(out.data, "m=video"), "a=ice-ufrag:uuuu\r\n"));
	ck_assert_ptr_nonnull(
		strstr(strstr(out.data, "m=video"), "a=fingerprint:"));
	/* in one BUNDLE they share it; without ICE each has its port */
	ck_assert_int_eq(answers(PC_SDP_TO_WEBRTC, us,
				 HEAD "a=group:BUNDLE a v\r\n" TWO, ice),
			 0);
	has("a=group:BUNDLE a v\r\n");
	has("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
	ck_assert_int_eq(answers(PC_SDP_TO_WEBRTC, us, HEAD TWO, MEDIA), 0);
	has("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp one hop");
	TCase *tc = tcase_create("sdp one hop");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_dtls_needs_a_fingerprint);
	tcase_add_test(tc, test_one_path_without_bundle);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	pc_buf_fini(&out);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
