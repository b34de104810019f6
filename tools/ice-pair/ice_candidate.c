/*
 * The peer's candidate lines. libnice has a parser too, but it takes NULL
 * for a missing tcptype and cannot say why it refused a line.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ice_private.h"

enum { FOUNDATION, COMPONENT, TRANSPORT, PRIORITY, ADDRESS, PORT, FIXED };

static bool number(const char *word, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(word, &end, 10);
	return errno == 0 && *word >= '0' && *word <= '9' && !*end &&
	       *value <= max;
}

static const char *extension(char **words, const char *name)
{
	for (unsigned i = FIXED; words[i] && words[i + 1]; i += 2)
		if (strcmp(words[i], name) == 0)
			return words[i + 1];
	return NULL;
}

static int candidate_type(const char *name)
{
	static const char *const names[] = { "host", "srflx", "prflx",
					     "relay" };

	for (int i = 0; name && i < 4; i++)
		if (strcmp(name, names[i]) == 0)
			return i; /* NiceCandidateType has this order */
	return -1;
}

static int transport(char **words)
{
	const char *type = extension(words, "tcptype");

	if (strcasecmp(words[TRANSPORT], "udp") == 0)
		return NICE_CANDIDATE_TRANSPORT_UDP;
	if (strcasecmp(words[TRANSPORT], "tcp") != 0 || !type)
		return -1;
	if (strcasecmp(type, "active") == 0)
		return NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE;
	if (strcasecmp(type, "passive") == 0)
		return NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE;
	if (strcasecmp(type, "so") == 0)
		return NICE_CANDIDATE_TRANSPORT_TCP_SO;
	return -1;
}

static bool is_mdns(const char *host)
{
	size_t len = strlen(host);

	return len > 6 && strcasecmp(host + len - 6, ".local") == 0;
}

static int skip(const char **why, const char *reason)
{
	*why = reason;
	return -EPROTONOSUPPORT;
}

static int broken(const char **why, const char *reason)
{
	*why = reason;
	return -EINVAL;
}

/* Nobody can be there. An active end's port is of no meaning (RFC 6544 4.5). */
static const char *nowhere(const NiceCandidate *c)
{
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a = { 0 };

	nice_address_copy_to_sockaddr(&c->addr, &a.sa);
	if (nice_address_get_port(&c->addr) == 0 &&
	    c->transport != NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE)
		return "port 0";
	if (a.sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&a.in6.sin6_addr) ? "no address"
		       : IN6_IS_ADDR_MULTICAST(&a.in6.sin6_addr)
			       ? "a multicast address"
			       : NULL;
	if (ntohl(a.in.sin_addr.s_addr) >> 24 == 0) /* RFC 1122 3.2.1.3 */
		return "no address";
	if (IN_MULTICAST(ntohl(a.in.sin_addr.s_addr)))
		return "a multicast address";
	return a.in.sin_addr.s_addr == INADDR_BROADCAST ? "a broadcast address"
							: NULL;
}

static int from_words(NiceCandidate *c, char **words, const char **why)
{
	unsigned long component, priority, port;
	int type, kind;

	for (unsigned i = 0; i < FIXED; i++)
		if (!words[i])
			return broken(why, "too few words");
	if (strlen(words[FOUNDATION]) >= NICE_CANDIDATE_MAX_FOUNDATION ||
	    !*words[FOUNDATION])
		return broken(why, "bad foundation");
	if (!number(words[COMPONENT], 256, &component) ||
	    !number(words[PRIORITY], UINT32_MAX, &priority) ||
	    !number(words[PORT], 65535, &port))
		return broken(why, "bad number");
	if (component != 1)
		return skip(why, "another component (rtcp-mux is used)");
	if (is_mdns(words[ADDRESS]))
		return skip(why, "an mDNS name: its checks will tell");
	kind = transport(words);
	if (kind < 0)
		return skip(why, "unknown transport");
	type = candidate_type(extension(words, "typ"));
	if (type < 0)
		return skip(why, "unknown type");
	if (!nice_address_set_from_string(&c->addr, words[ADDRESS]))
		return skip(why, "a host name, not an address");
	nice_address_set_port(&c->addr, (guint)port);
	c->type = (NiceCandidateType)type;
	c->transport = (NiceCandidateTransport)kind;
	*why = nowhere(c);
	if (*why)
		return -EPROTONOSUPPORT;
	c->component_id = 1;
	c->priority = (guint32)priority;
	g_strlcpy(c->foundation, words[FOUNDATION], sizeof(c->foundation));
	return 0;
}

int ice_candidate_parse(NiceCandidate **out, guint stream, const char *text,
			const char **why)
{
	NiceCandidate *c;
	char **words;
	int rc;

	if (strncmp(text, "a=", 2) == 0)
		text += 2;
	if (strncmp(text, "candidate:", 10) != 0)
		return broken(why, "it does not begin with candidate:");
	words = g_strsplit_set(text + 10, " \t\r\n", 64);
	c = nice_candidate_new(NICE_CANDIDATE_TYPE_HOST);
	rc = from_words(c, words, why);
	g_strfreev(words);
	if (rc != 0) {
		nice_candidate_free(c);
		return rc;
	}
	c->stream_id = stream;
	*out = c;
	return 0;
}

bool ice_candidate_of(const char *text, const char *ufrag)
{
	char **words = g_strsplit_set(text, " \t\r\n", 64);
	unsigned n = g_strv_length(words);
	const char *of = n > FIXED ? extension(words, "ufrag") : NULL;
	bool same = !of || strcmp(of, ufrag) == 0;

	g_strfreev(words);
	return same;
}
