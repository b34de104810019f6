#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ice.h"
#include "stun/build.h"
#include "stun/integrity.h"

enum {
	USE_CANDIDATE = 0x0025,
	ICE_CONTROLLING = 0x802a,
	HOST_PRIORITY = (126 << 24) + (65535 << 8) + 255,
};

static ssize_t sign(struct pc_stun_build *b, const char *pwd)
{
	pc_stun_put_integrity(b, pwd, strlen(pwd));
	pc_stun_put_fingerprint(b);
	return pc_stun_build_end(b);
}

ssize_t ice_check(const struct ice *ice, uint8_t *buf, size_t cap)
{
	struct pc_stun_build b;
	char username[80];
	uint8_t id[PC_STUN_ID];

	for (unsigned i = 0; i < sizeof(id); i++)
		id[i] = (uint8_t)rand();
	snprintf(username, sizeof(username), "%s:" ICE_UFRAG, ice->ufrag);
	pc_stun_build_init(&b, buf, cap, PC_STUN_REQUEST, PC_STUN_BINDING, id);
	pc_stun_put_text(&b, PC_STUN_USERNAME, username);
	pc_stun_put_u32(&b, PC_STUN_PRIORITY, HOST_PRIORITY);
	pc_stun_put_u64(&b, ICE_CONTROLLING, ice->tie_breaker);
	pc_stun_put(&b, USE_CANDIDATE, NULL, 0);
	return sign(&b, ice->pwd);
}

ssize_t ice_take(struct ice *ice, const uint8_t *in, size_t len,
		 const struct pc_addr *from, uint8_t *buf, size_t cap)
{
	struct pc_stun_build b;
	struct pc_stun_msg msg;

	if (pc_stun_decode(&msg, in, len) < 0 || msg.method != PC_STUN_BINDING)
		return 0;
	if (msg.class == PC_STUN_SUCCESS &&
	    pc_stun_check_integrity(&msg, ice->pwd, strlen(ice->pwd)) == 0)
		ice->connected = true;
	if (msg.class != PC_STUN_REQUEST ||
	    pc_stun_check_integrity(&msg, ICE_PWD, strlen(ICE_PWD)) < 0)
		return 0;
	pc_stun_build_init(&b, buf, cap, PC_STUN_SUCCESS, PC_STUN_BINDING,
			   msg.id);
	pc_stun_put_addr(&b, PC_STUN_XOR_MAPPED_ADDRESS, from);
	return sign(&b, ICE_PWD);
}
