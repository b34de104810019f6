/*
 * UDP's other way: TCP at the same port (RFC 3261 18.2.1), for requests that
 * are too large for a datagram (18.1.1) or go where the URI or DNS says TCP
 * (RFC 3263 4.1), and for what others send by it.
 *
 * The path's MTU is taken to be unknown, so that the limit is 1300 bytes
 * everywhere, also on loopback. The Via is changed in what is sent: "UDP" and
 * "TCP" are of one length. The transaction above knows nothing of it; what
 * it sends again (timers A and E) is held back, and its CANCEL and ACK, which
 * have the branch of the request, go the same way. When there is no TCP at
 * that address, the request goes by UDP after all, and so do the next ones
 * for five minutes.
 */
#include <errno.h>
#include <string.h>

#include "sip/text.h"
#include "sip/transport_udp.h"

#define NO_TCP_MS 300000u

/* FNV-1a: branches are random, and a stranger has no say in ours. */
static uint64_t hash(struct pc_sip_span s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return h;
}

static struct switched *find(struct udp_switch *sw, uint64_t branch)
{
	for (unsigned i = 0; i < SWITCHED_MAX && i < sw->n; i++)
		if (sw->requests[i].branch == branch)
			return &sw->requests[i];
	return NULL;
}

static bool has_no_tcp(const struct udp_switch *sw, const struct pc_addr *to)
{
	uint64_t now = pc_now_ms();

	for (unsigned i = 0; i < NO_TCP_MAX && i < sw->n_no_tcp; i++)
		if (sw->no_tcp[i].until_ms > now &&
		    pc_addr_equal(&sw->no_tcp[i].to, to))
			return true;
	return false;
}

static bool wants_tcp(const struct udp_switch *sw, const struct pc_addr *to)
{
	for (unsigned i = 0; i < BY_TCP_MAX && i < sw->n_by_tcp; i++)
		if (pc_addr_equal(&sw->by_tcp[i], to))
			return true;
	return false;
}

void pc_sip_transport_by_tcp(struct pc_sip_transport *tp,
			     const struct pc_addr *to)
{
	struct udp *u = tp->impl;

	if (tp->config.kind == PC_SIP_UDP && !wants_tcp(&u->sw, to))
		u->sw.by_tcp[u->sw.n_by_tcp++ % BY_TCP_MAX] = *to;
}

/* A copy with this word in its Via goes out by fn. */
static int send_as(const char *word, struct pc_sip_transport *tp,
		   const char *data, size_t len, const struct pc_addr *to,
		   int (*fn)(struct pc_sip_transport *, const char *, size_t,
			     const struct pc_addr *))
{
	struct pc_sip_span via = pc_sip_text_via_transport(data, len);
	struct pc_buf copy = { 0 };
	int rc = -ENOMEM;

	pc_buf_add(&copy, data, len);
	if (!copy.oom && via.p && via.len == strlen(word)) {
		memcpy(copy.data + (via.p - data), word, via.len);
		rc = fn(tp, copy.data, copy.len, to);
	}
	pc_buf_fini(&copy);
	return rc;
}

static int by_tcp(struct pc_sip_transport *tp, const char *data, size_t len,
		  const struct pc_addr *to)
{
	struct udp *u = tp->impl;

	return u->tcp->ops->send(u->tcp, data, len, to);
}

/* No connection could be made for these: back to UDP. */
static void on_unsent(void *arg, int err, const char *data, size_t len,
		      const struct pc_addr *to)
{
	struct pc_sip_transport *tp = arg;
	struct udp *u = tp->impl;
	struct udp_switch *sw = &u->sw;
	struct pc_sip_span via, branch;
	struct switched *s;
	ssize_t n;
	unsigned i = sw->n_no_tcp++ % NO_TCP_MAX;

	sw->no_tcp[i].to = *to;
	sw->no_tcp[i].until_ms = pc_now_ms() + NO_TCP_MS;
	for (; len > 0; data += n, len -= (size_t)n) {
		n = pc_sip_text_frame(data, len, PC_SIP_MESSAGE_MAX);
		if (n <= 0)
			return;
		via = pc_sip_text_first(
			pc_sip_text_get(data, (size_t)n, "Via"));
		s = pc_sip_text_param(via, "branch", &branch)
			    ? find(sw, hash(branch))
			    : NULL;
		if (s)
			s->by_udp = true;
		if (send_as("UDP", tp, data, (size_t)n, to,
			    pc_sip_udp_datagram) < 0)
			pc_sip_transport_unreachable(tp, err, to);
	}
}

static void on_received(void *arg, const char *data, size_t len,
			const struct pc_addr *from, const struct pc_addr *local)
{
	struct pc_sip_transport *tp = arg;

	pc_sip_transport_enter(tp);
	if (!tp->closing)
		tp->config.received(tp->config.arg, data, len, from, local);
	pc_sip_transport_leave(tp);
}

/* A connection that was there has broken: no news for UDP's owner. */
static void on_closed(void *arg, int err, const char *why)
{
	(void)arg, (void)err, (void)why;
}

static void on_unreachable(void *arg, int err, const struct pc_addr *to)
{
	struct pc_sip_transport *tp = arg;

	pc_sip_transport_enter(tp);
	pc_sip_transport_unreachable(tp, err, to);
	pc_sip_transport_leave(tp);
}

void pc_sip_switch_open(struct pc_sip_transport *tp,
			const struct pc_addr *local)
{
	struct udp *u = tp->impl;
	struct pc_sip_transport_config config = { .kind = PC_SIP_TCP,
						  .local = local,
						  .received = on_received,
						  .closed = on_closed,
						  .unreachable = on_unreachable,
						  .unsent = on_unsent,
						  .arg = tp };

	/* somebody may have that port: then it is UDP alone */
	if (pc_sip_transport_open(&u->tcp, tp->tool, &config) < 0)
		u->tcp = NULL;
}

bool pc_sip_switch_send(struct pc_sip_transport *tp, const char *data,
			size_t len, const struct pc_addr *to, int *rc)
{
	struct udp *u = tp->impl;
	struct pc_sip_span via, branch;
	struct pc_sip_start start;
	struct switched *s;
	bool again;

	if (!u->tcp || pc_sip_text_start(&start, data, len) < 0)
		return false;
	if (start.status) { /* 18.2.2: the way the request came */
		if (pc_sip_span_is(pc_sip_text_via_transport(data, len),
				   "UDP") ||
		    !pc_sip_stream_to(u->tcp, to)) /* a datagram may lie */
			return false;
		*rc = by_tcp(tp, data, len, to);
		return true;
	}
	via = pc_sip_text_first(pc_sip_text_get(data, len, "Via"));
	if (!pc_sip_text_param(via, "branch", &branch))
		return false;
	s = find(&u->sw, hash(branch));
	if (s ? s->by_udp
	      : (len <= PC_SIP_UDP_MAX && !wants_tcp(&u->sw, to)) ||
			    has_no_tcp(&u->sw, to))
		return false;
	again = s && s->method == hash(start.method) &&
		!pc_sip_span_is(start.method, "ACK");
	if (!s) {
		s = &u->sw.requests[u->sw.n++ % SWITCHED_MAX];
		*s = (struct switched){ hash(branch), hash(start.method),
					false };
	}
	*rc = again ? 0 : send_as("TCP", tp, data, len, to, by_tcp);
	if (*rc == 0)
		return true;
	s->by_udp = true;
	return false;
}
