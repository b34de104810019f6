/* What the files of the wire share. */
#ifndef STUN_PROBE_WIRE_PRIVATE_H
#define STUN_PROBE_WIRE_PRIVATE_H

#include "base/buf.h"
#include "loop/loop.h"
#include "wire.h"

struct dtls;
struct pc_sip_tls;
struct pc_sip_tls_context;

struct wire {
	struct wire_cfg cfg; /* local: what was bound */
	int fd;
	struct pc_watch *watch;
	bool ready;
	char cipher[64];

	/* of a stream */
	bool connected;
	int failed;             /* errno, when connect() failed at once */
	struct pc_timer *again; /* there may be one more message in `in` */
	struct pc_buf in, out;  /* plain text; what the socket is to send */
	struct pc_sip_tls_context *ctx;
	struct pc_sip_tls *tls;

	struct dtls *dtls;
};

/* Of a socket's error: is it one that does not pass by itself? */
bool wire_is_final(int error);

int wire_stream_open(struct wire *wire);
void wire_stream_free(struct wire *wire);
int wire_stream_send(struct wire *wire, const void *data, size_t len);

int wire_dtls_open(struct wire *wire);
void wire_dtls_free(struct wire *wire);
int wire_dtls_send(struct wire *wire, const void *data, size_t len);
/* A datagram of the remote came. */
void wire_dtls_take(struct wire *wire, const uint8_t *data, size_t len);

#endif
