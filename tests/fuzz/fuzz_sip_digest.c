/*
 * Challenges of digest authentication (RFC 7616).
 * seeds: tests/fuzz/digest
 */
#include <stdlib.h>
#include <string.h>

#include "sip/digest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct pc_sip_credentials who = { .user = "alice",
						       .password = "secret" };
	struct pc_buf out = { 0 };
	char *challenge = strndup((const char *)data, len);
	const char *all[1] = { challenge };

	if (!challenge)
		return 0;
	(void)pc_sip_digest_choose(all, 1);
	(void)pc_sip_digest_stale(challenge);
	(void)pc_sip_digest_answer(&out, challenge, &who, "INVITE",
				   "sip:bob@pbx", 1, "0a4f113b", "", 0);
	pc_buf_fini(&out);
	free(challenge);
	return 0;
}
