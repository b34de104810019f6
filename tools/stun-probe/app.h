/* What the files of stun-probe share: options, servers, how a run ends. */
#ifndef STUN_PROBE_APP_H
#define STUN_PROBE_APP_H

#include "base/buf.h"
#include "loop/tool.h"
#include "nat.h"
#include "packets.h"
#include "target.h"

struct config {
	struct pc_tool_common common;
	bool json, ipv4, ipv6, nat, predict, decode, encode, raw;
	bool no_verify, turn, credentials;
	const char *address, *user, *realm, *password_file;
	const char *transport, *ca, *tls_name, *resolver;
	const char *turn_secret;
	unsigned silence_ms, lifetime_ms, every_ms, packets;
};

struct basic;
struct lookup;
struct settle;
struct turn;

struct app {
	struct config cfg;
	struct pc_tool tool;
	struct packets packets;
	struct target server[SERVERS_MAX];
	unsigned n_servers;
	char *password;                  /* NULL: none given */
	char *turn_secret;               /* the same */
	char *turn_user, *turn_password; /* made of it */
	struct pc_timer *every;
	uint64_t begun_ms; /* this run */
	int last_status;   /* of the run before, with --every */
	struct lookup *lookup;
	json_t *unresolved; /* an object of each server without an address */
	struct settle *settle;
	struct basic *basic;
	struct nat *nat;
	struct turn *turn;
	unsigned turn_hops; /* how often it has sent us on */
};

/*
 * Each starts one run of what the options ask for. -1: it has begun, and will
 * end in app_report or app_end; else the exit status.
 */
int basic_start(struct app *app);
void basic_free(struct basic *basic);
int natmode_start(struct app *app);
int turnmode_start(struct app *app);
int predict_start(struct app *app);
int decode_start(struct app *app);
int encode_start(struct app *app);

/* Print them for the servers that are named. The exit status. */
int credentials_print(struct app *app);

/* Do the options go together? -1, or PC_EXIT_USAGE after one line. */
int modes_check(const struct config *cfg);

/* Read the secrets that they name. -1, or the status after one line. */
int secrets_read(struct app *app);
void secrets_forget(void *app);

/*
 * The product of a run: text, or with --json the object (stolen). Ends the
 * tool, or, with --every, waits for the next run.
 */
void app_report(struct app *app, const struct pc_buf *text, json_t *object,
		int status);

/* End with nothing (more) on stdout. */
void app_end(struct app *app, int status);

/* What a talk needs. */
struct talk_env app_env(struct app *app);

/* The way to a server: its transport, our address, TLS. -1 or the status. */
struct talk_way;
int app_way(const struct app *app, const struct target *server,
	    struct talk_way *way);

/* What talk_open's failure comes to: a missing --ca is no I/O error. */
int app_open_status(int rc);

/*
 * Look up all of app->server; those that have no address go from there to
 * app->unresolved. -1: done will be called, from the loop; else the status.
 */
typedef void lookup_done_fn(struct app *app);
int lookup_start(struct app *app, lookup_done_fn *done);
void lookup_free(struct lookup *lookup); /* NULL is fine */

#endif
