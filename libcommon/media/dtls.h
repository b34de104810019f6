/*
 * DTLS 1.2 that agrees on SRTP keys (RFC 6347, RFC 5764), over OpenSSL.
 * No socket and no timer in here: datagrams go in by pc_dtls_take, out by
 * send, and pc_dtls_wait_us says when to call pc_dtls_expire.
 *
 *	pc_dtls_identity_new(&id);
 *	pc_dtls_new(&dtls, &(struct pc_dtls_config){ .identity = id, ... });
 *	state = pc_dtls_start(dtls);
 *	...state = pc_dtls_take(dtls, datagram, len)...
 *	if (state == PC_DTLS_CONNECTED &&
 *	    pc_dtls_peer_is(dtls, "sha-256", bytes, 32) == 0)
 *		pc_dtls_keys(dtls, &keys);
 *
 * Certificates are self-signed; who the peer is, only the fingerprint in its
 * description says (RFC 8122). Check it before keys are used.
 */
#ifndef PC_MEDIA_DTLS_H
#define PC_MEDIA_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/srtp.h"

#define PC_DTLS_FINGERPRINT_TEXT 128

struct pc_dtls;
struct pc_dtls_identity;

/* A new ECDSA P-256 key and a certificate for it. 0 or -ENOMEM. */
int pc_dtls_identity_new(struct pc_dtls_identity **identity);
/*
 * The same from a file: PEM, the certificate and its key. 0, -errno, or
 * -EBADMSG when there is none, or they do not belong together.
 */
int pc_dtls_identity_load(struct pc_dtls_identity **identity, const char *path);
void pc_dtls_identity_free(struct pc_dtls_identity *identity);

/* "sha-256 AB:CD:..." as a=fingerprint has it. 0 or -EINVAL. */
int pc_dtls_identity_text(const struct pc_dtls_identity *identity,
			  char text[PC_DTLS_FINGERPRINT_TEXT]);

enum pc_dtls_state {
	PC_DTLS_CONNECTING,
	PC_DTLS_CONNECTED,
	PC_DTLS_CLOSED, /* the peer said close_notify */
	PC_DTLS_FAILED, /* pc_dtls_why says why */
};

struct pc_dtls_config {
	const struct pc_dtls_identity *identity; /* outlives the pc_dtls */
	bool server;                             /* a=setup:passive */
	unsigned mtu; /* of a datagram's payload; 0: 1200 */
	void (*send)(void *arg, const uint8_t *buf, size_t len);
	/* The secrets, as a line of an SSLKEYLOGFILE; or NULL. */
	void (*secret)(void *arg, const char *line);
	void *arg;
};

/* 0 or -ENOMEM. */
int pc_dtls_new(struct pc_dtls **dtls, const struct pc_dtls_config *config);
void pc_dtls_free(struct pc_dtls *dtls); /* NULL is fine; says nothing */

/* A client sends its ClientHello. */
enum pc_dtls_state pc_dtls_start(struct pc_dtls *dtls);
/* Take one datagram. Junk is ignored, as RFC 6347 4.1.2.7 asks. */
enum pc_dtls_state pc_dtls_take(struct pc_dtls *dtls, const uint8_t *buf,
				size_t len);
/* Microseconds until pc_dtls_expire is due, or -1. */
int64_t pc_dtls_wait_us(struct pc_dtls *dtls);
/* Send the last flight again. */
enum pc_dtls_state pc_dtls_expire(struct pc_dtls *dtls);
/* Say close_notify, once. */
void pc_dtls_close(struct pc_dtls *dtls);

const char *pc_dtls_why(const struct pc_dtls *dtls);
const char *pc_dtls_cipher(const struct pc_dtls *dtls);
const char *pc_dtls_profile(const struct pc_dtls *dtls); /* or "none" */

/* Is this hash of RFC 8122 one that may be relied on? */
bool pc_dtls_hash_known(const char *hash);
/*
 * Is this the hash of the peer's certificate? 0, -EACCES (no), -ENOTSUP (the
 * hash is not known) or -ENOTCONN.
 */
int pc_dtls_peer_is(const struct pc_dtls *dtls, const char *hash,
		    const uint8_t *bytes, size_t len);

/*
 * The SRTP keys (RFC 5764 4.2). 0, -EPROTO (no profile agreed on) or
 * -ENOTCONN.
 */
int pc_dtls_keys(struct pc_dtls *dtls, struct pc_srtp_keys *keys);

/* RFC 7983: is this datagram DTLS? */
static inline bool pc_dtls_is(const uint8_t *buf, size_t len)
{
	return len >= 13 && buf[0] >= 20 && buf[0] <= 63;
}

/* Does it begin a handshake (a ClientHello)? */
static inline bool pc_dtls_is_hello(const uint8_t *buf, size_t len)
{
	return len >= 14 && buf[0] == 22 && !buf[3] && !buf[4] && buf[13] == 1;
}

/* "ClientHello", "Finished ..." for a trace: what the first record is. */
const char *pc_dtls_describe(const uint8_t *buf, size_t len);

#endif
