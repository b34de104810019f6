/* libcommon/sip/pool: many users written as one. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/pool.h"

static struct pc_sip_pool pool;

static int parse(const char *text)
{
	return pc_sip_pool_parse(&pool, text, strlen(text));
}

/* text stands for exactly these, in this order. */
static void is(const char *text, const char *const *users)
{
	size_t n = 0;

	ck_assert_msg(parse(text) == 0, "%s: %s", text, pool.why);
	while (users[n]) {
		ck_assert_uint_lt(n, pool.n);
		ck_assert_str_eq(pool.users[n], users[n]);
		n++;
	}
	ck_assert_uint_eq(pool.n, n);
	pc_sip_pool_free(&pool);
}

#define IS(text, ...) is(text, (const char *const[]){ __VA_ARGS__, NULL })

static void is_not(const char *text, int err, const char *why)
{
	ck_assert_int_eq(parse(text), err);
	ck_assert_msg(strstr(pool.why, why), "%s: %s", text, pool.why);
	ck_assert_uint_eq(pool.n, 0);
	ck_assert_ptr_null(pool.users);
}

START_TEST(one)
{
	IS("100", "100");
	IS("alice.b+c", "alice.b+c");
	IS("1;2;alice", "1", "2", "alice");
}
END_TEST

START_TEST(the_one_of_the_issue)
{
	IS("1005;10[06-19]", "1005", "1006", "1007", "1008", "1009", "1010",
	   "1011", "1012", "1013", "1014", "1015", "1016", "1017", "1018",
	   "1019");
}
END_TEST

START_TEST(widths)
{
	IS("[006-008]", "006", "007", "008");
	IS("[098-101]", "098", "099", "100", "101");
	IS("[8-11]", "8", "9", "10", "11");
	IS("x[7-7]y", "x7y");
	IS("[00-02]", "00", "01", "02");
	IS("00[498954211-498954212]", "00498954211", "00498954212");
	IS("[999999999999999998-999999999999999999]", "999999999999999998",
	   "999999999999999999");
}
END_TEST

START_TEST(several_in_one)
{
	IS("a[1-2]b[08-09]", "a1b08", "a1b09", "a2b08", "a2b09");
	IS("[1-2][3-4];5", "13", "14", "23", "24", "5");
}
END_TEST

START_TEST(only_as_long_as_said)
{
	ck_assert_int_eq(pc_sip_pool_parse(&pool, "1[0-1]@pbx", 6), 0);
	ck_assert_uint_eq(pool.n, 2);
	ck_assert_str_eq(pool.users[1], "11");
	pc_sip_pool_free(&pool);
}
END_TEST

START_TEST(bounded)
{
	ck_assert_int_eq(parse("[000-999]"), 0);
	ck_assert_uint_eq(pool.n, 1000);
	ck_assert_str_eq(pool.users[999], "999");
	pc_sip_pool_free(&pool);
	is_not("[000-999];x", -E2BIG, "more than 1000");
	is_not("[0000-1000]", -E2BIG, "more than 1000");
	is_not("[1-999999999999999999]", -E2BIG, "more than 1000");
	is_not("[00-99][00-99]", -E2BIG, "more than 1000");
	is_not("[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]", -E2BIG,
	       "more than 1000");
}
END_TEST

START_TEST(wrong_ones)
{
	char longest[140];

	is_not("", -EINVAL, "no name");
	is_not("100;", -EINVAL, "no name");
	is_not(";100", -EINVAL, "no name");
	is_not("1;;2", -EINVAL, "no name");
	is_not("10[", -EINVAL, "like [06-19]");
	is_not("10[]", -EINVAL, "[]: a range is like");
	is_not("10[06]", -EINVAL, "[06]: a range is like");
	is_not("10[06-]", -EINVAL, "like [06-19]");
	is_not("10[-19]", -EINVAL, "like [06-19]");
	is_not("10[06-19", -EINVAL, "like [06-19]");
	is_not("10[06;19]", -EINVAL, "like [06-19]");
	is_not("10[a-f]", -EINVAL, "like [06-19]");
	is_not("10[ 6-19]", -EINVAL, "like [06-19]");
	is_not("10[[06-19]]", -EINVAL, "like [06-19]");
	is_not("1006-19]", -EINVAL, "without its [");
	is_not("10[19-06]", -EINVAL, "before it begins");
	is_not("10[06-119]", -EINVAL, "as many digits");
	is_not("[1-1111111111111111111]", -EINVAL, "18 digits");
	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	is_not(longest, -EINVAL, "longer than 127");
	memcpy(longest + 125, "[100-101]", 10);
	is_not(longest, -EINVAL, "longer than 127");
}
END_TEST

START_TEST(named_twice)
{
	is_not("1005;10[05-19]", -EEXIST, "1005 is named twice");
	is_not("a;b;a", -EEXIST, "a is named twice");
	IS("5;05;[005-005]", "5", "05", "005");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip-pool");
	TCase *tc = tcase_create("pool");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_add_test(tc, one);
	tcase_add_test(tc, the_one_of_the_issue);
	tcase_add_test(tc, widths);
	tcase_add_test(tc, several_in_one);
	tcase_add_test(tc, only_as_long_as_said);
	tcase_add_test(tc, bounded);
	tcase_add_test(tc, wrong_ones);
	tcase_add_test(tc, named_twice);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
