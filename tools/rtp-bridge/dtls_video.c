/* The video of a bundle; see dtls_video.h. */
#include "dtls_video.h"

#include <errno.h>
#include <stdlib.h>

static struct net *video_net(struct leg *leg)
{
	return leg->state;
}

static int video_open(struct leg *leg)
{
	struct net *net = calloc(1, sizeof(*net));

	if (!net)
		return -ENOMEM;
	leg->state = net;
	return net_init(net, leg);
}

static void video_close(struct leg *leg)
{
	net_fini(leg->state);
	free(leg->state);
	leg->state = NULL;
}

static bool video_may_report(struct leg *leg)
{
	return dtls_may_report(leg->parent);
}

static bool video_ready(struct leg *leg)
{
	return video_net(leg)->may_send && video_may_report(leg);
}

static void video_send(struct leg *leg, uint8_t *buf, size_t len, bool rtcp)
{
	dtls_protect(leg->parent, buf, len, rtcp, rtcp ? NULL : video_net(leg));
}

static void video_resend(struct leg *leg, const uint8_t *buf, size_t len)
{
	dtls_resend(leg->parent, buf, len);
}

static int video_describe(struct leg *leg, const struct description *d)
{
	return net_describe(video_net(leg), d);
}

static void video_second(struct leg *leg, uint64_t now_us)
{
	net_stats(video_net(leg), now_us);
}

struct leg *dtls_of_bundle(struct leg *leg, uint8_t pt)
{
	struct leg *child = leg->child;

	return child && !leg->kind->net(leg)->rx_map[pt].used &&
			       child->kind->net(child)->rx_map[pt].used
		       ? child
		       : leg;
}

const struct leg_kind leg_dtls_video = {
	.name = "dtls",
	.open = video_open,
	.close = video_close,
	.net = video_net,
	.describe = video_describe,
	.fragment = dtls_fragment,
	.send = video_send,
	.resend = video_resend,
	.ready = video_ready,
	.may_report = video_may_report,
	.second = video_second,
};
