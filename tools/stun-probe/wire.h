/*
 * What STUN messages travel on: one socket, and whole messages in and out.
 *
 *	struct wire_cfg cfg = { .tool = tool, .local = any, .message = on_msg,
 *				.end = on_end, .arg = me };
 *	if (wire_open(&wire, &cfg) == 0)
 *		wire_send(wire, &server, data, len);
 */
#ifndef STUN_PROBE_WIRE_H
#define STUN_PROBE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct pc_tool;
struct wire;

/* A message came; data is borrowed. The wire may be freed in it. */
typedef void wire_message_fn(void *arg, const struct pc_addr *from,
			     const uint8_t *data, size_t len);
/* What was sent to `to` came back (ICMP). error is an errno. */
typedef void wire_end_fn(void *arg, const struct pc_addr *to, int error);

struct wire_cfg {
	struct pc_tool *tool;
	struct pc_addr local; /* to bind; port 0 and any address allowed */
	wire_message_fn *message;
	wire_end_fn *end;
	void *arg;
};

/* Returns 0, or -errno after one line (the socket cannot be had). */
int wire_open(struct wire **wire, const struct wire_cfg *cfg);
void wire_free(struct wire *wire); /* NULL is fine */

/* Returns 0 or -errno; what passes by itself (a full buffer) is 0. */
int wire_send(struct wire *wire, const struct pc_addr *to, const void *data,
	      size_t len);

/* The address packets to `to` leave from, as far as this host knows. */
void wire_local(const struct wire *wire, const struct pc_addr *to,
		struct pc_addr *local);

/* Let packets that do not fit leave in fragments, whatever the path MTU. */
void wire_allow_fragments(struct wire *wire);

#endif
