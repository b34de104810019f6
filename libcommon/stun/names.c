/* The numbers of STUN and its usages, by name and where to read of them. */
#include <stddef.h>

#include "stun/stun.h"

struct name {
	uint16_t number;
	const char *name, *section; /* "RFC section" */
};

static const struct name attrs[] = {
	{ 0x0001, "MAPPED-ADDRESS", "8489 14.1" },
	{ 0x0002, "RESPONSE-ADDRESS", "3489 11.2.2" },
	{ 0x0003, "CHANGE-REQUEST", "5780 7.2" },
	{ 0x0004, "SOURCE-ADDRESS", "3489 11.2.5" },
	{ 0x0005, "CHANGED-ADDRESS", "3489 11.2.3" },
	{ 0x0006, "USERNAME", "8489 14.3" },
	{ 0x0007, "PASSWORD", "3489 11.2.7" },
	{ 0x0008, "MESSAGE-INTEGRITY", "8489 14.5" },
	{ 0x0009, "ERROR-CODE", "8489 14.8" },
	{ 0x000a, "UNKNOWN-ATTRIBUTES", "8489 14.13" },
	{ 0x000b, "REFLECTED-FROM", "3489 11.2.11" },
	{ 0x000c, "CHANNEL-NUMBER", "8656 18.1" },
	{ 0x000d, "LIFETIME", "8656 18.2" },
	{ 0x0012, "XOR-PEER-ADDRESS", "8656 18.3" },
	{ 0x0013, "DATA", "8656 18.4" },
	{ 0x0014, "REALM", "8489 14.9" },
	{ 0x0015, "NONCE", "8489 14.10" },
	{ 0x0016, "XOR-RELAYED-ADDRESS", "8656 18.5" },
	{ 0x0017, "REQUESTED-ADDRESS-FAMILY", "8656 18.6" },
	{ 0x0018, "EVEN-PORT", "8656 18.7" },
	{ 0x0019, "REQUESTED-TRANSPORT", "8656 18.8" },
	{ 0x001a, "DONT-FRAGMENT", "8656 18.9" },
	{ 0x001c, "MESSAGE-INTEGRITY-SHA256", "8489 14.6" },
	{ 0x001d, "PASSWORD-ALGORITHM", "8489 14.12" },
	{ 0x001e, "USERHASH", "8489 14.4" },
	{ 0x0020, "XOR-MAPPED-ADDRESS", "8489 14.2" },
	{ 0x0022, "RESERVATION-TOKEN", "8656 18.10" },
	{ 0x0024, "PRIORITY", "8445 7.1.1" },
	{ 0x0025, "USE-CANDIDATE", "8445 7.1.2" },
	{ 0x0026, "PADDING", "5780 7.6" },
	{ 0x0027, "RESPONSE-PORT", "5780 7.5" },
	{ 0x8000, "ADDITIONAL-ADDRESS-FAMILY", "8656 18.11" },
	{ 0x8001, "ADDRESS-ERROR-CODE", "8656 18.12" },
	{ 0x8002, "PASSWORD-ALGORITHMS", "8489 14.11" },
	{ 0x8003, "ALTERNATE-DOMAIN", "8489 14.16" },
	{ 0x8004, "ICMP", "8656 18.13" },
	{ 0x8020, "XOR-MAPPED-ADDRESS (old)", "8489 14.2" },
	{ 0x8022, "SOFTWARE", "8489 14.14" },
	{ 0x8023, "ALTERNATE-SERVER", "8489 14.15" },
	{ 0x8028, "FINGERPRINT", "8489 14.7" },
	{ 0x8029, "ICE-CONTROLLED", "8445 7.1.3" },
	{ 0x802a, "ICE-CONTROLLING", "8445 7.1.3" },
	{ 0x802b, "RESPONSE-ORIGIN", "5780 7.3" },
	{ 0x802c, "OTHER-ADDRESS", "5780 7.4" },
};

static const struct name methods[] = {
	{ 0x001, "Binding", "8489 18.2" },
	{ 0x003, "Allocate", "8656 17" },
	{ 0x004, "Refresh", "8656 17" },
	{ 0x006, "Send", "8656 17" },
	{ 0x007, "Data", "8656 17" },
	{ 0x008, "CreatePermission", "8656 17" },
	{ 0x009, "ChannelBind", "8656 17" },
	{ 0x00a, "Connect", "6062 6.1" },
	{ 0x00b, "ConnectionBind", "6062 6.1" },
	{ 0x00c, "ConnectionAttempt", "6062 6.1" },
};

static const struct name *find(const struct name *table, size_t n,
			       uint16_t number)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}

const char *pc_stun_attr_name(uint16_t type, const char **section)
{
	const struct name *n =
		find(attrs, sizeof(attrs) / sizeof(attrs[0]), type);

	if (n && section)
		*section = n->section;
	return n ? n->name : NULL;
}

const char *pc_stun_method_name(uint16_t method)
{
	const struct name *n =
		find(methods, sizeof(methods) / sizeof(methods[0]), method);

	return n ? n->name : NULL;
}

const char *pc_stun_class_name(enum pc_stun_class c)
{
	static const char *const names[] = { "request", "indication",
					     "success response",
					     "error response" };

	return names[c & 3];
}
