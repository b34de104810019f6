/* libcommon/sip/digest: the examples of RFC 2617 and RFC 7616. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sip/digest.h"

static struct pc_buf answer;

static int try(const char *challenge, const char *user, const char *password,
	       const char *method, const char *uri, const char *cnonce)
{
	struct pc_sip_credentials who = { .user = user, .password = password };

	pc_buf_clear(&answer);
	return pc_sip_digest_answer(&answer, challenge, &who, method, uri, 1,
				    cnonce, "", 0);
}

#define has(text)                                                              \
	ck_assert_msg(strstr(answer.data, text), "no %s in %s", text,          \
		      answer.data)
#define lacks(text)                                                            \
	ck_assert_msg(!strstr(answer.data, text), "%s in %s", text, answer.data)

START_TEST(rfc2617_3_5)
{
	ck_assert_int_eq(try("Digest realm=\"testrealm@host.com\", "
			     "qop=\"auth,auth-int\", "
			     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
			     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
			     "Mufasa", "Circle Of Life", "GET",
			     "/dir/index.html", "0a4f113b"),
			 0);
	ck_assert_str_eq(
		answer.data,
		"Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
		"nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		"uri=\"/dir/index.html\", "
		"response=\"6629fae49393a05397450978507c4ef1\", "
		"cnonce=\"0a4f113b\", "
		"opaque=\"5ccc069c403ebaf9f0171e9517f40e41\", qop=auth, "
		"nc=00000001");
}
END_TEST

#define RFC7616_CHALLENGE(algorithm)                                           \
	"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "     \
	"algorithm=" algorithm ", "                                            \
	"nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "             \
	"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""

static int try_rfc7616(const char *challenge)
{
	return try(challenge, "Mufasa", "Circle of Life", "GET",
		   "/dir/index.html",
		   "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
}

START_TEST(rfc7616_3_9_1_md5)
{
	ck_assert_int_eq(try_rfc7616(RFC7616_CHALLENGE("MD5")), 0);
	has("response=\"8ca523f5e9506fed4657c9700eebdbec\"");
	has("algorithm=MD5,");
}
END_TEST

START_TEST(rfc7616_3_9_1_sha256)
{
	ck_assert_int_eq(try_rfc7616(RFC7616_CHALLENGE("SHA-256")), 0);
	has("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8d"
	    "b5856cb6c1\"");
	has("algorithm=SHA-256,");
	has("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
}
END_TEST

/* RFC 2069 form: no qop, so no cnonce and no nc in the answer. */
START_TEST(without_qop)
{
	ck_assert_int_eq(try("Digest realm=\"r\", nonce=\"n\"", "u", "p",
			     "REGISTER", "sip:r", "c"),
			 0);
	/* MD5(MD5(u:r:p):n:MD5(REGISTER:sip:r)), by md5sum(1) */
	has("response=\"5790559ba44538767b07fb5adb649909\"");
	lacks("cnonce");
	lacks("nc=");
	lacks("qop");
	lacks("algorithm");
}
END_TEST

/* MD5-sess: A1 is MD5(MD5(u:r:p):nonce:cnonce) (RFC 7616 3.4.2). */
START_TEST(session_variant)
{
	ck_assert_int_eq(try("Digest realm=\"r\",nonce=\"n\",qop=auth,"
			     "algorithm=MD5-sess",
			     "u", "p", "REGISTER", "sip:r", "c"),
			 0);
	has("response=\"9fcc4392a91dc57e8c83c2241da62025\"");
	has("algorithm=MD5-sess");
}
END_TEST

START_TEST(quotes_are_escaped)
{
	ck_assert_int_eq(try("Digest realm=\"a \\\"b\\\" \\\\c\", nonce=\"n,"
			     "=;\"",
			     "u\"x", "p", "INVITE", "sip:r", "c"),
			 0);
	has("username=\"u\\\"x\"");
	has("realm=\"a \\\"b\\\" \\\\c\"");
	has("nonce=\"n,=;\"");
}
END_TEST

START_TEST(blanks_and_case)
{
	ck_assert_int_eq(try("  digest\tREALM = \"r\" ,Nonce=\"n\",, stale=TRUE"
			     ",\r\n qop = \"auth-int , auth\"",
			     "u", "p", "INVITE", "sip:r", "c"),
			 0);
	has("qop=auth, nc=00000001");
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		const char *challenge;
		int rc;
	} cases[] = {
		{ "", -EINVAL },
		{ "Basic realm=\"r\"", -EINVAL },
		{ "Digest", -EINVAL },
		{ "Digest realm=\"r\"", -EINVAL },
		{ "Digest nonce=\"n\"", -EINVAL },
		{ "Digest realm=\"r\", nonce=\"n\", junk", -EINVAL },
		{ "Digest realm=\"r", -EINVAL },
		{ "DigestX realm=\"r\", nonce=\"n\"", -EINVAL },
		{ "Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5",
		  -ENOTSUP },
		{ "Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\"",
		  -ENOTSUP },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(try(cases[i].challenge, "u", "p", "INVITE",
				  "sip:r", "c") == cases[i].rc,
			      "%s", cases[i].challenge);
		ck_assert_uint_eq(answer.len, 0);
	}
}
END_TEST

START_TEST(the_strongest_is_chosen)
{
	const char *challenges[] = {
		"Digest realm=\"r\", nonce=\"1\", algorithm=MD5",
		"Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256",
		"Digest realm=\"r\", nonce=\"3\", algorithm=NOSUCH",
		"Basic realm=\"r\"",
	};

	ck_assert_int_eq(pc_sip_digest_choose(challenges, 4), 1);
	ck_assert_int_eq(pc_sip_digest_choose(challenges, 1), 0);
	ck_assert_int_eq(pc_sip_digest_choose(challenges + 2, 2), -1);
	ck_assert_int_eq(pc_sip_digest_choose(challenges, 0), -1);
}
END_TEST

START_TEST(stale)
{
	ck_assert(pc_sip_digest_stale(
		"Digest realm=\"r, stale=true\", nonce=\"n\", stale=true"));
	ck_assert(pc_sip_digest_stale(
		"Digest realm=\"r\", stale=\"TRUE\", nonce=\"n\""));
	ck_assert(!pc_sip_digest_stale(
		"Digest realm=\"r, stale=true\", nonce=\"n\""));
	ck_assert(!pc_sip_digest_stale(
		"Digest realm=\"r\", nonce=\"n\", stale=false"));
}
END_TEST

/* RFC 7616 3.4.3; the figures are Python's hashlib's. */
START_TEST(integrity_covers_the_body)
{
	const char challenge[] = "Digest realm=\"http-auth@example.org\", "
				 "nonce=\"n1\", qop=\"auth-int\"";
	const struct pc_sip_credentials who = { .user = "Mufasa",
						.password = "Circle of Life" };

	pc_buf_clear(&answer);
	ck_assert_int_eq(pc_sip_digest_answer(&answer, challenge, &who,
					      "INVITE", "sip:x@y", 1, "c1",
					      "v=0\r\n", 5),
			 0);
	has("response=\"601e8883747f380a1e4cb463c5f336a4\"");
	has("qop=auth-int, nc=00000001");
	/* another body, another answer; one that is not known, none */
	pc_buf_clear(&answer);
	ck_assert_int_eq(pc_sip_digest_answer(&answer, challenge, &who,
					      "INVITE", "sip:x@y", 1, "c1", "",
					      0),
			 0);
	lacks("601e8883747f380a1e4cb463c5f336a4");
	ck_assert_int_eq(pc_sip_digest_answer(&answer, challenge, &who,
					      "INVITE", "sip:x@y", 1, "c1",
					      NULL, 0),
			 -ENOTSUP);
}
END_TEST

START_TEST(a_hash_in_place_of_a_password)
{
	static const struct pc_sip_ha1 ha1[] = {
		{ "Mufasa", "http-auth@example.org",
		  "3D78807DEFE7DE2157E2B0B6573A855F" },
		{ "Mufasa", "r",
		  "2d8c7718a7675ddef7719177b8143afe"
		  "00095fb660265aa3d30d9963011dd377" },
	};
	const struct pc_sip_credentials who = { .user = "Mufasa",
						.ha1 = ha1,
						.n_ha1 = 2 };
	const char *const challenges[] = {
		"Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", "
		"algorithm=SHA-512-256",
		"Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"",
		"Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", "
		"algorithm=SHA-256",
		"Digest realm=\"other\", nonce=\"n1\", algorithm=SHA-256",
	};

	/* the one that there is a hash for, not the strongest */
	ck_assert_int_eq(pc_sip_digest_choose_for(challenges, 4, &who), 2);
	ck_assert_int_eq(pc_sip_digest_choose_for(challenges, 2, &who), -1);
	pc_buf_clear(&answer);
	ck_assert_int_eq(pc_sip_digest_answer(&answer, challenges[2], &who,
					      "REGISTER", "sip:y", 1, "c1", "",
					      0),
			 0);
	has("response=\"f481bbb35fbe1ecae9e585c4d1ec7367"
	    "a74fad0ce068404e168aae3727281269\"");
	ck_assert_int_eq(pc_sip_digest_answer(&answer, challenges[3], &who,
					      "REGISTER", "sip:y", 1, "c1", "",
					      0),
			 -ENOTSUP);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sip digest");
	TCase *tc = tcase_create("digest");
	SRunner *runner = srunner_create(s);
	int failed;

	suite_add_tcase(s, tc);
	tcase_add_test(tc, rfc2617_3_5);
	tcase_add_test(tc, rfc7616_3_9_1_md5);
	tcase_add_test(tc, rfc7616_3_9_1_sha256);
	tcase_add_test(tc, without_qop);
	tcase_add_test(tc, session_variant);
	tcase_add_test(tc, quotes_are_escaped);
	tcase_add_test(tc, blanks_and_case);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, the_strongest_is_chosen);
	tcase_add_test(tc, stale);
	tcase_add_test(tc, integrity_covers_the_body);
	tcase_add_test(tc, a_hash_in_place_of_a_password);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	pc_buf_fini(&answer);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
