/*
 * Socket addresses as text and back: 127.0.0.1:5060, [::1]:5060.
 *
 *	struct pc_addr a;
 *	char text[PC_ADDR_TEXT];
 *	if (pc_addr_parse(&a, "127.0.0.1:0", 0) == 0)
 *		puts(pc_addr_text(&a, text));
 *
 * Ports are in host order here; sockaddrs keep network order.
 */
#ifndef PC_BASE_ADDR_H
#define PC_BASE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define PC_ADDR_TEXT 64 /* "[" INET6_ADDRSTRLEN "]:65535" and a NUL */

struct pc_addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_storage ss;
	};
	socklen_t len;
};

/*
 * Parse a numeric address: "HOST:PORT", "[V6]:PORT", "HOST", "V6", ":PORT"
 * or "PORT" (the last two mean 127.0.0.1).
 *   port  used when text names none
 * Returns 0 or -EINVAL.
 */
int pc_addr_parse(struct pc_addr *addr, const char *text, uint16_t port);

/* The same for an address of our own, which may be called localhost. */
int pc_addr_parse_own(struct pc_addr *addr, const char *text, uint16_t port);

/*
 * As pc_addr_parse, but HOST may be a name (getaddrinfo; blocks).
 * Returns 0, -EINVAL (not an address) or -EHOSTUNREACH (name not found).
 */
int pc_addr_resolve(struct pc_addr *addr, const char *text, uint16_t port);

/* From an address literal ("127.0.0.1", "::1") and a port. 0 or -EINVAL. */
int pc_addr_from_ip(struct pc_addr *addr, const char *ip, uint16_t port);

/* "127.0.0.1:5060" into text; returns text. */
const char *pc_addr_text(const struct pc_addr *addr, char text[PC_ADDR_TEXT]);

/* "127.0.0.1" or "::1" (no brackets) into text; returns text. */
const char *pc_addr_ip(const struct pc_addr *addr, char text[PC_ADDR_TEXT]);

uint16_t pc_addr_port(const struct pc_addr *addr);
void pc_addr_set_port(struct pc_addr *addr, uint16_t port);
bool pc_addr_equal(const struct pc_addr *a, const struct pc_addr *b);
bool pc_addr_is_any(const struct pc_addr *addr);

/* The local or remote address of a socket. 0 or -errno. */
int pc_addr_local(struct pc_addr *addr, int fd);
int pc_addr_remote(struct pc_addr *addr, int fd);

/*
 * The local address the kernel would send from towards to (a connected UDP
 * socket, nothing is sent); its port is 0. 0 or -errno.
 */
int pc_addr_towards(struct pc_addr *local, const struct pc_addr *to);

/*
 * Open a non-blocking, close-on-exec socket bound to addr (port 0 allowed),
 * and write back the address it got. type is SOCK_DGRAM or SOCK_STREAM (the
 * latter with SO_REUSEADDR and listening). Returns the fd or -errno.
 */
int pc_addr_bind(struct pc_addr *addr, int type);

#endif
