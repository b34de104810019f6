/*
 * rtp:HOST:PORT - plain RTP (RFC 3550, profile AVP) on an even port, RTCP on
 * the next, or both on the first (RFC 5761) when both sides describe so.
 * srtp:HOST:PORT - the same, encrypted with the keys of a=crypto (RFC 4568).
 *
 * An SRTP packet authenticates before it may teach an address.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "keep.h"
#include "media/latch.h"
#include "net.h"
#include "net_video.h"
#include "rtp_to.h"
#include "sdes.h"
#include "socket.h"

/* What each packet needs is together, from the end of sdes on. */
struct rtp_leg {
	struct sdes sdes;
	struct leg *leg;
	int fds[2]; /* RTP, RTCP */
	bool mux;
	bool secure; /* srtp: */
	struct pc_latch latch;
	struct net net;
	struct pc_addr local[2];
	struct pc_addr rtcp_to, rtcp_told;
	struct pc_watch *watch[2];
	struct keep *keep;
	enum { LEARN_TOLD, LEARN_ALWAYS, LEARN_NEVER } learn;
};

static struct net *rtp_net(struct leg *leg)
{
	struct rtp_leg *l = leg->state;

	return &l->net;
}

static bool has_remote(const struct rtp_leg *l)
{
	return l->latch.described && pc_addr_port(&l->latch.remote) != 0 &&
	       !pc_addr_is_any(&l->latch.remote);
}

static bool rtp_may_report(struct leg *leg)
{
	struct rtp_leg *l = leg->state;

	return has_remote(l) && (!l->secure || l->sdes.srtp);
}

static bool rtp_ready(struct leg *leg)
{
	struct rtp_leg *l = leg->state;

	return l->net.may_send && rtp_may_report(leg);
}

static void rtp_send(struct leg *leg, uint8_t *buf, size_t len, bool rtcp)
{
	struct rtp_leg *l = leg->state;
	struct pc_tool *tool = &leg->bridge->tool;
	int i = rtcp && !l->mux;
	const struct pc_addr *to = i ? &l->rtcp_to : &l->latch.remote;

	if (l->secure) {
		ssize_t n;

		capture_clear(leg, &l->local[i], l->mux, to, true, buf, len);
		n = rtcp ? pc_srtp_protect_rtcp(l->sdes.srtp, buf, len)
			 : pc_srtp_protect(l->sdes.srtp, buf, len);
		if (n < 0)
			return; /* a number used before: never send it twice */
		len = (size_t)n;
	}
	if (leg->video && !rtcp)
		net_video_keep(&l->net, buf, len);
	if (sendto(l->fds[i], buf, len, 0, &to->sa, to->len) < 0 &&
	    errno != EAGAIN && errno != ECONNREFUSED)
		pc_debug("%s: sendto: %s", leg->name, strerror(errno));
	if (!l->secure)
		capture_announce(leg, &l->local[0], l->mux);
	pc_pcap_packet(tool, "udp", &l->local[i], to, buf, len, NULL);
}

static void rtp_resend(struct leg *leg, const uint8_t *buf, size_t len)
{
	struct rtp_leg *l = leg->state;

	(void)!sendto(l->fds[0], buf, len, 0, &l->latch.remote.sa,
		      l->latch.remote.len);
}

static bool same_ip(const struct pc_addr *a, const struct pc_addr *b)
{
	struct pc_addr x = *a;

	pc_addr_set_port(&x, pc_addr_port(b));
	return pc_addr_equal(&x, b);
}

/* Decrypt in place. False when it is not from who has the keys. */
static bool authentic(struct rtp_leg *l, uint8_t *buf, size_t *len,
		      const struct pc_addr *from, bool rtcp)
{
	struct pc_tool *tool = &l->leg->bridge->tool;
	ssize_t n;

	if (!l->secure)
		return true;
	if (!l->sdes.srtp) {
		l->net.count.rejected++; /* media before the keys */
		return false;
	}
	n = rtcp ? pc_srtp_unprotect_rtcp(l->sdes.srtp, buf, *len)
		 : pc_srtp_unprotect(l->sdes.srtp, buf, *len);
	if (n == -EALREADY) {
		l->net.count.duplicate++;
		return false;
	}
	if (n < 0) {
		l->net.count.rejected++;
		pc_tool_malformed(tool, rtcp ? "SRTCP" : "SRTP", from,
				  n == -EBADMSG ? "does not authenticate"
						: "not an RTP packet");
		return false;
	}
	*len = (size_t)n;
	capture_clear(l->leg, &l->local[0], l->mux, from, false, buf, *len);
	return true;
}

static void say_learned(struct rtp_leg *l)
{
	char text[PC_ADDR_TEXT], told[PC_ADDR_TEXT];

	pc_addr_text(&l->latch.remote, text);
	pc_addr_text(&l->latch.told, told);
	net_trace_state(l->leg, "address", told, text,
			"a run of packets came from there");
	pc_event(&l->leg->bridge->tool, "learned", "leg=%s remote=%s",
		 l->leg->name, text);
	pc_verbose("%s: media comes from %s", l->leg->name, text);
	if (pc_addr_equal(&l->latch.remote, &l->latch.told))
		l->rtcp_to = l->rtcp_told;
	else if (!l->mux && !same_ip(&l->rtcp_to, &l->latch.remote)) {
		l->rtcp_to = l->latch.remote;
		pc_addr_set_port(&l->rtcp_to,
				 pc_addr_port(&l->latch.remote) + 1);
	}
}

/* RTCP is believed when it comes from the host that RTP does, or is to. */
static void take_rtcp(struct rtp_leg *l, uint8_t *buf, size_t len,
		      const struct pc_addr *from)
{
	bool told = same_ip(from, &l->latch.told);

	if (!has_remote(l) || (!told && !same_ip(from, &l->latch.remote))) {
		l->net.count.rejected++;
		return;
	}
	if (!authentic(l, buf, &len, from, true))
		return;
	if (told && pc_latch_host(&l->latch))
		say_learned(l);
	if (!l->mux && l->latch.open)
		l->rtcp_to = *from;
	net_rtcp_receive(l->leg, buf, len, from, pc_now_us());
}

static void on_rtcp(void *arg, uint8_t *buf, size_t len,
		    const struct pc_addr *from)
{
	struct rtp_leg *l = arg;

	pc_pcap_packet(&l->leg->bridge->tool, "udp", from, &l->local[1], buf,
		       len, NULL);
	take_rtcp(l, buf, len, from);
}

static void on_rtp(void *arg, uint8_t *buf, size_t len,
		   const struct pc_addr *from)
{
	struct rtp_leg *l = arg;
	struct pc_tool *tool = &l->leg->bridge->tool;
	uint64_t now_us = pc_now_us();
	struct pc_rtp rtp;

	if (!l->secure)
		capture_announce(l->leg, &l->local[0], l->mux);
	pc_pcap_packet(tool, "udp", from, &l->local[0], buf, len, NULL);
	if (pc_rtp_is_rtcp(buf, len)) {
		if (l->mux)
			take_rtcp(l, buf, len, from);
		else
			l->net.count.rejected++;
		return;
	}
	if (!authentic(l, buf, &len, from, false))
		return;
	if (pc_rtp_decode(&rtp, buf, len) < 0) {
		pc_tool_malformed(tool, "RTP", from, "not an RTP packet");
		return;
	}
	switch (pc_latch_take(&l->latch, from, &rtp, now_us)) {
	case PC_LATCH_DROP:
		l->net.count.rejected++;
		return;
	case PC_LATCH_LEARNED:
		say_learned(l);
		bridge_wake(l->leg->bridge);
		break;
	case PC_LATCH_TAKE:
		break;
	}
	net_receive(l->leg, &rtp, len, now_us);
}

static void on_readable(int fd, unsigned what, void *arg)
{
	struct rtp_leg *l = arg;

	(void)what;
	datagrams_read(&l->leg->bridge->tool, fd,
		       fd == l->fds[0] ? on_rtp : on_rtcp, l);
}

/* Can it be done? The address, and for srtp: the keys. */
static int check(struct leg *leg, const struct description *d,
		 struct pc_addr *to, struct pc_srtp_keys *keys)
{
	struct rtp_leg *l = leg->state;
	const struct pc_sdp_media *r = d->remote;

	if (r->secure && !l->secure) {
		pc_tool_error(&leg->bridge->tool,
			      "%s: the remote description asks for %s; an "
			      "rtp: leg is not encrypted",
			      leg->name, r->proto);
		return -EINVAL;
	}
	if (leg_remote_addr(leg, r, &l->local[0], to) < 0)
		return -EINVAL;
	return l->secure ? sdes_agree(&l->sdes, leg, d, keys) : 0;
}

/*
 * Signalling gives a reason to look for the other side elsewhere when it is to
 * send and may be behind a NAT: not when an address was given by hand.
 */
static void arm(struct rtp_leg *l, const struct description *d,
		const struct pc_addr *to)
{
	unsigned why = d->remote->direction | 8;
	bool learn = l->learn == LEARN_ALWAYS;

	if (d->local)
		why |= (unsigned)d->local->direction << 4;
	if (l->learn == LEARN_TOLD)
		learn = l->net.expects && !leg_option(l->leg, "to");
	pc_latch_arm(&l->latch, to, learn, why);
}

static int rtp_describe(struct leg *leg, const struct description *d)
{
	struct rtp_leg *l = leg->state;
	const struct pc_sdp_media *r = d->remote;
	struct pc_srtp_keys keys;
	struct pc_addr to, rtcp;
	int rc = r ? check(leg, d, &to, &keys) : 0;

	if (rc == 0)
		rc = net_describe(&l->net, d);
	if (rc == 0 && r && l->secure)
		rc = sdes_use(&l->sdes, leg, &keys);
	if (l->secure)
		explicit_bzero(&keys, sizeof(keys));
	if (rc < 0 || !r)
		return rc;
	l->mux = r->rtcp_mux && (!d->local || d->local->rtcp_mux);
	if (pc_addr_from_ip(&rtcp, r->rtcp_ip, r->rtcp_port) < 0) {
		rtcp = to;
		pc_addr_set_port(&rtcp, r->port + 1);
	}
	if (!l->latch.described || !pc_addr_equal(&l->latch.told, &to))
		l->rtcp_to = rtcp;
	l->rtcp_told = rtcp;
	arm(l, d, &to);
	net_ends(&l->net, &l->local[!l->mux],
		 l->mux ? &l->latch.remote : &l->rtcp_to, "described");
	keep_begin(l->keep);
	/* The fragment has become an answer's, and somebody is to have it. */
	if (l->secure && !d->local && !leg_option(leg, "to"))
		bridge_say_leg(leg, "described", true);
	return 0;
}

static void rtp_fragment(struct leg *leg, struct pc_buf *out)
{
	struct rtp_leg *l = leg->state;
	struct pc_addr addr = datagrams_named(&l->local[0]);
	char text[PC_ADDR_TEXT];

	pc_buf_printf(out, "m=%s %u %s 0\r\n", leg->video ? "video" : "audio",
		      pc_addr_port(&l->local[0]),
		      l->secure ? "RTP/SAVP" : "RTP/AVP");
	pc_buf_printf(out, "c=IN IP%c %s\r\n",
		      addr.sa.sa_family == AF_INET6 ? '6' : '4',
		      pc_addr_ip(&addr, text));
	pc_buf_printf(out, "a=mid:%s\r\na=rtcp:%u\r\n", leg->name,
		      pc_addr_port(&l->local[1]));
	if (l->secure)
		sdes_fragment(&l->sdes, out);
}

static void rtp_close(struct leg *leg)
{
	struct rtp_leg *l = leg->state;

	net_fini(&l->net); /* says BYE */
	keep_close(l->keep);
	sdes_close(&l->sdes);
	for (int i = 0; i < 2; i++) {
		pc_watch_free(l->watch[i]);
		if (l->fds[i] >= 0)
			close(l->fds[i]);
	}
	free(l);
	leg->state = NULL;
}

static int bind_sockets(struct leg *leg, struct rtp_leg *l)
{
	struct pc_tool *tool = &leg->bridge->tool;
	int rc = pc_addr_resolve(&l->local[0], leg->where, 0);

	if (rc == 0)
		rc = datagrams_bind_pair(l->fds, l->local);
	if (rc < 0) {
		pc_tool_error(tool, "%s:%s: %s", leg->kind->name, leg->where,
			      rc == -EINVAL
				      ? "not HOST:PORT with an even port, or 0"
			      : rc == -EHOSTUNREACH ? "no such host"
						    : strerror(-rc));
		l->fds[0] = l->fds[1] = -1;
		return rc;
	}
	for (int i = 0; i < 2; i++) {
		l->watch[i] = pc_watch_new(tool->loop, l->fds[i], PC_READ,
					   on_readable, l);
		if (!l->watch[i])
			return -ENOMEM;
		pc_tool_listening(tool, "udp", &l->local[i]);
	}
	return 0;
}

static int read_learn(struct leg *leg, struct rtp_leg *l)
{
	const char *learn = leg_option(leg, "learn");

	if (!learn)
		return 0;
	l->learn = strcmp(learn, "always") == 0  ? LEARN_ALWAYS
		   : strcmp(learn, "never") == 0 ? LEARN_NEVER
						 : LEARN_TOLD;
	if (l->learn != LEARN_TOLD)
		return 0;
	pc_tool_error(&leg->bridge->tool, "%s: learn= can be always or never",
		      leg->name);
	return -EINVAL;
}

/* Sound that is listened to is everybody's; and who talks is in a pair. */
static int check_from(struct leg *leg)
{
	if (!leg_option(leg, "from") || (leg->video && leg->listens))
		return 0;
	pc_tool_error(&leg->bridge->tool,
		      "%s: from= is for a leg with media=video and listen",
		      leg->name);
	return -EINVAL;
}

static int rtp_open(struct leg *leg)
{
	static const char *const plain[] = { "dtmf",  "keepalive", "bitrate",
					     "to",    "codec",     "sdp",
					     "learn", "from",      NULL };
	static const char *const secure[] = { "dtmf",  "keepalive", "bitrate",
					      "to",    "codec",     "sdp",
					      "learn", "from",      "suite",
					      NULL };
	bool srtp = leg->kind == &leg_srtp;
	struct rtp_leg *l;
	int rc;

	if (leg_check_options(leg, srtp ? secure : plain) < 0)
		return -EINVAL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	leg->state = l;
	l->leg = leg;
	l->secure = srtp;
	l->fds[0] = l->fds[1] = -1;
	rc = net_init(&l->net, leg);
	if (rc == 0)
		rc = keep_open(&l->keep, leg);
	if (rc == 0)
		rc = read_learn(leg, l);
	if (rc == 0 && srtp)
		rc = sdes_open(&l->sdes, leg);
	if (rc == 0)
		rc = bind_sockets(leg, l);
	if (rc == 0)
		rc = rtp_to_open(leg, srtp ? &l->sdes : NULL);
	return rc < 0 ? rc : check_from(leg);
}

static void rtp_second(struct leg *leg, uint64_t now_us)
{
	struct rtp_leg *l = leg->state;

	keep_second(l->keep, now_us, l->mux);
	net_stats(&l->net, now_us);
}

/* Which of the two it is, rtp_open sees. */
#define KIND(text)                                                             \
	{                                                                      \
		.name = (text), .open = rtp_open, .close = rtp_close,          \
		.net = rtp_net, .describe = rtp_describe,                      \
		.fragment = rtp_fragment, .send = rtp_send,                    \
		.resend = rtp_resend, .ready = rtp_ready,                      \
		.may_report = rtp_may_report, .frame = net_frame,              \
		.wants_hz = net_wants_hz, .both = net_both,                    \
		.second = rtp_second                                           \
	}

const struct leg_kind leg_rtp = KIND("rtp");
const struct leg_kind leg_srtp = KIND("srtp");
