/*
 * The keep-alive of UDP by STUN (RFC 5626 4.4.2, 8): a Binding request to the
 * very port that SIP goes to. Its answer says that the other end lives, and
 * where it sees us: another address than before means that the NAT has
 * forgotten the flow.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "sip/transport_udp.h"
#include "stun/build.h"

/* 500, 1000, 2000 ms, and as long again for the last answer. */
#define RTO_MS   500u
#define SENT_MAX 4u

static void failed(struct pc_sip_transport *tp, int err, const char *why)
{
	struct udp *u = tp->impl;

	u->stun.sent = 0;
	u->stun.mapped.len = 0;
	pc_timer_cancel(u->stun.timer);
	pc_sip_transport_note(tp, err, why);
	pc_sip_transport_closed(tp, err, why);
}

static int send_request(struct pc_sip_transport *tp)
{
	struct udp *u = tp->impl;
	struct pc_stun_build b;
	uint8_t buf[64];
	ssize_t n;

	pc_stun_build_init(&b, buf, sizeof buf, PC_STUN_REQUEST,
			   PC_STUN_BINDING, u->stun.id);
	n = pc_stun_build_end(&b);
	pc_timer_set(u->stun.timer, RTO_MS << u->stun.sent);
	u->stun.sent++;
	return n < 0 ? (int)n
		     : pc_sip_udp_datagram(tp, (char *)buf, (size_t)n,
					   &u->stun.to);
}

static void on_timer(void *arg)
{
	struct pc_sip_transport *tp = arg;
	struct udp *u = tp->impl;

	pc_sip_transport_enter(tp);
	if (u->stun.sent < SENT_MAX)
		send_request(tp);
	else
		failed(tp, ETIMEDOUT, "no answer to the keep-alive by STUN");
	pc_sip_transport_leave(tp);
}

int pc_sip_udp_stun(struct pc_sip_transport *tp, const struct pc_addr *to)
{
	struct udp *u = tp->impl;

	if (!u->stun.timer)
		u->stun.timer = pc_timer_new(tp->tool->loop, on_timer, tp);
	if (!u->stun.timer)
		return -ENOMEM;
	if (u->stun.sent > 0) /* one is under way */
		return 0;
	if (u->stun.to.len == 0 || !pc_addr_equal(&u->stun.to, to))
		u->stun.mapped.len = 0;
	u->stun.to = *to;
	if (getrandom(u->stun.id, sizeof u->stun.id, 0) != sizeof u->stun.id)
		return -EIO;
	return send_request(tp);
}

bool pc_sip_stun_received(struct pc_sip_transport *tp, const char *data,
			  size_t len, const struct pc_addr *from)
{
	struct udp *u = tp->impl;
	struct pc_stun_msg msg;
	struct pc_addr mapped;

	/* SIP begins with a letter, STUN with two bits of 0 (RFC 5626 8) */
	if (len < PC_STUN_HEADER || (data[0] & 0xc0) != 0 ||
	    pc_stun_decode(&msg, (const uint8_t *)data, len) < 0)
		return false;
	if (u->stun.sent == 0 || !pc_addr_equal(from, &u->stun.to) ||
	    memcmp(msg.id, u->stun.id, sizeof msg.id) != 0)
		return true;
	u->stun.sent = 0;
	pc_timer_cancel(u->stun.timer);
	if (msg.class != PC_STUN_SUCCESS || pc_stun_mapped(&msg, &mapped) < 0)
		return true; /* it lives */
	if (u->stun.mapped.len > 0 && !pc_addr_equal(&u->stun.mapped, &mapped))
		failed(tp, ENETRESET, "the NAT gave us another address");
	u->stun.mapped = mapped;
	return true;
}
