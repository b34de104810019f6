#include <errno.h>
#include <stdio.h>

#include "base/buf.h"
#include "stun/integrity.h"
#include "take.h"

static void copy_text(char *out, size_t size, const void *text, size_t len)
{
	struct pc_buf b = { 0 };

	pc_buf_add_printable(&b, text, len);
	snprintf(out, size, "%s", b.data ? b.data : "");
	pc_buf_fini(&b);
}

static bool read_address(const struct pc_stun_msg *msg, uint16_t type,
			 struct pc_addr *addr)
{
	const struct pc_stun_attr *a = pc_stun_find(msg, type);

	if (a && pc_stun_address(msg, a, addr) == 0)
		return true;
	addr->len = 0;
	return false;
}

/* Section 6.3: what must be so before an answer is believed. */
static const char *objection(const struct pc_stun_msg *msg)
{
	struct pc_addr mapped;

	if (pc_stun_check_fingerprint(msg) == -EBADMSG)
		return "its FINGERPRINT is wrong";
	if (pc_stun_unknown_required(msg))
		return "it has an attribute that must be understood and is "
		       "not known";
	if (msg->class == PC_STUN_ERROR)
		return pc_stun_error(msg, NULL, NULL)
			       ? NULL
			       : "an error response without ERROR-CODE";
	if (msg->method != PC_STUN_BINDING)
		return NULL;
	switch (pc_stun_mapped(msg, &mapped)) {
	case 0:
		return NULL;
	case -ENOENT:
		return "it has no mapped address";
	default:
		return "its mapped address is broken";
	}
}

/* The servers of RFC 3489 call them SOURCE-ADDRESS and CHANGED-ADDRESS. */
static void read_addresses(struct answer *a, const struct pc_stun_msg *msg)
{
	if (pc_stun_mapped(msg, &a->mapped) != 0)
		a->mapped.len = 0;
	read_address(msg, PC_STUN_MAPPED_ADDRESS, &a->plain);
	if (!read_address(msg, PC_STUN_XOR_MAPPED_ADDRESS, &a->xored))
		read_address(msg, PC_STUN_XOR_MAPPED_ADDRESS_OLD, &a->xored);
	if (!read_address(msg, PC_STUN_RESPONSE_ORIGIN, &a->origin))
		read_address(msg, PC_STUN_SOURCE_ADDRESS, &a->origin);
	if (!read_address(msg, PC_STUN_OTHER_ADDRESS, &a->other))
		a->old_names =
			read_address(msg, PC_STUN_CHANGED_ADDRESS, &a->other);
}

enum verdict take(struct answer *a, const struct pc_stun_msg *msg)
{
	const struct pc_stun_attr *software =
		pc_stun_find(msg, PC_STUN_SOFTWARE);
	const struct pc_stun_attr *domain;
	const char *reason, *why;
	size_t len;

	if (software)
		copy_text(a->software, sizeof(a->software), software->value,
			  software->len);
	a->fingerprint = pc_stun_check_fingerprint(msg) == 0;
	why = objection(msg);
	if (why) {
		snprintf(a->why, sizeof(a->why), "%s", why);
		return VERDICT_BROKEN;
	}
	if (msg->class == PC_STUN_ERROR) {
		a->code = pc_stun_error(msg, &reason, &len);
		copy_text(a->reason, sizeof(a->reason), reason, len);
		read_address(msg, PC_STUN_ALTERNATE_SERVER, &a->alternate);
		domain = pc_stun_find(msg, PC_STUN_ALTERNATE_DOMAIN);
		if (domain)
			copy_text(a->domain, sizeof(a->domain), domain->value,
				  domain->len);
		return VERDICT_ERROR;
	}
	read_addresses(a, msg);
	return VERDICT_ANSWER;
}
