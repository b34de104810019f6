/*
 * sip-register: keep a SIP registration (RFC 3261 section 10), or a pool of
 * them, and the line that calls are made and taken over (sip-dial --line).
 *
 *	sip-register --password-file pw --line /tmp/line sip:100@pbx &
 *	sip-dial --line /tmp/line sip:200@pbx <offer.sdp >answer.sdp
 *
 *	sip-register --password-file pw --exec ./answer sip:100@pbx
 *	sip-register --password-file pw --exec ./answer 'sip:10[06-19]@pbx'
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
	    "password: the first line (else $SIP_PASSWORD); a pool: by user",
	    NULL, PC_OPT_STR, password_file),
	OPT(0, "ha1-file", "PATH",
	    "in its place: lines USER:REALM:HASH, as of htdigest", NULL,
	    PC_OPT_STR, ha1_file),
	OPT('x', "expires", "SECONDS", "ask for a registration this long",
	    "600", PC_OPT_UINT, expires_s),
	PC_SIP_OPTIONS(struct config, sip),
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
	OPT(0, "keep-alive", "SECONDS",
	    "keep the flow open by a keep-alive so often (0: do not)", "25",
	    PC_OPT_MS, keepalive_ms),
	OPT(0, "stun", NULL,
	    "over UDP: by STUN, which also tells that the NAT has forgotten us",
	    NULL, PC_OPT_FLAG, stun),
	OPT(0, "contact", "CONTACT",
	    "bind this too, a URI or '<URI>;q=0.5'; may be repeated", NULL,
	    PC_OPT_LIST, contacts),
	OPT(0, "instance", "URN",
	    "who we are, whatever our address: urn:uuid:...; asks for a GRUU",
	    NULL, PC_OPT_STR, instance),
	OPT(0, "reg-id", "N",
	    "with --instance: which of its flows this is (RFC 5626)", NULL,
	    PC_OPT_UINT, reg_id),
	OPT(0, "fetch", NULL, "tell what is bound, bind nothing, and exit",
	    NULL, PC_OPT_FLAG, fetch),
	OPT(0, "remove", "CONTACT",
	    "remove this binding, or all ('*'), and exit", NULL, PC_OPT_STR,
	    remove),
	OPT(0, "once", NULL, "register, say so and exit; stay registered", NULL,
	    PC_OPT_FLAG, once),
	OPT(0, "keep-trying", NULL,
	    "do not give up when the first registration fails", NULL,
	    PC_OPT_FLAG, keep_trying),
	OPT(0, "no-register", NULL, "do not register: a line for direct calls",
	    NULL, PC_OPT_FLAG, no_register),
	{ 0 }
};

/* ---- starting ---- */

static int usage(const char *why)
{
	pc_warnx("%s (see --help)", why);
	return PC_EXIT_USAGE;
}

/* Without a registration it may be missing before the ARGs. */
static bool has_aor(const struct app *app)
{
	const struct pc_tool *tool = app->tool;

	return tool->n_operands > 0 &&
	       (!app->cfg->no_register ||
		!strncasecmp(tool->operands[0], "sip:", 4) ||
		!strncasecmp(tool->operands[0], "sips:", 5));
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

/* What goes into a Contact as it is must be one. */
static bool contact_valid(const char *text)
{
	struct pc_sip_where where;
	struct pc_sip_span uri =
		pc_sip_text_uri((struct pc_sip_span){ text, strlen(text) });
	char *copy = pc_sip_span_dup(uri);
	bool valid = copy && strchr(copy, ':') && !strpbrk(text, "\r\n,") &&
		     pc_sip_where_parse(&where, copy) == 0;

	free(copy);
	return valid;
}

static bool contacts_valid(const struct config *cfg)
{
	const char *bad = NULL;

	for (unsigned i = 0; i < cfg->contacts.n; i++)
		if (!contact_valid(cfg->contacts.v[i]))
			bad = cfg->contacts.v[i];
	if (cfg->remove && strcmp(cfg->remove, "*") != 0 &&
	    !contact_valid(cfg->remove))
		bad = cfg->remove;
	if (bad)
		pc_warnx("%s: not a contact, like sip:100@192.0.2.1:5060", bad);
	if (!bad && cfg->instance &&
	    (strncasecmp(cfg->instance, "urn:", 4) != 0 ||
	     strpbrk(cfg->instance, "<>\"\r\n ") ||
	     strlen(cfg->instance) > 100)) {
		pc_warnx("--instance %s: not a URN, like urn:uuid:...",
			 cfg->instance);
		return false;
	}
	return !bad;
}

/* What is asked for, made sense of. -1, or the exit status. */
static int take_config(struct app *app)
{
	struct config *cfg = app->cfg;
	struct pc_tool *tool = app->tool;

	bool aor = has_aor(app);
	int rc = aor ? accounts_take(app, tool->operands[0])
		     : accounts_none(app);

	if (rc < 0)
		return rc == -ENOMEM ? PC_EXIT_IO : PC_EXIT_USAGE;
	app->n_args = tool->n_operands - (aor ? 1 : 0);
	if (!aor && !cfg->no_register)
		return usage("whom to register? sip:USER@HOST, or "
			     "--no-register");
	if (app->n_args > 0 && !cfg->exec)
		return usage("arguments after AOR are for --exec's "
			     "command");
	if ((cfg->once || cfg->fetch || cfg->remove) &&
	    (cfg->no_register || cfg->line || cfg->exec))
		return usage("--once, --fetch and --remove are for the "
			     "registrar alone");
	if (cfg->fetch && cfg->remove)
		return usage("--fetch or --remove, not both");
	if (cfg->reg_id && !cfg->instance)
		return usage("--reg-id is of an instance: give --instance "
			     "urn:uuid:...");
	if (!contacts_valid(cfg))
		return PC_EXIT_USAGE;
	if (cfg->no_register && !cfg->line && !cfg->exec)
		return usage("--no-register needs --line or --exec");
	if (cfg->expires_s == 0 || cfg->expires_s > 86400 * 7)
		return usage("--expires: from 1 to 604800 seconds");
	if (pc_sip_options_check(&cfg->sip, &app->ws_url) < 0)
		return PC_EXIT_USAGE;
	return cfg->proxy ? resolve(&app->proxy, cfg->proxy, "--proxy ") : -1;
}

static int take_password(struct app *app)
{
	const char *path = app->cfg->ha1_file;
	int status =
		path ? pc_sip_ha1_read(&app->ha1, "--ha1-file ", path) : -1;

	return status >= 0 ? status : accounts_take_password(app);
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

/* It is known where the registrar is. */
static void begin(struct app *app)
{
	int status = way_open(app);

	if (status < 0)
		status = start_line(app);
	if (status < 0 && !app->cfg->no_register && registration_start(app) < 0)
		status = PC_EXIT_IO;
	if (status >= 0)
		pc_tool_exit(app->tool, status);
}

static void on_grace_over(void *arg)
{
	struct app *app = arg;

	app->ending_calls = true;
	ending_all(app);
	line_server_stop(app);
	app_ending_step(app);
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
	app->grace = pc_timer_new(app->tool->loop, on_grace_over, app);
	if (!app->ua || !app->grace)
		return PC_EXIT_IO;
	return way_find(app, begin);
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
		pc_tool_exit(app->tool, app->failed);
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
	struct app *app = arg;
	const char *name = pc_command_arg(cmd, "account", 0);
	const struct account *only = name ? account_named(app, name) : NULL;

	if (name && !only) {
		pc_tool_error(app->tool, "refresh %s: no account of ours",
			      name);
		return -EINVAL;
	}
	registration_refresh(app, only);
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
	{ "refresh", do_refresh, "refresh [ACCOUNT]: register anew now" },
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
		    "sip-register --password-file pw --exec ./answer "
		    "'sip:1005;10[06-19]@127.0.0.1'\n"
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
