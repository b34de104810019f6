/*
 * What holds for every offer and the answer to it: all descriptions kept as
 * data, and hostile ones, converted there and back.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sdp/convert.h"
#include "sdp/judge.h"
#include "sdp/media.h"

#define DATA "tests/data/sdp/"
#define HEAD "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

static struct pc_sdp *parse(const char *text, unsigned flags)
{
	struct pc_sdp *sdp = NULL;

	ck_assert_int_eq(pc_sdp_parse(&sdp, text, strlen(text), flags, NULL),
			 0);
	return sdp;
}

static char *load(const char *path)
{
	struct pc_buf b = { 0 };

	ck_assert_int_eq(pc_buf_read_file(&b, path, 1 << 20), 0);
	return b.data;
}

/* The legs that a conversion may be made for; NULL: none. */
static const char *const fragments[] = { DATA "media.sdpfrag",
					 DATA "media-av.sdpfrag",
					 DATA "media-srtp.sdpfrag", NULL };
static const char *legs = DATA "media.sdpfrag";

/* text converted, with both fragments; NULL when it cannot be. */
static char *convert(const char *text, enum pc_sdp_to to,
		     const struct pc_sdp *answer_to)
{
	char *media_text = load(legs ? legs : fragments[0]);
	char *ice_text = load(DATA "ice.sdpfrag");
	struct pc_sdp *media = parse(media_text, PC_SDP_FRAGMENT);
	struct pc_sdp *ice = parse(ice_text, PC_SDP_FRAGMENT);
	const struct pc_sdp_lay lays[] = { { .sdp = media }, { .sdp = ice } };
	const struct pc_sdp_convert how = {
		.to = to,
		.answer_to = answer_to,
		.lays = lays,
		.n_lays = !legs                 ? 0
			  : to == PC_SDP_TO_SIP ? 1
						: 2,
	};
	struct pc_sdp *sdp = parse(text, 0);
	struct pc_buf out = { 0 };

	if (pc_sdp_convert(sdp, &how, NULL) == 0)
		pc_sdp_write(sdp, &out);
	pc_sdp_free(sdp);
	pc_sdp_free(media);
	pc_sdp_free(ice);
	free(media_text);
	free(ice_text);
	return out.data;
}

/* RFC 3264 section 6 and RFC 8829 5.3.1, for one m= line. */
static void check_section(const struct pc_sdp *offer,
			  const struct pc_sdp_section *o,
			  const struct pc_sdp *answer,
			  const struct pc_sdp_section *a)
{
	struct pc_sdp_media mo, ma;
	unsigned i;

	ck_assert_int_eq(pc_sdp_media_read(&mo, offer, o, NULL), 0);
	ck_assert_int_eq(pc_sdp_media_read(&ma, answer, a, NULL), 0);
	ck_assert_str_eq(mo.kind, ma.kind);
	ck_assert_str_eq(mo.proto, ma.proto);
	ck_assert_pstr_eq(mo.mid, ma.mid);
	if (pc_sdp_section_rejected(o))
		ck_assert(pc_sdp_section_rejected(a));
	if (pc_sdp_section_rejected(a))
		return;
	ck_assert_uint_ge(ma.n_codecs, 1);
	for (i = 0; i < ma.n_codecs; i++)
		ck_assert(pc_sdp_codec_by_pt(&mo, ma.codecs[i].pt));
	ck_assert_int_eq(ma.direction & ~pc_sdp_direction_flip(mo.direction),
			 0);
	ck_assert(mo.rtcp_mux || !ma.rtcp_mux);
	ck_assert(!mo.dtls || ma.setup == PC_SDP_SETUP_ACTIVE ||
		  ma.setup == PC_SDP_SETUP_PASSIVE);
	ck_assert(!mo.dtls || mo.setup != ma.setup);
}

static void check_answer(const struct pc_sdp *offer, const char *text)
{
	struct pc_sdp *answer = parse(text, 0);
	const struct pc_sdp_section *o = offer->media, *a = answer->media;

	ck_assert_uint_eq(offer->n_media, answer->n_media);
	for (; o; o = o->next, a = a->next)
		check_section(offer, o, answer, a);
	pc_sdp_free(answer);
}

static void print_finding(void *arg, enum pc_sdp_severity severity,
			  const struct pc_sdp_error *err)
{
	struct pc_buf text = { 0 };

	(void)arg;
	if (severity == PC_SDP_ERROR) {
		pc_sdp_error_text(err, &text);
		fprintf(stderr, "%s\n", text.data);
	}
	pc_buf_fini(&text);
}

/* What the tool's own --check says of an answer that it made. */
static void judge(const struct pc_sdp *offer, const char *text)
{
	struct pc_sdp_judge j = { .fn = print_finding };
	struct pc_sdp *answer = parse(text, 0);

	pc_sdp_check_pair(offer, answer, &j);
	ck_assert_msg(j.errors == 0, "answered:\n%s", text);
	pc_sdp_free(answer);
}

/* What ends at the gateway does not get to the phone. */
static void check_for_phone(const char *text)
{
	static const char *const gone[] = {
		"a=ice-",      "a=candidate", "a=fingerprint", "a=ssrc",
		"a=rtcp-mux",  "a=group",     "a=extmap",      "SAVPF",
		"a=simulcast", "a=rid",       "a=msid",        "rtx/"
	};
	size_t i;

	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		ck_assert_msg(!strstr(text, gone[i]), "%s in %s", gone[i],
			      text);
}

static int by_pt(const void *a, const void *b)
{
	const struct pc_sdp_codec *x = a, *y = b;

	return x->pt - y->pt;
}

/* The codecs of the live sections, as "audio: 111 opus/48000 ...". */
static void list_codecs(const struct pc_sdp *sdp, struct pc_buf *out)
{
	const struct pc_sdp_section *s;
	struct pc_sdp_media m;
	unsigned i;

	for (s = sdp->media; s; s = s->next) {
		if (pc_sdp_section_rejected(s))
			continue;
		ck_assert_int_eq(pc_sdp_media_read(&m, sdp, s, NULL), 0);
		qsort(m.codecs, m.n_codecs, sizeof(m.codecs[0]), by_pt);
		pc_buf_printf(out, "%s:", m.kind);
		for (i = 0; i < m.n_codecs; i++)
			pc_buf_printf(out, " %u %s/%u", m.codecs[i].pt,
				      m.codecs[i].name, m.codecs[i].clock_hz);
		pc_buf_adds(out, "\n");
	}
}

/*
 * Answered by one who takes all that it was offered, a section keeps in both
 * directions the codecs that it can share: those of the converted offer.
 */
static void check_kept(const char *there, const char *back)
{
	struct pc_sdp *offered = parse(there, 0), *answered = parse(back, 0);
	struct pc_buf a = { 0 }, b = { 0 };

	list_codecs(offered, &a);
	list_codecs(answered, &b);
	ck_assert_str_eq(a.data, b.data);
	pc_sdp_free(offered);
	pc_sdp_free(answered);
	pc_buf_fini(&a);
	pc_buf_fini(&b);
}

/* Convert it there, and answer it with itself converted back. */
static unsigned check_there_and_back(const char *path)
{
	char *text = load(path), *there, *back;
	const bool web = strstr(text, "/TLS/") != NULL;
	const bool keys = strstr(text, "RTP/SAVP") != NULL;
	struct pc_sdp *offer = parse(text, 0);

	there = convert(text, web ? PC_SDP_TO_SIP : PC_SDP_TO_WEBRTC, NULL);
	if (there) {
		if (web)
			check_for_phone(there);
		back = convert(there, web ? PC_SDP_TO_WEBRTC : PC_SDP_TO_SIP,
			       offer);
		/* without a leg that has keys there is no answer */
		ck_assert_msg((back != NULL) ==
				      (web || !keys || legs == fragments[2]),
			      "%s", path);
		if (back) {
			check_answer(offer, back);
			judge(offer, back);
			/* ICE's one path is for one BUNDLE, or one section */
			if (web && (!legs || offer->n_media == 1 ||
				    strstr(text, "a=group:BUNDLE")))
				check_kept(there, back);
		}
		free(back);
	}
	pc_sdp_free(offer);
	free(text);
	free(there);
	return there != NULL;
}

START_TEST(test_there_and_back_of_all_data)
{
	DIR *dir = opendir(DATA);
	struct dirent *entry;
	unsigned n = 0;

	legs = fragments[_i];
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		char path[600];

		if (!strstr(entry->d_name, ".sdp") ||
		    strstr(entry->d_name, "frag"))
			continue;
		snprintf(path, sizeof(path), DATA "%s", entry->d_name);
		n += check_there_and_back(path);
	}
	closedir(dir);
	ck_assert_uint_ge(n, 15);
}
END_TEST

/* Odd, but parsed: what comes of it is still SDP with one m= line. */
static const char *const odd[] = {
	"v= 0\nm=audio 1 RTP/AVP 0\n",
	"v=0\nm=audio 1 RTP/AVP 0\nv=0\no=x\nt=0 0\n",
	"v=0\nm=audio 1 RTP/AVP 0\na=x\r",
	"v=0\nm=audio 1/2 RTP/AVP 0 0 0 00\na= mid:x\na=mid:\n",
	"v=0\nm=audio 1 RTP/AVP 0\na=rtpmap:0\na=fmtp:0\na=rtpmap: 0 x/1\n",
	"v=0\nm=audio 1 RTP/AVP 0\nm=audio 1 RTP/AVP 0\n\n\n",
	"v=0\na=sendonly\nm=audio 1 RTP/AVP 0\na=inactive\na=recvonly\n",
	"\n\nv=0 \n\nm=audio\t1\tRTP/AVP\t0\n",
};

START_TEST(test_odd_descriptions)
{
	const enum pc_sdp_to kinds[] = { PC_SDP_TO_SIP, PC_SDP_TO_WEBRTC };
	struct pc_sdp *offer = parse(odd[_i], 0), *sdp;
	size_t i;

	for (i = 0; i < 2; i++) {
		char *text = convert(odd[_i], kinds[i], NULL);

		ck_assert_ptr_nonnull(text);
		sdp = parse(text, 0);
		ck_assert_uint_ge(sdp->n_media, 1);
		pc_sdp_free(sdp);
		free(text);
		text = convert(HEAD "m=audio 5000 RTP/AVP 0\r\n", kinds[i],
			       offer);
		ck_assert_ptr_nonnull(text);
		check_answer(offer, text);
		free(text);
	}
	pc_sdp_free(offer);
}
END_TEST

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Ten thousand m= lines: all answered, in their place, at once. */
START_TEST(test_very_many_sections)
{
	struct pc_buf text = { 0 };
	const double began = cpu_seconds();
	struct pc_sdp *offer;
	char *answer;
	int i;

	pc_buf_adds(&text, HEAD);
	for (i = 0; i < 10000; i++)
		pc_buf_printf(&text,
			      "m=%s 9 UDP/TLS/RTP/SAVPF 0\r\n"
			      "a=mid:%d\r\na=setup:actpass\r\n",
			      i == 5000 ? "audio" : "video", i);
	offer = parse(text.data, 0);
	answer = convert(HEAD "m=audio 6000 RTP/AVP 0\r\n", PC_SDP_TO_WEBRTC,
			 offer);
	ck_assert_ptr_nonnull(answer);
	ck_assert_ptr_nonnull(strstr(answer, "m=audio 9"));
	check_answer(offer, answer);
	ck_assert(cpu_seconds() - began < 5);
	pc_sdp_free(offer);
	free(answer);
	pc_buf_fini(&text);
}
END_TEST

/* A megabyte made to be slow, as an offer and as what is answered. */
START_TEST(test_hostile_sizes)
{
	static const char *const session[] = { "a=x\r\n",
					       "a=group:BUNDLE x\r\n",
					       "c=IN IP4 192.0.2.1\r\n" };
	static const char *const section[] = {
		"m=audio 9 RTP/SAVP 0\r\n", "m=audio 9 RTP/AVP 0\r\n",
		"m=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:x\r\n"
	};
	const char *web = HEAD "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
			       "a=setup:active\r\n";
	const double began = cpu_seconds();
	struct pc_buf text = { 0 };
	struct pc_sdp *offer;

	pc_buf_adds(&text, HEAD);
	while (text.len < 512u << 10)
		pc_buf_adds(&text, session[_i % 3]);
	while (text.len < 1u << 20)
		pc_buf_adds(&text, section[_i / 3]);
	offer = parse(text.data, 0);
	free(convert(text.data, PC_SDP_TO_SIP, NULL));
	free(convert(text.data, PC_SDP_TO_WEBRTC, NULL));
	free(convert(web, PC_SDP_TO_SIP, offer));
	free(convert(web, PC_SDP_TO_WEBRTC, offer));
	ck_assert(cpu_seconds() - began < 10);
	pc_sdp_free(offer);
	pc_buf_fini(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp pairs");
	TCase *tc = tcase_create("sdp pairs");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_there_and_back_of_all_data, 0, 4);
	tcase_add_loop_test(tc, test_odd_descriptions, 0,
			    (int)(sizeof(odd) / sizeof(odd[0])));
	tcase_add_test(tc, test_very_many_sections);
	tcase_add_loop_test(tc, test_hostile_sizes, 0, 9);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
