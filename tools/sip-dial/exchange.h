/*
 * Offers and answers inside a call (RFC 3264): the dialogs they go in, what
 * we ask to change and what they do, reliable provisional responses, session
 * timers. Part of call.h; nobody else includes it.
 */
#ifndef SIP_DIAL_EXCHANGE_H
#define SIP_DIAL_EXCHANGE_H

#include <sys/queue.h>

#include "base/buf.h"
#include "loop/tool.h"
#include "sip/dialog.h"
#include "sip/ua.h"

struct call;
struct outgoing;
struct pc_sdp;

/*
 * branch.c: one dialog of a call. An answerer has one; a caller has one for
 * each branch of a fork that said something (12.1), until one is taken.
 */
struct branch {
	LIST_ENTRY(branch) link;
	struct pc_sip_dialog *dialog;
	const char *state; /* for --trace: its name in RFC 3261 12 */
	bool agreed;       /* the offer that its INVITE began has its answer */
	uint32_t rseq;     /* of its last reliable response; 0: none */
	uint32_t offer_rseq, offer_cseq; /* that one had an offer, and waits for
					    our answer; 0: none does */
	bool peer_updates;               /* it allows UPDATE */
	struct pc_buf early;             /* what it described unreliably */
	struct pc_buf local, remote; /* the session, while it is not chosen */
};
LIST_HEAD(branches, branch);

/* A dialog becomes a branch, and is taken; NULL: out of memory (said). */
struct branch *branch_new(struct call *c, struct pc_sip_dialog *d);
/* The branch a request of theirs is in, or one with this remote tag. */
struct branch *branch_of(const struct call *c, const osip_message_t *request);
struct branch *branch_tagged(const struct call *c, const char *remote_tag);
/*
 * What c->dialog, local_sdp and remote_sdp are, is from now on this branch's.
 */
void branch_choose(struct call *c, struct branch *b);
/* Headers of a message of theirs that say what they can do. */
void branch_learn(struct branch *b, const osip_message_t *m);
/* Tell --trace that its dialog is now "Early", "Confirmed", "Terminated". */
void branch_state(struct call *c, struct branch *b, const char *state,
		  const char *why);
/* The same for all that are left. */
void branches_terminated(struct call *c, const char *why);

/*
 * reliable.c: reliable provisional responses, as they come (RFC 3262 4).
 * reliable_is: whether this is one, and its RSeq. reliable_take: whether it is
 * the next of its branch; else it is to be ignored.
 */
bool reliable_is(const osip_message_t *m, uint32_t *rseq);
bool reliable_take(struct branch *b, uint32_t rseq);
/* PRACK it, with our answer or (NULL) without. 0 or -errno. */
int reliable_prack(struct call *c, struct branch *b, uint32_t rseq,
		   uint32_t cseq, const struct pc_buf *sdp);

/* session.c, direction.c: what two descriptions have in common. */
enum session_change {
	SESSION_SAME,    /* but perhaps for directions (hold) and versions */
	SESSION_ADDRESS, /* it moved to another address or port */
	SESSION_CODECS,  /* it has others beside the one in use, and moved */
	SESSION_MEDIA,   /* anything else */
	SESSION_BROKEN,  /* it does not parse */
};
enum { DIRECTION_RECEIVE = 1, DIRECTION_SEND = 2, DIRECTION_BOTH = 3 };

/* How an offer of theirs differs from their description so far. */
enum session_change session_change(const struct call *c, const char *sdp,
				   size_t len);
const char *session_change_name(enum session_change change);
/*
 * Take from our description what was not agreed on, or is not in this offer.
 * 1: that changed it (but for its version), 0: it did not, or -errno.
 */
int session_narrow(struct call *c, const char *offer, size_t len);
/*
 * Make the directions of our description answer such an offer. news: it has
 * changed already. 1: the directions changed, 0: they did not, or -errno.
 */
int session_answer(struct call *c, const char *offer, size_t len, bool news);
/* Ours with the directions that mask allows: 1: changed, 0: not, -errno. */
int session_direct(const struct call *c, struct pc_buf *out, int mask);
/* "sendrecv", "sendonly" ...: what both leave us to do in the first section. */
const char *session_direction(const struct call *c);
/* o='s version goes up by one when the description changes (RFC 3264 8). */
void session_next_version(struct pc_sdp *sdp);
/*
 * Give a description of the user's the o= that must follow ours so far: the
 * same session, one version on (RFC 3264 8). 0 or -errno.
 */
int session_follow(const struct call *c, struct pc_buf *sdp);
/* codecs.c: whether such an offer leaves us the codec in use. */
bool session_codecs_stay(const struct call *c, const struct pc_sdp *before,
			 const struct pc_sdp *now);

/*
 * modify.c: we change the session, by re-INVITE or UPDATE. One at a time.
 *   what    "offer", "hold", "resume" or "refresh": for events
 *   sdp     the offer, taken (the buffer is emptied); empty: an UPDATE
 *           without, which refreshes the session (RFC 4028)
 *   update  UPDATE, not INVITE; in an early dialog it always is
 *   mask    what hold leaves of our directions when it succeeds
 */
struct modify {
	struct outgoing *out; /* under way; or NULL */
	const char *what;
	struct pc_buf sdp;
	bool update;
	int mask;
	unsigned glares;
	bool waiting;   /* for its next try */
	bool cancelled; /* it took too long */
	struct pc_timer *again, *bound;
};
int modify_start(struct call *c, const char *what, struct pc_buf *sdp,
		 bool update, int mask);
bool modify_pending(const struct call *c);
void modify_stop(struct call *c);

/*
 * reoffer.c: they change it. tr is what waits for our answer: a re-INVITE, an
 * UPDATE or a PRACK.
 */
struct reoffer {
	struct pc_sip_server *tr;
	struct pc_buf sdp;
	struct pc_timer *wait;
	bool late; /* our 200 offers, and its ACK (cseq) answers */
	uint32_t cseq;
};
void reoffer_received(struct call *c, struct branch *b,
		      struct pc_sip_server *tr, osip_message_t *m);
bool reoffer_pending(const struct call *c);
/* Our answer to it, or our no: 0 or -errno (said). */
int reoffer_answer(struct call *c, const char *sdp, size_t len);
void reoffer_refuse(struct call *c, int code, const char *reason);
bool reoffer_cancelled(struct call *c, const struct pc_sip_server *tr);
/* The ACK of a re-INVITE's 200; true: it was for this. */
bool reoffer_acked(struct call *c, const osip_message_t *ack);

/*
 * expiry.c: session timers (RFC 4028). What goes into our INVITEs and UPDATEs,
 * and into our 2xx to theirs; what 2xx and 422 to ours say.
 */
#define EXPIRY_MIN_S 90
struct expiry {
	uint32_t seconds; /* the interval; 0: there is none */
	uint32_t min;     /* what a 422 asked for */
	bool ours;        /* to refresh */
	uint64_t refresh_ms, end_ms;
	struct pc_timer *timer;
};
int expiry_request(const struct call *c, osip_message_t *m);
void expiry_accepted(struct call *c, const osip_message_t *response);
bool expiry_raise(struct call *c, const osip_message_t *response);
bool expiry_refuses(const struct call *c, struct pc_sip_server *tr,
		    const osip_message_t *m);
int expiry_answer(struct call *c, const osip_message_t *request,
		  osip_message_t *response);
void expiry_stop(struct call *c);

#endif
