/*
 * STUN messages (RFC 8489), to and from bytes. Pure: no socket, no clock.
 *
 *	struct pc_stun_msg msg;
 *	struct pc_addr mapped;
 *	if (pc_stun_decode(&msg, buf, len) == 0 &&
 *	    pc_stun_mapped(&msg, &mapped) == 0)
 *		puts(pc_addr_text(&mapped, text));
 *
 *	 0                   1                   2                   3
 *	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|0 0|     STUN Message Type     |         Message Length        |
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|                  Magic Cookie 0x2112A442                      |
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|                     Transaction ID (96 bits)                  |
 *	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *	|  attributes: each a type (16), a length (16), a value, and    |
 *	|  padding to 4 bytes that the length does not count            |
 *
 *	   type:  0 0 M M M M M C M M M C M M M M    M method, C class
 */
#ifndef PC_STUN_STUN_H
#define PC_STUN_STUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"

#define PC_STUN_COOKIE    0x2112a442u
#define PC_STUN_HEADER    20
#define PC_STUN_ID        12
#define PC_STUN_ATTRS_MAX 48

/* CHANGE-REQUEST (RFC 5780 section 7.2): answer from the server's other ... */
#define PC_STUN_CHANGE_IP   4u
#define PC_STUN_CHANGE_PORT 2u

/* RFC 8489 section 5 */
enum pc_stun_class {
	PC_STUN_REQUEST,
	PC_STUN_INDICATION,
	PC_STUN_SUCCESS,
	PC_STUN_ERROR,
};

enum pc_stun_method {
	PC_STUN_BINDING = 1,
	PC_STUN_ALLOCATE = 3, /* TURN, RFC 8656 section 17 */
	PC_STUN_REFRESH = 4,
	PC_STUN_SEND = 6,
	PC_STUN_DATA_IND = 7,
	PC_STUN_CREATE_PERMISSION = 8,
	PC_STUN_CHANNEL_BIND = 9,
};

/* The rest is in names.c. */
enum pc_stun_type {
	PC_STUN_MAPPED_ADDRESS = 0x0001,
	PC_STUN_CHANGE_REQUEST = 0x0003,
	PC_STUN_SOURCE_ADDRESS = 0x0004,
	PC_STUN_CHANGED_ADDRESS = 0x0005,
	PC_STUN_USERNAME = 0x0006,
	PC_STUN_MESSAGE_INTEGRITY = 0x0008,
	PC_STUN_ERROR_CODE = 0x0009,
	PC_STUN_UNKNOWN_ATTRIBUTES = 0x000a,
	PC_STUN_CHANNEL_NUMBER = 0x000c,
	PC_STUN_LIFETIME = 0x000d,
	PC_STUN_XOR_PEER_ADDRESS = 0x0012,
	PC_STUN_DATA = 0x0013,
	PC_STUN_REALM = 0x0014,
	PC_STUN_NONCE = 0x0015,
	PC_STUN_XOR_RELAYED_ADDRESS = 0x0016,
	PC_STUN_REQUESTED_ADDRESS_FAMILY = 0x0017,
	PC_STUN_REQUESTED_TRANSPORT = 0x0019,
	PC_STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,
	PC_STUN_PASSWORD_ALGORITHM = 0x001d,
	PC_STUN_USERHASH = 0x001e,
	PC_STUN_XOR_MAPPED_ADDRESS = 0x0020,
	PC_STUN_PRIORITY = 0x0024,
	PC_STUN_PADDING = 0x0026,
	PC_STUN_RESPONSE_PORT = 0x0027,
	PC_STUN_XOR_MAPPED_ADDRESS_OLD = 0x8020,
	PC_STUN_PASSWORD_ALGORITHMS = 0x8002,
	PC_STUN_SOFTWARE = 0x8022,
	PC_STUN_ALTERNATE_DOMAIN = 0x8003,
	PC_STUN_ALTERNATE_SERVER = 0x8023,
	PC_STUN_FINGERPRINT = 0x8028,
	PC_STUN_ICE_CONTROLLED = 0x8029,
	PC_STUN_RESPONSE_ORIGIN = 0x802b,
	PC_STUN_OTHER_ADDRESS = 0x802c,
};

struct pc_stun_attr {
	uint16_t type, len; /* len: without the padding */
	uint16_t offset;    /* of the attribute's header in the message */
	bool ignored;       /* behind MESSAGE-INTEGRITY (section 14.5) */
	const uint8_t *value;
};

struct pc_stun_msg {
	uint16_t method;
	enum pc_stun_class class;
	uint8_t id[PC_STUN_ID];
	unsigned n_attrs;
	struct pc_stun_attr attrs[PC_STUN_ATTRS_MAX];
	const uint8_t *buf; /* the message itself, len bytes */
	size_t len;
};

/*
 * Decode one STUN datagram (section 5).
 *   buf, len  the whole datagram
 *   msg       filled; borrows buf
 * Returns 0, -EINVAL (not STUN: first bits, cookie), -EBADMSG (STUN, but a
 * length is wrong) or -E2BIG (more than PC_STUN_ATTRS_MAX attributes); after
 * the last two msg holds what could be read, for explain.h.
 */
int pc_stun_decode(struct pc_stun_msg *msg, const uint8_t *buf, size_t len);

/* The first attribute of a type that counts (not ignored), or NULL. */
const struct pc_stun_attr *pc_stun_find(const struct pc_stun_msg *msg,
					uint16_t type);

/*
 * An address attribute, XORed ones unmasked (sections 14.1, 14.2). Returns 0
 * or -EBADMSG (length or family wrong).
 */
int pc_stun_address(const struct pc_stun_msg *msg,
		    const struct pc_stun_attr *attr, struct pc_addr *addr);

/* Is the address in attributes of this type XORed with the header? */
bool pc_stun_is_xored(uint16_t type);

/*
 * Where the answer says we are: XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS from
 * a server that has only that. Returns 0, -ENOENT or -EBADMSG.
 */
int pc_stun_mapped(const struct pc_stun_msg *msg, struct pc_addr *addr);

/*
 * ERROR-CODE (section 14.8): the code (300 to 699), or 0 if there is none
 * or it is broken. reason and reason_len (may be NULL) borrow the message.
 */
unsigned pc_stun_error(const struct pc_stun_msg *msg, const char **reason,
		       size_t *reason_len);

/*
 * The first attribute that must be understood (type below 0x8000) and that
 * RFC 8489, ICE, TURN and RFC 5780 do not know (section 6.3.1); or 0.
 */
uint16_t pc_stun_unknown_required(const struct pc_stun_msg *msg);

/* How an attribute's value is to be read. */
enum pc_stun_kind {
	PC_STUN_IS_BYTES,
	PC_STUN_IS_FLAG, /* no value */
	PC_STUN_IS_ADDRESS,
	PC_STUN_IS_TEXT,
	PC_STUN_IS_NONCE, /* text that may tell of features */
	PC_STUN_IS_U32,
	PC_STUN_IS_U64,
	PC_STUN_IS_SECONDS,
	PC_STUN_IS_ERROR_CODE,
	PC_STUN_IS_ADDRESS_ERROR, /* a family, then as ERROR-CODE */
	PC_STUN_IS_TYPES,         /* 16 bits each */
	PC_STUN_IS_CHANGE,
	PC_STUN_IS_CHANNEL,   /* 16 bits and two bytes of nothing */
	PC_STUN_IS_PORT,      /* the same */
	PC_STUN_IS_TRANSPORT, /* 8 bits and three */
	PC_STUN_IS_FAMILY,    /* the same */
	PC_STUN_IS_EVEN,
	PC_STUN_IS_ICMP,
	PC_STUN_IS_ALGORITHMS,
	PC_STUN_IS_SHA1,
	PC_STUN_IS_SHA256,
	PC_STUN_IS_CRC,
};

enum pc_stun_kind pc_stun_attr_kind(uint16_t type);

/* By name, in any case; -1 if there is none. */
int pc_stun_attr_number(const char *name);
int pc_stun_method_number(const char *name);

/*
 * ChannelData (RFC 8656 section 12.4): the channel, or 0 when this is not a
 * whole one (over a stream it may be padded); data and data_len borrow buf.
 */
uint16_t pc_stun_channel(const uint8_t *buf, size_t len, const uint8_t **data,
			 size_t *data_len);

/*
 * The security features that a NONCE tells of (section 9.2), bit 0 password
 * algorithms, bit 1 username anonymity; 0 if it tells of none.
 */
#define PC_STUN_FEATURE_ALGORITHMS 1u
#define PC_STUN_FEATURE_ANONYMITY  2u
unsigned pc_stun_features(const uint8_t *nonce, size_t len);

/* "PRIORITY", "8445 7.1.1"; NULL if unknown. section may be NULL. */
const char *pc_stun_attr_name(uint16_t type, const char **section);
const char *pc_stun_method_name(uint16_t method);
const char *pc_stun_class_name(enum pc_stun_class c);

#endif
