/*
 * The user agent core: transactions (RFC 3261 section 17) over osip2's four
 * machines, and what 13.2.2.4 and 13.3.1.4 put above them.
 *
 *	ua = pc_sip_ua_new(tool, &(struct pc_sip_ua_config){
 *		.request = on_request, .arg = me });
 *	pc_sip_transport_open(&tp, tool, &(struct pc_sip_transport_config){
 *		.kind = PC_SIP_UDP, .local = &any,
 *		.received = pc_sip_ua_received,
 *		.unreachable = pc_sip_ua_unreachable, .arg = ua });
 *	pc_sip_ua_set_transport(ua, tp);
 *
 *	pc_sip_request_new(&reg, &(struct pc_sip_request){ "REGISTER", ... });
 *	pc_sip_ua_send(ua, reg, &registrar, on_response, me, NULL);
 *
 * Every callback comes from the loop, never from inside a call of these.
 * Traces: `state` for each transition of ICT, NICT, IST, NIST, with the timer
 * or message that made it (messages are traced by the transport). Timers are
 * set to osip2's next deadline; nothing polls.
 */
#ifndef PC_SIP_UA_H
#define PC_SIP_UA_H

#include "loop/tool.h"
#include "sip/msg.h"
#include "sip/transport.h"

#define PC_SIP_T1_MS    500u
#define PC_SIP_T2_MS    4000u
#define PC_SIP_64_T1_MS (64 * PC_SIP_T1_MS)

struct pc_sip_ua;
struct pc_sip_client; /* a client transaction */
struct pc_sip_server; /* a server transaction */

/*
 * A new request (never a retransmission, never an ACK). It must be answered
 * once with a final response; tr is gone after that. request is borrowed,
 * and lives as long as tr.
 */
typedef void pc_sip_request_fn(void *arg, struct pc_sip_server *tr,
			       osip_message_t *request,
			       const struct pc_addr *from);

/* An ACK for a 2xx (13.3.1.4), the first one; ua stops retransmitting. */
typedef void pc_sip_ack_fn(void *arg, osip_message_t *ack);

/* Nobody acknowledged our 2xx within 64*T1: response is what we sent. */
typedef void pc_sip_unacked_fn(void *arg, osip_message_t *response);

/*
 * A 2xx to an INVITE whose transaction is over: a retransmission (the ACK
 * was lost), or another branch of a fork (13.2.2.4).
 */
typedef void pc_sip_stray_fn(void *arg, osip_message_t *response,
			     const struct pc_addr *from);

/* Nothing is under way any more (pc_sip_ua_busy went false). */
typedef void pc_sip_idle_fn(void *arg);

/*
 * Nobody acknowledged a reliable provisional response within 64*T1: the
 * INVITE has been answered with 504 (RFC 3262 3). tr is gone after this.
 */
typedef void pc_sip_unpracked_fn(void *arg, struct pc_sip_server *tr);

struct pc_sip_ua_config {
	pc_sip_request_fn *request; /* NULL: 501 to all, 200 to OPTIONS */
	/*
	 * The option tags that we know, as a comma list; NULL: none. What
	 * requires another is answered with 420 (8.2.2.3).
	 */
	const char *supported;
	pc_sip_unpracked_fn *unpracked;
	pc_sip_ack_fn *ack; /* the rest may be NULL */
	pc_sip_unacked_fn *unacked;
	pc_sip_stray_fn *stray;
	pc_sip_idle_fn *idle;
	void *arg;
};

/* NULL: out of memory. */
struct pc_sip_ua *pc_sip_ua_new(struct pc_tool *tool,
				const struct pc_sip_ua_config *config);
void pc_sip_ua_free(struct pc_sip_ua *ua); /* NULL is fine; no callbacks */

/* What transports it uses now; not owned. May be changed (a dead line). */
void pc_sip_ua_set_transport(struct pc_sip_ua *ua,
			     struct pc_sip_transport *transport);

/*
 * Give these to a transport as received and unreachable, with the ua as arg.
 * unreachable fails (503, err) the client transactions towards that address;
 * to NULL: all of them, because the transport is gone.
 */
pc_sip_received_fn pc_sip_ua_received;
pc_sip_unreachable_fn pc_sip_ua_unreachable;

/* What came back from a request. */
struct pc_sip_response {
	int status; /* 100 to 699 */
	const char *reason;
	osip_message_t *message; /* borrowed; NULL: nothing came (8.1.3.1): */
	int err;                 /* status 408, err ETIMEDOUT: timer B or F */
};                               /* status 503, err: could not be sent */

/*
 * Called for each provisional and once for the final response, after which
 * tr is gone.
 */
typedef void pc_sip_response_fn(void *arg, struct pc_sip_client *tr,
				const struct pc_sip_response *response);

/*
 * Send a request in a new client transaction (ICT for INVITE, else NICT).
 *   request  taken, also on failure; a Via is put on top, from the transport
 *   to       the next hop
 *   tr       receives the transaction; may be NULL
 * The ACK of a non-2xx is sent here; that of a 2xx by the dialog, with
 * pc_sip_ua_send_stateless. 0, -EINVAL or -ENOMEM (fn is then not called).
 */
int pc_sip_ua_send(struct pc_sip_ua *ua, osip_message_t *request,
		   const struct pc_addr *to, pc_sip_response_fn *fn, void *arg,
		   struct pc_sip_client **tr);

/*
 * CANCEL an INVITE (9.1): at once if a provisional response has come, else
 * when the first comes. The INVITE's own final response still comes to its
 * fn. reason is the CANCEL's Reason (RFC 3326); NULL or "": none.
 * 0 or -ENOMEM.
 */
int pc_sip_ua_cancel(struct pc_sip_client *tr, const char *reason);

/* The request as it was sent; lives as long as tr. */
osip_message_t *pc_sip_client_request(const struct pc_sip_client *tr);

/* Call fn no more for this one; tr must not be used after. */
void pc_sip_client_forget(struct pc_sip_client *tr);

/*
 * Answer a server transaction. response is taken, also on failure. A 2xx to
 * an INVITE is retransmitted until its ACK comes (13.3.1.4).
 * 0, -EALREADY (it has its final response) or -ENOMEM.
 */
int pc_sip_ua_respond(struct pc_sip_server *tr, osip_message_t *response);

/*
 * The same with a bare response.
 *   tag     To's tag when the request had none; NULL: a random one
 *   header  one more header ("Allow"), or NULL, with its value
 */
int pc_sip_ua_reply(struct pc_sip_server *tr, int status, const char *reason,
		    const char *tag, const char *header, const char *value);

/*
 * Answer an INVITE with a provisional response (101 to 199) that is sent until
 * its PRACK comes (RFC 3262 section 3). Require and RSeq are put in; response
 * is taken, also on failure. One at a time: -EBUSY while the last one has no
 * PRACK; a final response ends it, but a 2xx must wait for the PRACK of a
 * response with SDP: ask pc_sip_ua_reliable_pending. 0, -EALREADY, -ENOMEM.
 */
int pc_sip_ua_respond_reliably(struct pc_sip_server *tr,
			       osip_message_t *response);
bool pc_sip_ua_reliable_pending(const struct pc_sip_server *tr);

/*
 * The INVITE whose reliable response this PRACK acknowledges (by its RAck);
 * NULL: none (481). It is up to the caller to answer the PRACK.
 */
struct pc_sip_server *pc_sip_ua_pracked(struct pc_sip_ua *ua,
					const osip_message_t *prack);

osip_message_t *pc_sip_server_request(const struct pc_sip_server *tr);

/*
 * The INVITE that a CANCEL names (9.2: same branch and sent-by, another
 * method), while it is unanswered; or NULL.
 */
struct pc_sip_server *pc_sip_ua_cancelled(struct pc_sip_ua *ua,
					  const osip_message_t *cancel);

/* Stop retransmitting the 2xx of this dialog (it ended). */
void pc_sip_ua_stop_2xx(struct pc_sip_ua *ua, const char *call_id,
			const char *to_tag);

/*
 * Send a message that belongs to no transaction: the ACK of a 2xx. A request
 * without Via is given one. msg stays the caller's, so that it can be sent
 * again. 0 or -errno.
 */
int pc_sip_ua_send_stateless(struct pc_sip_ua *ua, osip_message_t *msg,
			     const struct pc_addr *to);

/*
 * Put the Via on a request that pc_sip_ua_send would put there, and send
 * nothing: for showing it. 0 or -errno.
 */
int pc_sip_ua_prepare(struct pc_sip_ua *ua, osip_message_t *request,
		      const struct pc_addr *to);

/* A Contact value for that peer: "<sip:user@host:port;transport=tcp>". */
int pc_sip_ua_contact(const struct pc_sip_ua *ua, const char *user,
		      const struct pc_addr *to, char *text, size_t size);

/*
 * Whether something is under way: a request of ours without its final
 * response, one of theirs without ours, a refused INVITE without its ACK.
 */
bool pc_sip_ua_busy(const struct pc_sip_ua *ua);

#endif
