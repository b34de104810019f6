/*
 * TLS as SIP uses it (RFC 3261 26.3, RFC 5922): a filter of bytes, without a
 * socket. What the network sent goes in and text comes out, and the other
 * way round.
 *
 *	struct pc_sip_tls_context *ctx;
 *	struct pc_sip_tls *tls;
 *	pc_sip_tls_context_new(&ctx, &(struct pc_sip_tls_config){ .ca = ca },
 *			       why, sizeof why);
 *	pc_sip_tls_new(&tls, ctx, "pbx.example", PC_SIP_TLS_CLIENT);
 *	send pc_sip_tls_out(tls), consume it
 *	pc_sip_tls_feed(tls, data, len, &plain);
 *	pc_sip_tls_write(tls, "REGISTER ...", n);
 *
 * TLS 1.2 at least (RFC 9325). A server's certificate is checked before any
 * text is let through: who signed it, and whether it is for that name.
 */
#ifndef PC_SIP_TLS_H
#define PC_SIP_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct pc_sip_tls_context;
struct pc_sip_tls;

struct pc_sip_tls_config {
	const char *ca;   /* PEM file or folder; NULL: the system's */
	const char *cert; /* our certificate (chain), PEM; NULL: none */
	const char *key;  /* its key; NULL: in cert's file */
	bool no_verify;   /* take any certificate from a server */
};

/*
 * Read the files.
 *   why  receives, on failure, which file and what is wrong with it
 * 0, -ENOENT (no such file), -EBADMSG (not what it should be) or -ENOMEM.
 */
int pc_sip_tls_context_new(struct pc_sip_tls_context **ctx,
			   const struct pc_sip_tls_config *config, char *why,
			   size_t size);
void pc_sip_tls_context_free(struct pc_sip_tls_context *ctx);

enum pc_sip_tls_role {
	PC_SIP_TLS_CLIENT, /* names as RFC 5922 7.2 has it: no wildcards */
	PC_SIP_TLS_HTTPS,  /* a client of wss: names as RFC 6125 has it */
	PC_SIP_TLS_SERVER, /* with our certificate; asks for theirs if there
			      is a ca in the config, and insists */
};

/*
 *   name  whom the server's certificate must be for: a domain, or an
 *         address ("192.0.2.1", "::1"); unused by a server
 * 0 or -ENOMEM. ctx is used as long as tls lives.
 */
int pc_sip_tls_new(struct pc_sip_tls **tls, struct pc_sip_tls_context *ctx,
		   const char *name, enum pc_sip_tls_role role);
void pc_sip_tls_free(struct pc_sip_tls *tls); /* NULL is fine */

/*
 * Take bytes from the network; text is appended to plain. Afterwards there
 * may be bytes to send, also on failure (an alert).
 * 0, -ECONNRESET (they said close_notify), -EKEYREJECTED (a certificate,
 * theirs or ours, was not accepted), -EPROTO (this is no TLS, or broken), or
 * -ENOMEM; pc_sip_tls_why says it in words.
 */
int pc_sip_tls_feed(struct pc_sip_tls *tls, const char *data, size_t len,
		    struct pc_buf *plain);
/* Begin (a client's hello). As feed. */
int pc_sip_tls_start(struct pc_sip_tls *tls);

/* Text to be sent, once it is ready. 0 or -EPROTO. */
int pc_sip_tls_write(struct pc_sip_tls *tls, const char *data, size_t len);
void pc_sip_tls_goodbye(struct pc_sip_tls *tls); /* close_notify */

/* Append what has to go to the network. */
void pc_sip_tls_take(struct pc_sip_tls *tls, struct pc_buf *out);

bool pc_sip_tls_ready(const struct pc_sip_tls *tls);
const char *pc_sip_tls_why(const struct pc_sip_tls *tls);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384", for people. */
void pc_sip_tls_describe(const struct pc_sip_tls *tls, char *text, size_t size);

#endif
