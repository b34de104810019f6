/*
 * A STUN message from words: its method, its class, and its attributes by the
 * names that the RFCs give them, in the order they are to have.
 *
 *	binding request software=test priority=1 fingerprint
 *	allocate error error-code=401:Unauthorized realm=example.org
 *	binding success xor-mapped-address=192.0.2.1:32853 0x8055=hex:00ff
 *
 *	id=HEX           the transaction id, 24 hex digits; else a random one
 *	pad=BYTE         what padding is made of (0)
 *	NAME, 0xTYPE     an attribute without a value
 *	NAME=VALUE       text, a number, HOST:PORT, CODE:REASON, type,type,...,
 *			 ip,port (CHANGE-REQUEST), 4 or 6 (families)
 *	NAME=hex:DIGITS  any attribute, byte for byte
 *	message-integrity, message-integrity-sha256, fingerprint
 *			 computed over what stands before them
 *
 * Any case will do. Nothing keeps a message from being wrong: that is what
 * one wants to test with.
 */
#ifndef PC_STUN_WORDS_H
#define PC_STUN_WORDS_H

#include "stun/secret.h"
#include "stun/stun.h"

#define PC_STUN_WHY 160

/*
 *   id      used unless there is an id=
 *   secret  for the integrities: with its realm and user, or the words' own,
 *	     the long-term key; NULL: none can be made
 *   why     set to what is wrong on failure, for people
 * Returns the length, -EINVAL (a word) or -ENOBUFS (buf is too small).
 */
ssize_t pc_stun_from_words(uint8_t *buf, size_t cap, const char *const *words,
			   size_t n, const uint8_t id[PC_STUN_ID],
			   const struct pc_stun_secret *secret,
			   char why[PC_STUN_WHY]);

/*
 * Hex digits, two a byte; between bytes blanks, commas, colons and 0x are
 * skipped. Returns the number of bytes, -EINVAL or -ENOBUFS.
 */
ssize_t pc_stun_from_hex(uint8_t *buf, size_t cap, const char *text,
			 size_t len);

#endif
