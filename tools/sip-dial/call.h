/*
 * One call, from either end. sip-dial.c has the options and the commands,
 * net.c the transport, invite.c, caller.c and answerer.c the way into a call,
 * requests.c what comes in one, outgoing.c what goes out in one, ending.c the
 * way out, auth.c credentials, session.c SDP.
 *
 *	WAITING --INVITE--> INCOMING --200, ACK--+
 *	                                         +--> UP --BYE--> OVER
 *	CALLING ----------------------200, ACK---+
 *	   |                   |                      |
 *	   +--CANCEL, 4xx------+--CANCEL, 4xx--> ENDING --> OVER
 */
#ifndef SIP_DIAL_CALL_H
#define SIP_DIAL_CALL_H

#include "base/buf.h"
#include "sip/dialog.h"
#include "sip/ua.h"

#define SDP_TYPE   "application/sdp"
#define GOODBYE_MS (PC_TOOL_STOP_MS - 200)

struct config {
	struct pc_tool_common common;
	bool answer, tcp, early, no_ringing;
	const char *local, *listen, *proxy, *from, *from_name, *user;
	const char *password_file, *line, *invite;
	struct pc_opt_list headers, show_headers, routes;
	const char *expect;
	bool dry_run, ask_refer;
	unsigned wait_ms;
};

enum call_state {
	CALL_WAITING,  /* answerer: nobody has called */
	CALL_CALLING,  /* our INVITE has no final response */
	CALL_INCOMING, /* their INVITE has no final response */
	CALL_UP,
	CALL_ENDING, /* BYE, CANCEL or a refusal is out */
	CALL_OVER,
};

/* How often we answered a challenge of the far end, and of proxies. */
struct auth_tries {
	unsigned user, proxy;
};

/* The ACK of a 2xx, to be sent again. */
#define ACKS_KEPT 8
struct sent_ack {
	osip_message_t *message;
	struct pc_addr to;
};

struct beside;

struct call {
	const struct config *cfg;
	const char *listen; /* where the answerer is called */
	struct pc_tool *tool;
	enum call_state state;
	int status; /* to exit with when over */

	struct pc_sip_transport *tp;
	enum pc_sip_transport_kind kind;
	bool line_died;
	struct pc_sip_ua *ua;
	struct pc_timer *deadline, *goodbye;

	struct pc_sip_dialog *dialog; /* early or confirmed; or NULL */
	char call_id[2 * PC_SIP_TOKEN], tag[PC_SIP_TOKEN], contact[256];
	struct pc_buf local_sdp, remote_sdp;
	uint64_t up_ms;   /* since when it is up */
	char reason[256]; /* Reason of our BYE or CANCEL, or "" */

	/* --expect: the last final response */
	int final_status;
	char final_reason[80];
	bool expected_said;

	/* caller */
	const char *uri; /* as the user wrote it, for people */
	char *target;    /* the Request-URI */
	char from[512];
	struct pc_addr hop;
	struct pc_sip_client *invite;
	osip_message_t *taken; /* the INVITE that was accepted */
	struct sent_ack acks[ACKS_KEPT];
	unsigned n_acks;
	struct pc_buf early_sdp;

	/* credentials */
	char *password;
	bool authorized; /* they were sent */
	struct auth_tries tries;

	struct beside *beside; /* what beside.h needs */

	/* answerer */
	struct pc_sip_server *incoming;
	bool late_offer, acked;
	bool bye_pending; /* until the ACK comes */
};

/* session.c: SDP. Copy what is a description, with CRLF; 0 or -EBADMSG. */
int session_take(struct call *c, struct pc_buf *to, const char *data,
		 size_t len, const char *whose);
/*
 * Whether a new offer of theirs changes nothing, but perhaps its directions
 * (hold, RFC 3264 8.4) and its version.
 */
bool session_same(const struct call *c, const char *sdp, size_t len);
/*
 * Make the directions of our description answer such an offer. 1: that
 * changed it, 0: it did not, or -errno.
 */
int session_answer(struct call *c, const char *offer, size_t len);
/* "sendrecv", "sendonly" ...: what we do in our first section. */
const char *session_direction(const struct call *c);

/* net.c: the transport. */
int net_open(struct call *c, const struct pc_addr *hop, bool tcp);
int net_listen(struct call *c);
/* Send a request in a dialog; it is taken, also on failure. See outgoing.c. */
int net_send(struct call *c, const struct pc_sip_dialog *d,
	     osip_message_t *request, pc_sip_response_fn *fn, void *arg,
	     struct pc_sip_client **tr);

/* invite.c: the caller's way to an INVITE. m is taken. */
bool caller_from_valid(const char *uri);
void caller_start(void *arg, const char *sdp, size_t len);
/*
 * What every request outside of a dialog needs: the target, a way to it, who
 * we are. 0, or -errno: it has been said why, and the tool ends.
 */
int caller_prepare(struct call *c);
/* Such a request, with the user's Routes and headers. */
int caller_request(struct call *c, const char *method, uint32_t cseq,
		   osip_message_t **out);
int caller_invite(struct call *c, osip_message_t *m);

/* caller.c: what comes back. */
pc_sip_response_fn caller_response;
pc_sip_stray_fn caller_stray;

/*
 * acks.c: acknowledge the 2xx of an INVITE of ours, with an answer or (NULL)
 * without; it is kept. 0 or -errno (said).
 */
int ack_send(struct call *c, const struct pc_sip_dialog *d,
	     const osip_message_t *invite, const struct pc_buf *sdp);
/* Acknowledge this 2xx again; false: it never was. */
bool ack_again(struct call *c, const osip_message_t *response);

/* answerer.c */
int answerer_start(struct call *c);
void answerer_input(void *arg, const char *sdp, size_t len);
void answerer_invite(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *invite, const struct pc_addr *from);
void answerer_cancelled(struct call *c, osip_message_t *m);
void answerer_refuse(struct call *c, int code, const char *reason);
int answerer_ring(struct call *c);
void answerer_acked(struct call *c, osip_message_t *ack);
pc_sip_unacked_fn answerer_unacked;

/* route.c: --route and --proxy (RFC 3261 8.1.1.1, 8.1.2, 16.12.1.2). */
bool route_valid(const char *uri);
const char *route_first(const struct config *cfg); /* or NULL */
int route_hop(struct pc_addr *hop, const char *uri);
int route_apply(const struct config *cfg, osip_message_t *m);

/* headers.c: what a message has to show, for events; NULL: nothing. */
int headers_check(const struct config *cfg);
json_t *headers_of(const struct call *c, osip_message_t *m);
json_t *headers_cause(osip_message_t *m); /* its Reason, taken apart */
/* The first value of a header, on one line; heap (free), NULL: none. */
char *headers_value(osip_message_t *m, const char *name);
/* A parameter of such a value, without its quotes; text, or NULL: none. */
const char *headers_param(const char *value, const char *name, char *text,
			  size_t size);
/* Add a command's "headers": 0, or -errno after an error event. */
int headers_add(struct call *c, osip_message_t *m,
		const struct pc_command *cmd);
/* Take the Reason of a command: 0, or -EINVAL after an error event. */
int headers_reason(struct call *c, const struct pc_command *cmd);

/* expect.c: --expect and --dry-run. */
bool expect_valid(const char *text);
void expect_final(struct call *c, int status, const char *reason);
bool expect_met(const struct call *c);
/* The status to exit with: that of the call, unless something is expected. */
int expect_status(struct call *c, int status);
/* Print the request as it would go out; it is taken, and the tool ends. */
int dry_run(struct call *c, osip_message_t *m);

/* requests.c: what the other side asks. */
pc_sip_request_fn request_received;

/* ending.c */
void call_up(struct call *c);
void call_hangup(struct call *c, const char *reason, int status);
/* bye: theirs, or NULL. */
void call_ended(struct call *c, const char *by, const char *reason, int status,
		osip_message_t *bye);
void call_over(struct call *c, int status);
void call_idle(void *arg);
int call_bye(struct call *c, struct pc_sip_dialog *d);
/* A dialog that we do not take: its BYE ends nothing else. d is taken. */
void call_bye_fork(struct call *c, struct pc_sip_dialog *d);

/*
 * auth.c: answer a 401 or 407. again(c, request, arg) is called, soon or at
 * once, with the request to send in place of the one that was refused, or
 * with NULL when there is nothing to answer with (it has been said why).
 */
typedef void auth_again_fn(struct call *c, osip_message_t *request, void *arg);
void auth_answer(struct call *c, const osip_message_t *request,
		 osip_message_t *response, uint32_t cseq, auth_again_fn *again,
		 void *arg);
/* Whether this 401 or 407 is worth an answer, after those there were. */
bool auth_wanted(struct auth_tries *tries, const osip_message_t *response);

/*
 * outgoing.c: a request in a dialog, BYE or INFO or another INVITE, sent with
 * credentials where it is challenged.
 *   request  taken, also on failure
 *   fn       hears each response that is not such a challenge, and the last;
 *            sent is the request as it went out last. May be NULL.
 * Returns NULL when it cannot be sent (it has been said why; fn is not
 * called), else what outgoing_cancel wants, until the final response.
 */
struct outgoing;
typedef void outgoing_fn(struct call *c, void *arg, const osip_message_t *sent,
			 const struct pc_sip_response *r);
struct outgoing *outgoing_send(struct call *c, struct pc_sip_dialog *d,
			       osip_message_t *request, outgoing_fn *fn,
			       void *arg);
/* CANCEL it: an INVITE. Its final response still comes. */
void outgoing_cancel(struct outgoing *o);

#endif
