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
};

size_t pc_srtp_key_len(enum pc_srtp_profile profile)
{
	return profile == PC_SRTP_NONE ? 0 : 16;
}

size_t pc_srtp_salt_len(enum pc_srtp_profile profile)
{
	if (profile == PC_SRTP_NONE)
		return 0;
	return profile == PC_SRTP_AEAD_AES_128_GCM ? 12 : 14;
}

static bool library_ready(void)
{
	static bool ready;

	if (!ready)
		ready = srtp_init() == srtp_err_status_ok;
	return ready;
}

static int make(srtp_t *ctx, enum pc_srtp_profile profile,
		srtp_ssrc_type_t direction, const uint8_t *key)
{
	uint8_t copy[PC_SRTP_KEY_MAX];
	srtp_policy_t policy;
	srtp_err_status_t err;

	memset(&policy, 0, sizeof(policy));
	memcpy(copy, key, sizeof(copy));
	if (profile == PC_SRTP_AEAD_AES_128_GCM) {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	} else {
		srtp_crypto_policy_set_rtp_default(&policy.rtp);
		srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
	}
	policy.ssrc.type = direction;
	policy.key = copy;
	policy.window_size = REPLAY_WINDOW;
	policy.allow_repeat_tx = 0; /* a number used twice breaks GCM */
	err = srtp_create(ctx, &policy);
	explicit_bzero(copy, sizeof(copy));
	if (err == srtp_err_status_ok)
		return 0;
	*ctx = NULL;
	return err == srtp_err_status_alloc_fail ? -ENOMEM : -ENOTSUP;
}

int pc_srtp_new(struct pc_srtp **srtp, const struct pc_srtp_keys *keys)
{
	struct pc_srtp *s;
	int rc;

	if (pc_srtp_key_len(keys->profile) == 0 || !library_ready())
		return -ENOTSUP;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	rc = make(&s->in, keys->profile, ssrc_any_inbound, keys->in);
	if (rc == 0)
		rc = make(&s->out, keys->profile, ssrc_any_outbound, keys->out);
	if (rc < 0) {
		pc_srtp_free(s);
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
	srtp_err_status_t err = srtp_unprotect(s->in, buf, &n);

	return result(err, n);
}

ssize_t pc_srtp_unprotect_rtcp(struct pc_srtp *s, uint8_t *buf, size_t len)
{
	int n = (int)len;
	srtp_err_status_t err = srtp_unprotect_rtcp(s->in, buf, &n);

	return result(err, n);
}
