/*
 * SIP messages as text (RFC 3261 sections 7 and 18): what a transport or a
 * line has to know of a message without understanding it. Pure.
 *
 *	struct pc_sip_span id;
 *	size_t at = 0;
 *	if (pc_sip_text_header(data, len, "Call-ID", &at, &id))
 *		printf("%.*s\n", (int)id.len, id.p);
 *
 *	INVITE sip:bob@pbx SIP/2.0          start line
 *	Via: SIP/2.0/UDP 127.0.0.1:5070     headers, a line each; a line that
 *	 ;branch=z9hG4bK1                   begins with a blank continues one
 *	Content-Length: 4
 *	                                    an empty line
 *	v=0.                                body
 */
#ifndef PC_SIP_TEXT_H
#define PC_SIP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/buf.h"

/* Borrowed text, not followed by a NUL; p is NULL when there is none. */
struct pc_sip_span {
	const char *p;
	size_t len;
};

struct pc_sip_start {
	int status;                /* 0: a request */
	struct pc_sip_span method; /* of a request */
	struct pc_sip_span uri;    /* of a request */
	struct pc_sip_span reason; /* of a response */
};

/* Take the start line apart (7.1, 7.2). 0 or -EBADMSG (not SIP/2.0). */
int pc_sip_text_start(struct pc_sip_start *start, const char *data, size_t len);

/*
 * The next header called name (its long form; the compact one is known too,
 * 7.3.3).
 *   at     where to look on; 0 at first, moved behind what was found
 *   value  set to the value, without blanks around it
 */
bool pc_sip_text_header(const char *data, size_t len, const char *name,
			size_t *at, struct pc_sip_span *value);

/* The next header, whatever it is called; and whether that means want. */
bool pc_sip_text_each(const char *data, size_t len, size_t *at,
		      struct pc_sip_span *name, struct pc_sip_span *value);
bool pc_sip_text_named(struct pc_sip_span name, const char *want);

/* The first such header's value; p is NULL when there is none. */
struct pc_sip_span pc_sip_text_get(const char *data, size_t len,
				   const char *name);

/* The first of the values a header lists, cut at its comma (7.3.1). */
struct pc_sip_span pc_sip_text_first(struct pc_sip_span value);

/*
 * Take the next value off a list: *value is set, *rest is what comes after.
 * False when there is none.
 */
bool pc_sip_text_next(struct pc_sip_span *rest, struct pc_sip_span *value);

/* A parameter of a header's value (;tag=x), outside <> and quotes. */
bool pc_sip_text_param(struct pc_sip_span value, const char *name,
		       struct pc_sip_span *param);

/* The URI of a name-addr or addr-spec ("Bob" <sip:bob@pbx>;tag=x). */
struct pc_sip_span pc_sip_text_uri(struct pc_sip_span value);

/* The transport of the top Via ("UDP", 20.42); p is NULL when there is none. */
struct pc_sip_span pc_sip_text_via_transport(const char *data, size_t len);

bool pc_sip_span_is(struct pc_sip_span s, const char *text);
char *pc_sip_span_dup(struct pc_sip_span s); /* heap; NULL: no memory */

/* The body of a whole message, as Content-Length cuts it. */
struct pc_sip_span pc_sip_text_body(const char *data, size_t len);

/*
 * Cut a stream (18.3).
 *   max  longest message taken
 * Returns the length of the whole message at the start of buf, 0 when more
 * has to come, -EBADMSG (no start line of SIP, no or a broken
 * Content-Length) or -EMSGSIZE (longer than max).
 */
ssize_t pc_sip_text_frame(const char *buf, size_t len, size_t max);

/*
 * Append the request to out with received and rport (18.2.1, RFC 3581 4) put
 * into its top Via. 0 or -EBADMSG (no Via).
 */
int pc_sip_text_received(struct pc_buf *out, const char *data, size_t len,
			 const struct pc_addr *from);

/*
 * Where the response to a request goes (18.2.2, RFC 3581 4): over the
 * connection it came by; over UDP to where it came from, with sent-by's port
 * unless rport was asked for.
 */
void pc_sip_text_back(struct pc_addr *back, const char *request, size_t len,
		      const struct pc_addr *from, bool reliable);

/*
 * Append a response without a body to a request (8.2.6).
 *   to_tag  put into To when that has none; NULL: none (a 100)
 *   extra   whole header lines with CRLF, or NULL
 */
void pc_sip_text_reply(struct pc_buf *out, const char *request, size_t len,
		       int status, const char *reason, const char *to_tag,
		       const char *extra);

/* "INVITE sip:bob@pbx", "180 Ringing (INVITE)": one line about a message. */
void pc_sip_text_summary(struct pc_buf *out, const char *data, size_t len);

#endif
