/*
 * The lines of a description: kept, found, refused (RFC 8866, RFC 8840).
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sdp/sdp.h"

#define DATA "tests/data/sdp/"

static struct pc_sdp *parse(const char *text, unsigned flags)
{
	struct pc_sdp_error err = { 0 };
	struct pc_sdp *sdp = NULL;
	int rc = pc_sdp_parse(&sdp, text, strlen(text), flags, &err);

	ck_assert_msg(rc == 0, "line %u: %s", err.line, err.what);
	return sdp;
}

static void check_round_trip(const char *data, size_t len, unsigned flags)
{
	struct pc_buf out = { 0 };
	struct pc_sdp *sdp;

	ck_assert_int_eq(pc_sdp_parse(&sdp, data, len, flags, NULL), 0);
	pc_sdp_write(sdp, &out);
	ck_assert(!out.oom);
	ck_assert_uint_eq(out.len, len);
	ck_assert(len == 0 || memcmp(out.data, data, len) == 0);
	pc_buf_fini(&out);
	pc_sdp_free(sdp);
}

/* Every description kept as data comes back byte for byte. */
START_TEST(test_round_trip_of_all_data)
{
	DIR *dir = opendir(DATA);
	struct dirent *entry;
	unsigned n = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		char path[600];
		struct pc_buf b = { 0 };

		if (!strstr(entry->d_name, ".sdp"))
			continue;
		snprintf(path, sizeof(path), DATA "%s", entry->d_name);
		ck_assert_int_eq(pc_buf_read_file(&b, path, 1 << 20), 0);
		check_round_trip(b.data, b.len,
				 strstr(path, "frag") ? PC_SDP_FRAGMENT : 0);
		pc_buf_fini(&b);
		n++;
	}
	closedir(dir);
	ck_assert_uint_ge(n, 10);
}
END_TEST

START_TEST(test_line_endings_are_kept)
{
	static const char *const docs[] = {
		"v=0",
		"v=0\n",
		"v=0\r\n",
		"v=0\r",
		"v=0\r\r\n",
		"\r\nv=0\n\n",
		"v=0\ns=x\r\nt=0 0\n\r\nm=audio 1 RTP/AVP 0\r\n\r\n",
		"v=0\nk=\nQ=unknown letter\na=\na=:\n",
	};
	size_t i;

	for (i = 0; i < sizeof(docs) / sizeof(docs[0]); i++)
		check_round_trip(docs[i], strlen(docs[i]), 0);
	check_round_trip("", 0, PC_SDP_FRAGMENT);
}
END_TEST

/* RFC 8866 section 5's example. */
START_TEST(test_rfc8866_5_sections)
{
	struct pc_buf b = { 0 };
	struct pc_sdp_section *video;
	struct pc_sdp *sdp;

	ck_assert_int_eq(pc_buf_read_file(&b, DATA "rfc8866-5.sdp", 9999), 0);
	sdp = parse(b.data, 0);
	ck_assert_uint_eq(sdp->n_media, 3);
	ck_assert_str_eq(pc_sdp_value(pc_sdp_find(&sdp->session, 's')),
			 "Call to John Smith");
	video = sdp->media->next->next;
	ck_assert_str_eq(video->first->text, "m=video 51372 RTP/AVP 99");
	ck_assert_uint_eq(video->first->number, 12);
	ck_assert_str_eq(pc_sdp_value(pc_sdp_find(video, 'c')),
			 "IN IP6 2001:db8::2");
	ck_assert_str_eq(pc_sdp_attr(video, "rtpmap"), "99 h263-1998/90000");
	ck_assert_ptr_null(pc_sdp_attr(video, "rtp"));
	ck_assert_ptr_null(video->next);
	pc_sdp_free(sdp);
	pc_buf_fini(&b);
}
END_TEST

START_TEST(test_attributes)
{
	struct pc_sdp *sdp = parse("v=0\r\na=ice-lite\r\na=setup:active\r\n"
				   "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
				   "a=sendonly \r\na=empty:\r\n",
				   0);

	ck_assert_str_eq(pc_sdp_attr(&sdp->session, "ice-lite"), "");
	ck_assert_str_eq(pc_sdp_attr(sdp->media, "mid"), "0");
	ck_assert_str_eq(pc_sdp_attr(sdp->media, "sendonly"), "");
	ck_assert_str_eq(pc_sdp_attr(sdp->media, "empty"), "");
	ck_assert_ptr_null(pc_sdp_attr(sdp->media, "setup"));
	ck_assert_str_eq(pc_sdp_attr_inherited(sdp, sdp->media, "setup"),
			 "active");
	ck_assert_ptr_eq(pc_sdp_section_by_mid(sdp, "0"), sdp->media);
	ck_assert_ptr_null(pc_sdp_section_by_mid(sdp, "1"));
	pc_sdp_free(sdp);
}
END_TEST

static const struct bad {
	const char *text;
	unsigned line, column;
	const char *expected, *rfc;
} bad[] = {
	{ "", 0, 0, "v=0", "5.1" },
	{ "\r\n\r\n", 0, 0, "v=0", "5.1" },
	{ "hello\r\n", 1, 1, "<letter>=<value>", "5" },
	{ "o=- 1 1 IN IP4 1.2.3.4\r\n", 1, 1, "v=0", "5.1" },
	{ "v=1\r\n", 1, 3, "version 0", "5.1" },
	{ "v=\r\n", 1, 3, "version 0", "5.1" },
	{ "v=0\r\ns=-\r\nrubbish\r\n", 3, 1, "<letter>=<value>", "5" },
	{ "v=0\r\n =x\r\n", 2, 1, "<letter>=<value>", "5" },
	{ "v=0\r\na =x\r\n", 2, 1, "<letter>=<value>", "5" },
	{ "v=0\r\na\r\n", 2, 1, "<letter>=<value>", "5" },
	{ "v=0\r\na=x\ry\r\n", 2, 4, "line feed", "9" },
	{ "v=0\r\nm=\r\n", 2, 3, "m=<media>", "5.14" },
	{ "v=0\r\nm=audio\r\n", 2, 8, "port", "5.14" },
	{ "v=0\r\nm=audio x RTP/AVP 0\r\n", 2, 9, "0 to 65535", "5.14" },
	{ "v=0\r\nm=audio 65536 RTP/AVP 0\r\n", 2, 9, "0 to 65535", "5.14" },
	{ "v=0\r\nm=audio -1 RTP/AVP 0\r\n", 2, 9, "0 to 65535", "5.14" },
	{ "v=0\r\nm=audio 9/ RTP/AVP 0\r\n", 2, 9, "0 to 65535", "5.14" },
	{ "v=0\r\nm=audio 9\r\n", 2, 10, "protocol", "5.14" },
};

START_TEST(test_refused_with_place_and_reason)
{
	const struct bad *b = &bad[_i];
	struct pc_sdp_error err = { 0 };
	struct pc_sdp *sdp = NULL;

	ck_assert_int_eq(pc_sdp_parse(&sdp, b->text, strlen(b->text), 0, &err),
			 -EBADMSG);
	ck_assert_ptr_null(sdp);
	ck_assert_uint_eq(err.line, b->line);
	ck_assert_uint_eq(err.column, b->column);
	ck_assert_msg(strstr(err.what, b->expected), "%s", err.what);
	ck_assert_str_eq(err.rfc + strlen("RFC 8866 section "), b->rfc);
}
END_TEST

START_TEST(test_nul_is_refused)
{
	static const char text[] = "v=0\r\ns=-\r\na=x\0y\r\n";
	struct pc_sdp_error err = { 0 };
	struct pc_sdp *sdp = NULL;

	ck_assert_int_eq(pc_sdp_parse(&sdp, text, sizeof(text) - 1, 0, &err),
			 -EBADMSG);
	ck_assert_uint_eq(err.line, 3);
	ck_assert_uint_eq(err.column, 4);
	ck_assert_int_eq(pc_sdp_parse(&sdp, "v=0\0", 4, 0, NULL), -EBADMSG);
}
END_TEST

START_TEST(test_error_text)
{
	struct pc_sdp_error err = { .line = 3,
				    .column = 1,
				    .what = "expected \033[1m",
				    .rfc = "RFC 1" };
	struct pc_buf b = { 0 };

	pc_sdp_error_text(&err, &b);
	ck_assert_str_eq(b.data, "line 3: expected \\x1b[1m (RFC 1)");
	pc_buf_fini(&b);
}
END_TEST

/* Parse and write text, and the seconds it took. */
static double timed(const struct pc_buf *text)
{
	struct timespec a, b;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	check_round_trip(text->data, text->len, 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	return (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* A giant line, a million lines, very many sections: linear and quick. */
START_TEST(test_large_documents)
{
	static const char *const unit[] = {
		"x", "a=rtpmap:0 x\r\n", "m=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
	};
	struct pc_buf b = { 0 };

	pc_buf_adds(&b, "v=0\r\ns=");
	while (b.len < 10u << 20)
		pc_buf_adds(&b, unit[_i]);
	ck_assert(timed(&b) < 5.0); /* ~0.2 s; the rest is for sanitizers */
	pc_buf_fini(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sdp model");
	TCase *tc = tcase_create("sdp model");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_round_trip_of_all_data);
	tcase_add_test(tc, test_line_endings_are_kept);
	tcase_add_test(tc, test_rfc8866_5_sections);
	tcase_add_test(tc, test_attributes);
	tcase_add_loop_test(tc, test_refused_with_place_and_reason, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, test_nul_is_refused);
	tcase_add_test(tc, test_error_text);
	tcase_add_loop_test(tc, test_large_documents, 0, 3);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
