/* Between the registration*.c, bindings.c and account.c. */
#ifndef SIP_REGISTER_REGISTRATION_H
#define SIP_REGISTER_REGISTRATION_H

#include "app.h"

enum registration_state {
	IDLE,
	REGISTERING,
	REGISTERED,
	WAITING,
	REMOVING,
	GONE
};

struct registration {
	struct app *app;
	struct account *account;
	enum registration_state state;
	struct pc_sip_client *tr; /* NULL: nothing is under way */
	struct pc_timer *timer;
	char call_id[PC_SIP_TOKEN], tag[PC_SIP_TOKEN];
	uint32_t cseq;
	unsigned expires_s, failures;
	unsigned goodbye_ms; /* how long the removal may take */
	size_t at;           /* the target of the way that it went to */
	unsigned round;      /* of the way, then */
	bool authorized;     /* the last request answered a challenge */
	unsigned challenges; /* of this round */
	unsigned redirects;  /* of this round */
	bool ever;           /* it has been registered */
	bool settled;        /* of --once: that was all */
	bool redirecting;    /* it waits for where the 3xx leads to */
	bool sent, behind_nat, old_bound;
	char old_contact[256]; /* to be removed by the next REGISTER */
};

void registration_set_state(struct registration *r,
			    enum registration_state state, const char *why);
/* A REGISTER; credentials answers a challenge, or is NULL. */
void registration_send(struct registration *r, const char *credentials);
pc_sip_response_fn registration_answered;

/* A round of them, from its beginning. */
void registration_begin(struct registration *r);
/* Nothing came back; err says why as well (ETIMEDOUT). */
void registration_unreachable(struct registration *r, const char *why, int err);
/* Once keepalive.ms says how often; it runs on. */
void registration_keep_alive(struct app *app);
/*
 * Another target to be tried now? All accounts share the way: it may have gone
 * on since this one's request was sent, or have come to its end.
 */
bool registration_next_target(struct registration *r, int err);
/*
 * The registrar said no: the exit status, if that is the end of it, and what
 * may help, or NULL.
 */
void registration_refused(struct registration *r,
			  const struct pc_sip_response *resp, int status,
			  const char *hint);
/* That is the end of it, and would be the exit status. */
void registration_give_up(struct registration *r, int status);
/* Wait before the next attempt, longer each time. */
void registration_retry(struct registration *r, unsigned at_least_ms);

/*
 * bindings.c. The Contacts of a response: an array of objects (uri, expires,
 * q, instance, pub_gruu, temp_gruu). The values of a header that lists them,
 * or NULL when there are none. Service-Route is kept for the line's calls.
 */
json_t *bindings_of(const char *text, size_t len);
json_t *bindings_header(const char *text, size_t len, const char *name);
void bindings_routes(struct account *a, const char *text, size_t len);

#endif
