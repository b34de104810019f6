/*
 * libcommon/sip/tls: whose certificate is taken, and for which name (RFC
 * 5922, RFC 6125). Two ends in one process; certificates made on the spot.
 */
#include <check.h>
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sip/tls.h"

#include "folder.h"

enum { PEM_MAX = FOLDER_MAX + 16 };

static char dir[FOLDER_MAX];
static char ca_pem[PEM_MAX], server_pem[PEM_MAX], other_pem[PEM_MAX];
static EVP_PKEY *ca_key;
static X509 *ca;

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	ck_assert_ptr_nonnull(e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

/* A certificate of this subject and these names, by issuer (NULL: itself). */
static X509 *make(EVP_PKEY *key, const char *cn, const char *names,
		  X509 *issuer, EVP_PKEY *issuer_key, const char *usage)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
				   (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(cert,
			     X509_get_subject_name(issuer ? issuer : cert));
	if (!issuer)
		add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
	if (names)
		add_extension(cert, NID_subject_alt_name, names);
	if (usage)
		add_extension(cert, NID_ext_key_usage, usage);
	ck_assert(X509_sign(cert, issuer_key ? issuer_key : key, EVP_sha256()));
	return cert;
}

static void write_pem(char path[PEM_MAX], const char *name, X509 *cert,
		      EVP_PKEY *key)
{
	FILE *f;

	snprintf(path, PEM_MAX, "%s/%s", dir, name);
	f = fopen(path, "w");
	PEM_write_X509(f, cert);
	if (key)
		PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
}

static void write_server(const char *names, const char *usage)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = make(key, "cn.example", names, ca, ca_key, usage);

	write_pem(server_pem, "server.pem", cert, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void setup(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *other;

	make_folder(dir);
	ca_key = EVP_EC_gen("P-256");
	ca = make(ca_key, "Test CA", NULL, NULL, NULL, NULL);
	write_pem(ca_pem, "ca.pem", ca, NULL);
	other = make(key, "Another CA", NULL, NULL, NULL, NULL);
	write_pem(other_pem, "other.pem", other, NULL);
	X509_free(other);
	EVP_PKEY_free(key);
	write_server("DNS:pbx.example", NULL);
}

static void teardown(void)
{
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	unlink(ca_pem);
	unlink(server_pem);
	unlink(other_pem);
	rmdir(dir);
}

/* One side to the other, until both are silent. */
static int pass(struct pc_sip_tls *from, struct pc_sip_tls *to,
		struct pc_buf *text, bool *any)
{
	struct pc_buf raw = { 0 };
	int rc = 0;

	pc_sip_tls_take(from, &raw);
	*any = *any || raw.len > 0;
	if (raw.len > 0)
		rc = pc_sip_tls_feed(to, raw.data, raw.len, text);
	pc_buf_fini(&raw);
	return rc;
}

static struct ends {
	int client, server; /* what became of the handshake */
	char why[300], server_why[300];
	char got[100];
} ends;

static void shake(const struct pc_sip_tls_config *c,
		  const struct pc_sip_tls_config *s, const char *name,
		  enum pc_sip_tls_role role)
{
	struct pc_sip_tls_context *cc, *sc;
	struct pc_buf text = { 0 }, back = { 0 };
	struct pc_sip_tls *a, *b;
	char why[300];
	bool any = true, wrote = false;

	ends = (struct ends){ 0 };
	ck_assert_int_eq(pc_sip_tls_context_new(&cc, c, why, sizeof why), 0);
	ck_assert_int_eq(pc_sip_tls_context_new(&sc, s, why, sizeof why), 0);
	ck_assert_int_eq(pc_sip_tls_new(&a, cc, name, role), 0);
	ck_assert_int_eq(pc_sip_tls_new(&b, sc, NULL, PC_SIP_TLS_SERVER), 0);
	ck_assert_int_eq(pc_sip_tls_start(a), 0);
	while (any) {
		any = false;
		if (ends.server == 0)
			ends.server = pass(a, b, &text, &any);
		if (ends.client == 0)
			ends.client = pass(b, a, &back, &any);
		if (!wrote && ends.client == 0 && pc_sip_tls_ready(a)) {
			pc_sip_tls_write(a, "hello", 5);
			wrote = any = true;
		}
	}
	snprintf(ends.why, sizeof ends.why, "%s", pc_sip_tls_why(a));
	snprintf(ends.server_why, sizeof ends.server_why, "%s",
		 pc_sip_tls_why(b));
	snprintf(ends.got, sizeof ends.got, "%s", text.data ? text.data : "");
	pc_buf_fini(&text);
	pc_buf_fini(&back);
	pc_sip_tls_free(a);
	pc_sip_tls_free(b);
	pc_sip_tls_context_free(cc);
	pc_sip_tls_context_free(sc);
}

/* A server with those names in its certificate, asked for by name. */
static int asked(const char *names, const char *name, enum pc_sip_tls_role role)
{
	struct pc_sip_tls_config server = { .cert = server_pem };

	write_server(names, NULL);
	shake(&(struct pc_sip_tls_config){ .ca = ca_pem }, &server, name, role);
	ck_assert_int_eq(strcmp(ends.got, "hello") == 0, ends.client == 0);
	return ends.client;
}

START_TEST(a_certificate_is_for_its_names)
{
	static const struct {
		const char *names, *name;
		int sip, https;
	} table[] = {
		{ "DNS:pbx.example", "pbx.example", 0, 0 },
		{ "DNS:pbx.example", "PBX.Example", 0, 0 },
		{ "DNS:a.example,DNS:pbx.example", "pbx.example", 0, 0 },
		{ "DNS:pbx.example", "example", -EKEYREJECTED, -EKEYREJECTED },
		{ "DNS:example", "pbx.example", -EKEYREJECTED, -EKEYREJECTED },
		/* RFC 5922 7.2: no wildcards for SIP; 6125 6.4.3 for https */
		{ "DNS:*.example.com", "a.example.com", -EKEYREJECTED, 0 },
		{ "DNS:*.example.com", "a.b.example.com", -EKEYREJECTED,
		  -EKEYREJECTED },
		{ "DNS:*.com", "example.com", -EKEYREJECTED, -EKEYREJECTED },
		/* 7.1: a URI of SIP without a user; not a person's */
		{ "URI:sip:pbx.example", "pbx.example", 0, 0 },
		{ "URI:sip:bob@pbx.example", "pbx.example", -EKEYREJECTED,
		  -EKEYREJECTED },
		{ "URI:https:pbx.example", "pbx.example", -EKEYREJECTED,
		  -EKEYREJECTED },
		/* CN counts when there is no such name, and then alone */
		{ NULL, "cn.example", 0, 0 },
		{ "email:x@cn.example", "cn.example", 0, 0 },
		{ "DNS:pbx.example", "cn.example", -EKEYREJECTED,
		  -EKEYREJECTED },
		{ "IP:127.0.0.1", "127.0.0.1", 0, 0 },
		{ "IP:::1", "::1", 0, 0 },
		{ "IP:127.0.0.1", "127.0.0.2", -EKEYREJECTED, -EKEYREJECTED },
		{ "DNS:127.0.0.1", "127.0.0.1", -EKEYREJECTED, -EKEYREJECTED },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ck_assert_msg(asked(table[i].names, table[i].name,
				    PC_SIP_TLS_CLIENT) == table[i].sip,
			      "sip: %s at %s", table[i].names, table[i].name);
		ck_assert_msg(asked(table[i].names, table[i].name,
				    PC_SIP_TLS_HTTPS) == table[i].https,
			      "https: %s at %s", table[i].names, table[i].name);
	}
	asked("DNS:a.example,IP:::1", "b.example", PC_SIP_TLS_CLIENT);
	ck_assert_str_eq(ends.why, "the server's certificate is for a.example, "
				   "::1, not for b.example");
}
END_TEST

START_TEST(who_signed_it)
{
	struct pc_sip_tls_config server = { .cert = server_pem };

	shake(&(struct pc_sip_tls_config){ .ca = other_pem }, &server,
	      "pbx.example", PC_SIP_TLS_CLIENT);
	ck_assert_int_eq(ends.client, -EKEYREJECTED);
	ck_assert_ptr_nonnull(strstr(ends.why, "not trusted"));
	ck_assert_ptr_nonnull(strstr(ends.why, "--ca"));
	ck_assert_str_eq(ends.got, "");
	/* the server hears why */
	ck_assert_int_eq(ends.server, -EKEYREJECTED);
	shake(&(struct pc_sip_tls_config){ .ca = other_pem, .no_verify = true },
	      &server, "whoever", PC_SIP_TLS_CLIENT);
	ck_assert_int_eq(ends.client, 0);
	ck_assert_str_eq(ends.got, "hello");
	/* RFC 5924: made for SIP alone */
	write_server("DNS:pbx.example", "1.3.6.1.5.5.7.3.20");
	shake(&(struct pc_sip_tls_config){ .ca = ca_pem }, &server,
	      "pbx.example", PC_SIP_TLS_CLIENT);
	ck_assert_int_eq(ends.client, 0);
	write_server("DNS:pbx.example", "codeSigning");
	shake(&(struct pc_sip_tls_config){ .ca = ca_pem }, &server,
	      "pbx.example", PC_SIP_TLS_CLIENT);
	ck_assert_int_eq(ends.client, -EKEYREJECTED);
}
END_TEST

START_TEST(a_client_shows_its_certificate)
{
	struct pc_sip_tls_config server = { .cert = server_pem, .ca = ca_pem };

	shake(&(struct pc_sip_tls_config){ .ca = ca_pem }, &server,
	      "pbx.example", PC_SIP_TLS_CLIENT);
	ck_assert_int_eq(ends.server, -EKEYREJECTED);
	ck_assert_int_eq(ends.client, -EKEYREJECTED);
	ck_assert_ptr_nonnull(strstr(ends.why, "wants a certificate of ours"));
	shake(&(struct pc_sip_tls_config){ .ca = ca_pem, .cert = server_pem },
	      &server, "pbx.example", PC_SIP_TLS_CLIENT);
	ck_assert_int_eq(ends.server, 0);
	ck_assert_str_eq(ends.got, "hello");
}
END_TEST

START_TEST(what_is_no_tls)
{
	struct pc_sip_tls_context *ctx;
	struct pc_buf text = { 0 };
	struct pc_sip_tls *tls;
	char why[300];

	pc_sip_tls_context_new(
		&ctx,
		&(struct pc_sip_tls_config){ .cert = server_pem, .ca = ca_pem },
		why, sizeof why);
	for (int role = PC_SIP_TLS_CLIENT; role <= PC_SIP_TLS_SERVER; role++) {
		const char answer[] = "SIP/2.0 400 Bad Request\r\n\r\n";

		pc_sip_tls_new(&tls, ctx, "pbx.example",
			       (enum pc_sip_tls_role)role);
		ck_assert_int_eq(pc_sip_tls_start(tls), 0);
		ck_assert_int_eq(
			pc_sip_tls_feed(tls, answer, sizeof answer - 1, &text),
			-EPROTO);
		ck_assert_ptr_nonnull(
			strstr(pc_sip_tls_why(tls), "does not speak TLS"));
		pc_sip_tls_free(tls);
	}
	ck_assert_uint_eq(text.len, 0);
	pc_sip_tls_context_free(ctx);
}
END_TEST

START_TEST(files_that_are_not_good)
{
	struct pc_sip_tls_context *ctx = NULL;
	const struct {
		struct pc_sip_tls_config cfg;
		int rc;
		const char *why;
	} table[] = {
		{ { .ca = "/none" }, -ENOENT, "--ca /none: No such file" },
		{ { .cert = "/none" }, -ENOENT, "--cert /none: No such file" },
		{ { .ca = "/dev/null" },
		  -EBADMSG,
		  "--ca /dev/null: not usable" },
		{ { .cert = ca_pem }, -EBADMSG, "--key " },
		{ { .cert = ca_pem, .key = server_pem },
		  -EBADMSG,
		  "not the key of" },
	};
	char why[300];

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ck_assert_int_eq(pc_sip_tls_context_new(&ctx, &table[i].cfg,
							why, sizeof why),
				 table[i].rc);
		ck_assert_msg(strstr(why, table[i].why), "%s", why);
		ck_assert_ptr_null(ctx);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip tls");
	TCase *tc = tcase_create("tls");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_certificate_is_for_its_names);
	tcase_add_test(tc, who_signed_it);
	tcase_add_test(tc, a_client_shows_its_certificate);
	tcase_add_test(tc, what_is_no_tls);
	tcase_add_test(tc, files_that_are_not_good);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
