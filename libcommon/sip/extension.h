/*
 * Headers of SIP's extensions: option tags (RFC 3261 19.2), reliable
 * provisional responses (RFC 3262), session timers (RFC 4028).
 *
 *	if (pc_sip_lists(invite, "Supported", "100rel")) ...
 *
 * Pure. Each function takes a header's compact form too.
 */
#ifndef PC_SIP_EXTENSION_H
#define PC_SIP_EXTENSION_H

#include "sip/msg.h"

/*
 * Whether a token stands in a comma list, in any row of this header (Require,
 * Supported, Allow, Proxy-Require ...); not case-sensitive.
 */
bool pc_sip_lists(const osip_message_t *msg, const char *header,
		  const char *token);

/*
 * The tokens of Require that known (a comma list; NULL: none) has not, as a
 * comma list for Unsupported. Heap, or NULL: there are none.
 */
char *pc_sip_unsupported(const osip_message_t *msg, const char *known);

/*
 * The number that a header begins with: RSeq, Min-SE, Retry-After,
 * Session-Expires. 0, -ENOENT (no such header) or -EBADMSG.
 */
int pc_sip_number(const osip_message_t *msg, const char *header,
		  uint32_t *value);

/* RAck (RFC 3262 7.2): "776656 1 INVITE". */
struct pc_sip_rack {
	uint32_t rseq, cseq;
	char method[16];
};
int pc_sip_rack(const osip_message_t *msg, struct pc_sip_rack *rack);

enum pc_sip_refresher {
	PC_SIP_REFRESHER_NONE, /* it does not say */
	PC_SIP_REFRESHER_UAC,
	PC_SIP_REFRESHER_UAS,
};

/* Session-Expires (RFC 4028 4): "1800;refresher=uas". As pc_sip_number. */
int pc_sip_session_expires(const osip_message_t *msg, uint32_t *seconds,
			   enum pc_sip_refresher *refresher);

#endif
