/*
 * Offers and answers for the other kind of peer (RFC 3264, 8829, 8842, 9143).
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdp/convert.h"
#include "sdp/media.h"

#define DATA "tests/data/sdp/"

#define HEAD "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define SIP                                                                    \
	"v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"     \
	"t=0 0\r\n"
#define WEB(fmts)                                                              \
	HEAD "a=group:BUNDLE a\r\n"                                            \
	     "m=audio 9 UDP/TLS/RTP/SAVPF " fmts "\r\nc=IN IP4 0.0.0.0\r\n"    \
	     "a=mid:a\r\na=rtcp-mux\r\na=setup:actpass\r\n"                    \
	     "a=rtpmap:96 opus/48000/2\r\na=rtpmap:97 "                        \
	     "telephone-event/8000\r\n"                                        \
	     "a=rtpmap:98 telephone-event/48000\r\n"

static const char media_fragment[] =
	"m=audio 40312 RTP/AVP 0\r\nc=IN IP4 127.0.0.1\r\na=mid:sip\r\n"
	"a=rtcp:40313\r\n"
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:web\r\n"
	"a=fingerprint:sha-256 AB:CD\r\na=setup:actpass\r\na=rtcp-mux\r\n"
	"a=ssrc:5 cname:pipecall\r\n";
static const char ice_fragment[] =
	"a=ice-ufrag:uuuu\r\na=ice-pwd:pppp\r\na=ice-options:trickle\r\n"
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
	"a=candidate:1 1 udp 1 127.0.0.1 40000 typ host\r\n"
	"a=end-of-candidates\r\n";

/* What the last conversion made and said. */
static struct pc_buf out;
static struct pc_sdp *result;
static struct pc_sdp_media m;
static struct pc_sdp_error err;

static struct pc_sdp *parse(const char *text, unsigned flags)
{
	struct pc_sdp *sdp = NULL;
	int rc = pc_sdp_parse(&sdp, text, strlen(text), flags, &err);

	ck_assert_msg(rc == 0, "line %u: %s in:\n%s", err.line, err.what, text);
	return sdp;
}

static void done(void)
{
	pc_sdp_free(result);
	result = NULL;
	pc_buf_fini(&out);
	out = (struct pc_buf){ 0 };
}

/* Convert text; on success out, result and m (the live section) are set. */
static int convert_with(const char *text, struct pc_sdp_convert *how,
			const char *answer_to)
{
	struct pc_sdp *sdp = parse(text, 0);
	struct pc_sdp *offer = answer_to ? parse(answer_to, 0) : NULL;
	struct pc_sdp_section *s;
	int rc;

	done();
	memset(&err, 0, sizeof(err));
	how->answer_to = offer;
	rc = pc_sdp_convert(sdp, how, &err);
	if (rc == 0) {
		pc_sdp_write(sdp, &out);
		result = parse(out.data, 0);
		for (s = result->media; s && pc_sdp_section_rejected(s);)
			s = s->next;
		ck_assert_ptr_nonnull(s);
		ck_assert_int_eq(pc_sdp_media_read(&m, result, s, &err), 0);
	}
	pc_sdp_free(sdp);
	pc_sdp_free(offer);
	return rc;
}

static int convert(const char *text, enum pc_sdp_to to, const char *answer_to)
{
	struct pc_sdp_convert how = { .to = to };

	return convert_with(text, &how, answer_to);
}

/* The same with both fragments. */
static int convert_laid(const char *text, enum pc_sdp_to to,
			const char *answer_to)
{
	struct pc_sdp *media = parse(media_fragment, PC_SDP_FRAGMENT);
	struct pc_sdp *ice = parse(ice_fragment, PC_SDP_FRAGMENT);
	struct pc_sdp_lay lays[] = { { .sdp = media }, { .sdp = ice } };
	struct pc_sdp_convert how = {
		.to = to,
		.lays = lays,
		.n_lays = to == PC_SDP_TO_SIP ? 1 : 2,
	};
	int rc = convert_with(text, &how, answer_to);

	pc_sdp_free(media);
	pc_sdp_free(ice);
	return rc;
}

static char *load(const char *path)
{
	struct pc_buf b = { 0 };

	ck_assert_int_eq(pc_buf_read_file(&b, path, 1 << 20), 0);
	return b.data;
}

static const char *first_line(const char *starts)
{
	static char line[200];
	const char *at = strstr(out.data, starts);

	if (!at)
		return "";
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\r\n"), at);
	return line;
}

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
	s = pc_sdp_section_at(result, 1);
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

#define LOOP(array, test)                                                      \
	tcase_add_loop_test(tc, test, 0,                                       \
			    (int)(sizeof(array) / sizeof((array)[0])))

int main(void)
{
	Suite *suite = suite_create("sdp convert");
	TCase *tc = tcase_create("sdp convert");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, test_browser_offer_to_sip);
	tcase_add_test(tc, test_sip_offer_to_browser);
	tcase_add_test(tc, test_answer_to_browser_rejects_the_rest);
	tcase_add_test(tc, test_answer_to_phone_keeps_its_numbers);
	tcase_add_test(tc, test_rfc3264_10_1);
	LOOP(directions, test_direction_of_answer);
	tcase_add_test(tc, test_old_hold);
	LOOP(setups, test_setup_of_answer);
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
