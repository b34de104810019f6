/* DTLS-SRTP over OpenSSL; see dtls.h. */
#include "media/dtls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/bytes.h"
#include "media/dtls_bio.h"
#include "media/dtls_identity.h"

enum {
	MTU = 1200,
	RECORD = 13,            /* a record's header ... */
	EPOCH = 3,              /* ... where in it the epoch is */
	FIRST_WAIT_US = 200000, /* RFC 6347 says 1 s; a call cannot wait */
	WAIT_MAX_US = 3000000,
};

#define PROFILES                                                               \
	"SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:"                         \
	"SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32"
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES"

struct pc_dtls {
	SSL_CTX *ctx;
	SSL *ssl;
	bool server, closed;
	enum pc_dtls_state state;
	struct pc_dtls_wire wire;
	void (*secret)(void *arg, const char *line);
	void *arg;
	char why[160];
};

/* Any certificate will do here: its fingerprint is compared later. */
static int accept_any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

static unsigned next_wait(SSL *ssl, unsigned us)
{
	(void)ssl;
	if (us == 0)
		return FIRST_WAIT_US;
	return us * 2 < WAIT_MAX_US ? us * 2 : WAIT_MAX_US;
}

static SSL_CTX *make_context(const struct pc_dtls_identity *id)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_method());

	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET |
					 SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_SINGLE_ECDH_USE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(ctx, 1); /* a datagram is read whole */
	SSL_CTX_set_verify(ctx,
			   SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			   accept_any);
	if (SSL_CTX_use_certificate(ctx, id->cert) == 1 &&
	    SSL_CTX_use_PrivateKey(ctx, id->key) == 1 &&
	    SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1 &&
	    SSL_CTX_set_tlsext_use_srtp(ctx, PROFILES) == 0)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

static void on_secret(const SSL *ssl, const char *line)
{
	struct pc_dtls *d = SSL_get_app_data(ssl);

	d->secret(d->arg, line);
}

int pc_dtls_new(struct pc_dtls **dtls, const struct pc_dtls_config *config)
{
	struct pc_dtls *d = calloc(1, sizeof(*d));
	BIO *bio;

	if (!d)
		return -ENOMEM;
	d->server = config->server;
	d->wire.send = config->send;
	d->wire.arg = config->arg;
	d->wire.mtu = config->mtu ? config->mtu : MTU;
	d->ctx = make_context(config->identity);
	d->ssl = d->ctx ? SSL_new(d->ctx) : NULL;
	bio = d->ssl ? pc_dtls_bio_new(&d->wire) : NULL;
	if (!bio) {
		pc_dtls_free(d);
		return -ENOMEM;
	}
	SSL_set_bio(d->ssl, bio, bio);
	d->secret = config->secret;
	d->arg = config->arg;
	if (d->secret) {
		SSL_set_app_data(d->ssl, d);
		SSL_CTX_set_keylog_callback(d->ctx, on_secret);
	}
	SSL_set_mtu(d->ssl, d->wire.mtu);
	DTLS_set_timer_cb(d->ssl, next_wait);
	if (d->server)
		SSL_set_accept_state(d->ssl);
	else
		SSL_set_connect_state(d->ssl);
	*dtls = d;
	return 0;
}

void pc_dtls_free(struct pc_dtls *d)
{
	if (!d)
		return;
	SSL_free(d->ssl);
	SSL_CTX_free(d->ctx);
	free(d);
}

static enum pc_dtls_state fail(struct pc_dtls *d)
{
	unsigned long err = ERR_peek_last_error();
	const char *reason = err ? ERR_reason_error_string(err) : NULL;

	strncpy(d->why, reason ? reason : "the handshake failed",
		sizeof(d->why) - 1);
	ERR_clear_error();
	return d->state = PC_DTLS_FAILED;
}

/* Do what can be done with what has come. */
static enum pc_dtls_state advance(struct pc_dtls *d)
{
	char junk[2048];
	int n;

	if (d->state >= PC_DTLS_CLOSED)
		return d->state;
	ERR_clear_error();
	/* The handshake, then alerts; data is for channels we do not have. */
	do {
		n = d->state == PC_DTLS_CONNECTED
			    ? SSL_read(d->ssl, junk, sizeof(junk))
			    : SSL_do_handshake(d->ssl);
		if (n > 0 && d->state == PC_DTLS_CONNECTING)
			d->state = PC_DTLS_CONNECTED;
	} while (n > 0);
	switch (SSL_get_error(d->ssl, n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return d->state;
	case SSL_ERROR_ZERO_RETURN:
		return d->state = PC_DTLS_CLOSED;
	default:
		return fail(d);
	}
}

enum pc_dtls_state pc_dtls_start(struct pc_dtls *d)
{
	return advance(d);
}

/* The least that a record under the keys can have: a tag, GCM's nonce too. */
static size_t shortest_sealed(const struct pc_dtls *d)
{
	const SSL_CIPHER *c = SSL_get_current_cipher(d->ssl);
	bool chacha =
		c && SSL_CIPHER_get_cipher_nid(c) == NID_chacha20_poly1305;

	return chacha ? 16 : 24;
}

/*
 * OpenSSL ends the handshake over what RFC 6347 4.1.2.7 would have ignored: a
 * record of a type that is not agreed on (heartbeat, CID), and one of the next
 * epoch, kept until there are keys, that is shorter than a tag (3.0.19). Either
 * would let anybody who can guess our port end a call before it begins.
 */
static bool known_records(const struct pc_dtls *d, const uint8_t *buf,
			  size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t body;

		if (buf[at] < SSL3_RT_CHANGE_CIPHER_SPEC ||
		    buf[at] > SSL3_RT_APPLICATION_DATA || len - at < RECORD)
			return false;
		body = pc_get16(buf + at + RECORD - 2);
		if (pc_get16(buf + at + EPOCH) && body < shortest_sealed(d))
			return false;
		at += RECORD + body;
	}
	return true;
}

enum pc_dtls_state pc_dtls_take(struct pc_dtls *d, const uint8_t *buf,
				size_t len)
{
	if (!pc_dtls_is(buf, len) || !known_records(d, buf, len))
		return d->state;
	d->wire.datagram = buf;
	d->wire.len = len;
	advance(d);
	d->wire.datagram = NULL;
	d->wire.len = 0;
	return d->state;
}

int64_t pc_dtls_wait_us(struct pc_dtls *d)
{
	struct timeval tv;

	if (d->state >= PC_DTLS_CLOSED || !DTLSv1_get_timeout(d->ssl, &tv))
		return -1;
	return (int64_t)tv.tv_sec * 1000000 + tv.tv_usec;
}

enum pc_dtls_state pc_dtls_expire(struct pc_dtls *d)
{
	if (d->state >= PC_DTLS_CLOSED)
		return d->state;
	ERR_clear_error();
	return DTLSv1_handle_timeout(d->ssl) < 0 ? fail(d) : d->state;
}

void pc_dtls_close(struct pc_dtls *d)
{
	if (d->closed ||
	    (d->state != PC_DTLS_CONNECTED && d->state != PC_DTLS_CLOSED))
		return;
	d->closed = true;
	ERR_clear_error();
	SSL_shutdown(d->ssl);
}

const char *pc_dtls_why(const struct pc_dtls *d)
{
	return d->why;
}

const char *pc_dtls_cipher(const struct pc_dtls *d)
{
	return SSL_get_cipher_name(d->ssl);
}

const char *pc_dtls_profile(const struct pc_dtls *d)
{
	const SRTP_PROTECTION_PROFILE *p =
		SSL_get_selected_srtp_profile(d->ssl);

	return p ? p->name : "none";
}

int pc_dtls_peer_is(const struct pc_dtls *d, const char *hash,
		    const uint8_t *bytes, size_t len)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	const EVP_MD *md = pc_dtls_hash(hash);
	X509 *cert = SSL_get0_peer_certificate(d->ssl);

	if (!md)
		return -ENOTSUP;
	if (d->state != PC_DTLS_CONNECTED || !cert ||
	    X509_digest(cert, md, digest, &n) != 1)
		return -ENOTCONN;
	return n == len && memcmp(digest, bytes, n) == 0 ? 0 : -EACCES;
}

int pc_dtls_keys(struct pc_dtls *d, struct pc_srtp_keys *keys)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	const SRTP_PROTECTION_PROFILE *p =
		SSL_get_selected_srtp_profile(d->ssl);
	uint8_t m[2 * PC_SRTP_KEY_MAX];
	uint8_t *client = d->server ? keys->in : keys->out;
	uint8_t *server = d->server ? keys->out : keys->in;
	size_t key, salt;

	if (d->state != PC_DTLS_CONNECTED)
		return -ENOTCONN;
	memset(keys, 0, sizeof(*keys));
	keys->profile = p ? (enum pc_srtp_profile)p->id : PC_SRTP_NONE;
	key = pc_srtp_key_len(keys->profile);
	salt = pc_srtp_salt_len(keys->profile);
	if (key == 0 ||
	    SSL_export_keying_material(d->ssl, m, 2 * (key + salt), label,
				       sizeof(label) - 1, NULL, 0, 0) != 1)
		return -EPROTO;
	/* client key, server key, client salt, server salt */
	memcpy(client, m, key);
	memcpy(server, m + key, key);
	memcpy(client + key, m + 2 * key, salt);
	memcpy(server + key, m + 2 * key + salt, salt);
	explicit_bzero(m, sizeof(m));
	return 0;
}
