/*
 * SRTP beside libsrtp2, both ways and for each profile, and the vectors of
 * RFC 3711 appendix B and RFC 7714 section 16.
 */
#include <check.h>
#include <errno.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "media/srtp_session.h"

static const enum pc_srtp_profile profiles[] = {
	PC_SRTP_AES128_CM_SHA1_80, PC_SRTP_AEAD_AES_128_GCM,
	PC_SRTP_AES128_CM_SHA1_32, PC_SRTP_AEAD_AES_256_GCM,
	PC_SRTP_AES256_CM_SHA1_80, PC_SRTP_AES256_CM_SHA1_32,
};

enum { N = sizeof(profiles) / sizeof(profiles[0]) };

static void take_suite(srtp_policy_t *p, enum pc_srtp_profile profile)
{
	srtp_crypto_policy_set_rtp_default(&p->rtp);
	srtp_crypto_policy_set_rtcp_default(&p->rtcp);
	switch (profile) {
	case PC_SRTP_AES128_CM_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
		break;
	case PC_SRTP_AES256_CM_SHA1_32:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		break;
	case PC_SRTP_AES256_CM_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		break;
	case PC_SRTP_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtcp);
		break;
	case PC_SRTP_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtcp);
		break;
	default:
		break;
	}
}

static struct pc_srtp *ours;
static srtp_t theirs_in, theirs_out;

static srtp_t theirs(const struct pc_srtp_keys *keys, bool in)
{
	uint8_t key[PC_SRTP_KEY_MAX], mki[PC_SRTP_MKI_MAX];
	srtp_master_key_t master = { key, mki, (unsigned)keys->mki_in_len };
	srtp_master_key_t *list[] = { &master };
	srtp_policy_t policy;
	srtp_t s;

	memset(&policy, 0, sizeof(policy));
	memcpy(key, in ? keys->out : keys->in, sizeof(key));
	memcpy(mki, keys->mki_in, sizeof(mki));
	take_suite(&policy, keys->profile);
	policy.ssrc.type = in ? ssrc_any_inbound : ssrc_any_outbound;
	policy.window_size = 1024;
	if (!in && keys->mki_in_len > 0) {
		policy.keys = list;
		policy.num_master_keys = 1;
	} else {
		policy.key = key;
	}
	ck_assert_int_eq(srtp_create(&s, &policy), srtp_err_status_ok);
	return s;
}

static void begin(enum pc_srtp_profile profile, size_t mki_len)
{
	struct pc_srtp_keys keys = { .profile = profile,
				     .mki_in = { 0xca, 0xfe, 0xba, 0xbe },
				     .mki_in_len = mki_len };

	for (size_t i = 0; i < PC_SRTP_KEY_MAX; i++) {
		keys.in[i] = (uint8_t)(i * 7 + 1);
		keys.out[i] = (uint8_t)(i * 11 + 5);
	}
	ck_assert_int_eq(srtp_init(), srtp_err_status_ok);
	ck_assert_int_eq(pc_srtp_new(&ours, &keys), 0);
	theirs_in = theirs(&keys, true);
	theirs_out = theirs(&keys, false);
}

static void end(void)
{
	pc_srtp_free(ours);
	srtp_dealloc(theirs_in);
	srtp_dealloc(theirs_out);
	srtp_shutdown();
}

static uint8_t clear[1500], buf[sizeof(clear) + PC_SRTP_TRAILER_MAX + 128];

/* Any packet: sources, a header extension, and payloads down to none. */
static size_t rtp(uint16_t seq, uint32_t ssrc)
{
	unsigned sources = rand() % 4 == 0 ? (unsigned)rand() % 16 : 0;
	bool extended = rand() % 4 == 0;
	size_t len = 12 + 4 * sources;

	for (size_t i = 0; i < sizeof(clear); i++)
		clear[i] = (uint8_t)rand();
	clear[0] = (uint8_t)(0x80 | (extended ? 0x10 : 0) | sources);
	clear[2] = (uint8_t)(seq >> 8);
	clear[3] = (uint8_t)seq;
	for (int i = 0; i < 4; i++)
		clear[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
	if (extended) {
		clear[len + 2] = 0;
		clear[len + 3] = (uint8_t)(rand() % 5);
		len += 4 + 4u * clear[len + 3];
	}
	len += rand() % 8 == 0 ? 0 : (unsigned)rand() % 1200;
	memcpy(buf, clear, len);
	return len;
}

static size_t rtcp(uint32_t ssrc)
{
	size_t len = 8 + 4 * ((unsigned)rand() % 50);

	(void)rtp(0, ssrc);
	clear[0] = 0x81;
	clear[1] = 201;
	for (int i = 0; i < 4; i++)
		clear[4 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
	memcpy(buf, clear, len);
	return len;
}

static void ours_to_theirs(size_t len, bool is_rtcp)
{
	ssize_t n = is_rtcp ? pc_srtp_protect_rtcp(ours, buf, len)
			    : pc_srtp_protect(ours, buf, len);
	int got = (int)n;

	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(is_rtcp ? srtp_unprotect_rtcp(theirs_in, buf, &got)
				 : srtp_unprotect(theirs_in, buf, &got),
			 srtp_err_status_ok);
	ck_assert_int_eq(got, (int)len);
	ck_assert_mem_eq(buf, clear, len);
}

static void theirs_to_ours(size_t len, bool is_rtcp, unsigned mki)
{
	int n = (int)len;
	ssize_t got;

	ck_assert_int_eq(
		is_rtcp ? srtp_protect_rtcp_mki(theirs_out, buf, &n, mki, 0)
			: srtp_protect_mki(theirs_out, buf, &n, mki, 0),
		srtp_err_status_ok);
	got = is_rtcp ? pc_srtp_unprotect_rtcp(ours, buf, (size_t)n)
		      : pc_srtp_unprotect(ours, buf, (size_t)n);
	ck_assert_int_eq(got, (ssize_t)len);
	ck_assert_mem_eq(buf, clear, len);
}

/* Three sources, over two wraps of the sequence number, RTCP between. */
START_TEST(test_both_ways)
{
	srand((unsigned)_i);
	begin(profiles[_i], 0);
	for (unsigned n = 0; n < 140000; n += 1 + (unsigned)rand() % 20) {
		uint16_t seq = (uint16_t)(40000 + n);

		for (uint32_t ssrc = 1; ssrc < 4; ssrc++) {
			ours_to_theirs(rtp(seq, ssrc), false);
			theirs_to_ours(rtp(seq, ssrc << 16), false, 0);
		}
		if (n % 7 == 0) {
			ours_to_theirs(rtcp(n % 3), true);
			theirs_to_ours(rtcp(n % 3), true, 0);
		}
	}
	end();
}
END_TEST

/* In any order across the wrap, as a network may have it. */
START_TEST(test_reordered)
{
	static uint8_t sent[400][64];
	unsigned order[400];

	srand((unsigned)_i);
	begin(profiles[_i], 0);
	for (unsigned i = 0; i < 400; i++) {
		int n = 20;

		(void)rtp((uint16_t)(65400 + i), 9);
		buf[0] = 0x80;
		ck_assert_int_eq(srtp_protect(theirs_out, buf, &n),
				 srtp_err_status_ok);
		memcpy(sent[i], buf, (size_t)n);
		sent[i][63] = (uint8_t)n;
		order[i] = i;
	}
	for (unsigned i = 0; i < 400; i++) { /* the first stays */
		unsigned j = 1 + (unsigned)rand() % 399, k = order[j];

		if (i == 0)
			continue;
		order[j] = order[i];
		order[i] = k;
	}
	for (unsigned i = 0; i < 400; i++) {
		const uint8_t *p = sent[order[i]];

		memcpy(buf, p, 64);
		ck_assert_int_eq(pc_srtp_unprotect(ours, buf, p[63]), 20);
	}
	for (unsigned i = 0; i < 400; i++) {
		memcpy(buf, sent[i], 64);
		ck_assert_int_eq(pc_srtp_unprotect(ours, buf, sent[i][63]),
				 -EALREADY);
	}
	end();
}
END_TEST

START_TEST(test_mki)
{
	srand((unsigned)_i);
	begin(profiles[_i], 4);
	for (uint16_t seq = 1; seq < 200; seq++) {
		theirs_to_ours(rtp(seq, 1), false, 1);
		theirs_to_ours(rtcp(1), true, 1);
	}
	end();
}
END_TEST

/* --- vectors ------------------------------------------------------------- */

static size_t unhex(uint8_t *out, const char *text)
{
	size_t n = 0;

	for (; text[0] && text[1]; text += 2) {
		char byte[3] = { text[0], text[1] };

		out[n++] = (uint8_t)strtoul(byte, NULL, 16);
	}
	return n;
}

/* RFC 3711 B.3; the cipher key by what it makes of zeros. */
START_TEST(test_key_derivation)
{
	uint8_t master[30], salt[14], key[16], want[16] = { 0 },
					       got[16] = { 0 };
	struct pc_srtp_session s;
	struct aes128_ctx aes;

	unhex(master, "E1F97A0D3E018BE0D64FA32C06DE4139"
		      "0EC675AD498AFEEBB6960B3AABE6");
	unhex(salt, "30CBBC08863D8C85D49DB34A9AE1");
	unhex(key, "C61E7A93744F39EE10734AFE3FF7A087");
	ck_assert_int_eq(pc_srtp_session_init(&s, PC_SRTP_AES128_CM_SHA1_80,
					      master, false),
			 0);
	ck_assert_mem_eq(s.salt, salt, 14);
	pc_srtp_ctr(&s, 0, 0, got, 16);
	memcpy(want, salt, 14); /* the first counter block */
	aes128_set_encrypt_key(&aes, key);
	aes128_encrypt(&aes, 16, want, want);
	ck_assert_mem_eq(got, want, 16);
}
END_TEST

/* RFC 3711 B.2 */
START_TEST(test_aes_cm)
{
	uint8_t key[16], stream[48] = { 0 }, want[48];
	struct pc_srtp_session s;

	memset(&s, 0, sizeof(s));
	unhex(key, "2B7E151628AED2A6ABF7158809CF4F3C");
	unhex(s.salt, "F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
	aes128_set_encrypt_key(&s.key.cm.cipher.aes128, key);
	unhex(want, "E03EAD0935C95E80E166B16DD92B4EB4"
		    "D23513162B02D0F72A43A2FE4A5F97AB"
		    "41E95B3BB0A2E8DD477901E4FCA894C0");
	pc_srtp_ctr(&s, 0, 0, stream, sizeof(stream));
	ck_assert_mem_eq(stream, want, sizeof(want));
}
END_TEST

static const struct {
	const char *key, *result;
	bool wide;
} gcm[] = {
	/* RFC 7714 16.1.1 */
	{ "000102030405060708090a0b0c0d0e0f",
	  "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b"
	  "36de3adf8833899d7f27beb16a9152cf765ee4390cce",
	  false },
	/* RFC 7714 16.2.1 */
	{ "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f"
	  "1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
	  true },
};

START_TEST(test_gcm)
{
	static const char text[] = "Gallia est omnis divisa in partes tres";
	uint8_t key[32], header[12], body[64], want[64];
	struct pc_srtp_session s = { .wide = gcm[_i].wide };
	size_t n = unhex(want, gcm[_i].result), len = strlen(text);

	unhex(header, "8040f17b8041f8d35501a0b2");
	unhex(s.salt, "517569642070726f2071756f");
	unhex(key, gcm[_i].key);
	if (s.wide)
		gcm_aes256_set_key(&s.key.gcm256, key);
	else
		gcm_aes128_set_key(&s.key.gcm128, key);
	ck_assert_uint_eq(n, len + PC_SRTP_GCM_TAG);
	memcpy(body, text, len);
	pc_srtp_seal(&s, 0x5501a0b2, 0xf17b, header, 12, body, len);
	ck_assert_mem_eq(body, want, n);
	ck_assert_int_eq(
		pc_srtp_open(&s, 0x5501a0b2, 0xf17b, header, 12, body, len), 0);
	ck_assert_mem_eq(body, text, len);
	body[3] ^= 1;
	ck_assert_int_eq(
		pc_srtp_open(&s, 0x5501a0b2, 0xf17b, header, 12, body, len),
		-EBADMSG);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("SRTP and its peers");
	TCase *t = tcase_create("srtp");
	SRunner *r = srunner_create(s);
	int failed;

	suite_add_tcase(s, t);
	tcase_set_timeout(t, 120); /* on a busy machine */
	tcase_add_loop_test(t, test_both_ways, 0, N);
	tcase_add_loop_test(t, test_reordered, 0, N);
	tcase_add_loop_test(t, test_mki, 0, N);
	tcase_add_test(t, test_key_derivation);
	tcase_add_test(t, test_aes_cm);
	tcase_add_loop_test(t, test_gcm, 0, 2);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
