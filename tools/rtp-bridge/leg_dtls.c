/*
 * dtls:SOCKET - a WebRTC peer: DTLS-SRTP (RFC 5764, RFC 8827) on the path that
 * ICE has validated and handed over. The certificate's fingerprint is checked
 * against the description before a key is used.
 *
 * dtls:HOST:PORT - one without ICE, on a UDP port of our own.
 *
 *	described + path -> handshake -> fingerprint -> SRTP both ways
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "dtls_elsewhere.h"
#include "dtls_peer.h"
#include "dtls_video.h"
#include "media/dtls.h"
#include "outcome.h"
#include "path.h"
#include "wide.h"

struct dtls_leg {
	struct leg *leg;
	struct path *path;
	struct pc_srtp *srtp; /* keyed: the fingerprint was right */
	struct net net;
	struct wide *wide;
	struct pc_dtls_identity *identity;
	struct pc_dtls *dtls;
	struct pc_timer *resend, *give_up;
	bool server, dead, no_rtcp;
	bool waits; /* for the peer's ClientHello, whoever may choose */
	struct dtls_prints prints; /* of the described certificate */
	struct dtls_early early;
	struct dtls_elsewhere *elsewhere;
};

static struct net *dtls_net(struct leg *leg)
{
	struct dtls_leg *l = leg->state;

	return &l->net;
}

bool dtls_may_report(struct leg *leg)
{
	struct dtls_leg *l = leg->state;

	return l->srtp && path_is_ready(l->path) && !l->no_rtcp;
}

static bool dtls_ready(struct leg *leg)
{
	struct dtls_leg *l = leg->state;

	return l->net.may_send && l->srtp && path_is_ready(l->path);
}

/* --- DTLS --------------------------------------------------------------- */

static void on_dtls_send(void *arg, const uint8_t *buf, size_t len)
{
	struct dtls_leg *l = arg;

	dtls_trace(l->leg, path_local(l->path), path_remote(l->path), true, buf,
		   len);
	path_send(l->path, buf, len);
}

static void on_secret(void *arg, const char *line)
{
	struct dtls_leg *l = arg;

	dtls_secret(l->leg, line);
}

static void say_dtls(struct dtls_leg *l, const char *state, const char *why)
{
	dtls_say(l->leg, state, why, l->server, l->srtp ? l->dtls : NULL);
}

static void drop_keys(struct dtls_leg *l)
{
	pc_srtp_free(l->srtp);
	l->srtp = NULL;
	pc_dtls_free(l->dtls);
	l->dtls = NULL;
	dtls_elsewhere_free(l->elsewhere);
	l->elsewhere = NULL;
	pc_timer_cancel(l->resend);
	pc_timer_cancel(l->give_up);
}

/* This leg will not come to life, unless another certificate is described. */
static void fail(struct dtls_leg *l, int status, const char *why)
{
	if (l->dead)
		return;
	l->dead = true;
	say_dtls(l, "failed", why);
	pc_tool_error(&l->leg->bridge->tool, "%s: DTLS: %s", l->leg->name, why);
	if (l->dtls)
		pc_dtls_close(l->dtls); /* let the peer know, if it listens */
	drop_keys(l);
	outcome_failed(l->leg, status);
}

static void connected(struct dtls_leg *l)
{
	struct pc_srtp_keys keys;
	int rc;

	if (!dtls_prints_match(&l->prints, l->dtls)) {
		fail(l, PC_EXIT_PROTOCOL,
		     "the certificate is not the one described: its "
		     "fingerprint differs");
		return;
	}
	rc = pc_dtls_keys(l->dtls, &keys);
	if (rc == 0)
		rc = pc_srtp_new(&l->srtp, &keys);
	explicit_bzero(&keys, sizeof(keys));
	if (rc < 0) {
		fail(l, PC_EXIT_PROTOCOL,
		     "no SRTP profile in common (use_srtp)");
		return;
	}
	pc_timer_cancel(l->give_up);
	dtls_elsewhere_settled(l->elsewhere);
	say_dtls(l, "connected", "the fingerprint is the one described");
	net_rtcp_start(&l->net);
	bridge_wake(l->leg->bridge);
}

static void closed(struct dtls_leg *l)
{
	pc_dtls_close(l->dtls);
	say_dtls(l, "closed", "the peer said close_notify");
	drop_keys(l);
	l->dead = true; /* until it is described anew */
}

/* After every call into OpenSSL. */
static void follow(struct dtls_leg *l, enum pc_dtls_state state)
{
	int64_t wait;

	if (state == PC_DTLS_FAILED) {
		char why[160];

		strcpy(why, pc_dtls_why(l->dtls));
		fail(l, PC_EXIT_PROTOCOL, why);
		return;
	}
	if (state == PC_DTLS_CONNECTED && !l->srtp)
		connected(l);
	else if (state == PC_DTLS_CLOSED)
		closed(l);
	wait = l->dtls ? pc_dtls_wait_us(l->dtls) : -1;
	if (wait >= 0)
		pc_timer_set_us(l->resend, (uint64_t)wait);
	else
		pc_timer_cancel(l->resend);
}

static void on_resend(void *arg)
{
	struct dtls_leg *l = arg;

	if (!l->dtls)
		return;
	pc_verbose("%s: DTLS: no answer yet, sending again", l->leg->name);
	follow(l, pc_dtls_expire(l->dtls));
}

static void on_give_up(void *arg)
{
	struct dtls_leg *l = arg;

	if (!l->srtp)
		fail(l, PC_EXIT_NOANSWER,
		     l->server ? "no complete handshake came from the peer"
			       : "the peer did not answer the handshake");
}

/* From the peer, or from where it is not known to be. */
static void take_dtls(struct dtls_leg *l, const uint8_t *buf, size_t len)
{
	struct pc_dtls *dtls;

	if (path_from_peer(l->path)) {
		follow(l, pc_dtls_take(l->dtls, buf, len));
		return;
	}
	if (!l->server || l->srtp) {
		l->net.count.rejected++;
		return;
	}
	dtls = dtls_elsewhere_take(&l->elsewhere, l->leg, l->path, l->identity,
				   &l->prints, buf, len);
	if (!dtls)
		return;
	pc_dtls_free(l->dtls); /* the one with the described address */
	l->dtls = dtls;
	path_confirm(l->path);
	follow(l, PC_DTLS_CONNECTED);
}

/* Begin once it is known whom to expect and which way to go. */
static void start(struct dtls_leg *l)
{
	struct pc_dtls_config config = {
		.identity = l->identity,
		.server = l->server,
		.send = on_dtls_send,
		.secret = on_secret,
		.arg = l,
	};

	if (l->dtls || l->dead || !l->net.described || l->prints.n == 0 ||
	    !path_is_ready(l->path))
		return;
	if (pc_dtls_new(&l->dtls, &config) < 0) {
		fail(l, PC_EXIT_IO, "out of memory");
		return;
	}
	say_dtls(l, "connecting", "described, and there is a path");
	pc_timer_set(l->give_up, l->leg->bridge->cfg.handshake_ms);
	follow(l, pc_dtls_start(l->dtls));
	for (unsigned i = 0; i < l->early.n && l->dtls; i++) {
		path_was_from(l->path, &l->early.from[i]);
		take_dtls(l, l->early.packet[i], l->early.len[i]);
	}
	l->early.n = 0;
}

/* --- packets ------------------------------------------------------------ */

static void take_rtcp(struct dtls_leg *l, uint8_t *buf, size_t len)
{
	const struct pc_addr *from = path_from(l->path);
	struct pc_tool *tool = &l->leg->bridge->tool;
	ssize_t n = pc_srtp_unprotect_rtcp(l->srtp, buf, len);

	if (n < 0) {
		if (n != -EALREADY && path_from_peer(l->path))
			pc_tool_malformed(tool, "SRTCP", from,
					  "does not authenticate");
		return;
	}
	path_confirm(l->path);
	capture_clear(l->leg, path_local(l->path), true, from, false, buf,
		      (size_t)n);
	net_rtcp_receive(l->leg, buf, (size_t)n, from, pc_now_us());
	if (l->leg->child)
		net_rtcp_receive(l->leg->child, buf, (size_t)n, from,
				 pc_now_us());
}

static void take_rtp(struct dtls_leg *l, uint8_t *buf, size_t len)
{
	const struct pc_addr *from = path_from(l->path);
	struct pc_tool *tool = &l->leg->bridge->tool;
	ssize_t n = pc_srtp_unprotect(l->srtp, buf, len);
	uint64_t now_us = pc_now_us();
	struct leg *to;
	struct pc_rtp rtp;

	if (n == -EALREADY) {
		l->net.count.duplicate++;
		return;
	}
	if (n < 0 || pc_rtp_decode(&rtp, buf, (size_t)n) < 0) {
		l->net.count.rejected++;
		if (path_from_peer(l->path))
			pc_tool_malformed(tool, "SRTP", from,
					  n == -EBADMSG
						  ? "does not authenticate"
						  : "not an RTP packet");
		return;
	}
	path_confirm(l->path);
	capture_clear(l->leg, path_local(l->path), true, from, false, buf,
		      (size_t)n);
	to = dtls_of_bundle(l->leg, rtp.pt);
	wide_take(l->wide, to->kind->net(to), buf, (size_t)n, now_us);
	net_receive(to, &rtp, (size_t)n, now_us);
}

static void on_datagram(void *arg, uint8_t *buf, size_t len)
{
	struct dtls_leg *l = arg;
	struct pc_tool *tool = &l->leg->bridge->tool;

	if (pc_dtls_is(buf, len)) {
		dtls_trace(l->leg, path_local(l->path), path_from(l->path),
			   false, buf, len);
		if (l->dtls)
			take_dtls(l, buf, len);
		else if (!l->dead)
			dtls_early_keep(&l->early, path_from(l->path), buf,
					len);
		return;
	}
	pc_pcap_packet(tool, "udp", path_from(l->path), path_local(l->path),
		       buf, len, NULL);
	if (!l->srtp)
		l->net.count.rejected++; /* media before the keys */
	else if (pc_rtp_is_rtcp(buf, len))
		take_rtcp(l, buf, len);
	else
		take_rtp(l, buf, len);
}

void dtls_protect(struct leg *leg, uint8_t *buf, size_t len, bool rtcp,
		  struct net *keep)
{
	struct dtls_leg *l = leg->state;
	struct pc_tool *tool = &l->leg->bridge->tool;
	const struct pc_addr *local = path_local(l->path);
	const struct pc_addr *remote = path_remote(l->path);
	ssize_t n;

	if (!l->srtp || !path_is_ready(l->path))
		return;
	capture_clear(leg, local, true, remote, true, buf, len);
	n = rtcp ? pc_srtp_protect_rtcp(l->srtp, buf, len)
		 : pc_srtp_protect(l->srtp, buf, len);
	if (n < 0)
		return; /* a number used before: never send it twice */
	pc_pcap_packet(tool, "udp", local, remote, buf, (size_t)n, NULL);
	if (keep)
		net_video_keep(keep, buf, (size_t)n);
	path_send(l->path, buf, (size_t)n);
}

static void dtls_send(struct leg *leg, uint8_t *buf, size_t len, bool rtcp)
{
	struct dtls_leg *l = leg->state;

	dtls_protect(leg, buf, len, rtcp, leg->video && !rtcp ? &l->net : NULL);
}

void dtls_resend(struct leg *leg, const uint8_t *buf, size_t len)
{
	struct dtls_leg *l = leg->state;

	path_send(l->path, buf, len);
}

static void on_path_ready(void *arg)
{
	struct dtls_leg *l = arg;

	net_ends(&l->net, path_local(l->path), path_remote(l->path), "ready");
	start(l);
	bridge_wake(l->leg->bridge);
}

static void on_path_lost(void *arg, const char *why)
{
	struct dtls_leg *l = arg;

	net_trace_state(l->leg, "path", "ready", "lost", why);
	pc_timer_cancel(l->resend);
}

/* --- the leg ------------------------------------------------------------ */

static int dtls_describe(struct leg *leg, const struct description *d)
{
	struct dtls_leg *l = leg->state;
	const struct pc_sdp_media *r = d->remote;
	int rc;

	if (r && r->n_fingerprints == 0) {
		pc_tool_error(&leg->bridge->tool,
			      "%s: the remote description has no "
			      "a=fingerprint: DTLS needs one",
			      leg->name);
		return -EINVAL;
	}
	if (r && (path_check(l->path, r) < 0 ||
		  (!l->dtls && dtls_roles(leg, d, l->waits) < 0)))
		return -EINVAL;
	rc = net_describe(&l->net, d);
	if (rc < 0 || !r)
		return rc;
	/* RFC 8842 section 4: another fingerprint, another association. */
	if (l->prints.n > 0 && !dtls_prints_same(&l->prints, r)) {
		if (l->dtls)
			pc_dtls_close(l->dtls);
		drop_keys(l);
		l->dead = false;
		leg->failed = PC_EXIT_OK;
	}
	if (!l->dtls)
		l->server = dtls_be_server(d, l->waits);
	dtls_prints_take(&l->prints, r);
	l->no_rtcp = path_is_plain(l->path) && !r->rtcp_mux; /* nor keys */
	path_point(l->path, r);
	start(l);
	return 0;
}

void dtls_fragment(struct leg *leg, struct pc_buf *out)
{
	struct dtls_leg *l = leg->parent ? leg->parent->state : leg->state;
	char print[PC_DTLS_FINGERPRINT_TEXT];

	if (pc_dtls_identity_text(l->identity, print) < 0)
		return;
	path_fragment(l->path, leg->video ? "video" : "audio", out);
	pc_buf_printf(out,
		      "a=mid:%s\r\n"
		      "a=fingerprint:%s\r\n"
		      "a=setup:%s\r\n"
		      "a=rtcp-mux\r\n",
		      leg->name, print, l->waits ? "passive" : "actpass");
	net_fragment(leg->kind->net(leg), out);
}

static void dtls_close(struct leg *leg)
{
	struct dtls_leg *l = leg->state;

	net_fini(&l->net); /* says BYE */
	if (l->dtls)
		pc_dtls_close(l->dtls);
	wide_close(l->wide);
	pc_srtp_free(l->srtp);
	pc_dtls_free(l->dtls);
	dtls_elsewhere_free(l->elsewhere);
	path_close(l->path);
	pc_dtls_identity_free(l->identity);
	pc_timer_free(l->resend);
	pc_timer_free(l->give_up);
	free(l);
	leg->state = NULL;
}

static int dtls_open(struct leg *leg)
{
	static const char *const known[] = { "dtmf", "video", "bitrate",
					     "cert", "setup", NULL };
	struct path_events events = { on_path_ready, on_datagram, on_path_lost,
				      NULL };
	struct dtls_leg *l;
	int rc;

	if (leg_check_options(leg, known) < 0)
		return -EINVAL;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	leg->state = l;
	l->leg = leg;
	events.arg = l;
	l->resend = pc_timer_new(leg->bridge->tool.loop, on_resend, l);
	l->give_up = pc_timer_new(leg->bridge->tool.loop, on_give_up, l);
	rc = net_init(&l->net, leg);
	if (rc == 0)
		rc = dtls_waits(leg, &l->waits);
	if (rc == 0)
		rc = wide_open(&l->wide, leg);
	if (rc == 0)
		rc = l->resend && l->give_up ? dtls_identity(leg, &l->identity)
					     : -ENOMEM;
	return rc < 0 ? rc : path_open(&l->path, leg, &events);
}

static void dtls_second(struct leg *leg, uint64_t now_us)
{
	struct dtls_leg *l = leg->state;

	l->net.count.rejected += path_rejected(l->path);
	net_stats(&l->net, now_us);
}

const struct leg_kind leg_dtls = {
	.name = "dtls",
	.open = dtls_open,
	.close = dtls_close,
	.net = dtls_net,
	.describe = dtls_describe,
	.fragment = dtls_fragment,
	.send = dtls_send,
	.resend = dtls_resend,
	.child = &leg_dtls_video,
	.ready = dtls_ready,
	.may_report = dtls_may_report,
	.frame = net_frame,
	.wants_hz = net_wants_hz,
	.both = net_both,
	.second = dtls_second,
};
