/*
 * DTLS-SRTP with a client that is not ours but OpenSSL's own: what it may offer
 * (RFC 5764 4.1), and certificates.
 */
#include <check.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "media/dtls.h"
#include "media/dtls_bio.h"
#include "media/dtls_identity.h"

enum { QUEUE = 64, DATAGRAM = 2048 };

/* What is on the way to an end. */
struct wire {
	unsigned n;
	size_t len[QUEUE];
	uint8_t data[QUEUE][DATAGRAM];
};

static struct wire to_client, to_server;
static struct pc_dtls_identity *ours, *theirs;
static struct pc_dtls *dtls;
static enum pc_dtls_state state;
static struct pc_dtls_wire plain_wire;

static void queue(struct wire *to, const uint8_t *buf, size_t len)
{
	ck_assert_uint_lt(to->n, QUEUE);
	ck_assert_uint_le(len, DATAGRAM);
	memcpy(to->data[to->n], buf, len);
	to->len[to->n++] = len;
}

static void plain_send(void *arg, const uint8_t *buf, size_t len)
{
	(void)arg;
	queue(&to_server, buf, len);
}

static void on_send(void *arg, const uint8_t *buf, size_t len)
{
	(void)arg;
	queue(&to_client, buf, len);
}

static void begin(void)
{
	struct pc_dtls_config config = { .server = true, .send = on_send };

	to_client.n = to_server.n = 0;
	ck_assert_int_eq(pc_dtls_identity_new(&ours), 0);
	ck_assert_int_eq(pc_dtls_identity_new(&theirs), 0);
	config.identity = ours;
	ck_assert_int_eq(pc_dtls_new(&dtls, &config), 0);
	state = pc_dtls_start(dtls);
}

static void finish(void)
{
	pc_dtls_free(dtls);
	pc_dtls_identity_free(ours);
	pc_dtls_identity_free(theirs);
}

static int any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

/* An OpenSSL client with these SRTP profiles (NULL: no use_srtp). */
static enum pc_dtls_state with_plain(const char *profiles, bool certificate)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_client_method());
	SSL *ssl;
	BIO *bio;

	begin();
	if (certificate) {
		SSL_CTX_use_certificate(ctx, theirs->cert);
		SSL_CTX_use_PrivateKey(ctx, theirs->key);
	}
	SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, any);
	if (profiles)
		ck_assert_int_eq(SSL_CTX_set_tlsext_use_srtp(ctx, profiles), 0);
	ssl = SSL_new(ctx);
	plain_wire = (struct pc_dtls_wire){ .mtu = 1200, .send = plain_send };
	bio = pc_dtls_bio_new(&plain_wire);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_mtu(ssl, 1200);
	SSL_set_connect_state(ssl);
	SSL_do_handshake(ssl);
	for (int i = 0; i < 10; i++) {
		for (unsigned n = 0; n < to_server.n; n++)
			state = pc_dtls_take(dtls, to_server.data[n],
					     to_server.len[n]);
		to_server.n = 0;
		for (unsigned n = 0; n < to_client.n; n++) {
			plain_wire.datagram = to_client.data[n];
			plain_wire.len = to_client.len[n];
			SSL_do_handshake(ssl);
		}
		to_client.n = 0;
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	return state;
}

START_TEST(test_no_use_srtp)
{
	struct pc_srtp_keys keys;

	ck_assert_int_eq(with_plain(NULL, true), PC_DTLS_CONNECTED);
	ck_assert_str_eq(pc_dtls_profile(dtls), "none");
	ck_assert_int_eq(pc_dtls_keys(dtls, &keys), -EPROTO);
	finish();
}
END_TEST

/* The weak one (32 bits of tag) is for who has no other. */
START_TEST(test_other_profiles)
{
	struct pc_srtp_keys keys;

	ck_assert_int_eq(with_plain("SRTP_AES128_CM_SHA1_32", true),
			 PC_DTLS_CONNECTED);
	ck_assert_int_eq(pc_dtls_keys(dtls, &keys), 0);
	ck_assert_int_eq(keys.profile, PC_SRTP_AES128_CM_SHA1_32);
	finish();
	ck_assert_int_eq(with_plain("SRTP_AES128_CM_SHA1_32:"
				    "SRTP_AES128_CM_SHA1_80",
				    true),
			 PC_DTLS_CONNECTED);
	ck_assert_int_eq(pc_dtls_keys(dtls, &keys), 0);
	ck_assert_int_eq(keys.profile, PC_SRTP_AES128_CM_SHA1_80);
	finish();
	ck_assert_int_eq(with_plain("SRTP_AES128_CM_SHA1_80", true),
			 PC_DTLS_CONNECTED);
	ck_assert_int_eq(pc_dtls_keys(dtls, &keys), 0);
	ck_assert_int_eq(keys.profile, PC_SRTP_AES128_CM_SHA1_80);
	finish();
}
END_TEST

/* Without a certificate there is nothing that a fingerprint could be of. */
START_TEST(test_no_certificate)
{
	struct pc_srtp_keys keys;

	ck_assert_int_eq(with_plain("SRTP_AES128_CM_SHA1_80", false),
			 PC_DTLS_FAILED);
	ck_assert_int_eq(pc_dtls_keys(dtls, &keys), -ENOTCONN);
	finish();
}
END_TEST

START_TEST(test_hashes)
{
	ck_assert(pc_dtls_hash_known("sha-256"));
	ck_assert(pc_dtls_hash_known("SHA-512"));
	ck_assert(!pc_dtls_hash_known("md5"));
	ck_assert(!pc_dtls_hash_known("md2"));
	ck_assert(!pc_dtls_hash_known("sha256"));
	ck_assert(!pc_dtls_hash_known(""));
}
END_TEST

/* A file that is in no folder, so that none is left: what it is opened by. */
static FILE *nowhere(char path[32])
{
	int fd = memfd_create("identity", MFD_CLOEXEC);
	FILE *file = fdopen(fd, "w+");

	ck_assert_ptr_nonnull(file);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return file;
}

/* A certificate that is given, with its key in the same file. */
START_TEST(test_identity_of_a_file)
{
	char path[32], a[128], z[128];
	struct pc_dtls_identity *read = NULL;
	FILE *file = nowhere(path);

	begin();
	PEM_write_PrivateKey(file, theirs->key, NULL, NULL, 0, NULL, NULL);
	fflush(file);
	ck_assert_int_eq(pc_dtls_identity_load(&read, path), -EBADMSG);
	PEM_write_X509(file, theirs->cert);
	fflush(file);
	ck_assert_int_eq(pc_dtls_identity_load(&read, path), 0);
	ck_assert_int_eq(pc_dtls_identity_text(read, a), 0);
	ck_assert_int_eq(pc_dtls_identity_text(theirs, z), 0);
	ck_assert_str_eq(a, z);
	pc_dtls_identity_free(read);
	fclose(file);
	file = nowhere(path); /* a key that is another's */
	PEM_write_PrivateKey(file, ours->key, NULL, NULL, 0, NULL, NULL);
	PEM_write_X509(file, theirs->cert);
	fflush(file);
	ck_assert_int_eq(pc_dtls_identity_load(&read, path), -EBADMSG);
	fclose(file);
	ck_assert_int_eq(pc_dtls_identity_load(&read, path), -ENOENT);
	finish();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("DTLS-SRTP, plain");
	TCase *t = tcase_create("plain");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 60); /* on a busy machine */
	tcase_add_test(t, test_no_use_srtp);
	tcase_add_test(t, test_other_profiles);
	tcase_add_test(t, test_no_certificate);
	tcase_add_test(t, test_hashes);
	tcase_add_test(t, test_identity_of_a_file);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
