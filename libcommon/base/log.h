/*
 * What a tool says to people, on stderr: `tool: what: why`, one line each.
 *
 *	pc_log_init("stun-probe");
 *	pc_warn("%s", path);              stun-probe: x.sdp: No such file ...
 *	pc_warnx("%s: not a port", arg);  stun-probe: 99999: not a port
 *
 * As in OpenBSD's daemons, pc_warn adds what errno says and pc_warnx does
 * not. Control characters in what is printed (remote text!) are shown as
 * \xNN, so that no peer can write to the reader's terminal.
 */
#ifndef PC_BASE_LOG_H
#define PC_BASE_LOG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum pc_log_level {
	PC_LOG_QUIET = -1, /* -q: warnings only */
	PC_LOG_NORMAL = 0, /* warnings, and what was asked for (listening) */
	PC_LOG_VERBOSE,    /* -v: each step */
	PC_LOG_DEBUG,      /* -vv: each message */
};

/* Set the name in front of every line; name is kept, not copied. */
void pc_log_init(const char *name);

void pc_log_set_level(int level);
bool pc_log_enabled(enum pc_log_level level);

/* As it is, to stderr. */
void pc_log_raw(const char *text, size_t len);

/* Always said. pc_warn appends ": " and strerror(errno). */
void pc_warn(const char *fmt, ...) __attribute__((cold, format(printf, 1, 2)));
void pc_warnx(const char *fmt, ...) __attribute__((cold, format(printf, 1, 2)));

/* Said unless -q; said with -v; said with -vv. */
void pc_info(const char *fmt, ...) __attribute__((cold, format(printf, 1, 2)));
void pc_verbose(const char *fmt, ...)
	__attribute__((cold, format(printf, 1, 2)));
void pc_debug(const char *fmt, ...) __attribute__((cold, format(printf, 1, 2)));

#endif
