/*
 * A growing byte buffer, and whole documents in and out.
 *
 *	struct pc_buf b = { 0 };
 *	pc_buf_printf(&b, "a=mid:%s\r\n", mid);
 *	pc_buf_fini(&b);
 *
 * data is always followed by a NUL that len does not count. An allocation
 * that fails sets oom, keeps what was there, and makes every later append a
 * no-op: check once at the end.
 */
#ifndef PC_BASE_BUF_H
#define PC_BASE_BUF_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <sys/types.h>

struct pc_buf {
	char *data;
	size_t len, cap;
	bool oom;
};

void pc_buf_fini(struct pc_buf *b);
void pc_buf_clear(struct pc_buf *b); /* len = 0, memory kept */
void pc_buf_add(struct pc_buf *b, const void *data, size_t len);
void pc_buf_adds(struct pc_buf *b, const char *s);
void pc_buf_printf(struct pc_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void pc_buf_consume(struct pc_buf *b, size_t n); /* drop the first n bytes */

/*
 * Append all of fd to end of file (blocking), at most max bytes.
 * Returns 0, -EFBIG (more than max) or -errno.
 */
int pc_buf_read_fd(struct pc_buf *b, int fd, size_t max);

/*
 * The same for a file by name ("-" is stdin). A FIFO is waited for 10 s
 * (-ENXIO: nobody writes into it); a signal ends the waiting (-EINTR).
 */
int pc_buf_read_file(struct pc_buf *b, const char *path, size_t max);

/* strerror(3) of its errors, in words that fit a file. */
const char *pc_buf_file_error(int rc);

/* Write all of it (blocking). 0 or -errno. */
int pc_write_all(int fd, const void *data, size_t len);

/* Write what it takes without waiting. How much that was, or -errno. */
ssize_t pc_write_some(int fd, const void *data, size_t len);

/*
 * Append s[0..len) with control characters as \xNN and bad UTF-8 replaced:
 * text that may be shown to a person.
 */
void pc_buf_add_printable(struct pc_buf *b, const char *s, size_t len);

/* Hex digits, lower case. */
void pc_buf_add_hex(struct pc_buf *b, const void *data, size_t len);

#endif
