/*
 * sip-dial: one SIP call (RFC 3261), caller or answerer.
 *
 *	sip-dial sip:bob@pbx.example <offer.sdp >answer.sdp
 *	sip-dial --answer --listen 127.0.0.1:5060 <answer.sdp >offer.sdp
 *
 * The product is the other side's session description. When it is out stdout
 * is closed, and the call stays up until somebody hangs up.
 */
#include "ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LISTEN "0.0.0.0:5060"

#define OPT(l, n, m, h, d, k, field)                                           \
	{                                                                      \
		l, n, m, h, d, k, offsetof(struct config, field)               \
	}

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("60", "how long a call may wait for its answer"),
	OPT('a', "answer", NULL, "be called, instead of calling", NULL,
	    PC_OPT_FLAG, answer),
	OPT('l', "listen", "HOST:PORT",
	    "answerer: where to be called (else " LISTEN ")", NULL, PC_OPT_STR,
	    listen),
	OPT(0, "wait", "SECONDS",
	    "answerer: end when nobody calls for so long (0: wait on)", "0",
	    PC_OPT_MS, wait_ms),
	OPT(0, "no-ringing", NULL, "answerer: do not say 180 Ringing by itself",
	    NULL, PC_OPT_FLAG, no_ringing),
	OPT(0, "line", "SOCKET", "use the line of a sip-register", NULL,
	    PC_OPT_STR, line),
	OPT(0, "invite", "ID",
	    "answerer on a line: the call to take (else $SIP_INVITE, else the "
	    "next)",
	    NULL, PC_OPT_STR, invite),
	OPT(0, "local", "HOST:PORT", "caller: send from here", NULL, PC_OPT_STR,
	    local),
	OPT(0, "proxy", "HOST:PORT",
	    "caller: send to this proxy; as a URI, also with a Route to it",
	    NULL, PC_OPT_STR, proxy),
	OPT(0, "route", "URI",
	    "caller: a Route to go by, like 'sip:p1.example;lr'; may be "
	    "repeated",
	    NULL, PC_OPT_LIST, routes),
	PC_SIP_OPTIONS(struct config, sip),
	OPT('f', "from", "URI", "caller: who calls", NULL, PC_OPT_STR, from),
	OPT(0, "from-name", "NAME", "caller: the name shown", NULL, PC_OPT_STR,
	    from_name),
	OPT('u', "user", "NAME", "caller: the name for digest credentials",
	    NULL, PC_OPT_STR, user),
	OPT(0, "password-file", "FILE",
	    "caller: their password (else $SIP_PASSWORD)", NULL, PC_OPT_STR,
	    password_file),
	OPT(0, "ha1-file", "FILE",
	    "caller: in its place: lines USER:REALM:HASH, as of htdigest", NULL,
	    PC_OPT_STR, ha1_file),
	OPT(0, "header", "'NAME: VALUE'",
	    "caller: add a header to the INVITE, or what --method sends; may "
	    "be "
	    "repeated",
	    NULL, PC_OPT_LIST, headers),
	OPT(0, "show-header", "NAME",
	    "show this header of theirs in events too; may be repeated", NULL,
	    PC_OPT_LIST, show_headers),
	OPT(0, "expect", "CODE",
	    "caller: exit 0 if the final response is this one (486, 4xx, "
	    "200,486), else 1",
	    NULL, PC_OPT_STR, expect),
	OPT(0, "dry-run", NULL,
	    "caller: print the request that would be sent, and send nothing",
	    NULL, PC_OPT_FLAG, dry_run),
	OPT(0, "follow-refer", NULL,
	    "make the call that they ask for in a REFER (it costs what it "
	    "costs)",
	    NULL, PC_OPT_FLAG, follow_refer),
	OPT(0, "ask-refer", NULL,
	    "take a REFER of theirs, and leave it to a control command", NULL,
	    PC_OPT_FLAG, ask_refer),
	OPT(0, "late-offer", NULL,
	    "caller: let them offer; stdin is the answer", NULL, PC_OPT_FLAG,
	    late_offer),
	OPT(0, "100rel", "on|off|require",
	    "reliable provisional responses (PRACK)", "on", PC_OPT_STR,
	    reliable),
	OPT(0, "redirects", "N",
	    "caller: follow so many 3xx responses (0: none)", "5", PC_OPT_UINT,
	    redirects),
	OPT(0, "session-expires", "SECONDS",
	    "ask that the call is refreshed so often (0: only if they do)", "0",
	    PC_OPT_UINT, session_expires),
	OPT(0, "min-se", "SECONDS",
	    "refuse a shorter time of theirs (RFC 4028 wants 90)", "90",
	    PC_OPT_UINT, min_se),
	OPT(0, "refresher", "us|them", "who shall refresh the call", NULL,
	    PC_OPT_STR, refresher),
	OPT(0, "ring", "SECONDS", "answerer: ring so long before the answer",
	    "0", PC_OPT_MS, ring_ms),
	OPT(0, "reject", "CODE", "answerer: refuse the call, with 486 ...",
	    NULL, PC_OPT_STR, refusal),
	OPT(0, "redirect", "URI",
	    "answerer: send the caller there (302); may be repeated", NULL,
	    PC_OPT_LIST, elsewhere),
	OPT(0, "dnd", NULL, "answerer: refuse, do not disturb (480)", NULL,
	    PC_OPT_FLAG, dnd),
	OPT(0, "retry-after", "SECONDS",
	    "with --reject or --dnd: when to call again", "0", PC_OPT_UINT,
	    retry_after_s),
	OPT(0, "reoffer-wait", "SECONDS",
	    "how long their new offer waits for the command answer (0: no)",
	    "5", PC_OPT_MS, reoffer_wait_ms),
	OPT(0, "method", "METHOD",
	    "send (with --answer: wait for) such a request, and make no call",
	    NULL, PC_OPT_STR, method),
	OPT(0, "package", "NAME",
	    "events of this package (presence, dialog, "
	    "message-summary)",
	    NULL, PC_OPT_STR, package),
	OPT(0, "expires", "SECONDS",
	    "for so long, then refreshed (0: once; "
	    "removed)",
	    "3600", PC_OPT_UINT, expires_s),
	OPT(0, "count", "N",
	    "end after so many notifications, messages or pings", NULL,
	    PC_OPT_UINT, count),
	OPT(0, "interval", "SECONDS",
	    "OPTIONS: again and again, with this between them", NULL, PC_OPT_MS,
	    interval_ms),
	OPT(0, "keep", NULL,
	    "PUBLISH: stay, refresh it, and take it back at the end", NULL,
	    PC_OPT_FLAG, keep),
	OPT(0, "if-match", "ETAG",
	    "PUBLISH: refresh or change what has this entity-tag", NULL,
	    PC_OPT_STR, if_match),
	OPT(0, "refer-to", "URI", "REFER: have them call this", NULL,
	    PC_OPT_STR, refer_to),
	OPT(0, "content-type", "TYPE",
	    "of what stdin brings (text/plain, or as the package has it)", NULL,
	    PC_OPT_STR, content_type),
	OPT(0, "accept", "TYPES", "what may come back (by the package)", NULL,
	    PC_OPT_STR, accept),
	OPT(0, "json", NULL, "the product is a JSON line a message", NULL,
	    PC_OPT_FLAG, json),
	OPT(0, "early", NULL,
	    "caller: print the first description of a 18x, not that of the "
	    "200",
	    NULL, PC_OPT_FLAG, early),
	{ 0 }
};

/* --- commands ------------------------------------------------------------- */

/* A call that we give up before its answer was none: no, not done. */
static int hangup_status(const struct call *c)
{
	return c->cfg->answer || c->state == CALL_UP ? PC_EXIT_OK : PC_EXIT_NO;
}

static int cmd_hangup(void *arg, const struct pc_command *cmd)
{
	int rc = headers_reason(arg, cmd);

	if (rc == 0)
		call_hangup(arg, "hangup", hangup_status(arg));
	return rc;
}

static const struct pc_tool_command commands[] = {
	{ "hangup", cmd_hangup,
	  "hangup [REASON]: end the call, at whatever stage" },
	{ "dtmf", info_dtmf, "dtmf DIGITS [MS]: send them, each an INFO" },
	{ "picture-fast-update", info_picture,
	  "picture-fast-update: ask for a whole picture" },
	{ "notify", notifier_notify,
	  "notify (as JSON, with body): tell all who subscribed" },
	{ "terminate", notifier_terminate,
	  "terminate REASON [SECONDS]: end all subscriptions" },
	{ "publish", publish_command,
	  "publish (as JSON, with body): in place of what stands published" },
	{ "message", message_command, "message TEXT: send it in the call" },
	{ "transfer", refer_transfer,
	  "transfer URI [norefersub]: have them call URI instead of us" },
	{ "transfer-to", refer_transfer_to,
	  "transfer-to REMOTE-TARGET CALL-ID LOCAL-TAG REMOTE-TAG: the same, "
	  "in place of that call of ours" },
	{ "refer-follow", second_command,
	  "refer-follow: make the call they asked for" },
	{ "refer-progress", referred_progress,
	  "refer-progress CODE: what became of the call they asked for" },
	{ "answer", command_answer,
	  "answer (as JSON, with sdp): instead of stdin; or their new offer" },
	{ "hold", command_hold, "hold [on|inactive|off]: hold the call" },
	{ "offer", command_offer,
	  "offer (as JSON, with sdp): change the session" },
	{ "progress", command_progress,
	  "progress [CODE] (as JSON, with sdp: early media): say 183" },
	{ "reject", command_reject,
	  "reject [CODE [REASON]]: refuse (603), or their new offer (488)" },
	{ "resume", command_resume, "resume: take the call off hold" },
	{ "ringing", command_ringing, "ringing: say 180 to the caller" },
	{ 0 }
};

/* --- starting and ending -------------------------------------------------- */

static void stop(void *arg)
{
	struct call *c = arg;

	call_hangup(c, "stopped", hangup_status(c));
}

static void on_deadline(void *arg)
{
	struct call *c = arg;
	unsigned ms = c->state == CALL_WAITING ? c->cfg->wait_ms
					       : c->cfg->common.timeout_ms;

	pc_tool_error(c->tool, "%s within %g s",
		      c->state == CALL_WAITING ? "nobody called"
		      : c->state == CALL_INCOMING || c->ack_due
			      ? "no answer on stdin"
			      : "nobody answered",
		      ms / 1000.0);
	call_hangup(c, "timeout", PC_EXIT_NOANSWER);
}

static void on_goodbye(void *arg)
{
	struct call *c = arg;

	if (!c->bye_pending) {
		pc_tool_exit(c->tool, c->status);
		return;
	}
	c->bye_pending =
		false; /* no ACK will come: the BYE goes all the same */
	call_bye(c, c->dialog);
	pc_timer_set(c->goodbye, 100);
}

static void on_ack(void *arg, osip_message_t *ack)
{
	if (!reoffer_acked(arg, ack))
		answerer_acked(arg, ack);
}

/* An option of the other end's, or NULL. */
static const char *misplaced(const struct config *cfg)
{
	const struct {
		const char *name;
		bool given, answerer;
	} table[] = {
		{ "--listen", cfg->listen, true },
		{ "--wait", cfg->wait_ms, true },
		{ "--no-ringing", cfg->no_ringing, true },
		{ "--invite", cfg->invite, true },
		{ "--local", cfg->local, false },
		{ "--proxy", cfg->proxy, false },
		{ "--from", cfg->from, false },
		{ "--from-name", cfg->from_name, false },
		{ "--user", cfg->user, false },
		{ "--header", cfg->headers.n, false },
		{ "--early", cfg->early, false },
		{ "--late-offer", cfg->late_offer, false },
		{ "--ring", cfg->ring_ms, true },
		{ "--reject", cfg->refusal, true },
		{ "--redirect", cfg->elsewhere.n, true },
		{ "--dnd", cfg->dnd, true },
		{ "--retry-after", cfg->retry_after_s, true },
		{ "--route", cfg->routes.n, false },
		{ "--expect", cfg->expect, false },
		{ "--dry-run", cfg->dry_run, false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].given && table[i].answerer != cfg->answer)
			return table[i].name;
	return NULL;
}

static bool is_address(const char *text)
{
	struct pc_addr addr;

	return !text || pc_addr_parse_own(&addr, text, 0) == 0;
}

static bool redirects_valid(const struct config *cfg)
{
	for (unsigned i = 0; i < cfg->elsewhere.n; i++)
		if (strncasecmp(cfg->elsewhere.v[i], "sip:", 4) != 0 ||
		    !caller_from_valid(cfg->elsewhere.v[i])) {
			pc_warnx("--redirect %s: not a SIP URI, like "
				 "sip:bob@example.org",
				 cfg->elsewhere.v[i]);
			return false;
		}
	return true;
}

/* What does not go together, or is not what it should be; 0 or -EINVAL. */
static int check_values(const struct config *cfg)
{
	const char *control = cfg->common.control;

	if (control && (!strcmp(control, "-") || !strcmp(control, "fd:0")))
		pc_warnx("--control %s: stdin is for the description; use a "
			 "FIFO, or fd:3 with 3<...",
			 control);
	else if (!is_address(cfg->local))
		pc_warnx("--local %s: not an address, like 127.0.0.1:0",
			 cfg->local);
	else if (!is_address(cfg->listen))
		pc_warnx("--listen %s: not an address, like 127.0.0.1:5060",
			 cfg->listen);
	else if (cfg->expect && !expect_valid(cfg->expect))
		pc_warnx("--expect %s: not a SIP code or class, like 486, 4xx "
			 "or 200,486",
			 cfg->expect);
	else if (strcmp(cfg->reliable, "on") && strcmp(cfg->reliable, "off") &&
		 strcmp(cfg->reliable, "require"))
		pc_warnx("--100rel %s: on, off or require", cfg->reliable);
	else if (cfg->refresher && strcmp(cfg->refresher, "us") &&
		 strcmp(cfg->refresher, "them"))
		pc_warnx("--refresher %s: us or them", cfg->refresher);
	else if (cfg->session_expires && cfg->session_expires < cfg->min_se)
		pc_warnx("--session-expires %u: less than --min-se %u",
			 cfg->session_expires, cfg->min_se);
	else if (cfg->from && !caller_from_valid(cfg->from))
		pc_warnx("--from %s: not a SIP URI, like sip:bob@example.org",
			 cfg->from);
	else if (policy_check(cfg) == 0 && redirects_valid(cfg))
		return headers_check(cfg) < 0 ? -EINVAL : ask_check(cfg);
	return -EINVAL;
}

static int check(const struct config *cfg, const struct pc_tool *tool)
{
	const char *other = misplaced(cfg);

	if (cfg->answer && tool->n_operands > 0)
		pc_warnx("--answer takes no URI; see --help");
	else if (!cfg->answer && tool->n_operands != 1)
		pc_warnx("give one URI, or --answer; see --help");
	else if (other && cfg->answer)
		pc_warnx("%s is for a caller: not with --answer", other);
	else if (other)
		pc_warnx("%s is for an answerer: only with --answer", other);
	else if (cfg->answer && cfg->sip.ws)
		pc_warnx("--ws is a way out, nobody can call by it; use a "
			 "sip-register --ws with a line");
	else if (cfg->answer && cfg->sip.tls && !cfg->sip.cert)
		pc_warnx("--tls with --answer needs a certificate: --cert "
			 "FILE");
	else if (cfg->invite && !cfg->line)
		pc_warnx("--invite is a call on a line: only with --line");
	else if (cfg->line && (cfg->sip.tcp || cfg->sip.tls || cfg->sip.ws ||
			       cfg->local || cfg->listen))
		pc_warnx("--line brings its own transport: without --tcp, "
			 "--tls, --ws, --local and --listen");
	else if (cfg->answer || caller_uri_check(tool->operands[0]) == 0)
		return check_values(cfg);
	return -EINVAL;
}

/* -1, or the exit status: it has been said why. */
static int read_password(struct call *c)
{
	const struct config *cfg = c->cfg;

	c->password = pc_opt_secret(cfg->password_file, "SIP_PASSWORD");
	if (!c->password && cfg->password_file) {
		pc_warnx("--password-file %s: %s", cfg->password_file,
			 pc_buf_file_error(-errno));
		return PC_EXIT_NOINPUT;
	}
	unsetenv("SIP_PASSWORD");
	return cfg->ha1_file
		       ? pc_sip_ha1_read(&c->ha1, "--ha1-file ", cfg->ha1_file)
		       : -1;
}

int call_open(struct call *c)
{
	static const struct pc_sip_ua_config base = {
		.request = request_received,
		.ack = on_ack,
		.unacked = answerer_unacked,
		.unpracked = provisional_unpracked,
		.stray = caller_stray,
		.idle = call_idle,
	};
	struct pc_sip_ua_config config = base;

	config.arg = c;
	config.supported = call_supported(c->cfg);
	c->mask = DIRECTION_BOTH;
	c->ua = pc_sip_ua_new(c->tool, &config);
	c->deadline = pc_timer_new(c->tool->loop, on_deadline, c);
	c->goodbye = pc_timer_new(c->tool->loop, on_goodbye, c);
	if (!c->ua || !c->deadline || !c->goodbye) {
		pc_tool_error(c->tool, "out of memory");
		pc_tool_exit(c->tool, PC_EXIT_IO);
		return -ENOMEM;
	}
	return 0;
}

static int start(struct call *c)
{
	if (call_open(c) < 0)
		return -ENOMEM;
	if (c->cfg->method)
		return ask_start(c);
	if (!c->cfg->answer) {
		c->uri = c->tool->operands[0];
		return way_find(c, c->uri, caller_start);
	}
	c->uri = "the caller";
	if (c->cfg->wait_ms)
		pc_timer_set(c->deadline, c->cfg->wait_ms);
	if (answerer_start(c) < 0)
		return -EIO;
	if (policy_refuses(c->cfg)) /* nothing will be said but no */
		return 0;
	return pc_tool_read_stdin(c->tool, answerer_input);
}

static const struct pc_tool_spec spec = {
	.usage = { .name = "sip-dial",
		   .synopsis = "[options] URI <offer.sdp >answer.sdp\n"
			       "       sip-dial [options] --answer "
			       ">offer.sdp <answer.sdp\n"
			       "       sip-dial [options] --method METHOD "
			       "[URI]",
		   .purpose = "place or answer one SIP call; the product is "
			      "the other side's SDP",
		   .examples = "sip-dial --events fd:2 sip:bob@127.0.0.1 "
			       "<offer.sdp >answer.sdp\n"
			       "sip-dial --answer --listen 127.0.0.1:5060 "
			       "<answer.sdp >offer.sdp",
		   .options = options },
	.commands = commands,
	.stop = stop,
};

int main(int argc, char **argv)
{
	static struct config cfg;
	static struct call call;
	static struct beside beside;
	static struct ask ask;
	struct pc_tool tool;
	int status = pc_tool_init(&tool, &spec, &cfg, argc, argv);

	if (status >= 0)
		return status;
	call.cfg = &cfg;
	call.beside = &beside;
	call.ask = &ask;
	call.listen = cfg.listen ? cfg.listen : LISTEN;
	call.tool = &tool;
	tool.arg = &call;
	status = PC_EXIT_USAGE;
	if (check(&cfg, &tool) == 0 &&
	    pc_sip_options_check(&cfg.sip, &call.ws_url) == 0)
		status = read_password(&call);
	if (status >= 0)
		pc_tool_exit(&tool, status);
	else
		start(&call);
	return pc_tool_run(&tool);
}
