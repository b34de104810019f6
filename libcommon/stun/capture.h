/*
 * Payloads out of a capture: pcap (libpcap's, either byte order, micro- or
 * nanoseconds) and pcapng, with Ethernet, Linux cooked, loopback or raw IP
 * frames, IPv4 and IPv6, UDP and TCP. Pure.
 *
 *	if (pc_capture_is(data, len))
 *		rc = pc_capture_each(data, len, on_payload, me, &unread);
 *
 * Simplifications: of a packet in IP fragments, nothing is taken (they are
 * counted); of TCP, each segment by itself.
 */
#ifndef PC_STUN_CAPTURE_H
#define PC_STUN_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct pc_capture_payload {
	unsigned number; /* of its frame, from 1, as Wireshark counts */
	bool tcp;
	struct pc_addr from, to;
	const uint8_t *data;
	size_t len;
};

typedef void pc_capture_fn(void *arg, const struct pc_capture_payload *p);

/* What was not looked into. */
struct pc_capture_unread {
	unsigned fragments; /* packets that are a piece of another */
	unsigned frames;    /* of a link layer that is not read */
};

/* Does it begin as a pcap or pcapng file does? */
bool pc_capture_is(const uint8_t *data, size_t len);

/*
 * Call fn for each payload that is not empty; unread is filled.
 * Returns 0, -EINVAL (no capture) or -EBADMSG (it is cut short or broken: what
 * came before was given to fn).
 */
int pc_capture_each(const uint8_t *data, size_t len, pc_capture_fn *fn,
		    void *arg, struct pc_capture_unread *unread);

#endif
