/*
 * Is this datagram a message of RFC 3261, letter by letter? Asked of all that
 * comes, before any parser is trusted with it. Pure; the vectors are those of
 * RFC 4475 (tests/data/rfc4475, and what we answer to each).
 *
 *	struct pc_sip_verdict v;
 *	pc_sip_guard(&v, data, len);
 *	if (v.status)
 *		pc_sip_guard_refusal(&out, &v, data, len);
 *
 * osip2 2 to 5.3 takes, without a word, what may not be taken:
 *
 *	- two From, To, Call-ID, CSeq or Content-Length (it keeps one of them);
 *	- a Content-Length below zero, or beyond the end of the datagram;
 *	- numbers that wrap: CSeq 36893488147419103232, status 4294967301;
 *	- quotes that do not close, commas in a bare display name, blanks in <>;
 *	- schemes that begin with sip, for sip (sipx:); broken hosts and ports;
 *	- empty parameters (;;,;), and headers (?) in a URI without <>;
 *	- SIP/7.0; a branch that is its magic cookie alone.

 * It loses memory for each Content-Type but the last of a part of a multipart
 * body, stops at a NUL, also at one in a quoted pair, and does not parse all
 * Request-URIs of foreign schemes.
 *
 * Where RFC 4475 lets us choose between a refusal and a guess, we refuse;
 * except that a header nobody needs may be as broken as it likes (8.2.2), that
 * bytes above 127 stand in display names as they do in the field, and that
 * Date is not looked at.
 */
#ifndef PC_SIP_GUARD_H
#define PC_SIP_GUARD_H

#include "sip/text.h"

struct pc_sip_verdict {
	bool good, request;
	int status;      /* to refuse the request with; 0: drop it */
	const char *why; /* in a few words; NULL when good */
};

/*
 * Judge one whole message.
 *   data, len  a datagram, or what pc_sip_text_frame cut off a stream
 *   v          filled. Not good and status 0: a response, an ACK, not SIP at
 *              all, or without a Via to answer by. Else 400, 416, 505 (another
 *              version), or 501 (a method we do not know, in a message that
 *              osip2 cannot hold).
 */
void pc_sip_guard(struct pc_sip_verdict *v, const char *data, size_t len);

/*
 * The same for the beginning of a stream that pc_sip_text_frame refused: its
 * head is judged, and is never good.
 */
void pc_sip_guard_stream(struct pc_sip_verdict *v, const char *data,
			 size_t len);

/*
 * Append the refusal of what was judged so (v->status not 0), stateless
 * (8.2.7): the same message gets the same To tag.
 */
void pc_sip_guard_refusal(struct pc_buf *out, const struct pc_sip_verdict *v,
			  const char *data, size_t len);

/*
 * The grammar behind it, over one header's value (25.1). Each returns NULL,
 * or what is wrong.
 *   list  whether commas may part several values
 */
const char *pc_sip_guard_address(struct pc_sip_span value, bool list);
const char *pc_sip_guard_via(struct pc_sip_span value);
const char *pc_sip_guard_uri(struct pc_sip_span uri);
const char *pc_sip_guard_multipart(struct pc_sip_span body);
const char *pc_sip_guard_number(struct pc_sip_span value,
				unsigned long long max);

#endif
