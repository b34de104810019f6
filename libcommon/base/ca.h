/*
 * Whom to trust: the certificate authorities of --ca.
 */
#ifndef PC_BASE_CA_H
#define PC_BASE_CA_H

#include <openssl/types.h>

/*
 * Trust those of a PEM file, of a folder of them (c_rehash), or of the system
 * (NULL). 0, -EBADMSG (no certificate in it) or as pc_buf_read_file.
 */
int pc_ca_trust(SSL_CTX *ctx, const char *path);

#endif
