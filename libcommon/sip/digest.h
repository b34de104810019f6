/*
 * Digest access authentication (RFC 7616, RFC 8760) for SIP.
 *
 * Pure: the client nonce is given, so that the RFC's examples can be tests.
 */
#ifndef PC_SIP_DIGEST_H
#define PC_SIP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * H(user:realm:password), as htdigest(1) writes it: it opens that realm alone,
 * and tells nobody the password. 32 hex digits are MD5's, 64 SHA-256's.
 */
struct pc_sip_ha1 {
	const char *user, *realm, *hash;
};

struct pc_sip_credentials {
	const char *user;
	const char *password; /* or NULL, and: */
	const struct pc_sip_ha1 *ha1;
	size_t n_ha1;
};

/*
 * Answer one challenge.
 *   challenge  the value of WWW-Authenticate / Proxy-Authenticate
 *              ("Digest realm=..., nonce=...")
 *   nc         nonce count, 1 for the first use of this nonce
 *   cnonce     client nonce, used when qop is
 *   body, len  the request's, which auth-int covers (RFC 7616 3.4.3); NULL: it
 *              is not known, and auth-int not possible. auth is preferred.
 *   out        receives the value of Authorization
 * Returns 0, -EINVAL (not a Digest challenge), -ENOTSUP (an algorithm or qop
 * we do not know: MD5, SHA-256 and SHA-512-256, each also as -sess, with qop auth,
 * auth-int and none are known; or no HA1 is there for it) or -ENOMEM.
 */
int pc_sip_digest_answer(struct pc_buf *out, const char *challenge,
			 const struct pc_sip_credentials *credentials,
			 const char *method, const char *uri, uint32_t nc,
			 const char *cnonce, const char *body, size_t len);

/*
 * Of several challenges, the index of the one to answer: the strongest known
 * algorithm (RFC 8760 2.4 lets the client choose among those offered), or -1.
 */
int pc_sip_digest_choose(const char *const *challenges, size_t n);

/* The same among those that these credentials can answer. */
int pc_sip_digest_choose_for(const char *const *challenges, size_t n,
			     const struct pc_sip_credentials *credentials);

/*
 * Whether the challenge says stale=true (RFC 7616 3.3): the password was
 * right, only the nonce is too old, so one more answer may be tried.
 */
bool pc_sip_digest_stale(const char *challenge);

#endif
