/*
 * STUN messages: attributes lie inside the message, and anything can be
 * explained to a reader.
 * seeds: tests/fuzz/stun
 */
#include <stdlib.h>
#include <string.h>

#include "stun/explain.h"
#include "stun/integrity.h"
#include "stun/stun.h"

static void use(const struct pc_stun_msg *msg)
{
	struct pc_addr addr;
	const char *reason;
	size_t len;

	(void)pc_stun_mapped(msg, &addr);
	(void)pc_stun_error(msg, &reason, &len);
	(void)pc_stun_unknown_required(msg);
	(void)pc_stun_check_fingerprint(msg);
	(void)pc_stun_check_integrity(msg, "key", 3);
	(void)pc_stun_check_integrity_sha256(msg, "key", 3);
	for (unsigned i = 0; i < msg->n_attrs; i++) {
		const struct pc_stun_attr *a = &msg->attrs[i];

		if (a->value < msg->buf ||
		    a->value + a->len > msg->buf + msg->len)
			abort();
		(void)pc_stun_address(msg, a, &addr);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pc_buf out = { 0 };
	struct pc_stun_msg msg;

	if (pc_stun_decode(&msg, data, len) == 0)
		use(&msg);
	pc_stun_explain(&out, data, len);
	pc_stun_summary(&out, data, len);
	pc_buf_fini(&out);
	return 0;
}
