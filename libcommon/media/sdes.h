/*
 * SRTP keys in SDP: a=crypto (RFC 4568, RFC 6188, RFC 7714).
 *
 *	a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVm...|2^20|1:4
 *	         tag suite                        key and salt         life MKI
 *
 * Each side says the key that it sends with, so two directions have two keys;
 * the answer has the tag and the suite of the one line that it takes.
 *
 *	pc_sdes_new(&mine.line[0], 1, PC_SRTP_AES128_CM_SHA1_80);
 *	pc_sdes_text(&mine.line[0], text);           a=crypto:1 AES_CM_...
 *	if (pc_sdes_choose(&mine, &theirs, &keys) == 0)
 *		pc_srtp_new(&srtp, &keys);
 */
#ifndef PC_MEDIA_SDES_H
#define PC_MEDIA_SDES_H

#include "media/srtp.h"

enum { PC_SDES_MAX = 16, PC_SDES_TEXT = 160 };

struct pc_sdes {
	unsigned tag;
	enum pc_srtp_profile profile;
	uint8_t key[PC_SRTP_KEY_MAX]; /* master key, then salt */
	uint8_t mki[PC_SRTP_MKI_MAX]; /* is in each packet, if mki_len > 0 */
	size_t mki_len;
};

struct pc_sdes_list {
	struct pc_sdes line[PC_SDES_MAX];
	unsigned n;
};

/* "AES_CM_128_HMAC_SHA1_80" and back; NULL, PC_SRTP_NONE when not known. */
const char *pc_sdes_suite(enum pc_srtp_profile profile);
enum pc_srtp_profile pc_sdes_profile(const char *suite);

/* A line with a new random key. 0 or -EIO. */
int pc_sdes_new(struct pc_sdes *line, unsigned tag,
		enum pc_srtp_profile profile);

/* "1 AES_CM_128_HMAC_SHA1_80 inline:...", without an MKI. */
void pc_sdes_text(const struct pc_sdes *line, char text[PC_SDES_TEXT]);

/*
 * Read the value of an a=crypto attribute.
 * Returns 0, -EBADMSG (its syntax, or a key of the wrong length), or -ENOTSUP
 * (a suite or session parameter that is not done here: RFC 4568 6.1 has such
 * a line passed over).
 */
int pc_sdes_parse(struct pc_sdes *line, const char *value);

/*
 * The pair that both sides have: of one tag and suite (RFC 4568 5.1.2), the
 * first in theirs. Returns 0, or -ENOENT.
 *   keys  what we send and receive with
 */
int pc_sdes_choose(const struct pc_sdes_list *mine,
		   const struct pc_sdes_list *theirs,
		   struct pc_srtp_keys *keys);

#endif
