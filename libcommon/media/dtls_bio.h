/*
 * OpenSSL's view of our datagrams: each write is one out, each read the one
 * that has come in. (A memory BIO would run datagrams together.) Private.
 */
#ifndef PC_MEDIA_DTLS_BIO_H
#define PC_MEDIA_DTLS_BIO_H

#include <openssl/bio.h>
#include <stddef.h>
#include <stdint.h>

struct pc_dtls_wire {
	const uint8_t *datagram; /* to be read; NULL: none */
	size_t len;
	unsigned mtu;
	void (*send)(void *arg, const uint8_t *buf, size_t len);
	void *arg;
};

BIO *pc_dtls_bio_new(struct pc_dtls_wire *wire); /* wire outlives it */

#endif
