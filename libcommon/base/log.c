#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/home.h"

static const char *tool_name = "pipecall";

void pc_log_init(const char *name)
{
	tool_name = name;
}

void pc_log_set_level(int level)
{
	pc_home->log_level = level;
}

bool pc_log_enabled(enum pc_log_level level)
{
	return (int)level <= pc_home->log_level;
}

/* Of many tools in one process none may wait for its reader. */
void pc_log_raw(const char *text, size_t len)
{
	struct pollfd pfd = { .fd = pc_home_fd(2), .events = POLLOUT };

	if (!pc_home_is_hosted() || poll(&pfd, 1, 0) == 1)
		(void)pc_write_all(pfd.fd, text, len);
}

static void say(const char *fmt, va_list ap, const char *why)
	__attribute__((format(printf, 1, 0)));

/* One write for the whole line, so that tools that share stderr do not mix. */
static void say(const char *fmt, va_list ap, const char *why)
{
	char text[2048];
	struct pc_buf line = { 0 };
	int saved = errno, n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		return;
	if ((size_t)n >= sizeof(text))
		n = sizeof(text) - 1;
	pc_buf_printf(&line, "%s: ", tool_name);
	pc_buf_add_printable(&line, text, (size_t)n);
	if (why)
		pc_buf_printf(&line, ": %s", why);
	pc_buf_adds(&line, "\n");
	pc_home->said++;
	if (!line.oom)
		pc_log_raw(line.data, line.len);
	pc_buf_fini(&line);
	errno = saved;
}

void pc_warn(const char *fmt, ...)
{
	const char *why = strerror(errno);
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap, why);
	va_end(ap);
}

#define SAY_IF(level)                                                          \
	do {                                                                   \
		va_list ap;                                                    \
		if (!pc_log_enabled(level))                                    \
			return;                                                \
		va_start(ap, fmt);                                             \
		say(fmt, ap, NULL);                                            \
		va_end(ap);                                                    \
	} while (0)

void pc_warnx(const char *fmt, ...)
{
	SAY_IF(PC_LOG_QUIET);
}

void pc_info(const char *fmt, ...)
{
	SAY_IF(PC_LOG_NORMAL);
}

void pc_verbose(const char *fmt, ...)
{
	SAY_IF(PC_LOG_VERBOSE);
}

void pc_debug(const char *fmt, ...)
{
	SAY_IF(PC_LOG_DEBUG);
}
