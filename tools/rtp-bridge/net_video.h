/* Video of a network leg; see net_video.c. */
#ifndef RTP_BRIDGE_NET_VIDEO_H
#define RTP_BRIDGE_NET_VIDEO_H

#include "media/feedback.h"
#include "net.h"

/* 0, or -EINVAL said: the leg's bitrate= is none. */
int net_video_init(struct net *net);
/* One clear RTP packet from the other side, of len bytes before. */
void net_video_receive(struct net *net, const struct pc_rtp *rtp, size_t len,
		       uint64_t now_us);
/* Ask the other side for a whole picture, as it understands it. */
void net_video_ask(struct net *net);
/* One packet of the RTCP that came. */
void net_video_feedback(struct net *net, const struct pc_rtcp *p);
/* Keep a packet, as it goes over the wire, to be sent again. */
void net_video_keep(struct net *net, const uint8_t *buf, size_t len);
void net_video_second(struct net *net, uint64_t now_us);
void net_video_fini(struct net *net);
/* Send a packet of RTCP feedback, when that may be. */
void net_video_feed(struct net *net, uint8_t *buf, size_t len);
/* Whom its pictures go to, itself when that echoes, or NULL. */
struct net *net_video_peer(const struct net *net);

/* net_rate.c: what the other side says of how much we may send it. */
void net_rate_feedback(struct net *net, const struct pc_rtcp *p);

#endif
