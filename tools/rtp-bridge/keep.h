/*
 * Keep-alive of an rtp: or srtp: leg that sends nothing (RFC 6263): our own
 * NAT's binding stays open, and an end that answers to where packets come
 * from (RFC 4961) learns it. A packet without payload, of a type that nobody
 * has described, is what RFC 6263 knows to be ignored by every receiver, and
 * it has its place in the sequence. RTCP, sent every few seconds, keeps its own
 * port's binding; when muxed, that of both.
 *
 *	keep_open(&keep, leg, 15); keep_begin(keep); keep_second(keep, now, mux);
 */
#ifndef RTP_BRIDGE_KEEP_H
#define RTP_BRIDGE_KEEP_H

#include "net.h"

struct keep;

/* As the leg's keepalive=SECONDS says. 0, -EINVAL said, or -ENOMEM. */
int keep_open(struct keep **keep, struct leg *leg);
void keep_close(struct keep *keep); /* NULL is fine */

/*
 * The other side was described, or the way to it has changed: should nothing
 * else be sent, runs of packets, since one alone teaches few an address; less and
 * less often, until the interval is reached.
 */
void keep_begin(struct keep *keep);

/* Once a second; muxed: RTCP goes the same way, which is enough. */
void keep_second(struct keep *keep, uint64_t now_us, bool muxed);

#endif
