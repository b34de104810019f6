/* Server operands and --address, to addresses. */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

/* "host", "host:port" to a host and a service. */
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

static int server_address(const struct config *cfg, const char *text,
			  struct pc_addr *addr)
{
	int family = cfg->ipv4 ? AF_INET : cfg->ipv6 ? AF_INET6 : AF_UNSPEC;
	bool no_host = strspn(text, "0123456789") == strlen(text) ||
		       (text[0] == ':' && text[1] != ':'); /* not ::1 */

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

int servers_read(struct app *app)
{
	int status = -1;

	if (app->cfg.ipv4 && app->cfg.ipv6) {
		pc_warnx("-4 and -6: choose one");
		return PC_EXIT_USAGE;
	}
	if (app->tool.n_operands < 1 || app->tool.n_operands > SERVERS_MAX) {
		pc_warnx("one to %d STUN servers are expected, as in "
			 "stun-probe stun.example.org",
			 SERVERS_MAX);
		return PC_EXIT_USAGE;
	}
	for (int i = 0; status < 0 && i < app->tool.n_operands; i++)
		status = server_address(&app->cfg, app->tool.operands[i],
					&app->server[app->n_servers++]);
	return status;
}

int servers_local(const struct app *app, int family, struct pc_addr *local)
{
	const char *any = family == AF_INET6 ? "::" : "0.0.0.0";
	const char *given = app->cfg.address;

	if (pc_addr_parse(local, given ? given : any, 0) == 0 &&
	    local->sa.sa_family == family)
		return -1;
	pc_warnx("--address %s: not an address to ask this server from", given);
	return PC_EXIT_USAGE;
}
