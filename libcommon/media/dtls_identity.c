/* Self-signed certificates and their fingerprints (RFC 8122). */
#include "media/dtls_identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "base/home.h"
#include "media/dtls.h"

enum { DAY = 86400, VALID_DAYS = 30 };

const EVP_MD *pc_dtls_hash(const char *hash)
{
	if (strcasecmp(hash, "sha-256") == 0)
		return EVP_sha256();
	if (strcasecmp(hash, "sha-384") == 0)
		return EVP_sha384();
	if (strcasecmp(hash, "sha-512") == 0)
		return EVP_sha512();
	if (strcasecmp(hash, "sha-224") == 0)
		return EVP_sha224();
	return strcasecmp(hash, "sha-1") == 0 ? EVP_sha1() : NULL;
}

bool pc_dtls_hash_known(const char *hash)
{
	return pc_dtls_hash(hash) != NULL;
}

/* Nothing in it names a person or machine: only its hash matters. */
static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *name = cert ? X509_get_subject_name(cert) : NULL;
	uint64_t serial;

	if (name && RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	    X509_set_version(cert, 2) == 1 &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), VALID_DAYS * DAY) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				       (const unsigned char *)"pipecall", -1,
				       -1, 0) == 1 &&
	    X509_set_issuer_name(cert, name) == 1 &&
	    X509_set_pubkey(cert, key) == 1 &&
	    X509_sign(cert, key, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

int pc_dtls_identity_new(struct pc_dtls_identity **identity)
{
	struct pc_dtls_identity *id = calloc(1, sizeof(*id));

	if (!id)
		return -ENOMEM;
	id->key = EVP_EC_gen("P-256");
	id->cert = id->key ? make_certificate(id->key) : NULL;
	if (!id->cert) {
		pc_dtls_identity_free(id);
		return -ENOMEM;
	}
	*identity = id;
	return 0;
}

int pc_dtls_identity_load(struct pc_dtls_identity **identity, const char *path)
{
	struct pc_dtls_identity *id = calloc(1, sizeof(*id));
	char nobody[] = ""; /* is asked for a password */
	char room[PC_HERE];
	FILE *file = id ? fopen(pc_here(path, room), "re") : NULL;
	int rc = id && file ? 0 : -errno;

	if (file) {
		id->cert = PEM_read_X509(file, NULL, NULL, NULL);
		rewind(file); /* in any order */
		id->key = PEM_read_PrivateKey(file, NULL, NULL, nobody);
		fclose(file);
		if (!id->cert || !id->key ||
		    X509_check_private_key(id->cert, id->key) != 1)
			rc = -EBADMSG;
		ERR_clear_error();
	}
	if (rc < 0)
		pc_dtls_identity_free(id);
	else
		*identity = id;
	return rc;
}

void pc_dtls_identity_free(struct pc_dtls_identity *id)
{
	if (!id)
		return;
	X509_free(id->cert);
	EVP_PKEY_free(id->key);
	free(id);
}

int pc_dtls_identity_text(const struct pc_dtls_identity *id,
			  char text[PC_DTLS_FINGERPRINT_TEXT])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int at;

	if (X509_digest(id->cert, EVP_sha256(), digest, &n) != 1)
		return -EINVAL;
	at = snprintf(text, PC_DTLS_FINGERPRINT_TEXT, "sha-256 ");
	for (unsigned i = 0; i < n; i++)
		at += snprintf(text + at, PC_DTLS_FINGERPRINT_TEXT - at,
			       "%s%02X", i ? ":" : "", digest[i]);
	return 0;
}
