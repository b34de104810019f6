/* The numbers of STUN and its usages, by name and where to read of them. */
#include <stddef.h>
#include <strings.h>

#include "stun/stun.h"

struct name {
	uint16_t number;
	const char *name, *section; /* "RFC section" */
	enum pc_stun_kind kind;     /* of an attribute's value */
};

static const struct name attrs[] = {
	{ 0x0001, "MAPPED-ADDRESS", "8489 14.1", PC_STUN_IS_ADDRESS },
	{ 0x0002, "RESPONSE-ADDRESS", "3489 11.2.2", PC_STUN_IS_ADDRESS },
	{ 0x0003, "CHANGE-REQUEST", "5780 7.2", PC_STUN_IS_CHANGE },
	{ 0x0004, "SOURCE-ADDRESS", "3489 11.2.5", PC_STUN_IS_ADDRESS },
	{ 0x0005, "CHANGED-ADDRESS", "3489 11.2.3", PC_STUN_IS_ADDRESS },
	{ 0x0006, "USERNAME", "8489 14.3", PC_STUN_IS_TEXT },
	{ 0x0007, "PASSWORD", "3489 11.2.7", PC_STUN_IS_TEXT },
	{ 0x0008, "MESSAGE-INTEGRITY", "8489 14.5", PC_STUN_IS_SHA1 },
	{ 0x0009, "ERROR-CODE", "8489 14.8", PC_STUN_IS_ERROR_CODE },
	{ 0x000a, "UNKNOWN-ATTRIBUTES", "8489 14.13", PC_STUN_IS_TYPES },
	{ 0x000b, "REFLECTED-FROM", "3489 11.2.11", PC_STUN_IS_ADDRESS },
	{ 0x000c, "CHANNEL-NUMBER", "8656 18.1", PC_STUN_IS_CHANNEL },
	{ 0x000d, "LIFETIME", "8656 18.2", PC_STUN_IS_SECONDS },
	{ 0x0012, "XOR-PEER-ADDRESS", "8656 18.3", PC_STUN_IS_ADDRESS },
	{ 0x0013, "DATA", "8656 18.4", PC_STUN_IS_BYTES },
	{ 0x0014, "REALM", "8489 14.9", PC_STUN_IS_TEXT },
	{ 0x0015, "NONCE", "8489 14.10", PC_STUN_IS_NONCE },
	{ 0x0016, "XOR-RELAYED-ADDRESS", "8656 18.5", PC_STUN_IS_ADDRESS },
	{ 0x0017, "REQUESTED-ADDRESS-FAMILY", "8656 18.6", PC_STUN_IS_FAMILY },
	{ 0x0018, "EVEN-PORT", "8656 18.7", PC_STUN_IS_EVEN },
	{ 0x0019, "REQUESTED-TRANSPORT", "8656 18.8", PC_STUN_IS_TRANSPORT },
	{ 0x001a, "DONT-FRAGMENT", "8656 18.9", PC_STUN_IS_FLAG },
	{ 0x001b, "ACCESS-TOKEN", "7635 6.2", PC_STUN_IS_BYTES },
	{ 0x001c, "MESSAGE-INTEGRITY-SHA256", "8489 14.6", PC_STUN_IS_SHA256 },
	{ 0x001d, "PASSWORD-ALGORITHM", "8489 14.12", PC_STUN_IS_ALGORITHMS },
	{ 0x001e, "USERHASH", "8489 14.4", PC_STUN_IS_BYTES },
	{ 0x0020, "XOR-MAPPED-ADDRESS", "8489 14.2", PC_STUN_IS_ADDRESS },
	{ 0x0022, "RESERVATION-TOKEN", "8656 18.10", PC_STUN_IS_BYTES },
	{ 0x0024, "PRIORITY", "8445 7.1.1", PC_STUN_IS_U32 },
	{ 0x0025, "USE-CANDIDATE", "8445 7.1.2", PC_STUN_IS_FLAG },
	{ 0x0026, "PADDING", "5780 7.6", PC_STUN_IS_BYTES },
	{ 0x002a, "CONNECTION-ID", "6062 6.2.1", PC_STUN_IS_U32 },
	{ 0x0027, "RESPONSE-PORT", "5780 7.5", PC_STUN_IS_PORT },
	{ 0x8000, "ADDITIONAL-ADDRESS-FAMILY", "8656 18.11",
	  PC_STUN_IS_FAMILY },
	{ 0x8001, "ADDRESS-ERROR-CODE", "8656 18.12",
	  PC_STUN_IS_ADDRESS_ERROR },
	{ 0x8002, "PASSWORD-ALGORITHMS", "8489 14.11", PC_STUN_IS_ALGORITHMS },
	{ 0x8003, "ALTERNATE-DOMAIN", "8489 14.16", PC_STUN_IS_TEXT },
	{ 0x8004, "ICMP", "8656 18.13", PC_STUN_IS_ICMP },
	{ 0x8020, "XOR-MAPPED-ADDRESS (old)", "8489 14.2", PC_STUN_IS_ADDRESS },
	{ 0x8022, "SOFTWARE", "8489 14.14", PC_STUN_IS_TEXT },
	{ 0x8023, "ALTERNATE-SERVER", "8489 14.15", PC_STUN_IS_ADDRESS },
	{ 0x8028, "FINGERPRINT", "8489 14.7", PC_STUN_IS_CRC },
	{ 0x8029, "ICE-CONTROLLED", "8445 7.1.3", PC_STUN_IS_U64 },
	{ 0x802a, "ICE-CONTROLLING", "8445 7.1.3", PC_STUN_IS_U64 },
	{ 0x802e, "THIRD-PARTY-AUTHORIZATION", "7635 6.1", PC_STUN_IS_TEXT },
	{ 0x8030, "MOBILITY-TICKET", "8016 3.2.1", PC_STUN_IS_BYTES },
	{ 0xc057, "GOOG-NETWORK-INFO", NULL, PC_STUN_IS_BYTES },
	{ 0x802b, "RESPONSE-ORIGIN", "5780 7.3", PC_STUN_IS_ADDRESS },
	{ 0x802c, "OTHER-ADDRESS", "5780 7.4", PC_STUN_IS_ADDRESS },
};

static const struct name methods[] = {
	{ 0x001, "Binding", "8489 18.2", 0 },
	{ 0x003, "Allocate", "8656 17", 0 },
	{ 0x004, "Refresh", "8656 17", 0 },
	{ 0x006, "Send", "8656 17", 0 },
	{ 0x007, "Data", "8656 17", 0 },
	{ 0x008, "CreatePermission", "8656 17", 0 },
	{ 0x009, "ChannelBind", "8656 17", 0 },
	{ 0x00a, "Connect", "6062 6.1", 0 },
	{ 0x00b, "ConnectionBind", "6062 6.1", 0 },
	{ 0x00c, "ConnectionAttempt", "6062 6.1", 0 },
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

enum pc_stun_kind pc_stun_attr_kind(uint16_t type)
{
	const struct name *n =
		find(attrs, sizeof(attrs) / sizeof(attrs[0]), type);

	return n ? n->kind : PC_STUN_IS_BYTES;
}

static int number_of(const struct name *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(table[i].name, name) == 0)
			return table[i].number;
	return -1;
}

int pc_stun_attr_number(const char *name)
{
	return number_of(attrs, sizeof(attrs) / sizeof(attrs[0]), name);
}

int pc_stun_method_number(const char *name)
{
	return number_of(methods, sizeof(methods) / sizeof(methods[0]), name);
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
