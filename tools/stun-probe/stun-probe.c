/*
 * stun-probe: where does a STUN server see us (RFC 8489)?
 *
 *	stun-probe stun.example.org
 *	stun-probe -v 127.0.0.1:3478	with every byte of every message
 *
 * The product is a report for a person, or with --json one JSON object.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "loop/tool.h"
#include "report.h"

struct config {
	struct pc_tool_common common;
	bool json, ipv4, ipv6;
	const char *address;
};

struct app {
	struct config cfg;
	struct pc_tool tool;
	struct probe *probe;
};

#define ROW(l, n, m, h, d, k, field)                                           \
	{                                                                      \
		l, n, m, h, d, k, offsetof(struct config, field)               \
	}

static const struct pc_opt options[] = {
	PC_TOOL_OPTIONS("39.5", "wait no longer for an answer"),
	ROW('j', "json", NULL, "print one JSON object", NULL, PC_OPT_FLAG,
	    json),
	ROW('4', "ipv4", NULL, "ask over IPv4", NULL, PC_OPT_FLAG, ipv4),
	ROW('6', "ipv6", NULL, "ask over IPv6", NULL, PC_OPT_FLAG, ipv6),
	ROW('a', "address", "IP[:PORT]", "send from this local address", NULL,
	    PC_OPT_STR, address),
	{ 0 },
};

/* --- addresses -------------------------------------------------------- */

/* "host", "host:port", "[v6]:port" to a host and a service. */
static void split_host(const char *text, char host[256], char port[8])
{
	const char *colon = strrchr(text, ':');
	const char *end = colon ? colon : text + strlen(text);
	size_t len = (size_t)(end - text);

	snprintf(port, 8, "%s", colon ? colon + 1 : "3478");
	snprintf(host, 256, "%.*s", (int)(len > 255 ? 255 : len), text);
}

static int look_up(struct pc_addr *addr, const char *text, int family)
{
	struct addrinfo hints = { .ai_family = family,
				  .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list;
	char host[256], port[8];
	int rc;

	split_host(text, host, port);
	if (strspn(port, "0123456789") != strlen(port) || atoi(port) < 1 ||
	    atoi(port) > 65535 || !*host) {
		pc_warnx("%s: not HOST:PORT with a port from 1 to 65535", text);
		return PC_EXIT_USAGE;
	}
	rc = getaddrinfo(host, port, &hints, &list);
	if (rc != 0) {
		pc_warnx("%s: %s", text, gai_strerror(rc));
		return PC_EXIT_NOANSWER;
	}
	memcpy(&addr->ss, list->ai_addr, list->ai_addrlen);
	addr->len = list->ai_addrlen;
	freeaddrinfo(list);
	return -1;
}

/* -1 to go on, or the exit status. */
static int server_address(const struct config *cfg, const char *text,
			  struct pc_addr *addr)
{
	int family = cfg->ipv4 ? AF_INET : cfg->ipv6 ? AF_INET6 : AF_UNSPEC;
	bool no_host = strspn(text, "0123456789") == strlen(text) ||
		       (text[0] == ':' && text[1] != ':'); /* not ::1 */

	if (cfg->ipv4 && cfg->ipv6) {
		pc_warnx("-4 and -6: choose one");
		return PC_EXIT_USAGE;
	}
	if (no_host || pc_addr_parse(addr, text, 3478) != 0 ||
	    pc_addr_port(addr) == 0)
		return look_up(addr, text, family);
	if (family != AF_UNSPEC && addr->sa.sa_family != family) {
		pc_warnx("%s: not an %s address", text,
			 cfg->ipv4 ? "IPv4" : "IPv6");
		return PC_EXIT_USAGE;
	}
	return -1;
}

static int local_address(const struct config *cfg, int family,
			 struct pc_addr *addr)
{
	const char *any = family == AF_INET6 ? "::" : "0.0.0.0";

	if (pc_addr_parse(addr, cfg->address ? cfg->address : any, 0) == 0 &&
	    addr->sa.sa_family == family)
		return -1;
	pc_warnx("--address %s: not an address to ask this server from",
		 cfg->address);
	return PC_EXIT_USAGE;
}

/* --- the answer ------------------------------------------------------- */

/* The probe is freed before the loop that it is in. */
static void end(struct app *app, int status)
{
	probe_free(app->probe);
	app->probe = NULL;
	pc_tool_exit(&app->tool, status);
}

/* Told to end before there was an answer: nobody has answered. */
static void stop(void *arg)
{
	struct app *app = arg;

	end(app, PC_EXIT_NOANSWER);
}

static void on_done(void *arg, const struct probe_result *r)
{
	struct app *app = arg;
	struct pc_buf out = { 0 }, why = { 0 };
	json_t *json = report_json(r);
	int status = report_status(r);
	char *line = NULL;

	if (status != PC_EXIT_OK) {
		report_failure(r, &why);
		pc_tool_error(&app->tool, "%s", why.data);
		pc_buf_fini(&why);
	} else {
		report_text(r, &out);
	}
	if (pc_events_wanted(&app->tool)) /* else nobody takes the object */
		pc_event(&app->tool, "result", "result=%p",
			 (void *)json_incref(json));
	if (app->cfg.json) {
		pc_buf_clear(&out);
		line = pc_json_line(json, NULL);
		pc_buf_adds(&out, line ? line : "");
	}
	if (out.len && pc_tool_product(&app->tool, out.data, out.len) != 0)
		status = PC_EXIT_IO;
	free(line);
	json_decref(json);
	pc_buf_fini(&out);
	end(app, status);
}

static int start(struct app *app)
{
	const struct config *cfg = &app->cfg;
	struct pc_addr server = { 0 }, local;
	int status;

	if (app->tool.n_operands != 1) {
		pc_warnx("one STUN server is expected, as in "
			 "stun-probe stun.example.org");
		return PC_EXIT_USAGE;
	}
	status = server_address(cfg, app->tool.operands[0], &server);
	if (status < 0)
		status = local_address(cfg, server.sa.sa_family, &local);
	if (status >= 0)
		return status;
	if (probe_start(&app->probe, &app->tool, &server, &local,
			cfg->common.timeout_ms, on_done, app) != 0)
		return PC_EXIT_IO;
	return -1;
}

static const struct pc_tool_spec spec = {
	.usage = {
		.name = "stun-probe",
		.synopsis = "[options] HOST[:PORT]",
		.purpose = "ask a STUN server where it sees us",
		.examples = "stun-probe stun.example.org\n"
			    "stun-probe -v --json 127.0.0.1:3478 | jq .mapped",
		.options = options,
	},
	.stop = stop,
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
		end(&app, status);
	return pc_tool_run(&app.tool);
}
