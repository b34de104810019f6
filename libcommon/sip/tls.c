/* TLS over memory; see tls.h. */
#include "sip/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/ca.h"
#include "sip/tls_name.h"

struct pc_sip_tls_context {
	SSL_CTX *client, *server;
	bool no_verify;
};

struct pc_sip_tls {
	SSL *ssl;
	BIO *in, *out;
	enum pc_sip_tls_role role;
	bool no_verify, ready;
	char *name;
	char why[300];
};

/* ---- the files ---- */

/* OpenSSL's last word on what went wrong, and forget the rest. */
static const char *reason(void)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = ERR_reason_error_string(e);

	ERR_clear_error();
	return text ? text : "unknown error";
}

static int fail(char *why, size_t size, const char *what, const char *path)
{
	if (access(path, R_OK) < 0) {
		snprintf(why, size, "%s %s: %s", what, path, strerror(errno));
		ERR_clear_error();
		return -ENOENT;
	}
	snprintf(why, size, "%s %s: not usable as PEM: %s", what, path,
		 reason());
	return -EBADMSG;
}

static int load_ca(SSL_CTX *ctx, const char *ca, char *why, size_t size)
{
	int rc = pc_ca_trust(ctx, ca);

	if (rc == 0 || !ca)
		return 0;
	if (rc == -EBADMSG)
		return fail(why, size, "--ca", ca);
	snprintf(why, size, "--ca %s: %s", ca, pc_buf_file_error(rc));
	return -ENOENT;
}

static int load_cert(SSL_CTX *ctx, const struct pc_sip_tls_config *cfg,
		     char *why, size_t size)
{
	const char *key = cfg->key ? cfg->key : cfg->cert;

	if (!cfg->cert)
		return 0;
	if (!SSL_CTX_use_certificate_chain_file(ctx, cfg->cert))
		return fail(why, size, "--cert", cfg->cert);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM))
		return 0;
	if (ERR_GET_REASON(ERR_peek_last_error()) ==
	    X509_R_KEY_VALUES_MISMATCH) {
		ERR_clear_error();
		snprintf(why, size, "--key %s: not the key of %s", key,
			 cfg->cert);
		return -EBADMSG;
	}
	return fail(why, size, "--key", key);
}

/* RFC 5924: a certificate made for SIP alone may say so, and not "server". */
static int on_verify(int ok, X509_STORE_CTX *store)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(store);
	ASN1_OBJECT *sip = OBJ_txt2obj("1.3.6.1.5.5.7.3.20", 1);
	EXTENDED_KEY_USAGE *usage;

	if (!ok && X509_STORE_CTX_get_error_depth(store) == 0 &&
	    X509_STORE_CTX_get_error(store) == X509_V_ERR_INVALID_PURPOSE) {
		usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
		for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++)
			ok = ok ||
			     OBJ_cmp(sk_ASN1_OBJECT_value(usage, i), sip) == 0;
		EXTENDED_KEY_USAGE_free(usage);
		if (ok)
			X509_STORE_CTX_set_error(store, X509_V_OK);
	}
	ASN1_OBJECT_free(sip);
	return ok;
}

static SSL_CTX *make(const SSL_METHOD *method,
		     const struct pc_sip_tls_config *cfg, int verify, int *rc,
		     char *why, size_t size)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	*rc = ctx ? 0 : -ENOMEM;
	if (!ctx)
		return NULL;
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_IGNORE_UNEXPECTED_EOF |
					 SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(ctx, verify, on_verify);
	*rc = load_ca(ctx, cfg->ca, why, size);
	if (*rc == 0)
		*rc = load_cert(ctx, cfg, why, size);
	if (*rc == 0)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

int pc_sip_tls_context_new(struct pc_sip_tls_context **out,
			   const struct pc_sip_tls_config *cfg, char *why,
			   size_t size)
{
	struct pc_sip_tls_context *ctx = calloc(1, sizeof *ctx);
	int theirs = cfg->ca ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
			     : SSL_VERIFY_NONE;
	int rc;

	snprintf(why, size, "out of memory");
	if (!ctx)
		return -ENOMEM;
	ctx->no_verify = cfg->no_verify;
	ctx->client = make(TLS_client_method(), cfg,
			   cfg->no_verify ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
			   &rc, why, size);
	if (rc == 0 && cfg->cert)
		ctx->server =
			make(TLS_server_method(), cfg, theirs, &rc, why, size);
	if (rc < 0) {
		pc_sip_tls_context_free(ctx);
		return rc;
	}
	*out = ctx;
	return 0;
}

void pc_sip_tls_context_free(struct pc_sip_tls_context *ctx)
{
	if (!ctx)
		return;
	SSL_CTX_free(ctx->client);
	SSL_CTX_free(ctx->server);
	free(ctx);
}

/* ---- a connection ---- */

int pc_sip_tls_new(struct pc_sip_tls **out, struct pc_sip_tls_context *ctx,
		   const char *name, enum pc_sip_tls_role role)
{
	bool server = role == PC_SIP_TLS_SERVER;
	struct pc_sip_tls *t = calloc(1, sizeof *t);
	struct pc_addr addr;

	if (!t)
		return -ENOMEM;
	t->role = role;
	t->no_verify = ctx->no_verify;
	t->name = strdup(name ? name : "");
	t->ssl = SSL_new(server ? ctx->server : ctx->client);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->name || !t->ssl || !t->in || !t->out) {
		BIO_free(t->in);
		BIO_free(t->out);
		t->in = t->out = NULL;
		pc_sip_tls_free(t);
		return -ENOMEM;
	}
	SSL_set_bio(t->ssl, t->in, t->out);
	if (server)
		SSL_set_accept_state(t->ssl);
	else
		SSL_set_connect_state(t->ssl);
	/* RFC 6066 3: a name, not an address */
	if (!server && *t->name && pc_addr_from_ip(&addr, t->name, 0) < 0)
		SSL_set_tlsext_host_name(t->ssl, t->name);
	*out = t;
	return 0;
}

void pc_sip_tls_free(struct pc_sip_tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl); /* and both BIOs */
	free(t->name);
	free(t);
}

/* What OpenSSL's alerts and errors mean for whoever runs this. */
static int explain(struct pc_sip_tls *t)
{
	long verified = SSL_get_verify_result(t->ssl);
	unsigned long e = ERR_peek_error();
	int why = ERR_GET_REASON(e);
	const char *who = t->role == PC_SIP_TLS_SERVER ? "client" : "server";

	if (why == SSL_R_CERTIFICATE_VERIFY_FAILED) {
		snprintf(t->why, sizeof t->why,
			 "the %s's certificate is not trusted: %s%s", who,
			 X509_verify_cert_error_string(verified),
			 t->role == PC_SIP_TLS_SERVER
				 ? ""
				 : " (--ca FILE says whom to trust)");
		ERR_clear_error();
		return -EKEYREJECTED;
	}
	switch (why) {
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		snprintf(t->why, sizeof t->why,
			 "the client showed no "
			 "certificate");
		break;
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		snprintf(t->why, sizeof t->why,
			 "the %s wants a certificate of ours (--cert, --key)",
			 who);
		break;
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		snprintf(t->why, sizeof t->why,
			 "the %s does not accept our certificate: %s", who,
			 ERR_reason_error_string(e));
		break;
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
		snprintf(t->why, sizeof t->why, "the %s does not speak TLS",
			 who);
		ERR_clear_error();
		return -EPROTO;
	default:
		snprintf(t->why, sizeof t->why, "TLS with the %s: %s", who,
			 reason());
		return -EPROTO;
	}
	ERR_clear_error();
	return -EKEYREJECTED;
}

/* The chain is good, or OpenSSL would have said so: is the name? */
static int check_name(struct pc_sip_tls *t)
{
	struct pc_buf names = { 0 };
	X509 *cert;

	if (t->role == PC_SIP_TLS_SERVER || t->no_verify)
		return 0;
	cert = SSL_get0_peer_certificate(t->ssl);
	if (cert &&
	    pc_sip_tls_name_fits(cert, t->name, t->role == PC_SIP_TLS_HTTPS))
		return 0;
	if (cert)
		pc_sip_tls_names(cert, &names);
	snprintf(t->why, sizeof t->why,
		 "the server's certificate is for %.150s, not for %.60s",
		 names.data ? names.data : "nobody", t->name);
	pc_buf_fini(&names);
	return -EKEYREJECTED;
}

static int shake(struct pc_sip_tls *t)
{
	int n = SSL_do_handshake(t->ssl);

	if (n == 1) {
		n = check_name(t);
		t->ready = n == 0;
		return n;
	}
	return SSL_get_error(t->ssl, n) == SSL_ERROR_WANT_READ ? 0 : explain(t);
}

int pc_sip_tls_start(struct pc_sip_tls *t)
{
	ERR_clear_error();
	return shake(t);
}

int pc_sip_tls_feed(struct pc_sip_tls *t, const char *data, size_t len,
		    struct pc_buf *plain)
{
	char chunk[8192];
	int n, rc = 0;

	ERR_clear_error();
	if (BIO_write(t->in, data, (int)len) != (int)len)
		return -ENOMEM;
	if (!t->ready)
		rc = shake(t);
	if (rc < 0 || !t->ready)
		return rc;
	while ((n = SSL_read(t->ssl, chunk, sizeof chunk)) > 0)
		pc_buf_add(plain, chunk, (size_t)n);
	if (plain->oom)
		return -ENOMEM;
	switch (SSL_get_error(t->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		snprintf(t->why, sizeof t->why,
			 "connection closed by the peer");
		return -ECONNRESET;
	default:
		return explain(t);
	}
}

int pc_sip_tls_write(struct pc_sip_tls *t, const char *data, size_t len)
{
	ERR_clear_error();
	if (len == 0 || SSL_write(t->ssl, data, (int)len) == (int)len)
		return 0;
	return explain(t);
}

void pc_sip_tls_goodbye(struct pc_sip_tls *t)
{
	ERR_clear_error();
	if (t->ready)
		SSL_shutdown(t->ssl);
	ERR_clear_error();
}

void pc_sip_tls_take(struct pc_sip_tls *t, struct pc_buf *out)
{
	char *data;
	long n = BIO_get_mem_data(t->out, &data);

	if (n > 0)
		pc_buf_add(out, data, (size_t)n);
	(void)BIO_reset(t->out);
}

bool pc_sip_tls_ready(const struct pc_sip_tls *t)
{
	return t->ready;
}

const char *pc_sip_tls_why(const struct pc_sip_tls *t)
{
	return t->why;
}

void pc_sip_tls_describe(const struct pc_sip_tls *t, char *text, size_t size)
{
	snprintf(text, size, "%s %s", SSL_get_version(t->ssl),
		 SSL_get_cipher_name(t->ssl));
}
