/*
 * What STUN messages travel on: one socket, and whole messages in and out
 * (RFC 8489 section 6.2): UDP, TCP, TLS, or DTLS (RFC 7350).
 *
 *	struct wire_cfg cfg = { .tool = tool, .local = any, .message = on_msg,
 *				.end = on_end, .arg = me };
 *	if (wire_open(&wire, &cfg) == 0)
 *		wire_send(wire, &server, data, len);
 *
 * A wire other than UDP has one remote, is ready when it is connected (and the
 * server's certificate was checked), and may end.
 */
#ifndef STUN_PROBE_WIRE_H
#define STUN_PROBE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct pc_tool;
struct wire;

enum wire_kind { WIRE_UDP, WIRE_TCP, WIRE_TLS, WIRE_DTLS };

#define WIRE_WHY 256

/* A message came; data is borrowed. The wire may be freed in it. */
typedef void wire_message_fn(void *arg, const struct pc_addr *from,
			     const uint8_t *data, size_t len);
/* Connected. The wire may not be freed in it. */
typedef void wire_ready_fn(void *arg);
/*
 * UDP: what was sent to `to` came back (ICMP). Others: the wire is over, `to`
 * is its remote. error is an errno, EKEYREJECTED for a certificate; why says
 * it in words. The wire may be freed in it.
 */
typedef void wire_end_fn(void *arg, const struct pc_addr *to, int error,
			 const char *why);

struct wire_tls {
	const char *name; /* whom the server's certificate must be for */
	const char *ca;   /* PEM file or folder; NULL: the system's */
	bool no_verify;
};

struct wire_cfg {
	struct pc_tool *tool;
	enum wire_kind kind;
	struct pc_addr local;  /* to bind; port 0 and any address allowed */
	struct pc_addr remote; /* not for UDP */
	struct wire_tls tls;
	bool channels; /* ChannelData may come, too (RFC 8656) */
	wire_message_fn *message;
	wire_ready_fn *ready; /* not for UDP */
	wire_end_fn *end;
	void *arg;
};

/* Returns 0, or -errno after one line (the socket cannot be had). */
int wire_open(struct wire **wire, const struct wire_cfg *cfg);
void wire_free(struct wire *wire); /* NULL is fine; says close_notify */

/*
 * Returns 0 or -errno; what passes by itself (a full buffer) is 0. But for
 * UDP, `to` does not matter, and the wire must be ready.
 */
int wire_send(struct wire *wire, const struct pc_addr *to, const void *data,
	      size_t len);

bool wire_ready(const struct wire *wire);

/* "udp", "tcp", "tls", "dtls"; whether what is sent arrives or it ends. */
const char *wire_name(enum wire_kind kind);
bool wire_is_reliable(enum wire_kind kind);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384", or NULL. */
const char *wire_cipher(const struct wire *wire);

/*
 * The address packets to `to` leave from; that it is not known is not what a
 * missing descriptor means: then -errno, else 0.
 */
int wire_local(const struct wire *wire, const struct pc_addr *to,
	       struct pc_addr *local);

/* Let packets that do not fit leave in fragments, whatever the path MTU. */
void wire_allow_fragments(struct wire *wire);

#endif
