/*
 * sip-register: keep a SIP registration (RFC 3261 section 10), and the line
 * that calls are made and taken over (sip-dial --line).
 *
 *	sip-register --password-file pw --line /tmp/line sip:100@pbx &
 *	sip-dial --line /tmp/line sip:200@pbx <offer.sdp >answer.sdp
 *
 *	sip-register --password-file pw --exec ./answer sip:100@pbx
 */
#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"

#define GRACE_MS 700u /* for children and dials to hang up themselves */

#define OPT(l, n, m, h, d, k, field)                                           \
	{                                                                      \
		l, n, m, h, d, k, offsetof(struct config, field)               \
	}

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("10", "wait this long for the registrar to answer"),
	OPT('r', "registrar", "HOST[:PORT]",
	    "register there (else at the host of AOR)", NULL, PC_OPT_STR,
	    registrar),
	OPT('u', "user", "NAME", "user for digest (else that of AOR)", NULL,
	    PC_OPT_STR, user),
	OPT(0, "password-file", "PATH",
	    "password: the file's first line (else $SIP_PASSWORD)", NULL,
	    PC_OPT_STR, password_file),
	OPT('x', "expires", "SECONDS", "ask for a registration this long",
	    "600", PC_OPT_UINT, expires_s),
	OPT('T', "tcp", NULL, "SIP over TCP", NULL, PC_OPT_FLAG, tcp),
	OPT('l', "local", "ADDRESS[:PORT]",
	    "local address and port (else one that leads there)", NULL,
	    PC_OPT_STR, local),
	OPT(0, "listen", "ADDRESS[:PORT]", "the same as --local", NULL,
	    PC_OPT_STR, listen),
	OPT(0, "proxy", "HOST[:PORT]",
	    "where calls on the line are sent (else the registrar)", NULL,
	    PC_OPT_STR, proxy),
	OPT('L', "line", "SOCK", "be a line: sip-dial --line SOCK uses it",
	    NULL, PC_OPT_STR, line),
	OPT('E', "exec", "CMD",
	    "run CMD for each call; its words, then ARG...; no shell", NULL,
	    PC_OPT_STR, exec),
	OPT(0, "take-timeout", "SECONDS",
	    "answer 480 to a call nobody took for so long", "10", PC_OPT_MS,
	    take_ms),
	OPT(0, "max-calls", "N", "answer 486 to more calls at once", "100",
	    PC_OPT_UINT, max_calls),
	OPT(0, "once", NULL, "register, say so and exit; stay registered", NULL,
	    PC_OPT_FLAG, once),
	OPT(0, "keep-trying", NULL,
	    "do not give up when the first registration fails", NULL,
	    PC_OPT_FLAG, keep_trying),
	OPT(0, "no-register", NULL, "do not register: a line for direct calls",
	    NULL, PC_OPT_FLAG, no_register),
	{ 0 }
};

/* ---- the network ---- */

static void on_received(void *arg, const char *data, size_t len,
			const struct pc_addr *from, const struct pc_addr *local)
{
	struct app *app = arg;
	struct pc_sip_start start;

	if (pc_sip_text_start(&start, data, len) == 0 && start.status &&
	    registration_owns(app, pc_sip_text_get(data, len, "Call-ID")))
		pc_sip_ua_received(app->ua, data, len, from, local);
	else
		calls_received(app, data, len, from, local);
}

static void on_unreachable(void *arg, int err, const struct pc_addr *to)
{
	struct app *app = arg;

	pc_sip_ua_unreachable(app->ua, err, to);
	line_server_unreachable(app, err, to);
	ending_unreachable(app, to);
	if (app->registrar.len && pc_addr_equal(&app->registrar, to))
		registration_lost(app, strerror(err));
}

static void on_closed(void *arg, int err, const char *why)
{
	(void)err;
	registration_lost(arg, why);
}

void app_make_contact(struct app *app, const struct pc_addr *as_seen)
{
	bool tcp = pc_sip_transport_identity(app->tp)->reliable;
	char text[PC_ADDR_TEXT];

	snprintf(app->contact, sizeof app->contact, "sip:%s%s%s%s",
		 app->user ? app->user : "", app->user ? "@" : "",
		 pc_addr_text(as_seen, text), tcp ? ";transport=tcp" : "");
}

bool app_has_credentials(const struct app *app)
{
	return app->password != NULL && (app->cfg->user || app->user);
}

/* ---- starting ---- */

static int usage(const char *why)
{
	pc_warnx("%s (see --help)", why);
	return PC_EXIT_USAGE;
}

/* sip:USER@HOST[:PORT], or USER@HOST. */
static int take_aor(struct app *app, const char *aor)
{
	struct pc_buf b = { 0 };
	const char *at, *rest = aor;

	if (!strncasecmp(aor, "sips:", 5)) {
		pc_warnx("%s: sips is not supported: no TLS yet", aor);
		return -EINVAL;
	}
	if (!strncasecmp(aor, "sip:", 4))
		rest += 4;
	at = strchr(rest, '@');
	if (strlen(rest) > 200 || !at || at == rest || !at[1] ||
	    rest[strcspn(rest, " \t\r\n<>\"?;,")]) {
		pc_warnx("%s: not an address of record, sip:USER@HOST", aor);
		return -EINVAL;
	}
	pc_buf_printf(&b, "sip:%s", rest);
	app->aor = b.data;
	app->user = strndup(rest, (size_t)(at - rest));
	app->host = strdup(at + 1);
	return app->aor && app->user && app->host ? 0 : -ENOMEM;
}

/* Without a registration it may be missing before the ARGs. */
static bool has_aor(const struct app *app)
{
	const struct pc_tool *tool = app->tool;

	return tool->n_operands > 0 &&
	       (!app->cfg->no_register ||
		!strncasecmp(tool->operands[0], "sip:", 4));
}

static int resolve(struct pc_addr *addr, const char *name, const char *option)
{
	int rc;

	if (!strncasecmp(name, "sip:", 4))
		name += 4;
	rc = pc_addr_resolve(addr, name, 5060);
	if (rc == 0)
		return -1;
	pc_warnx("%s%s: %s", option, name,
		 rc == -EINVAL ? "not an address"
			       : "no address is known for this name");
	return rc == -EINVAL ? PC_EXIT_USAGE : PC_EXIT_NOANSWER;
}

/* What is asked for, made sense of. -1, or the exit status. */
static int take_config(struct app *app)
{
	struct config *cfg = app->cfg;
	struct pc_tool *tool = app->tool;
	int status = -1;

	if (has_aor(app) && take_aor(app, tool->operands[0]) < 0)
		return PC_EXIT_USAGE;
	app->n_args = tool->n_operands - (app->aor ? 1 : 0);
	if (!app->aor && !cfg->no_register)
		return usage("whom to register? sip:USER@HOST, or "
			     "--no-register");
	if (app->n_args > 0 && !cfg->exec)
		return usage("arguments after AOR are for --exec's "
			     "command");
	if (cfg->once && (cfg->no_register || cfg->line || cfg->exec))
		return usage("--once only registers");
	if (cfg->no_register && !cfg->line && !cfg->exec)
		return usage("--no-register needs --line or --exec");
	if (cfg->expires_s == 0 || cfg->expires_s > 86400 * 7)
		return usage("--expires: from 1 to 604800 seconds");
	if (!cfg->no_register)
		status = resolve(&app->registrar,
				 cfg->registrar ? cfg->registrar : app->host,
				 cfg->registrar ? "--registrar " : "");
	if (status < 0 && cfg->proxy)
		status = resolve(&app->proxy, cfg->proxy, "--proxy ");
	else
		app->proxy = app->registrar;
	return status;
}

static int take_password(struct app *app)
{
	const char *path = app->cfg->password_file;

	app->password = pc_opt_secret(path, "SIP_PASSWORD");
	if (app->password || !path)
		return -1;
	pc_warn("--password-file %s", path);
	return errno == EACCES ? PC_EXIT_IO : PC_EXIT_NOINPUT;
}

static int local_address(struct app *app, struct pc_addr *local)
{
	const char *text = app->cfg->local ? app->cfg->local : app->cfg->listen;
	const struct pc_addr *to =
		app->registrar.len ? &app->registrar : &app->proxy;
	int rc;

	if (text && pc_addr_parse(local, text, 0) < 0) {
		pc_warnx("--local %s: not an address (127.0.0.1:5060)", text);
		return PC_EXIT_USAGE;
	}
	if (text)
		return -1;
	rc = to->len ? pc_addr_towards(local, to)
		     : pc_addr_parse(local, "0.0.0.0:0", 0);
	if (rc < 0) {
		pc_warnx("no way to the registrar: %s", strerror(-rc));
		return PC_EXIT_NOANSWER;
	}
	return -1;
}

static int open_transport(struct app *app)
{
	struct pc_addr local, seen;
	char text[PC_ADDR_TEXT];
	int status = local_address(app, &local), rc;

	if (status >= 0)
		return status;
	rc = pc_sip_transport_open(
		&app->tp, app->tool,
		&(struct pc_sip_transport_config){
			.kind = app->cfg->tcp ? PC_SIP_TCP : PC_SIP_UDP,
			.local = &local,
			.listen = true,
			.received = on_received,
			.closed = on_closed,
			.unreachable = on_unreachable,
			.arg = app });
	if (rc < 0) {
		pc_warnx("%s: %s", pc_addr_text(&local, text), strerror(-rc));
		return PC_EXIT_IO;
	}
	pc_sip_ua_set_transport(app->ua, app->tp);
	seen = pc_sip_transport_identity(app->tp)->local;
	if (app->registrar.len)
		pc_sip_transport_local(app->tp, &app->registrar, &seen);
	if (!pc_addr_is_any(&seen))
		app_make_contact(app, &seen);
	return -1;
}

/* A line for --exec alone: in a folder that nobody else may enter. */
static int private_line(struct app *app)
{
	const char *tmp = getenv("TMPDIR");
	int rc;

	rc = asprintf(&app->private_dir, "%s/sip-register.XXXXXX",
		      tmp && *tmp ? tmp : "/tmp");
	if (rc < 0)
		app->private_dir = NULL;
	if (rc < 0 || !mkdtemp(app->private_dir)) {
		pc_warn("a folder for the line");
		free(app->private_dir);
		app->private_dir = NULL;
		return -EIO;
	}
	if (asprintf(&app->private_line, "%s/line", app->private_dir) < 0)
		return -ENOMEM;
	return line_server_start(app, app->private_line, false);
}

static int start_line(struct app *app)
{
	struct pc_tool *tool = app->tool;
	int rc = 0;

	if (app->cfg->exec)
		rc = exec_check(app,
				tool->operands + tool->n_operands - app->n_args,
				app->n_args);
	if (rc < 0)
		return rc == -ENOENT ? PC_EXIT_NOINPUT : PC_EXIT_USAGE;
	if (app->cfg->line)
		rc = line_server_start(app, app->cfg->line, true);
	else if (app->cfg->exec)
		rc = private_line(app);
	return rc < 0 ? PC_EXIT_IO : -1;
}

/* -1, or the exit status. */
static int start(struct app *app)
{
	int status = take_config(app);

	if (status < 0)
		status = take_password(app);
	if (status >= 0)
		return status;
	app->ua = pc_sip_ua_new(app->tool, &(struct pc_sip_ua_config){ 0 });
	app->grace = pc_timer_new(app->tool->loop, app_grace_over, app);
	if (!app->ua || !app->grace)
		return PC_EXIT_IO;
	status = open_transport(app);
	if (status < 0)
		status = start_line(app);
	if (status < 0 && !app->cfg->no_register && registration_start(app) < 0)
		status = PC_EXIT_IO;
	return status;
}

/* ---- ending ---- */

/*
 * On the way out: un-register, and tell the children. Who does not hang up
 * within GRACE_MS is hung up for. When nothing is left, or the time is up
 * (PC_TOOL_STOP_MS), that is all.
 */
static void on_stop(void *arg)
{
	struct app *app = arg;

	registration_stop(app);
	exec_stop(app);
	pc_timer_set(app->grace, exec_over(app) ? 0 : GRACE_MS);
	app_ending_step(app);
}

void app_grace_over(void *arg)
{
	struct app *app = arg;

	app->ending_calls = true;
	ending_all(app);
	line_server_stop(app);
	app_ending_step(app);
}

void app_ending_step(struct app *app)
{
	if (!app->tool->stopping)
		return;
	if (!app->ending_calls) {
		if (!exec_over(app))
			return;
		pc_timer_set(app->grace, 0);
		return;
	}
	if (registration_over(app) && ending_over(app) && exec_over(app))
		pc_tool_exit(app->tool, PC_EXIT_OK);
}

static void finish(struct app *app)
{
	line_server_unlink(app);
	exec_kill(app);
	if (app->private_dir)
		rmdir(app->private_dir);
}

/* ---- control ---- */

static int do_refresh(void *arg, const struct pc_command *cmd)
{
	(void)cmd;
	registration_refresh(arg);
	return 0;
}

static int do_quit(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;

	(void)cmd;
	pc_tool_stop(app->tool, "told to");
	return 0;
}

static const struct pc_tool_command commands[] = {
	{ "refresh", do_refresh, "refresh: register anew now" },
	{ "quit", do_quit, "quit: hang up, un-register and end" },
	{ NULL, NULL, NULL }
};

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "sip-register",
		.synopsis = "[options] AOR [ARG...]",
		.purpose = "keep a SIP registration, and a line for calls",
		.examples =
		    "sip-register --once --password-file pw sip:100@127.0.0.1\n"
		    "sip-register --no-register --listen 127.0.0.1:5060 "
		    "--line /tmp/line\n",
		.options = options,
	},
	.commands = commands,
	.stop = on_stop,
	.product_is_events = true,
};

int main(int argc, char **argv)
{
	static struct config cfg;
	static struct pc_tool tool;
	static struct app app;
	int status = pc_tool_init(&tool, &spec, &cfg, argc, argv);

	if (status >= 0)
		return status;
	app.cfg = &cfg;
	app.tool = &tool;
	tool.arg = &app;
	status = start(&app);
	if (status >= 0)
		pc_tool_exit(&tool, status);
	status = pc_tool_run(&tool);
	finish(&app);
	return status;
}
