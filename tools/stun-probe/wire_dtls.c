/* STUN over DTLS (RFC 7350): a client that checks whose certificate it is. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ca.h"
#include "loop/tool.h"
#include "media/dtls_bio.h"
#include "sip/tls_name.h"
#include "wire_private.h"

#define MTU 1200 /* of a handshake datagram's payload */

struct dtls {
	SSL_CTX *ctx;
	SSL *ssl;
	struct pc_dtls_wire io;
	struct pc_timer *timer;
	bool begun, over;
};

static void send_datagram(void *arg, const uint8_t *buf, size_t len)
{
	struct wire *w = arg;

	(void)sendto(w->fd, buf, len, 0, &w->cfg.remote.sa, w->cfg.remote.len);
}

static void end(struct wire *w, int error, const char *why)
{
	w->ready = false;
	w->dtls->over = true;
	pc_timer_cancel(w->dtls->timer);
	w->cfg.end(w->cfg.arg, &w->cfg.remote, error, why);
}

static void set_timer(struct wire *w)
{
	struct timeval tv;

	if (DTLSv1_get_timeout(w->dtls->ssl, &tv))
		pc_timer_set_us(w->dtls->timer, (uint64_t)tv.tv_sec * 1000000 +
							(uint64_t)tv.tv_usec);
	else
		pc_timer_cancel(w->dtls->timer);
}

/* --- the handshake ---------------------------------------------------- */

static void fail(struct wire *w)
{
	unsigned long e = ERR_peek_last_error();
	long verified = SSL_get_verify_result(w->dtls->ssl);
	const char *reason = e ? ERR_reason_error_string(e) : NULL;
	char why[WIRE_WHY];
	bool untrusted = verified != X509_V_OK && !w->cfg.tls.no_verify;

	ERR_clear_error();
	if (untrusted)
		snprintf(why, sizeof(why),
			 "the server's certificate is not trusted: %s (--ca "
			 "FILE says whom to trust)",
			 X509_verify_cert_error_string(verified));
	else
		snprintf(why, sizeof(why), "DTLS with the server: %s",
			 reason ? reason : "the handshake failed");
	end(w, untrusted ? EKEYREJECTED : EPROTO, why);
}

/* The chain is good, or OpenSSL would have said so: is the name? */
static bool name_fits(struct wire *w)
{
	X509 *cert = SSL_get0_peer_certificate(w->dtls->ssl);
	struct pc_buf names = { 0 };
	char why[WIRE_WHY];

	if (w->cfg.tls.no_verify ||
	    (cert && pc_sip_tls_name_fits(cert, w->cfg.tls.name, true)))
		return true;
	if (cert)
		pc_sip_tls_names(cert, &names);
	snprintf(why, sizeof(why),
		 "the server's certificate is for %.150s, not for %.60s",
		 names.data ? names.data : "nobody", w->cfg.tls.name);
	pc_buf_fini(&names);
	end(w, EKEYREJECTED, why);
	return false;
}

/* Returns whether the wire is still there and ready. */
static bool shake(struct wire *w)
{
	SSL *ssl = w->dtls->ssl;
	int n;

	ERR_clear_error();
	n = SSL_do_handshake(ssl);
	if (n == 1) {
		if (!name_fits(w))
			return false;
		pc_timer_cancel(w->dtls->timer);
		snprintf(w->cipher, sizeof(w->cipher), "%s %s",
			 SSL_get_version(ssl), SSL_get_cipher_name(ssl));
		w->ready = true;
		w->cfg.ready(w->cfg.arg);
		return true;
	}
	if (SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ)
		set_timer(w);
	else
		fail(w);
	return false;
}

/* The first time it begins: wire_open's caller does not have the wire yet. */
static void on_timer(void *arg)
{
	struct wire *w = arg;

	if (!w->dtls->begun) {
		w->dtls->begun = true;
		(void)shake(w);
		return;
	}
	ERR_clear_error();
	if (DTLSv1_handle_timeout(w->dtls->ssl) < 0)
		fail(w);
	else
		set_timer(w);
}

/* --- messages --------------------------------------------------------- */

void wire_dtls_take(struct wire *w, const uint8_t *data, size_t len)
{
	static uint8_t plain[65536];
	struct dtls *d = w->dtls;
	int n;

	if (d->over)
		return;
	d->io.datagram = data;
	d->io.len = len;
	if (!w->ready && !shake(w))
		return;
	ERR_clear_error();
	n = SSL_read(d->ssl, plain, sizeof(plain));
	if (n > 0) {
		struct pc_addr from = w->cfg.remote;

		w->cfg.message(w->cfg.arg, &from, plain, (size_t)n);
	} else if (SSL_get_error(d->ssl, n) == SSL_ERROR_ZERO_RETURN) {
		end(w, ECONNRESET, "the server closed the connection");
	} else if (SSL_get_error(d->ssl, n) != SSL_ERROR_WANT_READ) {
		fail(w);
	}
}

int wire_dtls_send(struct wire *w, const void *data, size_t len)
{
	ERR_clear_error();
	return SSL_write(w->dtls->ssl, data, (int)len) > 0 ? 0 : -EPROTO;
}

/* --- start and end ---------------------------------------------------- */

static int make_context(struct wire *w, struct dtls *d)
{
	const struct wire_tls *t = &w->cfg.tls;

	d->ctx = SSL_CTX_new(DTLS_client_method());
	if (!d->ctx)
		return -ENOMEM;
	SSL_CTX_set_min_proto_version(d->ctx, DTLS1_2_VERSION);
	SSL_CTX_set_verify(
		d->ctx, t->no_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if (!t->no_verify && pc_ca_trust(d->ctx, t->ca) < 0) {
		ERR_clear_error();
		if (t->ca && access(t->ca, R_OK) < 0) {
			pc_warn("--ca %s", t->ca);
			return -ENOENT;
		}
		pc_warnx("--ca %s: no certificates (PEM) there",
			 t->ca ? t->ca : "(the system's)");
		return -EBADMSG;
	}
	return 0;
}

static int make_ssl(struct wire *w, struct dtls *d)
{
	struct pc_addr literal;
	BIO *bio;

	d->ssl = SSL_new(d->ctx);
	bio = d->ssl ? pc_dtls_bio_new(&d->io) : NULL;
	if (!bio)
		return -ENOMEM;
	SSL_set_bio(d->ssl, bio, bio);
	SSL_set_options(d->ssl, SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(d->ssl, MTU);
	SSL_set_connect_state(d->ssl);
	/* RFC 6066 section 3: no addresses */
	if (pc_addr_from_ip(&literal, w->cfg.tls.name, 0) != 0)
		SSL_set_tlsext_host_name(d->ssl, w->cfg.tls.name);
	return 0;
}

int wire_dtls_open(struct wire *w)
{
	struct dtls *d = calloc(1, sizeof(*d));
	int rc;

	w->dtls = d;
	if (!d)
		return -ENOMEM;
	d->io.mtu = MTU;
	d->io.send = send_datagram;
	d->io.arg = w;
	rc = make_context(w, d);
	if (rc == 0)
		rc = make_ssl(w, d);
	d->timer = pc_timer_new(w->cfg.tool->loop, on_timer, w);
	if (!d->timer)
		return -ENOMEM;
	if (rc == 0)
		pc_timer_set(d->timer, 0);
	return rc;
}

void wire_dtls_free(struct wire *w)
{
	struct dtls *d = w->dtls;

	if (w->ready && d->ssl)
		SSL_shutdown(d->ssl);
	SSL_free(d->ssl);
	SSL_CTX_free(d->ctx);
	pc_timer_free(d->timer);
	free(d);
}
