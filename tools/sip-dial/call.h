/*
 * One call, from either end. sip-dial.c has the options and the commands,
 * net.c the transport, way.c and hop.c the way outside and inside of a call,
 * invite.c, caller.c and answerer.c the way into one, requests.c what comes in
 * one, outgoing.c what goes out in one, ending.c the way out, auth.c
 * credentials, session.c SDP.
 *
 *	WAITING --INVITE--> INCOMING --200, ACK--+
 *	                                         +--> UP --BYE--> OVER
 *	CALLING ----------------------200, ACK---+
 *	   |                   |                      |
 *	   +--CANCEL, 4xx------+--CANCEL, 4xx--> ENDING --> OVER
 */
#ifndef SIP_DIAL_CALL_H
#define SIP_DIAL_CALL_H

#include "exchange.h"
#include "sip/ha1.h"
#include "sip/options.h"
#include "sip/where.h"

#define SDP_TYPE   "application/sdp"
#define GOODBYE_MS (PC_TOOL_STOP_MS - 200)

struct config {
	struct pc_tool_common common;
	struct pc_sip_options sip;
	bool answer, early, no_ringing;
	const char *local, *listen, *proxy, *from, *from_name, *user;
	const char *password_file, *ha1_file, *line, *invite;
	struct pc_opt_list headers, show_headers, routes;
	const char *expect;
	bool dry_run, ask_refer, follow_refer;

	/* --method */
	const char *method, *package, *content_type, *accept, *if_match;
	const char *refer_to;
	unsigned expires_s, count, interval_ms;
	bool json, keep;
	unsigned wait_ms, reoffer_wait_ms;
	bool late_offer;
	const char *reliable; /* --100rel */
	unsigned session_expires, min_se, redirects;
	const char *refresher; /* us, them, or NULL */
	bool dnd;
	const char *refusal; /* --reject */
	unsigned ring_ms, retry_after_s;
	struct pc_opt_list elsewhere; /* --redirect */
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
	const struct pc_sip_dialog *dialog;
	struct pc_addr to; /* where it went last; len 0: nowhere yet */
};

struct beside;
struct ask;
struct call;
struct hop;

/* follow.c: where 3xx responses have sent us (RFC 3261 8.1.3.4). */
#define FOLLOW_MAX 32
typedef int follow_again_fn(struct call *c);
struct follow {
	follow_again_fn *again; /* send it to c->target, by c->hop */
	char *uris[FOLLOW_MAX]; /* tried, and to be tried */
	unsigned n, next;       /* next: the first that was not tried */
	unsigned redirects;
};

/* way.c: the targets of the first hop. */
typedef int way_found_fn(struct call *c);
struct way {
	const char *text; /* as it was written */
	struct pc_sip_where where;
	struct pc_sip_resolve *question;
	struct pc_sip_target targets[PC_SIP_TARGETS_MAX];
	size_t n, at;
	way_found_fn *next;
};

struct call {
	const struct config *cfg;
	const char *listen; /* where the answerer is called */
	struct pc_tool *tool;
	enum call_state state;
	int status; /* to exit with when over */

	struct pc_sip_transport *tp;
	enum pc_sip_transport_kind kind;
	struct pc_ws_url ws_url; /* of --ws */
	char *line_as;           /* who calls on the line, if that is said */
	bool line_died;
	struct pc_sip_ua *ua;
	struct pc_timer *deadline, *goodbye;

	struct pc_sip_dialog *dialog; /* that of branch; or NULL */
	struct branch *branch;        /* early or confirmed; or NULL */
	struct branches branches;     /* all of them */
	char call_id[2 * PC_SIP_TOKEN], tag[PC_SIP_TOKEN], contact[256];
	uint64_t up_ms;          /* since when it is up */
	char reason[256];        /* Reason of our BYE or CANCEL, or "" */
	json_t *goodbye_command; /* with headers of our BYE; or NULL */

	/* --expect: the last final response */
	int final_status;
	char final_reason[80];
	bool expected_said;

	struct pc_buf local_sdp, remote_sdp; /* of branch, as agreed so far */
	struct pc_buf base_sdp; /* our last one that the user gave */
	int mask;               /* what hold leaves of our directions */
	struct modify modify;
	struct reoffer reoffer;
	struct expiry expiry;

	/* caller */
	const char *uri; /* as the user wrote it, for people */
	char *target;    /* the Request-URI */
	char from[512];
	struct pc_addr hop;
	struct hop *hops; /* those of dialogs that have a name */
	struct way way;
	struct pc_sip_client *invite;
	osip_message_t *taken; /* the INVITE that was accepted */
	struct sent_ack acks[ACKS_KEPT];
	unsigned n_acks;
	bool printed; /* the product is out */
	bool ack_due; /* a 2xx offered: our answer, in its ACK, must come */

	uint32_t cseq; /* of the last INVITE that began the call */
	char to[1100]; /* whom it was for, before any redirection */
	struct follow follow;

	/* credentials */
	char *password;
	struct pc_sip_ha1_file ha1; /* in its place */
	bool authorized;            /* they were sent */
	struct auth_tries tries;

	struct beside *beside; /* what beside.h needs */
	struct ask *ask;       /* what ask.h needs */

	/* answerer */
	struct pc_sip_server *incoming;
	osip_message_t *held;        /* a response that waits for a PRACK */
	bool reliable, all_reliable; /* 1xx: they may be, they must be */
	bool offered;                /* to a late offer, in one of those */
	bool answer_given;           /* 200 as soon as it can be */
	struct pc_timer *ring;       /* --ring: until then not */
	uint64_t ring_end_ms;
	bool acked;
	bool bye_pending; /* until the ACK comes */

	bool late_offer; /* the INVITE came or goes without */
};

/* session.c: SDP. Copy what is a description, with CRLF; 0 or -EBADMSG. */
int session_take(struct call *c, struct pc_buf *to, const char *data,
		 size_t len, const char *whose);
/* The same without a look at it. 0 or -ENOMEM. */
int session_copy(struct pc_buf *to, const char *data, size_t len);
/* session_take of what the user gave as ours. */
int session_ours(struct call *c, const char *data, size_t len,
		 const char *whose);

/* net.c: the transport. */
int net_open(struct call *c, const struct pc_addr *hop,
	     enum pc_sip_transport_kind kind);
/* To another hop (c->hop): by another transport, or from another address. */
int net_move(struct call *c, enum pc_sip_transport_kind kind);
int net_listen(struct call *c);

/*
 * way.c. Look up where a request to that URI goes first, then call next, once;
 * what cannot be found is said, and the tool exits. 0 or -errno.
 */
int way_find(struct call *c, const char *uri, way_found_fn *next);
/* The target in use, or NULL (on a line, or when there is no URI). */
const struct pc_sip_target *way_target(const struct call *c);
/* Its transport; without one what the options say, else UDP. */
enum pc_sip_transport_kind way_kind(const struct call *c);
/* Our Contact, as that transport and a sips URI (8.1.1.8) want it. 0, -errno */
int way_contact(struct call *c);
/*
 * What came back says that this target will not do, and there is another:
 * the request is sent there, by send, which takes it (0 or -errno). False: no.
 */
typedef int way_send_fn(struct call *c, osip_message_t *request);
bool way_next(struct call *c, const osip_message_t *request,
	      const struct pc_sip_response *r, way_send_fn *send);
/*
 * hop.c: where the requests of a dialog go (RFC 3263), in the transport that
 * the call has. hop_find calls fn, at once or from the loop, with the address,
 * or with NULL when there is none (it has been said). 0, or -errno: there is
 * none (said), and fn is not called. What waits is called in its order.
 */
typedef void hop_fn(struct call *c, void *arg, const struct pc_addr *to);
int hop_find(struct call *c, const struct pc_sip_dialog *d, hop_fn *fn,
	     void *arg);
/* That address will not do: false, if there is no other one to try. */
bool hop_next(struct call *c, const struct pc_sip_dialog *d,
	      const struct pc_addr *failed);
bool hop_waiting(const struct call *c);

/* invite.c: the caller's way to an INVITE. m is taken. */
bool caller_from_valid(const char *uri);
/* Whom the user wants to reach. 0, or -EINVAL: it has been said why not. */
int caller_uri_check(const char *uri);
int caller_start(struct call *c);
/* Send the INVITE: our description is there. */
void caller_go(struct call *c);
/*
 * What every request outside of a dialog needs: the target, a way to it, who
 * we are. 0, or -errno: it has been said why, and the tool ends.
 */
int caller_prepare(struct call *c);
/* Such a request, with the user's Routes and headers. */
int caller_request(struct call *c, const char *method, uint32_t cseq,
		   osip_message_t **out);
int caller_invite(struct call *c, osip_message_t *m);
/* The same (c->follow.again), to this URI. 0 or -errno (not said). */
int caller_redirect(struct call *c, const char *uri);
/* The same again, to where the last one went. 0 or -errno (not said). */
int caller_repeat(struct call *c);

/* caller.c: what comes back. */
pc_sip_response_fn caller_response;
pc_sip_stray_fn caller_stray;
/* The exit status that a final response of 300 and up means. */
int caller_status(const struct call *c, const struct pc_sip_response *r);
/* Our answer to their offer is there: ACK or PRACK what waits for it. */
void caller_answer(struct call *c);

/*
 * follow.c: a final response that says no, and may know where to go on. True:
 * another target is tried.
 */
bool follow_next(struct call *c, const struct pc_sip_response *r);
/* The next request may be redirected as often again. */
void follow_end(struct call *c);

/* early.c: provisional responses. */
void early_response(struct call *c, struct pc_sip_client *tr,
		    const struct pc_sip_response *r);
/* The branch of a response: made, or the one it is. NULL: no usable one. */
struct branch *early_branch(struct call *c, const osip_message_t *invite,
			    const osip_message_t *response);

/*
 * acks.c: acknowledge the 2xx of an INVITE of ours, with an answer or (NULL)
 * without; it is kept. 0 or -errno (said).
 */
int ack_send(struct call *c, const struct pc_sip_dialog *d,
	     const osip_message_t *invite, const struct pc_buf *sdp);
/* Acknowledge this 2xx again; false: it never was. */
bool ack_again(struct call *c, const osip_message_t *response);
/* Nobody is there: what went there goes to the next target, if there is one. */
void acks_unreachable(struct call *c, const struct pc_addr *to);

/* answerer.c */
int answerer_start(struct call *c);
void answerer_input(void *arg, const char *sdp, size_t len);
void answerer_invite(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *invite, const struct pc_addr *from);
void answerer_cancelled(struct call *c, osip_message_t *m);
void answerer_acked(struct call *c, osip_message_t *ack);
/* With one more header, or NULL. */
void answerer_refuse_with(struct call *c, int code, const char *reason,
			  const char *header, const char *value);
void answerer_refuse(struct call *c, int code, const char *reason);
/* `answer`, with a description or (NULL) with what is agreed already. */
int answerer_answer(struct call *c, const char *sdp);
/* Send the 200 if all that it takes is there. */
void answerer_go_on(struct call *c);

/*
 * provisional.c: the answerer's 1xx, reliable where that is wanted (RFC 3262
 * 3). provisional_begin: what this INVITE wants of that; -EPROTO: it has been
 * refused.
 */
int provisional_begin(struct call *c, struct pc_sip_server *tr,
		      const osip_message_t *invite);
int provisional_ring(struct call *c);
/* Any 1xx, with a description or (len 0) without. 0 or -errno (said). */
int provisional_progress(struct call *c, int code, const char *sdp, size_t len);
void provisional_pracked(struct call *c, struct pc_sip_server *tr,
			 osip_message_t *prack);
pc_sip_unpracked_fn provisional_unpracked;
/* Whether a 2xx may go out now. */
bool provisional_settled(const struct call *c);
void provisional_end(struct call *c);
pc_sip_unacked_fn answerer_unacked;

/* route.c: --route and --proxy (RFC 3261 8.1.1.1, 8.1.2, 16.12.1.2). */
bool route_valid(const char *uri);
const char *route_first(const struct config *cfg); /* or NULL */
int route_hop(struct pc_addr *hop, const char *uri);
int route_apply(const struct config *cfg, osip_message_t *m);
/* The Service-Route of the line, if there is one (RFC 3608 5). 0 or -errno. */
int route_line(const struct call *c, osip_message_t *m);

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
/* Put that Reason, and the headers of that command, into our BYE. */
void headers_goodbye(struct call *c, osip_message_t *bye);

/* expect.c: --expect and --dry-run. */
bool expect_valid(const char *text);
void expect_final(struct call *c, int status, const char *reason);
bool expect_met(const struct call *c);
/* The status to exit with: that of the call, unless something is expected. */
int expect_status(struct call *c, int status);
/* Print the request as it would go out; it is taken, and the tool ends. */
int dry_run(struct call *c, osip_message_t *m);

/*
 * policy.c: what --answer does without being told: refuse, send elsewhere,
 * ring for a while.
 */
int policy_check(const struct config *cfg); /* 0 or -EINVAL (said) */
bool policy_refuses(const struct config *cfg);
void policy_refuse(struct call *c);
/* The call rings: whether it is too early for our answer. */
bool policy_rings(struct call *c);

/* commands.c: those that answer or change the session. */
int command_answer(void *arg, const struct pc_command *cmd);
int command_reject(void *arg, const struct pc_command *cmd);
int command_ringing(void *arg, const struct pc_command *cmd);
int command_progress(void *arg, const struct pc_command *cmd);
int command_offer(void *arg, const struct pc_command *cmd);
int command_hold(void *arg, const struct pc_command *cmd);
int command_resume(void *arg, const struct pc_command *cmd);

/* sip-dial.c: what every call has, before it begins. 0 or -ENOMEM. */
int call_open(struct call *c);

/* requests.c: what the other side asks. */
pc_sip_request_fn request_received;
/* 200 to what may refresh our target or describe us; sdp may be NULL. */
void request_ok(struct call *c, struct pc_sip_server *tr, const char *sdp,
		size_t len);
/*
 * What we can do: Allow, Accept and Supported. initial: the message is about
 * an INVITE that begins a call. 0 or -errno.
 */
int call_capabilities(const struct call *c, osip_message_t *m, bool initial);
/* The extensions that we know, for Supported. */
const char *call_supported(const struct config *cfg);

/* ending.c */
void call_up(struct call *c);
void call_hangup(struct call *c, const char *reason, int status);
/* bye: theirs, or NULL. */
void call_ended(struct call *c, const char *by, const char *reason, int status,
		osip_message_t *bye);
void call_over(struct call *c, int status);
void call_idle(void *arg);
int call_bye(struct call *c, struct pc_sip_dialog *d);
/* A branch that we do not take: its BYE ends nothing else. */
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
