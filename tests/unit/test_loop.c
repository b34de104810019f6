/* libcommon/loop: the pipe contract, tried on a tool made for it. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/out.h"
#include "loop/tool.h"

#include "folder.h"

struct config {
	struct pc_tool_common common;
	struct pc_tool tool;
	bool no_goodbye;
};

static int on_echo(void *arg, const struct pc_command *cmd)
{
	struct config *c = arg;

	pc_event(&c->tool, "echo", "text=%s", pc_command_arg(cmd, "text", 0));
	return 0;
}

static int on_product(void *arg, const struct pc_command *cmd)
{
	struct config *c = arg;

	(void)cmd;
	return pc_tool_product(&c->tool, "product\n", 8);
}

static void on_stop(void *arg)
{
	struct config *c = arg;

	if (!c->no_goodbye)
		pc_tool_exit(&c->tool, PC_EXIT_OK);
}

static void on_input(void *arg, const char *data, size_t len)
{
	struct config *c = arg;

	pc_event(&c->tool, "input", "text=%s bytes=%zu", data, len);
}

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("30", "give up after this time"),
	{ 0, "no-goodbye", NULL, "never answer stop", NULL, PC_OPT_FLAG,
	  offsetof(struct config, no_goodbye) },
	{ 0 }
};
static const struct pc_tool_command commands[] = {
	{ "echo", on_echo, "echo TEXT" },
	{ "product", on_product, "product" },
	{ 0 }
};
static const struct pc_tool_spec spec = {
	.usage = { "probe", "[options]", "a tool for tests", "probe\n",
		   options },
	.commands = commands,
	.stop = on_stop,
};

/* A child that is such a tool, its descriptors as pipes. */
struct child {
	pid_t pid;
	int in, out, events;
};

static void run_child(const int in[2], const int out[2], const int events[2],
		      char **argv, bool reads_stdin)
{
	struct config config = { 0 };
	int argc = 0, status;

	dup2(in[0], 0);
	dup2(out[1], 1);
	dup2(events[1], 9);
	for (int fd = 3; fd < 9; fd++)
		close(fd);
	for (int fd = 10; fd < 20; fd++)
		close(fd);
	while (argv[argc])
		argc++;
	status = pc_tool_init(&config.tool, &spec, &config, argc, argv);
	if (status < 0) {
		if (reads_stdin)
			pc_tool_read_stdin(&config.tool, on_input);
		pc_event(&config.tool, "ready", NULL);
		status = pc_tool_run(&config.tool);
	}
	_exit(status);
}

static struct child start(bool reads_stdin, const char *const *argv)
{
	int in[2], out[2], events[2];
	struct child c;

	ck_assert(pipe(in) == 0 && pipe(out) == 0 && pipe(events) == 0);
	c.pid = fork();
	if (c.pid == 0)
		run_child(in, out, events, (char **)(uintptr_t)argv,
			  reads_stdin);
	close(in[0]);
	close(out[1]);
	close(events[1]);
	c.in = in[1];
	c.out = out[0];
	c.events = events[0];
	return c;
}
#define START(reads_stdin, ...)                                                \
	start(reads_stdin, (const char *const[]){ "probe", __VA_ARGS__, NULL })

/* Read until text stands in what came; fails at the end of file. */
static void expect(int fd, struct pc_buf *seen, const char *text)
{
	while (!seen->data || !strstr(seen->data, text)) {
		char chunk[512];
		ssize_t n = read(fd, chunk, sizeof(chunk));

		ck_assert_msg(n > 0, "no %s in %s", text,
			      seen->data ? seen->data : "");
		pc_buf_add(seen, chunk, (size_t)n);
	}
}

static int status_of(struct child *c)
{
	int status;

	waitpid(c->pid, &status, 0);
	close(c->in);
	close(c->out);
	close(c->events);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void say(struct child *c, const char *line)
{
	ck_assert_int_eq(pc_write_all(c->in, line, strlen(line)), 0);
}

START_TEST(commands_events_and_the_end_of_control)
{
	struct child c = START(false, "-q", "--events", "fd:9", "--control",
			       "-", "--call", "c1");
	struct pc_buf seen = { 0 };

	say(&c, "echo $(id)\n{\"command\":\"echo\",\"text\":\"a\\nb\"}\nbad\n");
	expect(c.events, &seen, "\"text\":\"$(id)\"");
	expect(c.events, &seen, "\"text\":\"a\\nb\"");
	expect(c.events, &seen, "unknown command \\\"bad\\\"");
	expect(c.events, &seen, "\"tool\":\"probe\",\"call\":\"c1\"");
	close(c.in);
	expect(c.events, &seen, "\"event\":\"exit\",\"status\":0");
	ck_assert_int_eq(status_of(&c), 0);
	pc_buf_fini(&seen);
}
END_TEST

START_TEST(stdout_closes_while_the_tool_lives)
{
	struct child c = START(false, "-q", "--control", "-");
	char text[64];
	ssize_t n, got = 0;

	say(&c, "product\n");
	while ((n = read(c.out, text + got, sizeof(text) - (size_t)got)) > 0)
		got += n;
	ck_assert_int_eq(got, 8);
	ck_assert_int_eq(waitpid(c.pid, NULL, WNOHANG), 0);
	kill(c.pid, SIGTERM);
	ck_assert_int_eq(status_of(&c), 0);
}
END_TEST

START_TEST(a_tool_that_cannot_say_goodbye_ends_in_2_s)
{
	struct child c = START(false, "-q", "--events", "fd:9", "--no-goodbye");
	struct pc_buf seen = { 0 };
	uint64_t start_ms;

	expect(c.events, &seen, "ready");
	start_ms = pc_now_ms();
	kill(c.pid, SIGTERM);
	ck_assert_int_eq(status_of(&c), 0);
	ck_assert_uint_ge(pc_now_ms() - start_ms, PC_TOOL_STOP_MS - 10);
	pc_buf_fini(&seen);
}
END_TEST

START_TEST(a_second_signal_ends_it_at_once)
{
	struct child c = START(false, "-q", "--events", "fd:9", "--no-goodbye");
	struct pc_buf seen = { 0 };

	expect(c.events, &seen, "ready");
	kill(c.pid, SIGTERM);
	expect(c.events, &seen, "stopping");
	poll(NULL, 0, 200);
	kill(c.pid, SIGTERM);
	ck_assert_int_eq(status_of(&c), 128 + SIGTERM);
	pc_buf_fini(&seen);
}
END_TEST

/* As timeout(1) gives one to the child and then to its process group. */
START_TEST(a_signal_given_twice_at_once_is_one)
{
	struct child c = START(false, "-q", "--events", "fd:9", "--no-goodbye");
	struct pc_buf seen = { 0 };

	expect(c.events, &seen, "ready");
	kill(c.pid, SIGSTOP); /* so that it finds both, however busy we are */
	kill(c.pid, SIGTERM);
	kill(c.pid, SIGINT);
	kill(c.pid, SIGCONT);
	ck_assert_int_eq(status_of(&c), 0);
	pc_buf_fini(&seen);
}
END_TEST

START_TEST(ends_with_the_process_it_was_tied_to)
{
	char pid[16];
	pid_t sleeper = fork();
	struct child c;

	if (sleeper == 0) {
		pause();
		_exit(0);
	}
	snprintf(pid, sizeof(pid), "%d", (int)sleeper);
	c = START(false, "-q", "--events", "fd:9", "--pid", pid);
	struct pc_buf seen = { 0 };

	expect(c.events, &seen, "ready");
	kill(sleeper, SIGKILL);
	expect(c.events, &seen, "--pid ended");
	ck_assert_int_eq(status_of(&c), 0);
	waitpid(sleeper, NULL, 0);
	pc_buf_fini(&seen);
}
END_TEST

START_TEST(a_dead_events_reader_ends_it)
{
	struct child c =
		START(false, "-q", "--events", "fd:9", "--control", "-");
	struct pc_buf seen = { 0 };

	expect(c.events, &seen, "ready");
	close(c.events);
	c.events = open("/dev/null", O_RDONLY);
	/* with nothing more to write */
	ck_assert_int_eq(status_of(&c), PC_EXIT_IO);
	pc_buf_fini(&seen);
}
END_TEST

START_TEST(stdin_is_read_to_its_end)
{
	struct child c = START(true, "-q", "--events", "fd:9");
	struct pc_buf seen = { 0 };

	say(&c, "v=0\n");
	say(&c, "s=-\n");
	close(c.in);
	expect(c.events, &seen, "\"text\":\"v=0\\ns=-\\n\",\"bytes\":8");
	kill(c.pid, SIGINT);
	ck_assert_int_eq(status_of(&c), 0);
	pc_buf_fini(&seen);
}
END_TEST

START_TEST(start_up_errors_have_the_contract_s_status)
{
	static const struct {
		const char *option, *value;
		int status;
	} wrong[] = {
		{ "--events", "-", PC_EXIT_USAGE },
		{ "--events", "fd:77", PC_EXIT_IO },
		{ "--events", "fd:x", PC_EXIT_USAGE },
		{ "--events", "/nonexistent/x", PC_EXIT_IO },
		{ "--events", "/dev/full", PC_EXIT_IO },
		{ "--trace", "/nonexistent/x", PC_EXIT_IO },
		{ "--pcap", "/nonexistent/x", PC_EXIT_IO },
		{ "--pcap", "/dev/full", PC_EXIT_IO },
		{ "--control", "/nonexistent/x", PC_EXIT_NOINPUT },
		{ "--pid", "x", PC_EXIT_USAGE },
		{ "--nonesuch", "", PC_EXIT_USAGE },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct child c =
			START(false, "-q", wrong[i].option, wrong[i].value);

		ck_assert_msg(status_of(&c) == wrong[i].status, "%s %s",
			      wrong[i].option, wrong[i].value);
	}
}
END_TEST

START_TEST(long_lines_from_two_writers_do_not_mix)
{
	enum { LINES = 50, LEN = 20000 };
	char path[FOLDER_MAX], *data = malloc(LEN + 1);
	pid_t pids[2];
	struct pc_buf all = { 0 };
	int fd;

	make_folder(path);
	ck_assert_int_eq(chdir(path), 0);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	for (int w = 0; w < 2; w++) {
		struct pc_out *out;

		pids[w] = fork();
		if (pids[w])
			continue;
		if (pc_out_open(&out, "fifo", 5000) < 0)
			_exit(1);
		memset(data, 'a' + w, LEN);
		data[LEN - 1] = '\n';
		for (int i = 0; i < LINES; i++)
			if (pc_out_write(out, data, LEN) < 0)
				_exit(1);
		_exit(0);
	}
	fd = open("fifo", O_RDONLY);
	ck_assert_int_eq(pc_buf_read_fd(&all, fd, 1u << 30), 0);
	if (all.len < 2ul * LINES * LEN) /* one opened after the other ended */
		ck_assert_int_eq(pc_buf_read_fd(&all, fd, 1u << 30), 0);
	data[LEN - 1] = '\n';
	for (size_t i = 0; i < all.len; i += LEN) {
		memset(data, all.data[i], LEN - 1);
		ck_assert_mem_eq(all.data + i, data, LEN);
	}
	for (int w = 0; w < 2; w++) {
		int status;

		waitpid(pids[w], &status, 0);
		ck_assert_int_eq(status, 0);
	}
	unlink("fifo");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(path);
	close(fd);
	pc_buf_fini(&all);
	free(data);
}
END_TEST

START_TEST(a_fifo_without_a_reader_is_not_waited_for_for_ever)
{
	char path[FOLDER_MAX];
	struct pc_out *out = NULL;

	make_folder(path);
	ck_assert_int_eq(chdir(path), 0);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(pc_out_open(&out, "fifo", 50), -ENXIO);
	unlink("fifo");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("loop");
	TCase *tc = tcase_create("contract");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, commands_events_and_the_end_of_control);
	tcase_add_test(tc, stdout_closes_while_the_tool_lives);
	tcase_add_test(tc, a_tool_that_cannot_say_goodbye_ends_in_2_s);
	tcase_add_test(tc, a_second_signal_ends_it_at_once);
	tcase_add_test(tc, a_signal_given_twice_at_once_is_one);
	tcase_add_test(tc, ends_with_the_process_it_was_tied_to);
	tcase_add_test(tc, a_dead_events_reader_ends_it);
	tcase_add_test(tc, stdin_is_read_to_its_end);
	tcase_add_test(tc, start_up_errors_have_the_contract_s_status);
	tcase_add_test(tc, long_lines_from_two_writers_do_not_mix);
	tcase_add_test(tc, a_fifo_without_a_reader_is_not_waited_for_for_ever);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
