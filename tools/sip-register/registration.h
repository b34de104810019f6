/* Between registration.c and registration_answer.c. */
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
	enum registration_state state;
	struct pc_sip_client *tr;
	struct pc_timer *timer, *keepalive;
	char call_id[PC_SIP_TOKEN], tag[PC_SIP_TOKEN];
	uint32_t cseq;
	unsigned expires_s, failures, keepalive_ms;
	bool outbound;       /* the registrar says that it knows RFC 5626 */
	bool authorized;     /* the last request answered a challenge */
	unsigned challenges; /* of this round */
	unsigned redirects;  /* of this round */
	bool ever;           /* it has been registered */
	bool sent, behind_nat, old_bound;
	char old_contact[256]; /* to be removed by the next REGISTER */
};

void registration_set_state(struct registration *r,
			    enum registration_state state, const char *why);
/* A REGISTER; credentials answers a challenge, or is NULL. */
void registration_send(struct registration *r, const char *credentials);
pc_sip_response_fn registration_answered;

/*
 * bindings.c. The Contacts of a response: an array of objects (uri, expires,
 * q, instance, pub_gruu, temp_gruu). The values of a header that lists them,
 * or NULL when there are none. Service-Route is kept for the line's calls.
 */
json_t *bindings_of(const char *text, size_t len);
json_t *bindings_header(const char *text, size_t len, const char *name);
void bindings_routes(struct app *app, const char *text, size_t len);

/* A round of them, from its beginning. */
void registration_begin(struct registration *r);
/* Nothing came back; err says why as well (ETIMEDOUT). */
void registration_unreachable(struct registration *r, const char *why, int err);
/* Wait before the next attempt, longer each time. */
void registration_retry(struct registration *r, unsigned at_least_ms);

#endif
