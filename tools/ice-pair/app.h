/* The state of one ice-pair, shared by its files. */
#ifndef ICE_PAIR_APP_H
#define ICE_PAIR_APP_H

#include <sys/types.h>

#include "base/buf.h"
#include "checks.h"
#include "handover.h"
#include "ice.h"
#include "loop/tool.h"

struct config {
	struct pc_tool_common common;
	bool controlling, controlled, trickle, loopback, relay_only, no_host;
	bool tcp, reliable, datagrams;
	const char *remote, *handover, *port_range, *nomination;
	const char *stun, *turn, *turn_transport, *turn_user, *turn_password;
	const char *turn_secret;
	const char *turn_ca, *offer, *answer;
	struct pc_opt_list addresses, interfaces;
	unsigned gather_ms, handover_ms, consent_ms;
};

struct app {
	struct config cfg;
	struct pc_tool tool;
	struct ice *ice;
	struct handover *handover; /* NULL without --handover */
	struct checks *checks;
	struct turn_tls *turn_tls; /* NULL without it */
	char turn_near[PC_ADDR_TEXT];
	struct pc_timer *deadline, *gather_bound, *closing, *stopping;
	struct pc_watch *remote_watch;
	int remote_fd;
	struct pc_buf remote_doc; /* as far as it was read */
	struct pc_buf pending;    /* candidates before the description */
	char remote_ufrag[257], remote_mid[33];
	unsigned n_local;                      /* since the last restart */
	bool has_srflx, has_relay;             /* among these */
	bool stun_unresolved, turn_unresolved; /* their names */
	/* Data over the path (netcat.c), and descriptions in files (exchange.c). */
	struct data *data;   /* NULL until it is connected */
	struct pc_buf early; /* what came before: each its length, and it */
	pid_t child;         /* 0: none, or it has ended */
	pid_t group;         /* of what it started; 0: none is left */
	struct pc_timer *killing;
	bool killed;
	int child_status;
	const char *ours_path;
	struct pc_buf ours;
	struct pc_timer *telling;
	struct pc_watch *change_watch;
	int change_fd;
	bool theirs_old; /* the peer's file is of before our offer */
	char theirs_name[256];
	int status; /* when ended */
	bool gather_over, told, connected, ended;
	bool relays_closing; /* it ends when they are given back */
	bool restarting;     /* no pair was selected since */
	bool commanded;      /* the last restart is ours */
	bool restart_untold; /* our fragment of it is not out yet */
	bool awaiting;       /* the peer's new credentials */
};

/* session.c: what ICE and the handover report. */
extern const struct ice_events app_ice_events;
extern const struct handover_events app_handover_events;
void app_tell_fragment(struct app *app);
void app_on_gather_bound(void *arg);
void app_on_deadline(void *arg);
void app_on_closing(void *arg);
void app_on_stopping(void *arg);
void app_stats(struct app *app);
/* stats, and pc_tool_exit when the relays are given back and CMD has ended */
void app_end(struct app *app, int status);
void app_end_if_over(struct app *app);

/* servers.c: what STUN and TURN servers do not give. */
void app_on_refused(struct app *app);
void app_on_unresolved(void *arg, bool turn);
bool app_relay_hopeless(const struct app *app);
void app_say_missing(const struct app *app, bool complete);
void app_no_candidates(struct app *app); /* ends it */

/* restart.c */
void app_on_restarted(void *arg);
void app_tell_restart(struct app *app);
int app_command_restart(void *arg, const struct pc_command *cmd);

/* netcat.c */
bool app_has_data(const struct app *app);
void app_netcat_start(struct app *app, const struct ice_pair *pair);
void app_netcat_early(struct app *app, const void *data, size_t len);
void app_netcat_end(struct app *app); /* the command is told to */
void app_on_killing(void *arg);
void app_netcat_fini(struct app *app);

/* exchange.c */
void app_exchange_tell(struct app *app, struct pc_buf *doc); /* takes doc */
/* Watch for the peer's, before ours is told; then take what is there already.
 * Both: -1 to go on, or the status. */
int app_exchange_watch(struct app *app);
int app_exchange_open(struct app *app);
void app_exchange_fini(struct app *app);

/* table.c */
void app_on_check(void *arg, const struct check *check);
void app_tell_remotes(struct app *app); /* to the media process */
json_t *app_table(struct app *app);     /* the caller's */
void app_print_table(const json_t *rows);
int app_command_pairs(void *arg, const struct pc_command *cmd);

/* remote.c: what is known of the peer. */
int app_remote_open(struct app *app, const char *path);
extern const struct pc_tool_command app_commands[];

#endif
