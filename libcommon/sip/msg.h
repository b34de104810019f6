/*
 * SIP messages (RFC 3261 section 7) over osip2's parser.
 *
 *	osip_message_t *m;
 *	const char *why;
 *	if (pc_sip_parse(&m, data, len, &why) == 0)
 *		puts(m->sip_method ? m->sip_method : m->reason_phrase);
 *	osip_message_free(m);
 *
 * osip2 takes nearly anything and leaves holes (a From without a URI, a CSeq
 * without a number) for its caller to fall into. pc_sip_parse looks first:
 * of what it returns, the fields named below are there and well formed, and
 * URIs are written again as they came (msg_verbatim.c). The transports have
 * asked guard.h before.
 */
#ifndef PC_SIP_MSG_H
#define PC_SIP_MSG_H

#include <osipparser2/osip_parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define PC_SIP_TOKEN 24 /* a tag, a branch, a Call-ID: bytes with their NUL */
#define PC_SIP_PORT  5060
#define PC_SIP_ALLOW                                                           \
	"INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, MESSAGE, "    \
	"REFER, NOTIFY"

/*
 * Make osip2 ready and silent (it writes to stdout otherwise). Everything
 * here does it by itself; who calls osip2's own parsers first calls this.
 */
void pc_sip_init(void);

/*
 * Parse one message and check what every message must have (RFC 3261
 * 8.1.1): a top Via with a host, From and To with a URI, From's tag may be
 * missing (RFC 2543), Call-ID, CSeq with number and method; a request also
 * has a Request-URI, a response a status from 100 to 699.
 *   msg  receives the message; the caller frees it with osip_message_free
 *   why  receives, on failure, what is wrong in a few words
 * Returns 0; -EINVAL: not to be answered, drop it; -EBADMSG: a request that
 * is wrong (its CSeq names another method, its body is shorter than it says)
 * but whole enough to be answered with 400: *msg is set.
 */
int pc_sip_parse(osip_message_t **msg, const char *data, size_t len,
		 const char **why);

/* The text of a message. Heap (osip_free), or NULL: no memory. */
char *pc_sip_text(osip_message_t *msg, size_t *len);

/* A request outside of a dialog. Header values are whole values. */
struct pc_sip_request {
	const char *method;
	const char *uri;  /* the Request-URI */
	const char *from; /* "Alice" <sip:alice@a.example>;tag=1928 */
	const char *to;   /* <sip:bob@b.example> */
	const char *call_id;
	uint32_t cseq;
	const char *contact; /* <sip:alice@10.0.0.1:5060>; NULL: none */
};

/*
 * Build one, with Max-Forwards and User-Agent; its Via comes when it is
 * sent. Returns 0, -EINVAL (a value does not parse) or -ENOMEM.
 */
int pc_sip_request_new(osip_message_t **msg, const struct pc_sip_request *req);

/*
 * The response to a request (8.2.6): Via, From, To, Call-ID, CSeq, and for
 * 18x and 2xx Record-Route, as they came.
 *   reason  NULL: the usual phrase
 *   tag     To's tag, if the request brought none; NULL: leave it (100)
 */
int pc_sip_response_new(osip_message_t **msg, const osip_message_t *request,
			int status, const char *reason, const char *tag);

/* Add one header; value is borrowed. 0, -EINVAL or -ENOMEM. */
int pc_sip_add(osip_message_t *msg, const char *name, const char *value);

/* Add a body of this Content-Type. */
int pc_sip_set_body(osip_message_t *msg, const char *type, const char *data,
		    size_t len);

/*
 * The body, when its Content-Type is type ("application/sdp"), alone or as a
 * part of a multipart. Borrowed; NULL: there is none.
 */
const char *pc_sip_body(const osip_message_t *msg, const char *type,
			size_t *len);

/*
 * Whether the answer may have a body of this type (20.1): without an Accept
 * yes, and * stands for all.
 */
bool pc_sip_accepts(const osip_message_t *msg, const char *type);

/* The n'th value of a header osip2 keeps as text, or NULL. Borrowed. */
const char *pc_sip_header(const osip_message_t *msg, const char *name, int n);

/* The tag of a From or To, the branch of the top Via: "" when missing. */
const char *pc_sip_tag(const osip_from_t *from_or_to);
const char *pc_sip_branch(const osip_message_t *msg);
uint32_t pc_sip_cseq(const osip_message_t *msg);

/* "INVITE sip:bob@b" or "200 OK (INVITE)" into text, cut to size. */
const char *pc_sip_summary(const osip_message_t *msg, char *text, size_t size);

/* A random token (letters and digits, 110 bits). Returns text. */
const char *pc_sip_token(char text[PC_SIP_TOKEN]);

/* A URI parameter's value ("" when it has none), or NULL. */
const char *pc_sip_uri_param(const osip_uri_t *uri, const char *name);

/* Parse a URI that is to be written as it stands here. 0, -EINVAL, -ENOMEM. */
int pc_sip_uri_new(osip_uri_t **uri, const char *text);

/* Take away a URI's headers: no Request-URI may have them (19.1.5). */
void pc_sip_uri_bare(osip_uri_t *uri);

/* A user part with all escaped that must be (a decoded one of a URI's). */
void pc_sip_escape_user(char *text, size_t size, const char *user);

/*
 * The message with a port in each <sip:x>, which osip2 refuses without; heap
 * (free), or NULL: there is none. pc_sip_keep_uris takes them out again.
 */
char *pc_sip_lengthen(const char *data, size_t len, size_t *longer);

/* Give a message's URIs the text they came as; pc_sip_parse has done it. */
void pc_sip_keep_uris(osip_message_t *msg, const char *data, size_t len);

/*
 * Where a request to this URI goes (RFC 3263, without NAPTR and SRV): maddr
 * or host, A or AAAA; its port or 5060. Blocks while a name is looked up.
 * 0, -EINVAL or -EHOSTUNREACH.
 */
int pc_sip_uri_addr(struct pc_addr *addr, const osip_uri_t *uri);

#endif
