/*
 * Headers that are for people and programs, not for the protocol itself:
 * what a user adds to a request, what of a message is worth showing, and the
 * Reason (RFC 3326) that a call ends with. Pure.
 *
 *	struct pc_sip_reason r;
 *	if (pc_sip_reason_of(&r, data, len))
 *		printf("%s %d %s\n", r.protocol, r.cause, r.text);
 *
 *	Reason: Q.850;cause=16;text="Normal call clearing"
 *	P-Asserted-Identity: "Bob" <sip:bob@pbx>, tel:+15551234  (RFC 3325)
 *	Diversion: <sip:carol@pbx>;reason=no-answer;counter=1    (RFC 5806)
 */
#ifndef PC_SIP_HEADERS_H
#define PC_SIP_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "sip/msg.h"

/* --- out ------------------------------------------------------------------ */

/*
 * Whether line is 'Name: value' that can be put into a message without
 * breaking it: a token, a colon, one line of text, and none of the headers
 * that the message itself is made of (Via, From, Content-Length ...; nor
 * those by their compact names).
 *   why  set to what is wrong, in a few words
 */
bool pc_sip_header_valid(const char *line, const char **why);

/* Add such a line. 0, -EINVAL or -ENOMEM. */
int pc_sip_header_add(osip_message_t *msg, const char *line);

/* --- in ------------------------------------------------------------------- */

/* What is shown unasked: Reason, P-Asserted-Identity, Diversion and more. */
extern const char *const pc_sip_headers_shown[]; /* ends with NULL */

/*
 * Those headers of a message, and the n of more: an object of name and value.
 * A header that comes more than once has its values joined by ", " (7.3.1).
 * NULL: there are none (or no memory). The caller owns it.
 */
json_t *pc_sip_headers(const char *data, size_t len, const char *const *more,
		       size_t n);

/*
 * Call fn for each header of a message, in its order, that is not one the
 * message is made of; for each name once, Written-Like-This, with its values
 * joined; for the first 64.
 */
typedef void pc_sip_headers_fn(void *arg, const char *name, const char *value,
			       size_t len);
void pc_sip_headers_each(const char *data, size_t len, pc_sip_headers_fn *fn,
			 void *arg);

/* --- Reason (RFC 3326) ---------------------------------------------------- */

struct pc_sip_reason {
	char protocol[32]; /* "SIP", "Q.850" */
	int cause;         /* 0: not given */
	char text[128];    /* "": not given */
};

/* The first Reason of a message. False: it has none that can be read. */
bool pc_sip_reason_of(struct pc_sip_reason *reason, const char *data,
		      size_t len);

/*
 * Make a Reason value of what a user wrote: "Q.850;cause=16" as it is, a SIP
 * code ("486") with its usual phrase, anything else -EINVAL.
 * 0, -EINVAL or -ENAMETOOLONG.
 */
int pc_sip_reason_make(char *value, size_t size, const char *written);

#endif
