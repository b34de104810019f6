/*
 * SRTP and SRTCP: what anybody may send, and the way there and back. The first
 * byte chooses the profile.
 */
#include <stdlib.h>
#include <string.h>

#include "media/srtp.h"

static const enum pc_srtp_profile profiles[] = {
	PC_SRTP_AES128_CM_SHA1_80, PC_SRTP_AEAD_AES_128_GCM,
	PC_SRTP_AES128_CM_SHA1_32, PC_SRTP_AEAD_AES_256_GCM,
	PC_SRTP_AES256_CM_SHA1_80, PC_SRTP_AES256_CM_SHA1_32,
};

static struct pc_srtp *make(enum pc_srtp_profile profile, int in, int out)
{
	struct pc_srtp_keys keys = { .profile = profile };
	struct pc_srtp *s;

	memset(keys.in, in, sizeof(keys.in));
	memset(keys.out, out, sizeof(keys.out));
	if (pc_srtp_new(&s, &keys) < 0)
		abort();
	return s;
}

/* In memory of just that size: nothing is read beyond. Nobody has the key. */
static void stranger(struct pc_srtp *bob, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		return;
	memcpy(copy, data, len);
	if (pc_srtp_unprotect(bob, copy, len) >= 0)
		abort();
	memcpy(copy, data, len);
	if (pc_srtp_unprotect_rtcp(bob, copy, len) >= 0)
		abort();
	free(copy);
}

static void there_and_back(struct pc_srtp *alice, struct pc_srtp *bob,
			   const uint8_t *data, size_t len)
{
	uint8_t *buf = malloc(len + PC_SRTP_TRAILER_MAX);
	ssize_t n;

	if (!buf)
		return;
	memcpy(buf, data, len);
	n = pc_srtp_protect(alice, buf, len);
	if (n >= 0 && (pc_srtp_unprotect(bob, buf, (size_t)n) != (ssize_t)len ||
		       memcmp(buf, data, len) != 0))
		abort();
	memcpy(buf, data, len);
	n = pc_srtp_protect_rtcp(alice, buf, len);
	if (n >= 0 &&
	    (pc_srtp_unprotect_rtcp(bob, buf, (size_t)n) != (ssize_t)len ||
	     memcmp(buf, data, len) != 0))
		abort();
	free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum pc_srtp_profile profile;
	struct pc_srtp *alice, *bob;

	if (len == 0)
		return 0;
	profile = profiles[data[0] % (sizeof(profiles) / sizeof(profiles[0]))];
	alice = make(profile, 1, 2);
	bob = make(profile, 2, 1);
	stranger(bob, data + 1, len - 1);
	there_and_back(alice, bob, data + 1, len - 1);
	pc_srtp_free(alice);
	pc_srtp_free(bob);
	return 0;
}
