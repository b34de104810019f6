/*
 * stun-probe: where does a STUN server see us (RFC 8489), and what does the
 * NAT in between do (RFC 5780)?
 *
 *	stun-probe stun.example.org
 *	stun-probe -v 127.0.0.1:3478	with every byte of every message
 *	stun-probe --nat --json stun.example.org >here.json
 *	stun-probe --turn --user alice --password-file pw turn.example.org
 *	stun-probe --predict here.json there.json
 *	stun-probe --encode binding request fingerprint | stun-probe --decode
 *
 * The product is a report for a person, or with --json one JSON object.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "reach.h"
#include "turn.h"

#define ROW(l, n, m, h, d, k, field)                                           \
	{                                                                      \
		l, n, m, h, d, k, offsetof(struct config, field)               \
	}

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("39.5", "wait no longer for a server's first answer"),
	ROW('j', "json", NULL, "print one JSON object", NULL, PC_OPT_FLAG,
	    json),
	ROW('4', "ipv4", NULL, "ask over IPv4", NULL, PC_OPT_FLAG, ipv4),
	ROW('6', "ipv6", NULL, "ask over IPv6", NULL, PC_OPT_FLAG, ipv6),
	ROW('a', "address", "IP[:PORT]", "send from this local address", NULL,
	    PC_OPT_STR, address),
	ROW('T', "transport", "NAME", "udp (the default), tcp, tls or dtls",
	    NULL, PC_OPT_STR, transport),
	ROW(0, "ca", "PATH",
	    "trust these certificates (PEM file or folder), not the system's",
	    NULL, PC_OPT_STR, ca),
	ROW(0, "tls-name", "NAME",
	    "whom the server's certificate must be for (its host)", NULL,
	    PC_OPT_STR, tls_name),
	ROW(0, "no-verify", NULL, "take any certificate", NULL, PC_OPT_FLAG,
	    no_verify),
	ROW(0, "resolver", "IP[:PORT]", "ask this DNS server", NULL, PC_OPT_STR,
	    resolver),
	ROW('n', "nat", NULL, "find out how the NAT maps and filters", NULL,
	    PC_OPT_FLAG, nat),
	ROW(0, "silence", "SECONDS",
	    "silence that long means that nothing comes", "3.5", PC_OPT_MS,
	    silence_ms),
	ROW(0, "lifetime", "SECONDS",
	    "with --nat: look for an idle binding's end up to here", NULL,
	    PC_OPT_MS, lifetime_ms),
	ROW(0, "turn", NULL, "check that a TURN server relays", NULL,
	    PC_OPT_FLAG, turn),
	ROW(0, "turn-secret", "FILE",
	    "make credentials of this shared secret (else $TURN_SECRET)", NULL,
	    PC_OPT_STR, turn_secret),
	ROW(0, "credentials", NULL,
	    "print credentials so made, as a browser's iceServers has them",
	    NULL, PC_OPT_FLAG, credentials),
	ROW(0, "packets", "N", "with --turn: echo so many, 50 a second", "50",
	    PC_OPT_UINT, packets),
	ROW(0, "predict", NULL,
	    "say from two reports of --nat --json if their ends connect", NULL,
	    PC_OPT_FLAG, predict),
	ROW(0, "decode", NULL,
	    "explain the message on stdin: raw, hex digits, pcap or pcapng",
	    NULL, PC_OPT_FLAG, decode),
	ROW(0, "encode", NULL,
	    "make a message of words: binding request software=x fingerprint",
	    NULL, PC_OPT_FLAG, encode),
	ROW(0, "raw", NULL, "with --encode: bytes, not hex digits", NULL,
	    PC_OPT_FLAG, raw),
	ROW('u', "user", "NAME", "user of long-term credentials", NULL,
	    PC_OPT_STR, user),
	ROW(0, "realm", "NAME", "realm of long-term credentials", NULL,
	    PC_OPT_STR, realm),
	ROW(0, "password-file", "FILE",
	    "password: the file's first line (else $STUN_PASSWORD, "
	    "$TURN_PASSWORD)",
	    NULL, PC_OPT_STR, password_file),
	ROW(0, "every", "SECONDS", "do it again and again, so often", NULL,
	    PC_OPT_MS, every_ms),
	{ 0 },
};

/* --- runs ------------------------------------------------------------- */

static void clear_run(struct app *app)
{
	settle_free(app->settle);
	basic_free(app->basic);
	nat_free(app->nat);
	turn_free(app->turn);
	packets_clear(&app->packets);
	app->settle = NULL;
	app->basic = NULL;
	app->nat = NULL;
	app->turn = NULL;
}

static int start_run(struct app *app)
{
	if (app->cfg.nat)
		return settle_start(app, natmode_start);
	if (app->cfg.turn)
		return settle_start(app, turnmode_start);
	return basic_start(app);
}

static void on_every(void *arg)
{
	struct app *app = arg;
	int status;

	clear_run(app);
	app->begun_ms = pc_now_ms();
	status = start_run(app);
	if (status >= 0)
		app_end(app, status);
}

int app_way(const struct app *app, const struct target *server,
	    struct talk_way *way)
{
	int family = server->addr.sa.sa_family;
	const char *any = family == AF_INET6 ? "::" : "0.0.0.0";
	const char *given = app->cfg.address, *name = app->cfg.tls_name;

	*way = (struct talk_way){
		.kind = server->kind,
		.remote = server->addr,
		.tls = { .name = name ? name : server->host,
			 .ca = app->cfg.ca,
			 .no_verify = app->cfg.no_verify },
	};
	if (pc_addr_parse(&way->local, given ? given : any, 0) == 0 &&
	    way->local.sa.sa_family == family)
		return -1;
	pc_warnx("--address %s: not an address to ask this server from", given);
	return PC_EXIT_USAGE;
}

int app_open_status(int rc)
{
	return rc == -ENOENT    ? PC_EXIT_NOINPUT
	       : rc == -EBADMSG ? PC_EXIT_DATA
				: PC_EXIT_IO;
}

struct talk_env app_env(struct app *app)
{
	return (struct talk_env){ .tool = &app->tool,
				  .packets = &app->packets };
}

/* What is waited for is freed before the loop that it is in. */
void app_end(struct app *app, int status)
{
	pc_timer_free(app->every);
	app->every = NULL;
	lookup_free(app->lookup);
	app->lookup = NULL;
	json_decref(app->unresolved);
	app->unresolved = NULL;
	clear_run(app);
	pc_tool_exit(&app->tool, status);
}

/* With --every, stdout stays open: pc_tool_product is for the last word. */
static int write_product(struct app *app, const struct pc_buf *out)
{
	int rc;

	if (!app->every)
		return pc_tool_product(&app->tool, out->data, out->len);
	rc = pc_write_all(1, out->data, out->len);
	if (rc != 0)
		pc_tool_error(&app->tool, "stdout: %s", strerror(-rc));
	return rc;
}

static uint64_t until_next(const struct app *app)
{
	uint64_t took_ms = pc_now_ms() - app->begun_ms;

	return took_ms < app->cfg.every_ms ? app->cfg.every_ms - took_ms : 0;
}

void app_report(struct app *app, const struct pc_buf *text, json_t *object,
		int status)
{
	struct pc_buf out = { 0 };
	char *line = NULL;

	if (pc_events_wanted(&app->tool)) /* else nobody takes the object */
		pc_event(&app->tool, "result", "result=%p",
			 (void *)json_incref(object));
	if (app->cfg.json) {
		line = pc_json_line(object, NULL);
		pc_buf_adds(&out, line ? line : "");
	} else {
		pc_buf_add(&out, text->data, text->len);
		if (app->every && out.len)
			pc_buf_adds(&out, "\n");
	}
	if (out.len && write_product(app, &out) != 0)
		status = PC_EXIT_IO;
	free(line);
	json_decref(object);
	pc_buf_fini(&out);
	app->last_status = status;
	if (!app->every || status == PC_EXIT_IO || app->tool.stopping)
		app_end(app, status);
	else
		pc_timer_set(app->every, until_next(app));
}

/* --- start and end ---------------------------------------------------- */

/* Told to end before there was an answer: nobody has answered. */
static void stop(void *arg)
{
	struct app *app = arg;

	if (!(app->turn && turn_stop(app->turn)) &&
	    !(app->nat && nat_stop(app->nat)))
		app_end(app, app->last_status);
}

static int read_servers(struct app *app)
{
	const struct config *cfg = &app->cfg;
	int family = cfg->ipv4 ? AF_INET : cfg->ipv6 ? AF_INET6 : AF_UNSPEC;
	int n = app->tool.n_operands, status;

	if (n < 1 || n > SERVERS_MAX) {
		pc_warnx("one to %d STUN servers are expected, as in "
			 "stun-probe stun.example.org",
			 SERVERS_MAX);
		return PC_EXIT_USAGE;
	}
	if (cfg->turn && n != 1) {
		pc_warnx("--turn is for one server at a time");
		return PC_EXIT_USAGE;
	}
	for (int i = 0; i < n; i++) {
		struct target *t = &app->server[app->n_servers++];

		status = target_parse(t, app->tool.operands[i], cfg->transport,
				      cfg->turn);
		if (status >= 0)
			return status;
		if (t->addr.len && family != AF_UNSPEC &&
		    t->addr.sa.sa_family != family) {
			pc_warnx("%s: not an %s address", app->tool.operands[i],
				 cfg->ipv4 ? "IPv4" : "IPv6");
			return PC_EXIT_USAGE;
		}
	}
	return -1;
}

/* No server has an address: that is all there is to report. */
static void report_unresolved(struct app *app)
{
	struct pc_buf none = { 0 };
	json_t *list = app->unresolved, *o;

	if (app->cfg.nat)
		o = pc_json_fields("report=%s failed=%p packets=%p", "nat",
				   (void *)json_incref(list),
				   (void *)json_array());
	else if (app->cfg.turn)
		o = pc_json_fields(
			"report=%s server=%s transport=%s works=%c error=%s",
			"turn", app->server[0].host,
			wire_name(app->server[0].kind), false,
			pc_json_str(json_array_get(list, 0), "error"));
	else if (json_array_size(list) == 1)
		o = json_incref(json_array_get(list, 0));
	else
		o = pc_json_fields("report=%s servers=%p", "servers",
				   (void *)json_incref(list));
	pc_timer_free(app->every); /* it is not asked again */
	app->every = NULL;
	app_report(app, &none, o, PC_EXIT_NOANSWER);
}

static void on_looked_up(struct app *app)
{
	if (app->n_servers == 0)
		report_unresolved(app);
	else
		on_every(app); /* the first time */
}

static int start(struct app *app)
{
	int status;

	app->last_status = PC_EXIT_NOANSWER;
	status = modes_check(&app->cfg);
	if (status < 0)
		status = secrets_read(app);
	if (status >= 0)
		return status;
	if (app->cfg.predict)
		return predict_start(app);
	if (app->cfg.decode)
		return decode_start(app);
	if (app->cfg.encode)
		return encode_start(app);
	status = read_servers(app);
	if (status < 0 && app->cfg.credentials)
		status = credentials_print(app);
	if (status >= 0)
		return status;
	if (app->cfg.every_ms) {
		app->every = pc_timer_new(app->tool.loop, on_every, app);
		if (!app->every)
			return PC_EXIT_IO;
	}
	return lookup_start(app, on_looked_up);
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "stun-probe",
		.synopsis = "[options] SERVER ...",
		.purpose = "ask STUN servers where they see us, and what the "
			   "NAT does",
		.examples = "stun-probe stun.example.org\n"
			    "stun-probe --nat --json stun.example.org | "
			    "jq .mapping.verdict",
		.options = options,
	},
	.stop = stop,
	.fini = secrets_forget,
};

int main(int argc, char **argv)
{
	struct app app = { 0 };
	int status = pc_tool_init(&app.tool, &spec, &app.cfg, argc, argv);

	if (status >= 0)
		return status;
	app.tool.arg = &app;
	status = start(&app);
	if (status >= 0)
		app_end(&app, status);
	return pc_tool_run(&app.tool);
}
