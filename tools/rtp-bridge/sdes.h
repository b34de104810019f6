/*
 * The keys of an srtp: leg: what it offers, what it has agreed on, and how
 * packets pass through them. Describing may change either direction's key.
 */
#ifndef RTP_BRIDGE_SDES_H
#define RTP_BRIDGE_SDES_H

#include "bridge.h"
#include "media/sdes.h"

struct sdes {
	struct pc_sdes_list offer; /* one key for each suite */
	struct pc_sdes_list said;  /* what the fragment says: offer, or one */
	struct pc_srtp_keys keys;
	struct pc_srtp *srtp; /* NULL: nothing is agreed on */
};

/* Keys for the suites of suite= (one), or for all. 0, or -errno said. */
int sdes_open(struct sdes *s, struct leg *leg);
void sdes_close(struct sdes *s);

/*
 * Which line do the descriptions have in common? Without a local one, the
 * first of theirs that is known is answered, and said. keys is filled; nothing
 * else changes until sdes_use. 0, or -EINVAL said.
 */
int sdes_agree(struct sdes *s, struct leg *leg, const struct description *d,
	       struct pc_srtp_keys *keys);

/* 0, or -errno said; says by an event what holds when it is new. */
int sdes_use(struct sdes *s, struct leg *leg, const struct pc_srtp_keys *keys);

/* The a=crypto lines. */
void sdes_fragment(const struct sdes *s, struct pc_buf *out);

#endif
