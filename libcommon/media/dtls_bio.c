/* Datagrams for OpenSSL; and the names of what is in them. */
#include "media/dtls_bio.h"

#include <string.h>

#include "media/dtls.h"

static int bio_write(BIO *bio, const char *buf, int len)
{
	struct pc_dtls_wire *w = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	w->send(w->arg, (const uint8_t *)buf, (size_t)len);
	return len;
}

static int bio_read(BIO *bio, char *buf, int max)
{
	struct pc_dtls_wire *w = BIO_get_data(bio);
	size_t n = w->len < (size_t)max ? w->len : (size_t)max;

	BIO_clear_retry_flags(bio);
	if (!w->datagram) {
		BIO_set_retry_read(bio);
		return -1;
	}
	memcpy(buf, w->datagram, n);
	w->datagram = NULL;
	return (int)n;
}

static long bio_ctrl(BIO *bio, int cmd, long num, void *ptr)
{
	struct pc_dtls_wire *w = BIO_get_data(bio);

	(void)num;
	(void)ptr;
	switch (cmd) {
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return w->mtu;
	default:
		return 0;
	}
}

static int bio_create(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO *pc_dtls_bio_new(struct pc_dtls_wire *wire)
{
	static BIO_METHOD *method;
	BIO *bio;

	if (!method) {
		method =
			BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
				     "pipecall datagrams");
		if (!method)
			return NULL;
		BIO_meth_set_write(method, bio_write);
		BIO_meth_set_read(method, bio_read);
		BIO_meth_set_ctrl(method, bio_ctrl);
		BIO_meth_set_create(method, bio_create);
	}
	bio = BIO_new(method);
	if (bio)
		BIO_set_data(bio, wire);
	return bio;
}

const char *pc_dtls_describe(const uint8_t *buf, size_t len)
{
	if (len < 14)
		return "short record";
	switch (buf[0]) {
	case 20:
		return "ChangeCipherSpec";
	case 21:
		return buf[3] || buf[4] ? "Alert (encrypted)" : "Alert";
	case 23:
		return "application data";
	case 22:
		break;
	default:
		return "unknown record";
	}
	if (buf[3] || buf[4])
		return "Finished (encrypted)";
	switch (buf[13]) {
	case 1:
		return "ClientHello";
	case 2:
		return "ServerHello";
	case 3:
		return "HelloVerifyRequest";
	case 11:
		return "Certificate";
	case 12:
		return "ServerKeyExchange";
	case 13:
		return "CertificateRequest";
	case 14:
		return "ServerHelloDone";
	case 15:
		return "CertificateVerify";
	case 16:
		return "ClientKeyExchange";
	default:
		return "handshake message";
	}
}
