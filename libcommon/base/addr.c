#include "base/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int pc_addr_from_ip(struct pc_addr *addr, const char *ip, uint16_t port)
{
	struct pc_addr a = { 0 };

	if (inet_pton(AF_INET, ip, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		a.len = sizeof(a.in);
	} else if (inet_pton(AF_INET6, ip, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
		a.len = sizeof(a.in6);
	} else {
		return -EINVAL;
	}
	pc_addr_set_port(&a, port);
	*addr = a;
	return 0;
}

static int parse_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long n;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	n = strtoul(text, &end, 10);
	if (*end != '\0' || n > 65535)
		return -EINVAL;
	*port = (uint16_t)n;
	return 0;
}

/* Split "HOST:PORT" and its kin into host and port. */
static int split(const char *text, char host[256], uint16_t *port)
{
	const char *colon = strrchr(text, ':'), *end = text + strlen(text);

	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return -EINVAL;
		text++;
		colon = end[1] == ':' ? end + 1 : NULL;
	} else if (colon && strchr(text, ':') != colon) {
		colon = NULL; /* a bare IPv6 address */
	} else if (colon) {
		end = colon;
	} else if (parse_port(text, port) == 0) {
		strcpy(host, "127.0.0.1");
		return 0;
	}
	if (colon && parse_port(colon + 1, port) < 0)
		return -EINVAL;
	if ((size_t)(end - text) >= 256)
		return -EINVAL;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	if (*host == '\0') {
		if (!colon)
			return -EINVAL;
		strcpy(host, "127.0.0.1");
	}
	return 0;
}

int pc_addr_parse(struct pc_addr *addr, const char *text, uint16_t port)
{
	char host[256];

	if (split(text, host, &port) < 0)
		return -EINVAL;
	return pc_addr_from_ip(addr, host, port);
}

int pc_addr_parse_own(struct pc_addr *addr, const char *text, uint16_t port)
{
	char host[256];

	if (split(text, host, &port) < 0)
		return -EINVAL;
	return pc_addr_from_ip(
		addr, strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host,
		port);
}

int pc_addr_resolve(struct pc_addr *addr, const char *text, uint16_t port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM }, *list;
	char host[256];

	if (split(text, host, &port) < 0)
		return -EINVAL;
	if (pc_addr_from_ip(addr, host, port) == 0)
		return 0;
	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return -EHOSTUNREACH;
	*addr = (struct pc_addr){ .len = list->ai_addrlen };
	memcpy(&addr->ss, list->ai_addr, list->ai_addrlen);
	pc_addr_set_port(addr, port);
	freeaddrinfo(list);
	return 0;
}

const char *pc_addr_ip(const struct pc_addr *addr, char text[PC_ADDR_TEXT])
{
	const void *raw = &addr->in.sin_addr;

	if (addr->sa.sa_family == AF_INET6)
		raw = &addr->in6.sin6_addr;
	if (addr->len == 0 ||
	    !inet_ntop(addr->sa.sa_family, raw, text, PC_ADDR_TEXT))
		strcpy(text, "?");
	return text;
}

const char *pc_addr_text(const struct pc_addr *addr, char text[PC_ADDR_TEXT])
{
	char ip[PC_ADDR_TEXT];
	bool v6 = addr->sa.sa_family == AF_INET6;

	snprintf(text, PC_ADDR_TEXT, v6 ? "[%.46s]:%u" : "%.46s:%u",
		 pc_addr_ip(addr, ip), pc_addr_port(addr));
	return text;
}

uint16_t pc_addr_port(const struct pc_addr *addr)
{
	if (addr->sa.sa_family == AF_INET6)
		return ntohs(addr->in6.sin6_port);
	return ntohs(addr->in.sin_port);
}

void pc_addr_set_port(struct pc_addr *addr, uint16_t port)
{
	if (addr->sa.sa_family == AF_INET6)
		addr->in6.sin6_port = htons(port);
	else
		addr->in.sin_port = htons(port);
}

bool pc_addr_equal(const struct pc_addr *a, const struct pc_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family ||
	    pc_addr_port(a) != pc_addr_port(b))
		return false;
	if (a->sa.sa_family == AF_INET6)
		return memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr,
			      sizeof(a->in6.sin6_addr)) == 0;
	return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
}

bool pc_addr_is_any(const struct pc_addr *addr)
{
	if (addr->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_UNSPECIFIED(&addr->in6.sin6_addr);
	return addr->in.sin_addr.s_addr == htonl(INADDR_ANY);
}

int pc_addr_local(struct pc_addr *addr, int fd)
{
	struct pc_addr a = { .len = sizeof(a.ss) };

	if (getsockname(fd, &a.sa, &a.len) < 0)
		return -errno;
	*addr = a;
	return 0;
}

int pc_addr_remote(struct pc_addr *addr, int fd)
{
	struct pc_addr a = { .len = sizeof(a.ss) };

	if (getpeername(fd, &a.sa, &a.len) < 0)
		return -errno;
	*addr = a;
	return 0;
}

int pc_addr_towards(struct pc_addr *local, const struct pc_addr *to)
{
	struct pc_addr target = *to;
	int fd, rc = 0;

	if (pc_addr_port(&target) == 0)
		pc_addr_set_port(&target, 9);
	fd = socket(to->sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, &target.sa, target.len) < 0)
		rc = -errno;
	else
		rc = pc_addr_local(local, fd);
	close(fd);
	if (rc == 0)
		pc_addr_set_port(local, 0);
	return rc;
}

int pc_addr_bind(struct pc_addr *addr, int type)
{
	int one = 1, rc;
	int fd = socket(addr->sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);

	if (fd < 0)
		return -errno;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one,
				 sizeof(one));
	if (addr->sa.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one,
				 sizeof(one));
	if (bind(fd, &addr->sa, addr->len) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 128) < 0)) {
		rc = -errno;
		close(fd);
		return rc;
	}
	rc = pc_addr_local(addr, fd);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	return fd;
}
