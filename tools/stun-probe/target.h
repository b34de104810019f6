/*
 * Whom to ask, from an operand: HOST, HOST:PORT, an address, or a URI of
 * RFC 7064 and RFC 7065.
 *
 *	stun.example.org		_stun._udp SRV, else A or AAAA, port 3478
 *	stuns:stun.example.org		_stuns._tcp SRV, else port 5349, TLS
 *	turn:192.0.2.1?transport=tcp
 */
#ifndef STUN_PROBE_TARGET_H
#define STUN_PROBE_TARGET_H

#include <stdbool.h>

#include "base/addr.h"
#include "wire.h"

#define HOST_MAX   256
#define TARGET_MAX 8 /* addresses of one */

struct target {
	struct pc_addr addr;                   /* len 0 until it is looked up */
	struct pc_addr others[TARGET_MAX - 1]; /* in case it is silent */
	unsigned n_others;
	enum wire_kind kind;
	char host[HOST_MAX]; /* whose certificate it must be */
	uint16_t port;       /* 0: none given */
	bool turn;           /* the URI says so, or we want to relay */
};

/*
 * Read an operand.
 *   transport  of --transport, or NULL
 *   turn       ask DNS for a TURN server
 * Returns -1, or PC_EXIT_USAGE after one line.
 */
int target_parse(struct target *target, const char *text, const char *transport,
		 bool turn);

#endif
