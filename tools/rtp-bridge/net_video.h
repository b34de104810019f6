/* Video of a network leg; see net_video.c. */
#ifndef RTP_BRIDGE_NET_VIDEO_H
#define RTP_BRIDGE_NET_VIDEO_H

#include "media/feedback.h"
#include "net.h"

/* One clear RTP packet from the other side, of len bytes before. */
void net_video_receive(struct net *net, const struct pc_rtp *rtp, size_t len,
		       uint64_t now_us);
/* Ask the other side for a whole picture, as it understands it. */
void net_video_ask(struct net *net);
/* One packet of the RTCP that came. */
void net_video_feedback(struct net *net, const struct pc_rtcp *p);
/* Keep a packet, as it goes over the wire, to be sent again. */
void net_video_keep(struct net *net, const uint8_t *buf, size_t len);
void net_video_second(struct net *net);
void net_video_fini(struct net *net);

#endif
