/* SRTP over libsrtp2; see srtp.h. */
#include "media/srtp.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <srtp2/srtp.h>

enum { REPLAY_WINDOW = 1024 };

struct pc_srtp {
	srtp_t in, out;
	bool mki; /* in what comes */
};

size_t pc_srtp_key_len(enum pc_srtp_profile profile)
{
	switch (profile) {
	case PC_SRTP_AES128_CM_SHA1_80:
	case PC_SRTP_AES128_CM_SHA1_32:
	case PC_SRTP_AEAD_AES_128_GCM:
		return 16;
	case PC_SRTP_AES256_CM_SHA1_80:
	case PC_SRTP_AES256_CM_SHA1_32:
	case PC_SRTP_AEAD_AES_256_GCM:
		return 32;
	default:
		return 0;
	}
}

size_t pc_srtp_salt_len(enum pc_srtp_profile profile)
{
	if (pc_srtp_key_len(profile) == 0)
		return 0;
	return profile == PC_SRTP_AEAD_AES_128_GCM ||
			       profile == PC_SRTP_AEAD_AES_256_GCM
		       ? 12
		       : 14;
}

/* SRTCP has the long tag also beside the short one (RFC 4568 6.2.2). */
static void set_policy(srtp_policy_t *p, enum pc_srtp_profile profile)
{
	switch (profile) {
	case PC_SRTP_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p->rtcp);
		break;
	case PC_SRTP_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&p->rtcp);
		break;
	case PC_SRTP_AES256_CM_SHA1_80:
	case PC_SRTP_AES256_CM_SHA1_32:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		if (profile == PC_SRTP_AES256_CM_SHA1_32)
			srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&p->rtp);
		break;
	default:
		srtp_crypto_policy_set_rtp_default(&p->rtp);
		srtp_crypto_policy_set_rtcp_default(&p->rtcp);
		if (profile == PC_SRTP_AES128_CM_SHA1_32)
			srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&p->rtp);
	}
}

static bool library_ready(void)
{
	static bool ready;

	if (!ready)
		ready = srtp_init() == srtp_err_status_ok;
	return ready;
}

static int make(srtp_t *ctx, const struct pc_srtp_keys *keys, bool in)
{
	uint8_t copy[PC_SRTP_KEY_MAX], mki[PC_SRTP_MKI_MAX];
	srtp_master_key_t master = { copy, mki, (unsigned)keys->mki_in_len };
	srtp_master_key_t *list[] = { &master };
	srtp_policy_t policy;
	srtp_err_status_t err;

	memset(&policy, 0, sizeof(policy));
	memcpy(copy, in ? keys->in : keys->out, sizeof(copy));
	memcpy(mki, keys->mki_in, sizeof(mki));
	set_policy(&policy, keys->profile);
	policy.ssrc.type = in ? ssrc_any_inbound : ssrc_any_outbound;
	if (in && keys->mki_in_len > 0) {
		policy.keys = list;
		policy.num_master_keys = 1;
	} else {
		policy.key = copy;
	}
	policy.window_size = REPLAY_WINDOW;
	policy.allow_repeat_tx = 0; /* a number used twice breaks GCM */
	err = srtp_create(ctx, &policy);
	explicit_bzero(copy, sizeof(copy));
	if (err == srtp_err_status_ok)
		return 0;
	*ctx = NULL;
	return err == srtp_err_status_alloc_fail ? -ENOMEM : -ENOTSUP;
}

static void replace(srtp_t *ctx, srtp_t by)
{
	if (*ctx)
		srtp_dealloc(*ctx);
	*ctx = by;
}

int pc_srtp_rekey(struct pc_srtp *s, const struct pc_srtp_keys *keys, bool in,
		  bool out)
{
	srtp_t new_in = NULL, new_out = NULL;
	int rc = 0;

	if (pc_srtp_key_len(keys->profile) == 0 ||
	    keys->mki_in_len > PC_SRTP_MKI_MAX || !library_ready())
		return -ENOTSUP;
	if (in)
		rc = make(&new_in, keys, true);
	if (rc == 0 && out)
		rc = make(&new_out, keys, false);
	if (rc < 0) {
		if (new_in)
			srtp_dealloc(new_in);
		return rc;
	}
	if (in) {
		replace(&s->in, new_in);
		s->mki = keys->mki_in_len > 0;
	}
	if (out)
		replace(&s->out, new_out);
	return 0;
}

int pc_srtp_new(struct pc_srtp **srtp, const struct pc_srtp_keys *keys)
{
	struct pc_srtp *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return -ENOMEM;
	rc = pc_srtp_rekey(s, keys, true, true);
	if (rc < 0) {
		free(s);
		return rc;
	}
	*srtp = s;
	return 0;
}

void pc_srtp_free(struct pc_srtp *s)
{
	if (!s)
		return;
	if (s->in)
		srtp_dealloc(s->in);
	if (s->out)
		srtp_dealloc(s->out);
	free(s);
}

static ssize_t result(srtp_err_status_t err, int len)
{
	switch (err) {
	case srtp_err_status_ok:
		return len;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		return -EALREADY;
	case srtp_err_status_bad_param:
	case srtp_err_status_parse_err:
		return -EINVAL;
	default:
		return -EBADMSG;
	}
}

ssize_t pc_srtp_protect(struct pc_srtp *s, uint8_t *buf, size_t len)
{
	int n = (int)len;
	srtp_err_status_t err = srtp_protect(s->out, buf, &n);

	return result(err, n);
}

ssize_t pc_srtp_protect_rtcp(struct pc_srtp *s, uint8_t *buf, size_t len)
{
	int n = (int)len;
	srtp_err_status_t err = srtp_protect_rtcp(s->out, buf, &n);

	return result(err, n);
}

ssize_t pc_srtp_unprotect(struct pc_srtp *s, uint8_t *buf, size_t len)
{
	int n = (int)len;
	srtp_err_status_t err = srtp_unprotect_mki(s->in, buf, &n, s->mki);

	return result(err, n);
}

ssize_t pc_srtp_unprotect_rtcp(struct pc_srtp *s, uint8_t *buf, size_t len)
{
	int n = (int)len;
	srtp_err_status_t err = srtp_unprotect_rtcp_mki(s->in, buf, &n, s->mki);

	return result(err, n);
}
