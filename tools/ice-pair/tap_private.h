/* What the files of the tap share. */
#ifndef ICE_PAIR_TAP_PRIVATE_H
#define ICE_PAIR_TAP_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "tap.h"

#define CHANNEL_HEADER 4 /* RFC 8656 section 12.4: number, length */

/* A datagram, or a piece of a TCP stream. */
struct seen {
	bool out;
	const char *transport; /* "udp" or "tcp" */
	struct pc_addr local, remote;
	const uint8_t *data;
	size_t len;
};

/* tap_trace.c: into --trace and --pcap of this tool; NULL: nowhere. */
void tap_trace_to(struct pc_tool *tool);
bool tap_tracing(void);

/* A piece of a stream, as it is. */
void tap_trace_stream(const struct seen *s);

/* A message: s's own data, or what a piece of a stream has completed. */
void tap_trace_message(const struct seen *s, const uint8_t *data, size_t len);

#endif
