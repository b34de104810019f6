/* libcommon/base: options, addresses, buffers, text, JSON, exits. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/exit.h"
#include "base/json.h"
#include "base/opt.h"
#include "base/utf8.h"

struct config {
	const char *server;
	unsigned count, timeout_ms;
	int verbose;
	bool json;
	struct pc_opt_list headers;
};

static const struct pc_opt options[] = {
	{ 's', "server", "HOST", "ask it", NULL, PC_OPT_STR,
	  offsetof(struct config, server) },
	{ 'n', "count", "N", "times", "3", PC_OPT_UINT,
	  offsetof(struct config, count) },
	{ 't', "timeout", "SECONDS", "wait", "2.5", PC_OPT_MS,
	  offsetof(struct config, timeout_ms) },
	{ 'v', "verbose", NULL, "more", NULL, PC_OPT_COUNT,
	  offsetof(struct config, verbose) },
	{ 0, "json", NULL, "JSON", NULL, PC_OPT_FLAG,
	  offsetof(struct config, json) },
	{ 0, "header", "LINE", "add", NULL, PC_OPT_LIST,
	  offsetof(struct config, headers) },
	{ 0 }
};
static const struct pc_opt_usage usage = { .name = "test",
					   .synopsis = "",
					   .options = options };

static const char *operands[32];
static int n_operands;

static int parse(struct config *c, const char *const *argv)
{
	int argc = 0;

	*c = (struct config){ 0 };
	while (argv[argc])
		argc++;
	/* argv is not changed; getopt's habit of the type is kept */
	return pc_opt_parse(&usage, c, argc, (char **)(uintptr_t)argv, operands,
			    &n_operands);
}

#define PARSE(c, ...)                                                          \
	parse(c, (const char *const[]){ "test", __VA_ARGS__, NULL })

START_TEST(options_of_every_kind)
{
	struct config c;

	ck_assert_int_eq(PARSE(&c, "a", "-vvshost", "--json", "--count=7", "b",
			       "--header", "X: 1", "--header=Y: 2", "-t",
			       "0.25", "--", "-c"),
			 0);
	ck_assert_str_eq(c.server, "host");
	ck_assert_int_eq(c.verbose, 2);
	ck_assert(c.json);
	ck_assert_uint_eq(c.count, 7);
	ck_assert_uint_eq(c.timeout_ms, 250);
	ck_assert_uint_eq(c.headers.n, 2);
	ck_assert_str_eq(c.headers.v[1], "Y: 2");
	ck_assert_int_eq(n_operands, 3);
	ck_assert_str_eq(operands[2], "-c");
}
END_TEST

START_TEST(defaults_hold)
{
	struct config c;

	ck_assert_int_eq(PARSE(&c, "-"), 0);
	ck_assert_uint_eq(c.count, 3);
	ck_assert_uint_eq(c.timeout_ms, 2500);
	ck_assert_str_eq(operands[0], "-");
}
END_TEST

START_TEST(options_of_a_command_are_its_own)
{
	static const char *const argv[] = { "test", "-v",  "cat", "-v",
					    "--",   "--x", NULL };
	const struct pc_opt_usage runs = { .name = "test",
					   .options = options,
					   .command = true };
	struct config c = { 0 };

	ck_assert_int_eq(pc_opt_parse(&runs, &c, 6, (char **)(uintptr_t)argv,
				      operands, &n_operands),
			 0);
	ck_assert_int_eq(c.verbose, 1);
	ck_assert_int_eq(n_operands, 4);
	ck_assert_str_eq(operands[1], "-v");
	ck_assert_str_eq(operands[2], "--");
}
END_TEST

START_TEST(wrong_options_are_refused)
{
	struct config c;

	ck_assert_int_eq(PARSE(&c, "--nonesuch"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "-z"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--server"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--json=yes"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--count", "1.5"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--count", "-1"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--count", "0x10"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--timeout", "nan"), -EINVAL);
	ck_assert_int_eq(PARSE(&c, "--timeout", "99999999999"), -EINVAL);
}
END_TEST

static void address_is(const char *text, const char *want)
{
	struct pc_addr a;
	char out[PC_ADDR_TEXT];

	ck_assert_msg(pc_addr_parse(&a, text, 5060) == 0, "%s", text);
	ck_assert_str_eq(pc_addr_text(&a, out), want);
}

START_TEST(addresses_there_and_back)
{
	address_is("127.0.0.1:80", "127.0.0.1:80");
	address_is("127.0.0.1", "127.0.0.1:5060");
	address_is("[::1]:80", "[::1]:80");
	address_is("[::1]", "[::1]:5060");
	address_is("fe80::1:2", "[fe80::1:2]:5060");
	address_is(":0", "127.0.0.1:0");
	address_is("8080", "127.0.0.1:8080");
}
END_TEST

START_TEST(localhost_is_ours)
{
	char text[PC_ADDR_TEXT];
	struct pc_addr a;

	ck_assert_int_eq(pc_addr_parse_own(&a, "LocalHost:80", 1), 0);
	ck_assert_str_eq(pc_addr_text(&a, text), "127.0.0.1:80");
	ck_assert_int_eq(pc_addr_parse_own(&a, "localhost", 5060), 0);
	ck_assert_str_eq(pc_addr_text(&a, text), "127.0.0.1:5060");
	ck_assert_int_eq(pc_addr_parse_own(&a, "[::1]:80", 1), 0);
	ck_assert_str_eq(pc_addr_text(&a, text), "[::1]:80");
	ck_assert_int_eq(pc_addr_parse_own(&a, "host", 1), -EINVAL);
	ck_assert_int_eq(pc_addr_parse_own(&a, "localhost:x", 1), -EINVAL);
}
END_TEST

START_TEST(wrong_addresses_are_refused)
{
	static const char *const wrong[] = {
		"",     "host",   "1.2.3",     "127.0.0.1:",  "127.0.0.1:65536",
		"[::1", "[::1]x", "::1:99999", "127.0.0.1:+5"
	};
	struct pc_addr a;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_msg(pc_addr_parse(&a, wrong[i], 1) == -EINVAL, "%s",
			      wrong[i]);
}
END_TEST

START_TEST(buffers_grow_and_shrink)
{
	struct pc_buf b = { 0 };

	for (int i = 0; i < 1000; i++)
		pc_buf_printf(&b, "%04d", i);
	ck_assert_uint_eq(b.len, 4000);
	pc_buf_consume(&b, 3996);
	ck_assert_str_eq(b.data, "0999");
	pc_buf_clear(&b);
	pc_buf_add_hex(&b, "\x00\xff", 2);
	ck_assert_str_eq(b.data, "00ff");
	pc_buf_fini(&b);
}
END_TEST

START_TEST(remote_text_cannot_drive_a_terminal)
{
	struct pc_buf b = { 0 };

	pc_buf_add_printable(&b, "a\x1b[2J\r\n\xc2\x9b\xff z\xc3\xa9", 14);
	ck_assert_str_eq(b.data,
			 "a\\x1b[2J\\x0d\\x0a\\xc2\\x9b\\xff z\xc3\xa9");
	pc_buf_fini(&b);
}
END_TEST

START_TEST(utf8_as_rfc3629_says)
{
	ck_assert(pc_utf8_valid("\xf0\x9f\x93\x9e", 4));
	ck_assert(!pc_utf8_valid("\xc0\xaf", 2));         /* overlong */
	ck_assert(!pc_utf8_valid("\xed\xa0\x80", 3));     /* surrogate */
	ck_assert(!pc_utf8_valid("\xf4\x90\x80\x80", 4)); /* past U+10FFFF */
	ck_assert(!pc_utf8_valid("\xe2\x82", 2));         /* cut off */
}
END_TEST

START_TEST(json_fields_of_every_kind)
{
	const char *volatile none = NULL;
	json_t *o = pc_json_fields("i=%d u=%u z=%zu l=%ld f=%f s=%s no=%s b=%c "
				   "o=%p",
				   -1, 2u, (size_t)3, 4L, 0.1, "\xff\"", none,
				   1, (void *)json_pack("[i]", 5));
	char *line = pc_json_line(o, NULL);

	ck_assert_str_eq(line, "{\"i\":-1,\"u\":2,\"z\":3,\"l\":4,\"f\":0.1,"
			       "\"s\":\"\xef\xbf\xbd\\\"\",\"b\":true,"
			       "\"o\":[5]}\n");
	free(line);
	json_decref(o);
}
END_TEST

START_TEST(exits_have_words)
{
	ck_assert_str_eq(pc_exit_text(PC_EXIT_NOANSWER), "nobody answered");
	ck_assert_ptr_null(pc_exit_text(4));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, options_of_every_kind);
	tcase_add_test(tc, defaults_hold);
	tcase_add_test(tc, options_of_a_command_are_its_own);
	tcase_add_test(tc, wrong_options_are_refused);
	tcase_add_test(tc, addresses_there_and_back);
	tcase_add_test(tc, localhost_is_ours);
	tcase_add_test(tc, wrong_addresses_are_refused);
	tcase_add_test(tc, buffers_grow_and_shrink);
	tcase_add_test(tc, remote_text_cannot_drive_a_terminal);
	tcase_add_test(tc, utf8_as_rfc3629_says);
	tcase_add_test(tc, json_fields_of_every_kind);
	tcase_add_test(tc, exits_have_words);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
