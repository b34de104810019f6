/*
 * What goes beside the INVITE: requests in a call that do not change its
 * session, and those without a call. beside.c has what they share.
 */
#ifndef SIP_DIAL_BESIDE_H
#define SIP_DIAL_BESIDE_H

#include "call.h"

#define DIGITS_MAX 64

/* A REFER of theirs: what was asked, and how far it is (RFC 3515). */
struct referral {
	bool active;                  /* its last NOTIFY is not out */
	bool silent;                  /* they want none (RFC 4488) */
	uint32_t id;                  /* its CSeq */
	unsigned count;               /* of REFERs in this dialog */
	char *uri;                    /* to be called, without its headers */
	char *replaces, *referred_by; /* for the INVITE; or NULL */
	uint64_t end_ms;              /* of the subscription */
};

struct beside {
	/* info.c: digits that wait for the answer to the one before */
	char digits[DIGITS_MAX + 1];
	unsigned digit_ms;
	bool digit_sent, digit_plain;

	/* refer.c: a transfer that we asked for */
	bool transferring, refer_silent; /* without NOTIFYs (RFC 4488) */
	uint32_t refer_id;               /* the REFER's CSeq */
	struct pc_timer *transfer_bound;

	/* referred.c: one that they asked for */
	struct referral referral;

	/* second.c: the calls that this process has at a time */
	struct call_set *set;
	struct pc_tool tool;    /* the call's own, in such a set */
	struct call *referrer;  /* in this one we were asked to make it */
	struct call *follower;  /* while it is under way, and after */
	struct pc_timer *leave; /* until they hang up, who had us transferred */
	unsigned follows;       /* so far */
	bool arrived, exited;

	/* replaces.c: of the call in its place, and the INVITE that is not */
	struct config replaced_cfg;
	struct pc_sip_client *replaced;
};

typedef void beside_request_fn(struct call *c, struct pc_sip_server *tr,
			       osip_message_t *m);

/*
 * A request in the call's dialog, with a command's headers (cmd NULL: none).
 * NULL after an error event: no call is up, a header is none, no memory.
 */
osip_message_t *beside_new(struct call *c, const char *method,
			   const struct pc_command *cmd);
/*
 * Send it, with a body (type NULL: none). 0 or -errno; fn hears the end of it
 * when it was sent.
 */
int beside_send(struct call *c, osip_message_t *m, const char *type,
		const char *body, size_t len, outgoing_fn *fn, void *arg);
/* An event of this name with what came back. */
void beside_tell(struct call *c, const char *event,
		 const struct pc_sip_response *r);
/* All of a message's body, whatever its type: "" when it has none. */
const char *beside_body(const osip_message_t *m, size_t *len);
/* Its Content-Type as text; heap (osip_free) or NULL. */
char *beside_type(const osip_message_t *m);

/* info.c: INFO (RFC 6086): DTMF, and RFC 5168's call for a picture. */
beside_request_fn info_received;
int info_dtmf(void *arg, const struct pc_command *cmd);
int info_picture(void *arg, const struct pc_command *cmd);

/* message.c: MESSAGE (RFC 3428). */
beside_request_fn message_received;
int message_command(void *arg, const struct pc_command *cmd);

/* refer.c: REFER (RFC 3515), asked by us, and its NOTIFYs. */
int refer_transfer(void *arg, const struct pc_command *cmd);
int refer_transfer_to(void *arg, const struct pc_command *cmd);
void refer_notified(struct call *c, struct pc_sip_server *tr, osip_message_t *m,
		    const char *state);

/* referred.c: REFER, asked by them. */
beside_request_fn referred_received;
int referred_progress(void *arg, const struct pc_command *cmd);
/* NOTIFY the status that the new call has got; 200 and above is the last. */
void referred_notify(struct call *c, int status, const char *reason);

/*
 * second.c: make the call that they asked for: a second one, which is this
 * process's when it is up. 0 or -errno (said).
 */
int second_start(struct call *c);
int second_command(void *arg, const struct pc_command *cmd);
/* What becomes of a call that is such a second one; else nothing. */
void second_progress(struct call *c, int status, const char *reason);
void second_up(struct call *c);
/* The user hangs up: what belongs to it too. */
void second_hangup(struct call *c);

/*
 * fit.c: description, with what an offer has: the answer to it. 0, -EBADMSG,
 * -ENOTSUP (nothing in common) or -ENOMEM.
 */
int fit_answer(struct pc_buf *out, const struct pc_buf *description,
	       const char *offer, size_t len);

/* replaces.c: an INVITE with Replaces is answered here; false: it has none. */
bool replaces_invite(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m, const struct pc_addr *from);
/* The answer to an INVITE of ours that was replaced; false: it is none. */
bool replaces_response(struct call *c, struct pc_sip_client *tr,
		       const struct pc_sip_response *r);

/* notify.c: NOTIFY (RFC 6665), given to whom it is for. */
beside_request_fn notify_received;

#endif
