/*
 * sip-register: registrations, and the line that calls go over.
 *
 *	sip-register.c  options, start, end; what comes from the network
 *	account.c	who is registered, one or a pool, and how many are
 *	registration.c  REGISTER, refresh, un-register (RFC 3261 section 10);
 *			registration_answer.c: what comes of it;
 *			registration_failed.c: when nothing does
 *	bindings.c      what the registrar has bound, and says of the way
 *	way.c           where the registrar is, and the transport there
 *	auth.c          answers to challenges, for itself and for the line
 *	line_server.c   the Unix socket; what sip-dials ask
 *	calls.c         which message belongs to whose call, and its state
 *	follow.c        what a message means for its call
 *	ending.c        BYE, CANCEL or a refusal in the place of one that died
 *	exec.c          a program per incoming call
 */
#ifndef SIP_REGISTER_APP_H
#define SIP_REGISTER_APP_H

#include "loop/tool.h"
#include "sip/ha1.h"
#include "sip/line.h"
#include "sip/options.h"
#include "sip/text.h"
#include "sip/transport.h"
#include "sip/ua.h"
#include "sip/where.h"

struct config {
	struct pc_tool_common common;
	const char *registrar, *user, *password_file, *ha1_file, *local,
		*listen, *proxy;
	const char *line, *exec;
	struct pc_sip_options sip;
	unsigned expires_s, max_calls, take_ms, keepalive_ms;
	struct pc_opt_list contacts;
	const char *remove, *instance;
	unsigned reg_id;
	bool no_register, once, keep_trying, stun, fetch;
};

struct app;
struct account;
struct registration;
struct line_server;
struct exec;
struct call;

/* A challenge that was answered, and may be again with the next count. */
struct nonce {
	char *challenge;
	const char *header; /* of the answer */
	uint32_t count;
};

typedef void way_found_fn(struct app *app);

/* The targets of the registrar, and which is in use. */
struct way {
	const char *text;
	char *redirect; /* the URI of a 3xx, in place of what was asked for */
	struct pc_sip_where where;
	struct pc_sip_resolve *question;
	struct pc_sip_target targets[PC_SIP_TARGETS_MAX];
	size_t n, at;
	unsigned round; /* how often all of them have failed */
	bool warned;    /* it has been said that the one in use fails */
	way_found_fn *next;
};

/* Who is registered: one address of record, of one or of a pool. */
struct account {
	struct app *app;
	char *aor;  /* sip:100@pbx; NULL: none */
	char *user; /* its user part */
	const char *password;
	char contact[256]; /* a URI */
	bool registered;
	json_t *routes;         /* Service-Route, for calls; or NULL */
	struct nonce own, lent; /* challenges to us; to the line's dials */
	struct registration *registration;
};

/* RFC 5626 4.4: what keeps the flow, which all accounts share, open. */
struct keepalive {
	struct pc_timer *timer;
	unsigned ms;
	bool running;
	bool outbound; /* the registrar says that it knows RFC 5626 */
};

/* What was last said of how many are registered. */
struct pool_said {
	bool once;
	size_t registered, given_up;
};

struct app {
	struct config *cfg;
	struct pc_tool *tool;
	struct pc_sip_transport *tp;
	enum pc_sip_transport_kind kind;
	struct pc_ws_url ws_url; /* of --ws */
	struct way way;
	struct pc_sip_ua *ua; /* REGISTER's transactions */
	bool secure;          /* the AOR is a sips URI */

	/* One at least; without an AOR, it has none either. */
	struct account *accounts;
	size_t n_accounts;
	char *host;      /* of their AORs, with the port */
	char *passwords; /* the memory of theirs */
	int failed;      /* the exit status of the first that gave up, or 0 */
	struct pool_said said;
	struct keepalive keepalive;
	struct pc_sip_ha1_file ha1; /* in its place */
	int n_args;                 /* operands that are for --exec's command */
	struct pc_addr registrar, proxy; /* len 0: none */
	struct line_server *line;
	struct exec *exec;
	struct call *calls;
	unsigned n_calls;
	struct pc_timer *grace; /* while others may hang up themselves */
	bool ending_calls;
	char *private_dir, *private_line; /* of --exec without --line */
};

/* sip-register.c */
/* Something that delayed the end may be over: look whether all is. */
void app_ending_step(struct app *app);

/*
 * account.c. From sip:USERS@HOST[:PORT], where USERS may be a pool (sip/pool.h).
 * 0, -EINVAL (it has been said why) or -ENOMEM.
 */
int accounts_take(struct app *app, const char *aor);
/* Without any. 0 or -ENOMEM. */
int accounts_none(struct app *app);
/*
 * --password-file or $SIP_PASSWORD. In a pool, a file of several lines has
 * USER:PASSWORD in each. -1, or the exit status: it has been said why.
 */
int accounts_take_password(struct app *app);
bool account_has_credentials(const struct account *a);
void account_make_contact(struct account *a, const struct pc_addr *as_seen);
bool accounts_are_pool(const struct app *app);
/* By its user or its AOR; or NULL. */
struct account *account_named(const struct app *app, const char *name);
/* Whose URI this is: by its user part. If there is but one, that one. */
struct account *account_of_uri(const struct app *app, struct pc_sip_span uri);
bool accounts_any_registered(const struct app *app);
/*
 * One of them went on or gave up: with --once, --fetch and --remove, and when
 * none is left, that may be all.
 */
void accounts_step(struct app *app);

/*
 * way.c. Look up where the registrar is and call next, now or later. -1, or
 * the exit status: it has been said why.
 */
int way_find(struct app *app, way_found_fn *next);
/* Have a transport to the target in use. -1, or the exit status. */
int way_open(struct app *app);
/*
 * The next target, after this failure. False: there is none; the first is in
 * use again.
 */
bool way_next(struct app *app, int err);
/* To another registrar (a 3xx), with next when it is known. As way_find. */
int way_redirect(struct app *app, const char *uri, way_found_fn *next);

/* registration.c: of all accounts. */
int registration_start(struct app *app);
bool registration_owns(const struct app *app, struct pc_sip_span call_id);
/* The flow is gone: register anew, soon. */
void registration_lost(struct app *app, const char *why);
/* Now, if it can be (the control command); only NULL: all. */
void registration_refresh(struct app *app, const struct account *only);
/* The others are where nothing leads any more: register them anew, soon. */
void registration_anew(struct app *app);
void registration_stop(struct app *app);
bool registration_over(const struct app *app);

/*
 * auth.c. Answer the challenge of a response.
 *   why  receives the reason when it cannot be
 * 0, -ENOENT (no credentials), -EINVAL or -ENOTSUP.
 */
int auth_answer(struct account *a, struct nonce *nonce, const char *response,
		size_t len, const char *method, const char *uri,
		struct pc_buf *value, const char **why);
/* Once more to the last challenge, unasked. False: there was none. */
bool auth_again(struct account *a, struct nonce *nonce, const char *method,
		const char *uri, struct pc_buf *value);
/* Whether a response's challenge says that only the nonce was too old. */
bool auth_stale(const char *response, size_t len);
void auth_forget(struct nonce *nonce);

/* line_server.c */
struct dial;
int line_server_start(struct app *app, const char *path, bool announced);
const char *line_server_path(const struct app *app);
void line_server_hello_all(struct app *app);
void line_server_unreachable(struct app *app, int err,
			     const struct pc_addr *to);
int dial_deliver(struct dial *d, const char *data, size_t len,
		 const struct pc_addr *from, const struct pc_addr *local);
/* From here on this dial's contact and AOR are those of this account. */
void dial_is_of(struct dial *d, const struct account *a);
/* A dial that waits for the next INVITE; or NULL. It waits no more. */
struct dial *line_server_taker(struct app *app);
/* Who takes requests of this method that make no call; or NULL. */
struct dial *line_server_taker_of(struct app *app, struct pc_sip_span method);
void line_server_stop(struct app *app); /* no more dials; forget these */
void line_server_unlink(struct app *app);

/* exec.c */
int exec_check(struct app *app, const char *const *args, int n_args);
int exec_run(struct app *app, struct call *call);
void exec_cancel(struct app *app, struct call *call); /* the caller gave up */
void exec_stop(struct app *app);
bool exec_over(const struct app *app);
void exec_kill(struct app *app);

#endif
