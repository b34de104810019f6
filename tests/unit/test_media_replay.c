/* The replay list of SRTP: RFC 3711 sections 3.3.1 and 3.3.2, appendix A. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "media/replay.h"

static struct pc_replay r;

static void begin(void)
{
	r = (struct pc_replay){ 0 };
}

static int take(int64_t index)
{
	int rc = pc_replay_check(&r, index);

	if (rc == 0)
		pc_replay_take(&r, index);
	return rc;
}

START_TEST(test_index)
{
	ck_assert_int_eq(pc_replay_index(&r, 65535), 65535); /* the first */
	pc_replay_take(&r, 65535);
	ck_assert_int_eq(pc_replay_index(&r, 0), 65536);
	ck_assert_int_eq(pc_replay_index(&r, 65000), 65000);
	pc_replay_take(&r, 65536 + 10);
	ck_assert_int_eq(pc_replay_index(&r, 65530), 65530);
	ck_assert_int_eq(pc_replay_index(&r, 32000), 65536 + 32000);
	ck_assert_int_eq(pc_replay_index(&r, 33000), 33000);
	pc_replay_take(&r, (5ll << 16) + 40000);
	ck_assert_int_eq(pc_replay_index(&r, 7000), (6ll << 16) + 7000);
	ck_assert_int_eq(pc_replay_index(&r, 8000), (5ll << 16) + 8000);
}
END_TEST

START_TEST(test_before_the_first)
{
	pc_replay_take(&r, 2);
	ck_assert_int_lt(pc_replay_index(&r, 65535), 0);
	ck_assert_int_eq(pc_replay_check(&r, -1), -EALREADY);
	ck_assert_int_eq(take(1), 0);
	ck_assert_int_eq(take(0), 0);
	ck_assert_int_eq(take(0), -EALREADY);
}
END_TEST

START_TEST(test_window)
{
	ck_assert_int_eq(take(5000), 0);
	ck_assert_int_eq(take(5000), -EALREADY);
	ck_assert_int_eq(take(5000 - PC_REPLAY_WINDOW + 1), 0);
	ck_assert_int_eq(take(5000 - PC_REPLAY_WINDOW + 1), -EALREADY);
	ck_assert_int_eq(take(5000 - PC_REPLAY_WINDOW), -EALREADY);
	/* what the window passes over has not been */
	ck_assert_int_eq(take(5000 + 700), 0);
	for (int64_t i = 5001; i < 5700; i++)
		ck_assert_int_eq(take(i), 0);
	for (int64_t i = 5001; i <= 5700; i++)
		ck_assert_int_eq(take(i), -EALREADY);
	/* nor after a leap further than the window */
	ck_assert_int_eq(take(5700 + 3 * PC_REPLAY_WINDOW), 0);
	ck_assert_int_eq(take(5700 + 3 * PC_REPLAY_WINDOW - 1), 0);
	ck_assert_int_eq(take(5700 + 3 * PC_REPLAY_WINDOW), -EALREADY);
}
END_TEST

/* Beside a list that forgets nothing. */
START_TEST(test_any_order)
{
	static bool been[70000];
	int64_t highest = 0;

	srand(1);
	for (int n = 0; n < 200000; n++) {
		int64_t i = highest + rand() % 1400 - 1200;
		bool old = highest - i >= PC_REPLAY_WINDOW;

		if (i < 0 || i >= 70000)
			continue;
		ck_assert_int_eq(take(i), been[i] || old ? -EALREADY : 0);
		been[i] = true;
		highest = i > highest ? i : highest;
	}
	ck_assert_int_gt(highest, 60000);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("replay list");
	TCase *t = tcase_create("replay");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, begin, NULL);
	tcase_add_test(t, test_index);
	tcase_add_test(t, test_before_the_first);
	tcase_add_test(t, test_window);
	tcase_add_test(t, test_any_order);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
