/*
 * ice-pair: connect two peers through whatever lies between (ICE, RFC 8445),
 * keep consent to send (RFC 7675), and hand the connected UDP socket to the
 * process that has the media.
 *
 *	ice-pair --remote offer.sdp --handover call/media >call/ice.sdpfrag
 *
 * The product is our SDP fragment (RFC 8840); stdout is then closed while
 * ice-pair lives on, answering connectivity and consent checks.
 */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "base/buf.h"
#include "base/program.h"
#include "options.h"
#include "stun/ephemeral.h"
#include "tap.h"
#include "turn_tls.h"

#define EPHEMERAL_S     86400 /* longer than a session */
#define COMMAND_MISSING 127   /* the shell's habit, and execvp's end */

#define ROW(l, n, m, h, d, k, field)                                           \
	{                                                                      \
		l, n, m, h, d, k, offsetof(struct config, field)               \
	}

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("60", "give up when not connected by then"),
	ROW('r', "remote", "FILE",
	    "the peer's SDP or fragment (FIFO, - for stdin)", NULL, PC_OPT_STR,
	    remote),
	ROW(0, "controlling", NULL, "have the controlling role (the offerer)",
	    NULL, PC_OPT_FLAG, controlling),
	ROW(0, "controlled", NULL, "have the controlled role (the default)",
	    NULL, PC_OPT_FLAG, controlled),
	ROW(0, "nomination", "aggressive|regular",
	    "how the controlling end chooses the pair", "aggressive",
	    PC_OPT_STR, nomination),
	ROW(0, "offer", "FILE",
	    "data on stdin and stdout: our description goes there", NULL,
	    PC_OPT_STR, offer),
	ROW(0, "answer", "FILE", "the same; when --remote has been read", NULL,
	    PC_OPT_STR, answer),
	ROW(0, "reliable", NULL,
	    "the data is a stream, not datagrams (both ends)", NULL,
	    PC_OPT_FLAG, reliable),
	ROW(0, "datagrams", NULL,
	    "the command reads and writes whole datagrams", NULL, PC_OPT_FLAG,
	    datagrams),
	ROW(0, "handover", "PATH",
	    "hand the path to the media process at this Unix socket", NULL,
	    PC_OPT_STR, handover),
	ROW(0, "handover-timeout", "SECONDS",
	    "how long the media process may take to listen", "5", PC_OPT_MS,
	    handover_ms),
	ROW(0, "trickle", NULL,
	    "print the fragment at once; candidates are events", NULL,
	    PC_OPT_FLAG, trickle),
	ROW('a', "address", "IP", "gather only here; may be repeated", NULL,
	    PC_OPT_LIST, addresses),
	ROW(0, "interface", "NAME", "gather only there; may be repeated", NULL,
	    PC_OPT_LIST, interfaces),
	ROW(0, "no-host", NULL, "do not tell the peer our own addresses", NULL,
	    PC_OPT_FLAG, no_host),
	ROW(0, "loopback", NULL, "gather on the loopback interface too", NULL,
	    PC_OPT_FLAG, loopback),
	ROW(0, "port-range", "MIN-MAX", "use these local ports", NULL,
	    PC_OPT_STR, port_range),
	ROW(0, "tcp", NULL, "gather TCP candidates too (RFC 6544)", NULL,
	    PC_OPT_FLAG, tcp),
	ROW(0, "stun", "HOST:PORT", "ask this STUN server for our address",
	    NULL, PC_OPT_STR, stun),
	ROW(0, "turn", "HOST:PORT", "relay through this TURN server", NULL,
	    PC_OPT_STR, turn),
	ROW(0, "turn-transport", "udp|tcp|tls", "how to reach it", "udp",
	    PC_OPT_STR, turn_transport),
	ROW(0, "turn-ca", "FILE",
	    "who may sign its certificate (default: the system's)", NULL,
	    PC_OPT_STR, turn_ca),
	ROW(0, "turn-user", "NAME", "the user at the TURN server", NULL,
	    PC_OPT_STR, turn_user),
	ROW(0, "turn-secret", "FILE",
	    "make both of this shared secret (else $TURN_SECRET)", NULL,
	    PC_OPT_STR, turn_secret),
	ROW(0, "turn-password-file", "FILE",
	    "the password in FILE (else $TURN_PASSWORD)", NULL, PC_OPT_STR,
	    turn_password),
	ROW(0, "consent-timeout", "SECONDS",
	    "the peer is lost when no check is answered so long", "30",
	    PC_OPT_MS, consent_ms),
	ROW(0, "relay-only", NULL, "use no candidates but relayed ones", NULL,
	    PC_OPT_FLAG, relay_only),
	ROW(0, "gather-timeout", "SECONDS",
	    "wait no longer for STUN and TURN servers", "1", PC_OPT_MS,
	    gather_ms),
	{ 0 },
};

/* --- start ------------------------------------------------------------ */

/* Not a misspelt option, say, which is found out when there is a path. */
static bool command_found(const struct app *app)
{
	const char *name = app->tool.operands[0];
	int rc = pc_program_find(name);

	if (rc < 0)
		pc_warnx("%s: %s: it was to be run over the path", name,
			 rc == -ENOENT ? "no such program" : strerror(-rc));
	return rc == 0;
}

static int start_handover(struct app *app)
{
	int rc;

	if (!app->cfg.handover)
		return -1;
	rc = handover_new(&app->handover, &app->tool, app->cfg.handover,
			  app->cfg.handover_ms, &app_handover_events, app);
	if (rc == 0)
		return -1;
	pc_warnx("--handover %s: %s", app->cfg.handover, strerror(-rc));
	return rc == -ENAMETOOLONG ? PC_EXIT_USAGE : PC_EXIT_IO;
}

/* libnice is told of the near end only. */
static int start_turn_tls(struct app *app, struct ice_config *ice)
{
	struct pc_addr near;
	int rc;

	if (!app->cfg.turn || strcmp(app->cfg.turn_transport, "tls") != 0)
		return 0;
	rc = turn_tls_start(&app->turn_tls, &app->tool, app->cfg.turn,
			    app->cfg.turn_ca, &near);
	if (rc != 0)
		return rc;
	ice->turn = pc_addr_text(&near, app->turn_near);
	ice->turn_transport = "tcp";
	return 0;
}

static int start_ice(struct app *app, struct ice_config *ice)
{
	const struct config *cfg = &app->cfg;
	int rc;

	ice->controlling = cfg->controlling || cfg->offer;
	ice->relay_only = cfg->relay_only;
	ice->loopback = cfg->loopback;
	ice->tcp = cfg->tcp;
	/*
	 * Not if a conflict makes us controlling in the middle: what has been
	 * answered by then is nominated by the regular way only. And not with
	 * TCP candidates (RFC 6544 section 8).
	 */
	ice->aggressive = ice->controlling && !cfg->tcp &&
			  strcmp(cfg->nomination, "aggressive") == 0;
	ice->no_host = cfg->no_host;
	ice->addresses = &cfg->addresses;
	ice->interfaces = &cfg->interfaces;
	ice->stun = cfg->stun;
	ice->turn = cfg->turn;
	ice->turn_transport = cfg->turn_transport;
	ice->consent_ms = cfg->consent_ms;
	pc_event(&app->tool, "gathering", "role=%s",
		 ice->controlling ? "controlling" : "controlled");
	rc = start_turn_tls(app, ice);
	if (rc == 0)
		rc = ice_start(&app->ice, &app->tool, ice, &app_ice_events,
			       app);
	if (rc == 0)
		return -1;
	return rc == -EINVAL ? PC_EXIT_USAGE : PC_EXIT_IO;
}

/* Who we are to the TURN server: both are for the caller to free. */
static int turn_credentials(const struct config *cfg, char **user,
			    char **password)
{
	char *secret;
	int rc;

	if (!options_of_secret(cfg)) {
		*password = pc_opt_secret(cfg->turn_password, "TURN_PASSWORD");
		if (!*password)
			pc_warnx("the TURN password: %s",
				 pc_buf_file_error(-errno));
		else
			*user = strdup(cfg->turn_user);
		return *user ? 0 : -ENOENT;
	}
	secret = pc_opt_secret(cfg->turn_secret, "TURN_SECRET");
	if (!secret) {
		pc_warnx("the TURN server's secret: %s",
			 pc_buf_file_error(-errno));
		return -ENOENT;
	}
	rc = pc_turn_ephemeral(secret, cfg->turn_user, time(NULL) + EPHEMERAL_S,
			       user, password);
	explicit_bzero(secret, strlen(secret));
	free(secret);
	return rc;
}

/* -1 to go on, or the exit status. */
static int start(struct app *app)
{
	struct ice_config ice = { 0 };
	char *user = NULL, *password = NULL;
	int status;

	if (options_check(app, &ice) != 0)
		return PC_EXIT_USAGE;
	if (app->tool.n_operands > 0 && !command_found(app))
		return COMMAND_MISSING;
	app->ours_path = app->cfg.offer ? app->cfg.offer : app->cfg.answer;
	app->deadline = pc_timer_new(app->tool.loop, app_on_deadline, app);
	app->gather_bound =
		pc_timer_new(app->tool.loop, app_on_gather_bound, app);
	app->closing = pc_timer_new(app->tool.loop, app_on_closing, app);
	app->stopping = pc_timer_new(app->tool.loop, app_on_stopping, app);
	app->killing = pc_timer_new(app->tool.loop, app_on_killing, app);
	app->checks = checks_new(app_on_check, app);
	if (!app->checks) {
		pc_warnx("out of memory");
		return PC_EXIT_IO;
	}
	if (app->cfg.turn) {
		if (turn_credentials(&app->cfg, &user, &password) < 0)
			return PC_EXIT_NOINPUT;
		ice.turn_user = user;
		ice.turn_password = password;
	}
	unsetenv("TURN_SECRET"); /* no command of ours needs it */
	unsetenv("TURN_PASSWORD");
	tap_start(&app->tool, app->checks);
	pc_timer_set(app->deadline, app->cfg.common.timeout_ms);
	pc_timer_set(app->gather_bound, app->cfg.gather_ms);
	status = start_handover(app);
	if (status < 0 && app->ours_path)
		status = app_exchange_watch(app);
	if (status < 0)
		status = start_ice(app, &ice);
	free(user);
	free(password);
	if (status < 0 && app->cfg.trickle)
		app_tell_fragment(app);
	if (status < 0 && app->ours_path)
		status = app_exchange_open(app);
	else if (status < 0 && app->cfg.remote)
		status = app_remote_open(app, app->cfg.remote);
	return status;
}

/*
 * From the loop: a broken --trace is found in the middle of libnice, which
 * must not be called again there.
 */
static void stop(void *arg)
{
	struct app *app = arg;

	pc_timer_set(app->stopping, 0);
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "ice-pair",
		.synopsis = "[options] [--remote offer.sdp] [COMMAND "
			    "[ARGUMENT...]] >ice.sdpfrag",
		.purpose = "connect to a peer with ICE, keep consent, hand "
			   "the socket over",
		.examples = "ice-pair --remote offer.sdp --handover media.sock "
			    ">ice.sdpfrag\n"
			    "ice-pair --reliable --offer offer.sdp --remote "
			    "answer.sdp <file\n"
			    "ice-pair --controlling --trickle --control ice.fifo "
			    "--events ice.jsonl >ice.sdpfrag",
		.options = options,
		.command = true,
	},
	.commands = app_commands,
	.stop = stop,
};

/* GLib and libnice speak only to those who ask with -vv. */
static GLogWriterOutput write_log(GLogLevelFlags level, const GLogField *fields,
				  gsize n, gpointer arg)
{
	struct app *app = arg;

	for (gsize i = 0; i < n; i++) {
		if (strcmp(fields[i].key, "MESSAGE") != 0)
			continue;
		if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
			pc_warnx("%s", (const char *)fields[i].value);
		else
			pc_debug("%s", (const char *)fields[i].value);
		if (app->ice)
			ice_heard(app->ice, fields[i].value);
	}
	return G_LOG_WRITER_HANDLED;
}

static void fini(struct app *app)
{
	handover_free(app->handover);
	app_netcat_fini(app);
	app_exchange_fini(app);
	ice_free(app->ice);
	turn_tls_free(app->turn_tls);
	checks_free(app->checks);
	pc_timer_free(app->deadline);
	pc_timer_free(app->gather_bound);
	pc_timer_free(app->closing);
	pc_timer_free(app->stopping);
	pc_timer_free(app->killing);
	pc_watch_free(app->remote_watch);
	pc_buf_fini(&app->remote_doc);
	pc_buf_fini(&app->pending);
}

int main(int argc, char **argv)
{
	struct app app = { 0 };
	int status = pc_tool_init(&app.tool, &spec, &app.cfg, argc, argv);

	if (status >= 0)
		return status;
	app.tool.arg = &app;
	g_log_set_writer_func(write_log, &app, NULL);
	status = start(&app);
	if (status >= 0)
		pc_tool_exit(&app.tool, status);
	else if (app.handover)
		pc_verbose("a pair will be handed over to %s",
			   app.cfg.handover);
	status = pc_tool_run(&app.tool);
	tap_stop();
	fini(&app);
	return status;
}
