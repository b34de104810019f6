/*
 * The head of an HTTP/1.1 message (RFC 9112): as much HTTP as a WebSocket
 * handshake and a page's files need. Pure: bytes <-> struct.
 *
 *	GET /signal HTTP/1.1 CRLF          start line (section 2.1)
 *	Host: 127.0.0.1:8080 CRLF          fields (section 5)
 *	CRLF                               the end of the head
 *
 *	struct pc_http_head head;
 *	ssize_t n = pc_http_request_decode(&head, buf, len);
 *	if (n > 0)
 *		buf + n is the body; head borrows from buf
 */
#ifndef PC_WS_HTTP_H
#define PC_WS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PC_HTTP_HEAD_MAX   16384 /* octets; more is answered 431 */
#define PC_HTTP_TARGET_MAX 4096  /* more is answered 414 */
#define PC_HTTP_FIELDS_MAX 64

/* Borrowed bytes, not ended by a NUL. */
struct pc_http_text {
	const char *s;
	size_t len;
};

struct pc_http_head {
	struct pc_http_text method, target; /* of a request */
	int status;                         /* of a response */
	struct pc_http_text reason;
	int minor; /* HTTP/1.minor */
	size_t n_fields;
	struct {
		struct pc_http_text name, value; /* value without blanks */
	} fields[PC_HTTP_FIELDS_MAX];
};

/*
 * Decode the head at the beginning of buf; borrows buf.
 * Returns its length with the empty line, or
 *   -EAGAIN        not all there yet (at most PC_HTTP_HEAD_MAX)
 *   -EBADMSG       broken: answer 400
 *   -ENAMETOOLONG  target too long: answer 414
 *   -EMSGSIZE      fields too large, or too many: answer 431
 *   -EPROTO        not HTTP/1.x: answer 505
 */
ssize_t pc_http_request_decode(struct pc_http_head *head, const char *buf,
			       size_t len);
/* The same for a response. */
ssize_t pc_http_response_decode(struct pc_http_head *head, const char *buf,
				size_t len);

/* The value of the first field of that name (any case); s is NULL if none. */
struct pc_http_text pc_http_field(const struct pc_http_head *head,
				  const char *name);
size_t pc_http_field_count(const struct pc_http_head *head, const char *name);

/*
 * Is token among the comma-separated elements of all fields of that name?
 * Any case, as Connection and Upgrade are compared (RFC 6455 4.2.1).
 */
bool pc_http_has_token(const struct pc_http_head *head, const char *name,
		       const char *token);

bool pc_http_is(struct pc_http_text text, const char *s); /* exactly */
bool pc_http_is_nocase(struct pc_http_text text, const char *s);

/* May the connection be used again after this request (RFC 9112 9.3)? */
bool pc_http_keep_alive(const struct pc_http_head *head);

/* Does a body follow the head of this request (RFC 9112 6.3)? */
bool pc_http_has_body(const struct pc_http_head *head);

/* "Not Found" for 404; "" for a status unknown here. */
const char *pc_http_reason(int status);

#endif
