/* The STUN codec: whatever is decoded lies in the datagram, and explains; and
 * the reader of captures that messages come out of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stun/build.h"
#include "stun/capture.h"
#include "stun/explain.h"
#include "stun/integrity.h"

static void check_attrs(const struct pc_stun_msg *msg)
{
	struct pc_addr addr;

	for (unsigned i = 0; i < msg->n_attrs; i++) {
		const struct pc_stun_attr *a = &msg->attrs[i];

		if (a->value < msg->buf + PC_STUN_HEADER ||
		    a->value + a->len > msg->buf + msg->len)
			abort();
		(void)pc_stun_address(msg, a, &addr);
	}
	(void)pc_stun_mapped(msg, &addr);
	(void)pc_stun_error(msg, NULL, NULL);
	(void)pc_stun_unknown_required(msg);
	(void)pc_stun_check_integrity(msg, "key", 3);
	(void)pc_stun_check_integrity_sha256(msg, "key", 3);
	(void)pc_stun_check_fingerprint(msg);
}

/* Built again from what was decoded, a message decodes to the same. */
static void build_again(const struct pc_stun_msg *msg)
{
	static uint8_t buf[70000];
	struct pc_stun_build b;
	struct pc_stun_msg again;
	ssize_t len;

	pc_stun_build_init(&b, buf, sizeof(buf), msg->class, msg->method,
			   msg->id);
	for (unsigned i = 0; i < msg->n_attrs; i++)
		pc_stun_put(&b, msg->attrs[i].type, msg->attrs[i].value,
			    msg->attrs[i].len);
	len = pc_stun_build_end(&b);
	if (len < 0 || pc_stun_decode(&again, buf, (size_t)len) != 0)
		abort();
	if (again.n_attrs != msg->n_attrs || again.class != msg->class ||
	    again.method != msg->method)
		abort();
}

static const uint8_t *file;
static size_t file_len;

static void on_payload(void *arg, const struct pc_capture_payload *p)
{
	unsigned *last = arg;

	if (p->number < *last || !p->len || p->data < file ||
	    p->data + p->len > file + file_len)
		abort();
	*last = p->number;
}

static void read_capture(const uint8_t *data, size_t len)
{
	struct pc_capture_unread unread;
	unsigned last = 1;

	file = data;
	file_len = len;
	if ((pc_capture_each(data, len, on_payload, &last, &unread) ==
	     -EINVAL) == pc_capture_is(data, len))
		abort();
}

static const struct pc_stun_secret secret = { .password = "key",
					      .realm = "realm" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct pc_buf out = { 0 };
	struct pc_stun_msg msg;
	uint8_t *copy = malloc(len ? len : 1); /* exact: overreads are seen */

	if (!copy)
		return 0;
	if (len)
		memcpy(copy, data, len);
	if (pc_stun_decode(&msg, copy, len) == 0) {
		check_attrs(&msg);
		build_again(&msg);
	}
	read_capture(copy, len);
	pc_stun_explain(&out, copy, len, &secret);
	pc_stun_summary(&out, copy, len);
	for (size_t i = 0; i < out.len; i++)
		if ((unsigned char)out.data[i] < 0x20 && out.data[i] != '\n')
			abort();
	pc_buf_fini(&out);
	free(copy);
	return 0;
}
