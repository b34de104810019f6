/*
 * TURN over TLS (RFC 8656 section 3.1). libnice reaches a TURN server over UDP
 * or TCP only: so it is given a TCP port on loopback, and what comes there
 * goes on to the server in TLS 1.2 or later, its certificate checked.
 *
 *	turn_tls_start(&tls, &tool, "turn.example:5349", NULL, &near);
 *	... a TURN server over TCP is at near ...
 */
#ifndef ICE_PAIR_TURN_TLS_H
#define ICE_PAIR_TURN_TLS_H

#include <stdbool.h>

#include "base/addr.h"

struct pc_tool;
struct turn_tls;

/*
 * Listen on loopback, in the family of the server's address; a name is looked
 * up when somebody connects. Whoever cannot be reached or trusted is named in
 * one line, and libnice then has no such server.
 *   server  HOST or HOST:PORT (5349); kept
 *   ca      PEM file or folder of who may sign; NULL: the system's
 *   near    set to where we listen
 * Returns 0, -EINVAL (ca is not usable; one line) or -errno.
 */
int turn_tls_start(struct turn_tls **tls, struct pc_tool *tool,
		   const char *server, const char *ca, struct pc_addr *near);
bool turn_tls_untrusted(const struct turn_tls *tls); /* NULL: it is not */
void turn_tls_free(struct turn_tls *tls);            /* NULL is fine */

#endif
