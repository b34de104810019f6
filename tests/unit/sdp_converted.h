/*
 * Conversions for the tests: a description in, what became of it in out,
 * result and m, or in err.
 *
 *	ck_assert_int_eq(convert(SIP "m=audio ...", PC_SDP_TO_WEBRTC, NULL), 0);
 *	ck_assert_str_eq(first_line("a=setup"), "a=setup:actpass");
 */
#ifndef TESTS_UNIT_SDP_CONVERTED_H
#define TESTS_UNIT_SDP_CONVERTED_H

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

static inline struct pc_sdp *parse(const char *text, unsigned flags)
{
	struct pc_sdp *sdp = NULL;
	int rc = pc_sdp_parse(&sdp, text, strlen(text), flags, &err);

	ck_assert_msg(rc == 0, "line %u: %s in:\n%s", err.line, err.what, text);
	return sdp;
}

static inline void done(void)
{
	pc_sdp_free(result);
	result = NULL;
	pc_buf_fini(&out);
	out = (struct pc_buf){ 0 };
}

/* Convert text; on success out, result and m (the live section) are set. */
static inline int convert_with(const char *text, struct pc_sdp_convert *how,
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

static inline int convert(const char *text, enum pc_sdp_to to,
			  const char *answer_to)
{
	struct pc_sdp_convert how = { .to = to };

	return convert_with(text, &how, answer_to);
}

/* The same with both fragments. */
static inline int convert_laid(const char *text, enum pc_sdp_to to,
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

static inline char *load(const char *path)
{
	struct pc_buf b = { 0 };

	ck_assert_int_eq(pc_buf_read_file(&b, path, 1 << 20), 0);
	return b.data;
}

static inline const char *first_line(const char *starts)
{
	static char line[200];
	const char *at = strstr(out.data, starts);

	if (!at)
		return "";
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\r\n"), at);
	return line;
}

/* A test for each row of a table. */
#define LOOP(array, test)                                                      \
	tcase_add_loop_test(tc, test, 0,                                       \
			    (int)(sizeof(array) / sizeof((array)[0])))

#endif
