/* A DTLS end's key and certificate. Private. */
#ifndef PC_MEDIA_DTLS_IDENTITY_H
#define PC_MEDIA_DTLS_IDENTITY_H

#include <openssl/x509.h>

struct pc_dtls_identity {
	EVP_PKEY *key;
	X509 *cert;
};

/* The digest that RFC 8122 calls hash; NULL for MD5, MD2 and the unknown. */
const EVP_MD *pc_dtls_hash(const char *hash);

#endif
