/* libcommon/ws/files: what can be fetched, and above all what can not. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ws/files.h"

#include "folder.h"

static char base[FOLDER_MAX];
static int top, www;

static void put(const char *path, const char *text)
{
	int fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void setup(void)
{
	make_folder(base);
	top = open(base, O_RDONLY | O_DIRECTORY);
	mkdirat(top, "www", 0700);
	mkdirat(top, "www/sub", 0700);
	mkdirat(top, "www/.git", 0700);
	put("secret", "secret");
	put("www/index.html", "<p>");
	put("www/a b.js", "1;");
	put("www/sub/index.html", "<b>");
	put("www/.git/config", "x");
	put("www/.env", "x");
	ck_assert_int_eq(symlinkat("../secret", top, "www/out"), 0);
	ck_assert_int_eq(symlinkat("index.html", top, "www/in"), 0);
	ck_assert_int_eq(symlinkat("..", top, "www/up"), 0);
	ck_assert_int_eq(mkfifoat(top, "www/fifo", 0600), 0);
	www = openat(top, "www", O_RDONLY | O_DIRECTORY);
}

static void teardown(void)
{
	char command[300];

	close(www);
	close(top);
	snprintf(command, sizeof(command), "rm -rf '%s'", base);
	ck_assert_int_eq(system(command), 0);
}

static int fetch(const char *target, const char *type, off_t size)
{
	struct pc_http_file file;
	int rc = pc_http_file_open(
		&file, www, (struct pc_http_text){ target, strlen(target) });

	if (rc < 0)
		return rc;
	ck_assert_str_eq(file.type, type);
	ck_assert_int_eq(file.size, size);
	ck_assert_uint_eq((uint8_t)file.etag[0], '"');
	close(file.fd);
	return 0;
}

START_TEST(what_is_there)
{
	static const char html[] = "text/html; charset=utf-8";

	ck_assert_int_eq(fetch("/", html, 3), 0);
	ck_assert_int_eq(fetch("/index.html?x=../..", html, 3), 0);
	ck_assert_int_eq(fetch("//sub//", html, 3), 0);
	ck_assert_int_eq(fetch("/sub/index.html", html, 3), 0);
	ck_assert_int_eq(
		fetch("/a%20b.js", "text/javascript; charset=utf-8", 2), 0);
}
END_TEST

START_TEST(what_is_not)
{
	static const char *const targets[] = {
		"/none",
		"/sub",
		"/none/",
		"/index.html/x",
		"/../secret",
		"/sub/../../secret",
		"/%2e%2e/secret",
		"/..%2fsecret",
		"/sub/..",
		"/.",
		"/./",
		"/.env",
		"/.git/config",
		"/%2egit/config",
		"/out",
		"/in",
		"/up/secret",
		"/up/www/index.html",
		"/fifo",
	};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		ck_assert_msg(fetch(targets[i], "", 0) < 0, "%s", targets[i]);
}
END_TEST

START_TEST(what_is_no_path)
{
	static const char *const targets[] = {
		"x", "*", "http://a/", "/%", "/%4", "/%zz", "/a%00b", "/%00",
	};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		ck_assert_msg(fetch(targets[i], "", 0) == -EBADMSG, "%s",
			      targets[i]);
}
END_TEST

START_TEST(a_change_changes_the_tag)
{
	struct pc_http_text target = { "/index.html", 11 };
	struct pc_http_file before, after;

	ck_assert_int_eq(pc_http_file_open(&before, www, target), 0);
	put("www/index.html", "<p>more");
	ck_assert_int_eq(pc_http_file_open(&after, www, target), 0);
	ck_assert_str_ne(before.etag, after.etag);
	close(before.fd);
	close(after.fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ws files");
	TCase *tc = tcase_create("ws files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_there);
	tcase_add_test(tc, what_is_not);
	tcase_add_test(tc, what_is_no_path);
	tcase_add_test(tc, a_change_changes_the_tag);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
