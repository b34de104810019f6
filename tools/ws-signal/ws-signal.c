/*
 * ws-signal: WebSocket signalling (RFC 6455), rooms, and the page's files.
 *
 *	ws-signal --listen 127.0.0.1:8080 --www examples/web
 *	ws-signal --connect ws://127.0.0.1:8080/signal <fifo | jq .
 *	ws-signal --listen 127.0.0.1:8080 --exec cat
 *
 * Messages are JSON, one object a line; rooms.h has those of the rooms.
 */
#include "ws-signal.h"

#include <stdlib.h>
#include <string.h>

struct app {
	struct pc_tool tool;
	struct config cfg;
	struct listener *listener;
	struct client *client;
};

static const struct pc_opt options[] = {
	{ 'l', "listen", "HOST:PORT", "serve rooms at /signal on this address",
	  NULL, PC_OPT_STR, offsetof(struct config, listen) },
	{ 'w', "www", "DIR", "with --listen: serve the files of DIR", NULL,
	  PC_OPT_STR, offsetof(struct config, www) },
	{ 'x', "exec", "CMD",
	  "with --listen: instead of rooms, a CMD for each participant", NULL,
	  PC_OPT_STR, offsetof(struct config, exec) },
	{ 'C', "connect", "URL",
	  "be a client: stdin's JSON lines to ws://HOST:PORT/signal", NULL,
	  PC_OPT_STR, offsetof(struct config, connect) },
	{ 'n', "count", "N",
	  "with --connect: end after N messages, not at the end of stdin", "0",
	  PC_OPT_UINT, offsetof(struct config, count) },
	{ 'o', "origin", "ORIGIN",
	  "let pages of ORIGIN (or *) in too; with --connect: say ORIGIN", NULL,
	  PC_OPT_LIST, offsetof(struct config, origins) },
	{ 0, "ping", "SECONDS",
	  "ping that often, and drop who does not answer; 0: never", "30",
	  PC_OPT_MS, offsetof(struct config, ping_ms) },
	{ 0, "max-message", "BYTES", "longest message taken", "262144",
	  PC_OPT_UINT, offsetof(struct config, message_max) },
	{ 0, "max-participants", "N", "most connections at once", "1000",
	  PC_OPT_UINT, offsetof(struct config, participants_max) },
	PC_TOOL_OPTIONS("10", "wait at most this long for a handshake, "
			      "a request or a slow reader"),
	{ 0 },
};

static int command_who(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;

	(void)cmd;
	if (app->listener)
		listen_who(app->listener);
	else
		pc_tool_error(&app->tool, "who: only with --listen");
	return 0;
}

static int command_drop(void *arg, const struct pc_command *cmd)
{
	const char *id = pc_command_arg(cmd, "id", 0);
	struct app *app = arg;
	int rc = -1;

	if (id && app->listener)
		rc = listen_drop(app->listener, id,
				 pc_command_arg(cmd, "why", 1));
	if (rc < 0)
		pc_tool_error(&app->tool, "drop: no participant \"%s\"",
			      id ? id : "");
	return rc;
}

static const struct pc_tool_command commands[] = {
	{ "who", command_who, "who: a participants event" },
	{ "drop", command_drop, "drop ID [WHY]: close a participant's end" },
	{ 0 },
};

static void stop(void *arg)
{
	struct app *app = arg;

	if (app->listener)
		listen_stop(app->listener);
	else if (app->client)
		client_stop(app->client, NULL);
	else
		pc_tool_exit(&app->tool, PC_EXIT_OK);
}

static void fini(void *arg)
{
	struct app *app = arg;

	listen_free(app->listener);
	client_free(app->client);
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "ws-signal",
		.synopsis = "[options] --listen HOST:PORT | --connect URL",
		.purpose = "WebSocket signalling in JSON lines, rooms, and a "
			   "page's files.",
		.examples =
			"ws-signal --listen 127.0.0.1:8080 --www examples/web\n"
			"echo '{\"type\":\"enter\",\"room\":\"phones\"}' | "
			"ws-signal --connect ws://127.0.0.1:8080/signal -n 2",
		.options = options,
	},
	.commands = commands,
	.stop = stop,
	.fini = fini,
};

struct pc_ws_conn_config conn_config(struct pc_tool *tool,
				     const struct config *cfg)
{
	return (struct pc_ws_conn_config){
		.tool = tool,
		.message_max = cfg->message_max,
		.queue_max = (size_t)cfg->message_max * 8,
		.ping_ms = cfg->ping_ms,
		.close_ms = CLOSE_MS,
	};
}

char *message_line(const char *text, size_t len, size_t *line_len)
{
	json_t *object;
	char *line;

	if (memchr(text, '\n', len) || memchr(text, '\r', len)) {
		object = json_loadb(text, len, 0, NULL);
		line = object ? pc_json_line(object, line_len) : NULL;
		json_decref(object);
		return line;
	}
	line = malloc(len + 2);
	if (!line)
		return NULL;
	memcpy(line, text, len);
	line[len] = '\n';
	line[len + 1] = '\0';
	*line_len = len + 1;
	return line;
}

void closed_event(struct pc_tool *tool, const char *id,
		  const struct pc_ws_close *close, const char *why)
{
	pc_event(tool, "closed",
		 "id=%s code=%u meaning=%s reason=%s clean=%c why=%s", id,
		 close->code, pc_ws_code_text(close->code), close->reason,
		 close->sent && close->received, why);
}

static int check_options(const struct pc_tool *tool, const struct config *cfg)
{
	const char *control = cfg->common.control;

	if (tool->n_operands > 0)
		pc_warnx("%s: no operand is expected", tool->operands[0]);
	else if (!cfg->listen == !cfg->connect)
		pc_warnx("say either --listen HOST:PORT or --connect URL");
	else if (cfg->connect && (cfg->www || cfg->exec))
		pc_warnx("--www and --exec go with --listen");
	else if (cfg->listen && cfg->count)
		pc_warnx("--count goes with --connect");
	else if (cfg->connect && control && strcmp(control, "-") == 0)
		pc_warnx("--control -: stdin is for the messages; use a FIFO "
			 "or fd:3 with 3<...");
	else if (cfg->message_max < 125)
		pc_warnx("--max-message: at least 125");
	else
		return 0;
	return -1;
}

int main(int argc, char **argv)
{
	struct app app = { 0 };
	int status = pc_tool_init(&app.tool, &spec, &app.cfg, argc, argv);

	if (status >= 0)
		return status;
	app.tool.arg = &app;
	if (check_options(&app.tool, &app.cfg) < 0)
		status = PC_EXIT_USAGE;
	else if (app.cfg.listen)
		status = listen_start(&app.listener, &app.tool, &app.cfg);
	else
		status = client_start(&app.client, &app.tool, &app.cfg);
	if (status >= 0)
		pc_tool_exit(&app.tool, status);
	return pc_tool_run(&app.tool);
}
