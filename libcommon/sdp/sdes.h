/*
 * The keys of SRTP in a=crypto (RFC 4568, RFC 6188, RFC 7714).
 *
 *	a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwg...|2^20
 *	         tag suite                         key and salt, base64
 */
#ifndef PC_SDP_SDES_H
#define PC_SDP_SDES_H

#include <stdbool.h>
#include <stddef.h>

struct pc_sdp_sdes {
	unsigned tag;
	const char *suite; /* borrowed from value */
	size_t suite_len;
	size_t want_len; /* bytes of key and salt that the suite has */
	bool plain;      /* see pc_sdp_sdes_plain() */
};

enum pc_sdp_sdes_verdict {
	PC_SDP_SDES_OK,
	PC_SDP_SDES_UNKNOWN, /* the suite is not of these RFCs */
	PC_SDP_SDES_BROKEN,  /* no key, or of another length */
};

/* Read the value of an a=crypto line. */
enum pc_sdp_sdes_verdict pc_sdp_sdes_read(struct pc_sdp_sdes *key,
					  const char *value);

/*
 * Do these session parameters (RFC 4568 section 6.3), what stands behind the
 * keys, change nothing of what is sent? WSH is advice, KDR=0 the default, and
 * what begins with "-" may be passed over. An attribute with any other is only
 * for who can do that, as UNENCRYPTED_SRTP.
 */
bool pc_sdp_sdes_plain(const char *params);

#endif
