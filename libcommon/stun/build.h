/*
 * Build a STUN message (RFC 8489) in the caller's buffer.
 *
 *	struct pc_stun_build b;
 *	pc_stun_build_init(&b, buf, sizeof(buf), PC_STUN_REQUEST,
 *			   PC_STUN_BINDING, id);
 *	pc_stun_put_text(&b, PC_STUN_SOFTWARE, "pipecall");
 *	pc_stun_put_fingerprint(&b);
 *	len = pc_stun_build_end(&b);
 *
 * What does not fit is remembered: check once, at the end. The order of the
 * last attributes is the caller's: integrity, then fingerprint.
 */
#ifndef PC_STUN_BUILD_H
#define PC_STUN_BUILD_H

#include "stun/stun.h"

struct pc_stun_build {
	uint8_t *buf;
	size_t cap, len;
	bool full;
};

void pc_stun_build_init(struct pc_stun_build *b, uint8_t *buf, size_t cap,
			enum pc_stun_class c, uint16_t method,
			const uint8_t id[PC_STUN_ID]);

void pc_stun_put(struct pc_stun_build *b, uint16_t type, const void *value,
		 size_t len);
void pc_stun_put_text(struct pc_stun_build *b, uint16_t type, const char *text);
void pc_stun_put_u32(struct pc_stun_build *b, uint16_t type, uint32_t value);
void pc_stun_put_u64(struct pc_stun_build *b, uint16_t type, uint64_t value);

/* XORed when type is one of the XOR- attributes. */
void pc_stun_put_addr(struct pc_stun_build *b, uint16_t type,
		      const struct pc_addr *addr);
void pc_stun_put_error(struct pc_stun_build *b, unsigned code,
		       const char *reason);

/* Over all that is in the message so far (integrity.h says of which key). */
void pc_stun_put_integrity(struct pc_stun_build *b, const void *key,
			   size_t key_len);
void pc_stun_put_integrity_sha256(struct pc_stun_build *b, const void *key,
				  size_t key_len);
void pc_stun_put_fingerprint(struct pc_stun_build *b);

/* The length of the message, or -ENOBUFS. */
ssize_t pc_stun_build_end(const struct pc_stun_build *b);

#endif
