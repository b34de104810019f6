/*
 * Transport-wide feedback of a dtls: leg: which packets of its bundle came, and
 * when (media/wide.h), told ten times a second while some come.
 */
#ifndef RTP_BRIDGE_WIDE_H
#define RTP_BRIDGE_WIDE_H

#include "net.h"

struct wide;

int wide_open(struct wide **wide, struct leg *leg); /* 0 or -ENOMEM */
void wide_close(struct wide *wide);                 /* NULL is fine */
/* A clear packet of the bundle as it came; net is whose. */
void wide_take(struct wide *wide, const struct net *net, const uint8_t *buf,
	       size_t len, uint64_t now_us);

#endif
