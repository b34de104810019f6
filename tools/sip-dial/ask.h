/*
 * Requests without a call (--method): sip-dial as a curl for SIP.
 *
 *	sip-dial --method OPTIONS sip:bob@pbx            what it can do
 *	sip-dial --method MESSAGE sip:bob@pbx <text
 *	sip-dial --method SUBSCRIBE --package presence sip:bob@pbx
 *	sip-dial --method PUBLISH --package presence sip:me@pbx <pidf.xml
 *
 * ask.c sends and hears the answer, ask_print.c has the product, subscribe.c
 * and publish.c what lives on after it, receive.c the other end.
 */
#ifndef SIP_DIAL_ASK_H
#define SIP_DIAL_ASK_H

#include "beside.h"
#include "loop/out.h"

/* A final response to the request sent last. */
typedef void ask_fn(struct call *c, const struct pc_sip_response *r);

struct ask {
	struct pc_out *out; /* stdout, for a product of many pieces */
	struct pc_buf body; /* what stdin brought */
	uint32_t cseq;
	struct auth_tries tries;
	uint64_t sent_us;
	double rtt_ms;
	ask_fn *answered;
	const osip_message_t *asked; /* while answered runs */
	osip_message_t *moved;       /* what a 3xx sends elsewhere; or NULL */
	struct pc_timer *timer;      /* the next ping, the next refresh */
	unsigned sent, received, refused;

	/* subscribe.c */
	struct pc_sip_dialog *dialog;
	struct pc_timer *bound; /* of the wait for a NOTIFY */
	unsigned expires_s;     /* as it was asked for, or as 423 wants it */
	unsigned retries;       /* in a row */
	int referred;           /* the last status of a sipfrag */

	/* notifier.c */
	struct subscriber *subscribers;

	/* publish.c */
	char etag[200];
};

/*
 * ask_options.c: what --method, and the options beside it, do not go with: 0 or
 * -EINVAL (said). ask_is: whether that is the method.
 */
bool ask_is(const struct config *cfg, const char *method);
int ask_check(const struct config *cfg);

/* ask.c */
int ask_start(struct call *c);
/* A request of the other side, in place of request_received. */
void ask_received(struct call *c, struct pc_sip_server *tr, osip_message_t *m,
		  const struct pc_addr *from);
/* End it politely. */
void ask_hangup(struct call *c, const char *reason, int status);

/* The request, with what the options say; NULL: it has been said why. */
osip_message_t *ask_new(struct call *c, const char *method);
/*
 * Send it (it is taken), with what stdin brought as its body or without. fn
 * hears the final response. m NULL: ends, with a usage error.
 */
void ask_send(struct call *c, osip_message_t *m, bool with_body, ask_fn *fn);
/* Say that it was refused, and end. */
void ask_refused(struct call *c, const struct pc_sip_response *r);
/* The whole end: nothing more is asked or heard. */
void ask_over(struct call *c, int status);

/* ask_print.c: pieces of the product. Each ends the tool when it fails. */
void ask_print_answer(struct call *c, const struct pc_sip_response *r);
/* A request of theirs: its body, or as JSON with these fields (stolen). */
void ask_print_request(struct call *c, osip_message_t *m, json_t *fields);
void ask_print_text(struct call *c, const char *text, size_t len);
/* Their body as a JSON value; NULL: it has none. */
json_t *ask_body(const osip_message_t *m);

/*
 * subscribe.c, subscribe_notify.c: SUBSCRIBE and NOTIFY (RFC 6665), also those
 * of a REFER.
 */
void subscribe_start(struct call *c);
const char *subscribe_package(const struct call *c);
/* They ended it: subscribe anew after so long, but not for ever. */
void subscribe_lost(struct call *c, unsigned after_s);
void subscribe_notified(struct call *c, struct pc_sip_server *tr,
			osip_message_t *m);
/* False: nothing is subscribed, there is nothing to end. */
bool subscribe_end(struct call *c);
/* "presence;id=1" is of the package "presence". */
bool subscribe_is(const char *event, const char *package);
const char *subscribe_type(const char *package);
/* Seconds in a header of a message, or otherwise. */
unsigned subscribe_seconds(osip_message_t *m, const char *header,
			   unsigned otherwise);
/* When to refresh what lasts so long: well before. */
uint64_t subscribe_refresh_ms(unsigned expires_s);

/* publish.c: PUBLISH (RFC 3903). */
void publish_start(struct call *c);
bool publish_end(struct call *c);
int publish_command(void *arg, const struct pc_command *cmd);

/* receive.c: --answer --method. */
int receive_start(struct call *c);
void receive_request(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m, const struct pc_addr *from);

/* notifier.c: the other end of subscriptions. */
void notifier_subscribe(struct call *c, struct pc_sip_server *tr,
			osip_message_t *m, const struct pc_addr *from);
bool notifier_end(struct call *c);
int notifier_notify(void *arg, const struct pc_command *cmd);
int notifier_terminate(void *arg, const struct pc_command *cmd);

#endif
