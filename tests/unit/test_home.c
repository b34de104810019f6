/* base/home.h: what is one tool's of many in a process. */
#include "base/home.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/fd.h"
#include "loop/loop.h"
#include "loop/out.h"

#include "folder.h"

static struct pc_home *process;
static struct pc_loop *loop;
static int failed;

static void enter(struct pc_home *home)
{
	process = pc_home;
	loop = pc_loop_new();
	ck_assert_ptr_nonnull(loop);
	home->host = loop;
	pc_home = home;
}

static void leave(struct pc_home *home)
{
	pc_home = process;
	pc_home_fini(home);
	pc_loop_free(loop);
}

START_TEST(descriptors_and_environment_are_its_own)
{
	char room[PC_HERE], *environment[] = { "CALLS=1", "CALL=seven", NULL };
	struct pc_home home = { .cwd = -1, .environment = environment };
	int fds[2], fd;

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(pc_home_fd(1), 1);
	ck_assert_str_eq(pc_here("/dev/stdin", room), "/dev/stdin");
	enter(&home);
	home.n_fds = 2;
	home.fds[0].number = 1;
	home.fds[0].fd = fds[1];
	home.fds[1].path = strdup("events");
	home.fds[1].fd = fds[0];
	ck_assert_int_eq(pc_home_fd(1), fds[1]);
	ck_assert_int_eq(pc_home_fd(0), -1); /* also not that called events */
	ck_assert_int_eq(pc_fd_from_path("fd:2", 0), -EBADF);
	fd = pc_fd_from_path("fd:1", 0);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	close(fd);
	fd = pc_fd_open_write("events", O_APPEND, 0666, 5000);
	ck_assert_int_eq(read(fd, room, 1), 1);
	close(fd);
	fd = open(pc_here("/dev/fd/1", room), O_WRONLY);
	ck_assert_int_eq(write(fd, "y", 1), 1);
	close(fd);
	ck_assert_str_eq(pc_home_env("CALL"), "seven");
	ck_assert_ptr_null(pc_home_env("PATH"));
	ck_assert_int_eq(pc_home_close(1), 0);
	ck_assert_int_eq(pc_home_close(1), -EBADF);
	ck_assert_int_eq(pc_fd_from_path("fd:1", 0), -EBADF);
	home.environment = NULL;
	leave(&home);
}
END_TEST

START_TEST(folder_and_umask_are_its_own)
{
	char room[PC_HERE], folder[FOLDER_MAX], was[4096], is[4096];
	struct pc_home home = { .umask = 077 };
	mode_t mask = umask(022);

	make_folder(folder);
	ck_assert_ptr_nonnull(getcwd(was, sizeof(was)));
	pc_home->cwd = open(".", O_PATH);
	pc_home->umask = 022;
	home.cwd = open(folder, O_PATH);
	enter(&home);
	ck_assert_str_eq(pc_here("x", room), "x");
	ck_assert_str_eq(getcwd(is, sizeof(is)), folder);
	ck_assert_int_eq(umask(077), 077);
	pc_home = process;
	ck_assert_str_eq(getcwd(is, sizeof(is)), folder); /* until it matters */
	ck_assert_str_eq(pc_here("x", room), "x");
	ck_assert_str_eq(getcwd(is, sizeof(is)), was);
	ck_assert_int_eq(umask(mask), 022);
	leave(&home);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

static void on_failed(void *arg, int rc)
{
	(void)arg;
	failed = rc;
	pc_loop_stop(loop);
}

/* Reads some whenever it is called, until all has come. */
struct slow {
	int fd;
	struct pc_timer *timer;
	struct pc_buf got;
};

static void on_slow(void *arg)
{
	struct slow *s = arg;
	char chunk[65536];
	ssize_t n = read(s->fd, chunk, sizeof(chunk));

	if (n > 0)
		pc_buf_add(&s->got, chunk, (size_t)n);
	if (n > 0 && memchr(chunk, '.', (size_t)n))
		pc_loop_stop(loop);
	else
		pc_timer_set(s->timer, 1);
}

static struct pc_out *open_pipe(int fds[2], char name[16])
{
	struct pc_out *out;

	ck_assert_int_eq(pipe2(fds, O_NONBLOCK), 0);
	snprintf(name, 16, "fd:%d", 1);
	pc_home->n_fds = 1;
	pc_home->fds[0].number = 1;
	pc_home->fds[0].fd = fds[1];
	ck_assert_int_eq(pc_out_open(&out, name, 0), 0);
	ck_assert_int_eq(pc_out_watch(out, loop, on_failed, NULL), 0);
	(void)fcntl(fds[1], F_SETPIPE_SZ, 4096);
	return out;
}

START_TEST(a_slow_reader_gets_all_and_nobody_waits)
{
	struct pc_home home = { .cwd = -1 };
	struct slow s = { 0 };
	struct pc_out *out;
	int fds[2];
	char name[16];

	enter(&home);
	out = open_pipe(fds, name);
	s.fd = fds[0];
	s.timer = pc_timer_new(loop, on_slow, &s);
	for (int i = 0; i < 5000; i++)
		ck_assert_int_eq(pc_out_write(out, "0123456789\n", 11), 0);
	ck_assert_int_eq(pc_out_write(out, ".", 1), 0);
	pc_timer_set(s.timer, 0);
	pc_loop_run(loop);
	ck_assert_uint_eq(s.got.len, 55001);
	for (int i = 0; i < 5000; i++)
		ck_assert_mem_eq(s.got.data + 11 * i, "0123456789\n", 11);
	pc_out_close(out);
	pc_timer_free(s.timer);
	pc_buf_fini(&s.got);
	close(fds[0]);
	leave(&home);
}
END_TEST

START_TEST(a_reader_that_never_reads_is_given_up)
{
	static char much[100000];
	struct pc_home home = { .cwd = -1 };
	struct pc_out *out;
	int fds[2];
	char name[16];

	enter(&home);
	out = open_pipe(fds, name);
	for (int i = 0; i < 20; i++)
		ck_assert_int_eq(pc_out_write(out, much, sizeof(much)), 0);
	pc_loop_run(loop);
	ck_assert_int_eq(failed, -EAGAIN);
	ck_assert_int_eq(pc_out_write(out, "x", 1), -EAGAIN);
	pc_out_close(out);
	close(fds[0]);
	leave(&home);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("home");
	TCase *tc = tcase_create("home");
	SRunner *runner = srunner_create(suite);
	int n;

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, descriptors_and_environment_are_its_own);
	tcase_add_test(tc, folder_and_umask_are_its_own);
	tcase_add_test(tc, a_slow_reader_gets_all_and_nobody_waits);
	tcase_add_test(tc, a_reader_that_never_reads_is_given_up);
	srunner_run_all(runner, CK_NORMAL);
	n = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n ? 1 : 0;
}
