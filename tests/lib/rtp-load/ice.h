/*
 * The controlling end of one ICE pair (RFC 8445), as small as a load needs it:
 * it nominates with its first check, and proves its consent when told to.
 * Pure: datagrams in and out of buffers.
 *
 *	len = ice_check(&ice, buf, sizeof(buf));	until ice.connected
 *	len = ice_take(&ice, in, n, &from, buf, sizeof(buf));
 */
#ifndef RTP_LOAD_ICE_H
#define RTP_LOAD_ICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"

/* Ours, of all calls: they are known to whoever describes them. */
#define ICE_UFRAG "load"
#define ICE_PWD   "rtp-load.rtp-load.rtp-load"

struct ice {
	char ufrag[64], pwd[128]; /* the other side's; "" : no ICE */
	uint64_t tie_breaker;
	bool connected; /* a check was answered */
};

/* A binding request with USE-CANDIDATE: its length. */
ssize_t ice_check(const struct ice *ice, uint8_t *buf, size_t cap);

/* A STUN message from an address came: the length of the answer, or 0. */
ssize_t ice_take(struct ice *ice, const uint8_t *in, size_t len,
		 const struct pc_addr *from, uint8_t *buf, size_t cap);

#endif
