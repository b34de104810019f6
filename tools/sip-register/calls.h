/*
 * The calls of a line: which dial a message belongs to, and what would have
 * to be said in its place if that dial died.
 *
 *	                 +-- 1xx --> PROCEEDING --+
 *	out:  CALLING ---+                        +-- 2xx --> UP --BYE--> OVER
 *	                 +------------------------+-- 3xx..6xx ----------> OVER
 *	in:   WAITING --take--> TAKEN -- 2xx --> ANSWERED --ACK--> UP
 *	                        TAKEN -- 3xx..6xx --> REFUSED --ACK--> OVER
 */
#ifndef SIP_REGISTER_CALLS_H
#define SIP_REGISTER_CALLS_H

#include "app.h"

enum call_state {
	CALL_OTHER,      /* no INVITE: an OPTIONS of a dial's, say */
	CALL_CALLING,    /* out: INVITE sent, nothing came back */
	CALL_PROCEEDING, /* out: a provisional response came */
	CALL_WAITING,    /* in: nobody has taken it */
	CALL_TAKEN,      /* in: a dial has it, no final response */
	CALL_ANSWERED,   /* in: 2xx sent, its ACK has not come */
	CALL_REFUSED,    /* in: final refusal sent, its ACK has not come */
	CALL_UP,
	CALL_CLOSING, /* a BYE is under way, not yet answered */
	CALL_OVER,
};

/* Text that is sent again until something comes (17.1.2.2's timer E). */
struct resend {
	char *text;
	size_t len;
	struct pc_addr to;
	struct pc_timer *timer;
	unsigned interval_ms, sent_ms;
};

struct call {
	struct call *next;
	struct app *app;
	const struct account *account; /* in: who is called */
	struct dial *owner;            /* NULL: not taken, or it is gone */
	bool incoming, had_owner;
	enum call_state state;
	char *id; /* SIP_INVITE: names it to its taker */
	char *call_id;
	char *local_tag, *remote_tag;
	struct pc_addr peer; /* where our next message goes */
	struct pc_addr local;
	uint32_t cseq; /* our last number */

	char *invite; /* the text, received or sent */
	size_t invite_len;
	char *last;      /* the last thing the dial sent that is */
	size_t last_len; /* retransmitted: a final response, a BYE */
	struct pc_addr last_to;
	bool acked; /* out: the dial has sent ACK for the 2xx */

	/* the dialog, from the 2xx (12.1) */
	char *target;    /* Contact's URI: where requests go */
	char *routes;    /* Route header lines with CRLF, or "" */
	char *from, *to; /* values for our requests in it */

	/* in its place */
	const char *ended; /* "BYE", "CANCEL", "487": said when gone */
	struct resend resend;
	struct pc_timer *timer; /* to be taken; to linger */
	bool ending, challenged;
};

/* calls.c */
void calls_received(struct app *app, const char *data, size_t len,
		    const struct pc_addr *from, const struct pc_addr *local);
/* A dial sends: find or make its call, note what it says. 0 or -errno. */
int calls_send(struct app *app, struct dial *d, const char *data, size_t len,
	       const struct pc_addr *to);
/* A dial takes an INVITE (id NULL: the oldest). False: there is none. */
bool calls_take(struct app *app, struct dial *d, const char *id);
/* A dial is gone: end what it left. Returns what was said for it. */
const char *calls_abandon(struct app *app, struct dial *d);
void call_free(struct call *c);
/* From one who takes no part: a response to a request; nothing kept. */
void calls_reply(struct app *app, const char *request, size_t len,
		 const struct pc_addr *from, int status, const char *reason,
		 const char *extra);

/* follow.c: what a message means for a call. */
void follow_sent(struct call *c, const char *data, size_t len,
		 const struct pc_addr *to);
void follow_received(struct call *c, const char *data, size_t len,
		     const struct pc_addr *from);
void follow_keep(char **text, size_t *n, const char *data, size_t len);
char *follow_tag(const char *data, size_t len, const char *header);
void follow_dialog(struct call *c, const char *data, size_t len);
bool cseq_is(const char *data, size_t len, const char *method);

/* ending.c */
void ending_start(struct call *c);
/* A final response to an INVITE that waits, and its ACK awaited. */
void ending_refuse(struct call *c, int status, const char *reason);
/* A message for a call that has no dial. */
void ending_received(struct call *c, const char *data, size_t len,
		     const struct pc_addr *from);
void ending_unreachable(struct app *app, const struct pc_addr *to);
void resend_stop(struct resend *r);
/* End all calls, whoever has them; and whether that is done. */
void ending_all(struct app *app);
bool ending_over(const struct app *app);

#endif
