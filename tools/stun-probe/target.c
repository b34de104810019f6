#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/exit.h"
#include "base/log.h"
#include "target.h"

static int wrong(const char *text, const char *why)
{
	pc_warnx("%s: %s", text, why);
	return PC_EXIT_USAGE;
}

static int kind_of(const char *name)
{
	for (int i = WIRE_UDP; i <= WIRE_DTLS; i++)
		if (strcasecmp(name, wire_name((enum wire_kind)i)) == 0)
			return i;
	return -1;
}

/* Take "turns:" and "?transport=udp" off; host and port are left. */
static int take_uri(struct target *t, const char *text, char rest[HOST_MAX + 8])
{
	static const struct {
		const char *name;
		bool turn, secure;
	} schemes[] = { { "stun:", false, false },
			{ "stuns:", false, true },
			{ "turn:", true, false },
			{ "turns:", true, true } };
	const char *query;
	bool secure = false;
	size_t len, i;

	for (i = 0; i < 4; i++)
		if (strncasecmp(text, schemes[i].name,
				strlen(schemes[i].name)) == 0)
			break;
	if (i < 4) {
		text += strlen(schemes[i].name);
		secure = schemes[i].secure;
		t->turn |= schemes[i].turn;
		t->kind = secure ? WIRE_TLS : WIRE_UDP;
	}
	query = i < 4 ? strchr(text, '?') : NULL;
	len = query ? (size_t)(query - text) : strlen(text);
	if (len >= HOST_MAX)
		return wrong(text, "too long");
	memcpy(rest, text, len);
	rest[len] = '\0';
	if (!query)
		return -1;
	if (strcasecmp(query, "?transport=udp") == 0)
		t->kind = secure ? WIRE_DTLS : WIRE_UDP;
	else if (strcasecmp(query, "?transport=tcp") == 0)
		t->kind = secure ? WIRE_TLS : WIRE_TCP;
	else
		return wrong(query, "?transport=udp or ?transport=tcp is "
				    "expected");
	return -1;
}

static bool read_port(const char *text, uint16_t *port)
{
	long n = atol(text);

	if (!*text || strspn(text, "0123456789") != strlen(text) || n < 1 ||
	    n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

static uint16_t default_port(enum wire_kind kind)
{
	return kind == WIRE_TLS || kind == WIRE_DTLS ? 5349 : 3478;
}

/* An address literal: nothing is to be looked up. */
static bool take_address(struct target *t, const char *text)
{
	bool no_host = strspn(text, "0123456789") == strlen(text) ||
		       (text[0] == ':' && text[1] != ':'); /* not ::1 */
	uint16_t port = default_port(t->kind);

	if (no_host || pc_addr_parse(&t->addr, text, port) != 0 ||
	    pc_addr_port(&t->addr) == 0) {
		t->addr.len = 0;
		return false;
	}
	t->port = pc_addr_port(&t->addr);
	pc_addr_ip(&t->addr, t->host);
	return true;
}

int target_parse(struct target *t, const char *text, const char *transport,
		 bool turn)
{
	int kind = transport ? kind_of(transport) : WIRE_UDP, status;
	char rest[HOST_MAX + 8], *colon;
	size_t len;

	*t = (struct target){ .kind = WIRE_UDP, .turn = turn };
	if (kind < 0)
		return wrong(transport, "a transport is udp, tcp, tls or dtls");
	status = take_uri(t, text, rest);
	if (status >= 0)
		return status;
	if (transport)
		t->kind = (enum wire_kind)kind;
	if (take_address(t, rest))
		return -1;
	colon = strrchr(rest, ':');
	if (colon && !read_port(colon + 1, &t->port))
		return wrong(text, "not HOST:PORT with a port from 1 to "
				   "65535");
	if (colon)
		*colon = '\0';
	len = strlen(rest);
	if (!len || len >= sizeof(t->host) || strpbrk(rest, "[]/@ "))
		return wrong(text, "not HOST:PORT with a port from 1 to "
				   "65535");
	memcpy(t->host, rest, len + 1);
	return -1;
}
