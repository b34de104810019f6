#include "base/ca.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "base/buf.h"

#define FILE_MAX (8u << 20)

static unsigned add_all(X509_STORE *store, const struct pc_buf *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	unsigned n = 0;
	X509 *x;

	while (bio && (x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(store, x) == 1;
		X509_free(x);
	}
	BIO_free(bio);
	if (n > 0)
		ERR_clear_error(); /* the end of the file is one, too */
	return n;
}

/* Not OpenSSL's way to read a file, which waits for a FIFO for ever. */
static int trust_file(SSL_CTX *ctx, const char *path)
{
	struct pc_buf pem = { 0 };
	int rc = pc_buf_read_file(&pem, path, FILE_MAX);

	if (rc == 0 &&
	    (pem.len == 0 || add_all(SSL_CTX_get_cert_store(ctx), &pem) == 0))
		rc = -EBADMSG;
	pc_buf_fini(&pem);
	return rc;
}

int pc_ca_trust(SSL_CTX *ctx, const char *path)
{
	struct stat st;
	int ok;

	if (path && (stat(path, &st) < 0 || !S_ISDIR(st.st_mode)))
		return trust_file(ctx, path);
	ok = path ? SSL_CTX_load_verify_dir(ctx, path)
		  : SSL_CTX_set_default_verify_paths(ctx);
	return ok ? 0 : -EBADMSG;
}
