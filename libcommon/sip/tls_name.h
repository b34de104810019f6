/*
 * Whose certificate is it? The SIP identities in a certificate (RFC 5922
 * section 7), and the names of RFC 6125 for wss.
 */
#ifndef PC_SIP_TLS_NAME_H
#define PC_SIP_TLS_NAME_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "base/buf.h"

/*
 * Whether the certificate is for that domain or address: one of its
 * subjectAltNames (DNS, iPAddress, or a URI "sip:" and the domain), or, when
 * it has none of these kinds, its subject's CN (7.1).
 *   wildcards  "*.example.com" fits "a.example.com" (RFC 6125 6.4.3); for
 *              SIP it does not (RFC 5922 7.2)
 */
bool pc_sip_tls_name_fits(X509 *cert, const char *name, bool wildcards);

/* Append the names it is for, for people: "a.example, b.example". */
void pc_sip_tls_names(X509 *cert, struct pc_buf *out);

#endif
