#include <errno.h>
#include <string.h>

#include "old_stun.h"

int old_stun_decode(struct pc_stun_msg *msg, uint8_t copy[static OLD_STUN_MAX],
		    const uint8_t *data, size_t len)
{
	static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };

	if (len < PC_STUN_HEADER || len > OLD_STUN_MAX)
		return -EINVAL;
	memcpy(copy, data, len);
	memcpy(copy + 4, cookie, sizeof(cookie));
	return pc_stun_decode(msg, copy, len) == 0 &&
			       msg->method == PC_STUN_BINDING
		       ? 0
		       : -EINVAL;
}
