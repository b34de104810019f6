/*
 * The video of a dtls: leg's bundle: a leg of its own, whose packets go by the
 * keys and the path of the leg that it belongs to.
 */
#ifndef RTP_BRIDGE_DTLS_VIDEO_H
#define RTP_BRIDGE_DTLS_VIDEO_H

#include "net_video.h"

extern const struct leg_kind leg_dtls_video;

/* leg_dtls.c: what it does for both. */
bool dtls_may_report(struct leg *leg);
void dtls_fragment(struct leg *leg, struct pc_buf *out);
void dtls_resend(struct leg *leg, const uint8_t *buf, size_t len);
/* Encrypt and send a packet of leg's; keep, if not NULL, keeps it. */
void dtls_protect(struct leg *leg, uint8_t *buf, size_t len, bool rtcp,
		  struct net *keep);

/* RFC 8843 9.2: whose payload type is it, this leg's or its video's? */
struct leg *dtls_of_bundle(struct leg *leg, uint8_t pt);

#endif
