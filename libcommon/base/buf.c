#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/home.h"
#include "base/utf8.h"

void pc_buf_fini(struct pc_buf *b)
{
	free(b->data);
	*b = (struct pc_buf){ 0 };
}

void pc_buf_clear(struct pc_buf *b)
{
	b->len = 0;
	b->oom = false;
	if (b->data)
		b->data[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static bool reserve(struct pc_buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 128;
	char *data;

	if (b->oom)
		return false;
	if (n >= SIZE_MAX - b->len) {
		b->oom = true;
		return false;
	}
	if (b->len + n < b->cap)
		return true;
	while (cap <= b->len + n && cap <= SIZE_MAX / 2)
		cap *= 2;
	data = cap > b->len + n ? realloc(b->data, cap) : NULL;
	if (!data) {
		b->oom = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void pc_buf_add(struct pc_buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void pc_buf_adds(struct pc_buf *b, const char *s)
{
	pc_buf_add(b, s, strlen(s));
}

void pc_buf_printf(struct pc_buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		b->oom = true;
	else if (reserve(b, (size_t)n)) {
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void pc_buf_consume(struct pc_buf *b, size_t n)
{
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

/*
 * A read(2) that waits goes on after a signal's handler, and nobody would see
 * that we are to end: so poll(2) waits, unless who calls does not want to. Where
 * a loop has blocked the signals, a signalfd tells that one is pending.
 */
static int wait_to_read(int fd, int wait_ms)
{
	struct pollfd pfd[2] = { { .fd = fd, .events = POLLIN },
				 { .events = POLLIN } };
	sigset_t ends;
	int n;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	pfd[1].fd = signalfd(-1, &ends, SFD_CLOEXEC);
	n = poll(pfd, 2, wait_ms);
	if (n < 0)
		n = -errno;
	if (pfd[1].fd >= 0)
		close(pfd[1].fd);
	if (n < 0)
		return n;
	return n == 0 ? -ENXIO : pfd[0].revents ? 0 : -EINTR;
}

enum { DO_NOT_WAIT = -2, WAIT_FOR_EVER = -1, WAIT_FOR_WRITER_MS = 10000 };

static int read_all(struct pc_buf *b, int fd, size_t max, int wait_ms)
{
	size_t start = b->len;

	for (;;) {
		int rc = wait_ms == DO_NOT_WAIT ? 0 : wait_to_read(fd, wait_ms);
		ssize_t n;

		if (rc < 0)
			return rc;
		if (!reserve(b, 16384))
			return -ENOMEM;
		n = read(fd, b->data + b->len, 16384);
		if (n < 0 && (errno == EINTR ||
			      (errno == EAGAIN && wait_ms != DO_NOT_WAIT)))
			continue;
		if (n < 0)
			return -errno;
		b->len += (size_t)n;
		b->data[b->len] = '\0';
		if (b->len - start > max)
			return -EFBIG;
		if (n == 0)
			return 0;
	}
}

int pc_buf_read_fd(struct pc_buf *b, int fd, size_t max)
{
	return read_all(b, fd, max, DO_NOT_WAIT);
}

int pc_buf_read_file(struct pc_buf *b, const char *path, size_t max)
{
	bool hosted = pc_home_is_hosted(); /* then all others would wait */
	char room[PC_HERE];
	int fd, rc;

	if (strcmp(path, "-") == 0)
		return read_all(b, pc_home_fd(0), max,
				hosted ? DO_NOT_WAIT : WAIT_FOR_EVER);
	fd = open(pc_here(path, room), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	rc = read_all(b, fd, max, hosted ? DO_NOT_WAIT : WAIT_FOR_WRITER_MS);
	close(fd);
	return rc;
}

const char *pc_buf_file_error(int rc)
{
	switch (rc) {
	case -ENXIO:
		return "nobody writes into this FIFO";
	case -EINTR:
		return "interrupted";
	case -ENODATA:
		return "empty";
	default:
		return strerror(-rc);
	}
}

int pc_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			if (poll(&pfd, 1, 1000) == 0)
				return -EAGAIN;
			continue;
		}
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A pipe that is ready takes PIPE_BUF bytes without blocking (poll(2)). */
ssize_t pc_write_some(int fd, const void *data, size_t len)
{
	size_t most = fcntl(fd, F_GETFL) & O_NONBLOCK ? len : PIPE_BUF;
	size_t done = 0;

	while (done < len) {
		struct pollfd pfd = { .fd = fd, .events = POLLOUT };
		size_t left = len - done;
		ssize_t n;

		if (poll(&pfd, 1, 0) != 1)
			break;
		n = write(fd, (const char *)data + done,
			  left < most ? left : most);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

void pc_buf_add_printable(struct pc_buf *b, const char *s, size_t len)
{
	while (len > 0) {
		size_t n = pc_utf8_char(s, len);
		unsigned char c = (unsigned char)*s;

		if (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0)
			n = 0; /* C1 controls drive terminals, too */
		if (n == 1 && (c < 0x20 || c == 0x7f))
			n = 0;
		if (n == 0)
			pc_buf_printf(b, "\\x%02x", c);
		else
			pc_buf_add(b, s, n);
		s += n ? n : 1;
		len -= n ? n : 1;
	}
}

void pc_buf_add_hex(struct pc_buf *b, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		pc_buf_printf(b, "%02x", p[i]);
}
