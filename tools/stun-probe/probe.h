/* One question to one STUN server, and what came of it. */
#ifndef STUN_PROBE_PROBE_H
#define STUN_PROBE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "stun/stun.h"

struct pc_tool;
struct probe;

enum probe_verdict {
	PROBE_MAPPED,      /* the server said where we are */
	PROBE_ERROR,       /* an error response: code, reason */
	PROBE_SILENT,      /* no answer */
	PROBE_UNREACHABLE, /* ICMP, or no route: error */
	PROBE_BROKEN,      /* an answer that breaks the protocol: why */
};

struct probe_result {
	enum probe_verdict verdict;
	struct pc_addr server, local, mapped;
	struct pc_addr plain;         /* MAPPED-ADDRESS; len 0 if absent */
	struct pc_addr origin, other; /* RFC 5780; len 0 if absent */
	char software[128], reason[128];
	unsigned code;        /* of an error response */
	int error;            /* errno */
	const char *why;      /* PROBE_BROKEN */
	unsigned requests;    /* sent */
	uint64_t elapsed_us;  /* first request to answer */
	bool fingerprint;     /* the answer had a right one */
	struct pc_addr stray; /* who else answered; len 0: nobody */
};

typedef void probe_done_fn(void *arg, const struct probe_result *result);

/*
 * Ask; done is called once, from the loop, and may free the probe.
 *   local       to send from; port 0 and any address allowed
 *   timeout_ms  an end before the RFC's 39.5 s; 0: none
 * Returns 0 or -errno after one line (the socket cannot be had).
 */
int probe_start(struct probe **probe, struct pc_tool *tool,
		const struct pc_addr *server, const struct pc_addr *local,
		unsigned timeout_ms, probe_done_fn *done, void *arg);
void probe_free(struct probe *probe); /* NULL is fine */

#endif
