/* What a reader of --pcap needs besides; see capture.h. */
#include "capture.h"

enum {
	CLEAR_PORT = 10000, /* and twice the leg's number */
	CLEAR_LEGS = 1000,
	SAP_PORT = 9875, /* which Wireshark knows */
};

static void add_payload(struct pc_buf *types, struct pc_buf *maps,
			const struct payload *p, bool seen[128])
{
	char coding[48];

	if (!p->used || seen[p->pt])
		return;
	seen[p->pt] = true;
	net_write_coding(coding, p);
	pc_buf_printf(types, " %u", p->pt);
	pc_buf_printf(maps, "a=rtpmap:%u %s\r\n", p->pt, coding);
}

/* Those that come, and those that go, where they are other ones. */
static void add_payloads(struct pc_buf *types, struct pc_buf *maps,
			 const struct net *net, bool seen[128])
{
	for (int i = 0; i < 128; i++)
		add_payload(types, maps, &net->rx_map[i], seen);
	for (unsigned i = 0; i < net->n_tx; i++)
		add_payload(types, maps, &net->tx_map[i], seen);
}

/* RFC 2974 section 3, of an IPv4 address or an IPv6 one. */
static void add_sap(struct pc_buf *out, const struct pc_addr *from)
{
	bool six = from->sa.sa_family == AF_INET6;

	pc_buf_add(out, (uint8_t[]){ six ? 0x30 : 0x20, 0, 0, 1 }, 4);
	if (six)
		pc_buf_add(out, &from->in6.sin6_addr, 16);
	else
		pc_buf_add(out, &from->in.sin_addr, 4);
	pc_buf_add(out, "application/sdp", sizeof("application/sdp"));
}

/* What the packets from and to this address are, once it is described. */
void capture_write_announcement(struct leg *leg, const struct pc_addr *at,
				bool mux)
{
	struct net *net = leg->kind->net(leg);
	struct pc_buf types = { 0 }, maps = { 0 }, out = { 0 };
	struct pc_addr from = *at, to;
	bool six = at->sa.sa_family == AF_INET6, seen[128] = { false };
	char ip[PC_ADDR_TEXT];

	if (net->announced || !net->described)
		return;
	net->announced = true;
	add_payloads(&types, &maps, net, seen);
	if (leg->child)
		add_payloads(&types, &maps, leg->child->kind->net(leg->child),
			     seen);
	pc_addr_ip(at, ip);
	add_sap(&out, at);
	pc_buf_printf(&out,
		      "v=0\r\no=- %u 1 IN IP%c %s\r\ns=%s\r\nc=IN IP%c %s\r\n"
		      "t=0 0\r\nm=%s %u RTP/AVP%.*s\r\n%.*s",
		      leg->id, six ? '6' : '4', ip, leg->name, six ? '6' : '4',
		      ip, leg->video ? "video" : "audio", pc_addr_port(at),
		      (int)types.len, types.data, (int)maps.len, maps.data);
	if (mux)
		pc_buf_adds(&out, "a=rtcp-mux\r\n");
	pc_addr_set_port(&from, SAP_PORT);
	if (!types.oom && !maps.oom && !out.oom &&
	    pc_addr_from_ip(&to, six ? "ff0e::2:7ffe" : "224.2.127.254",
			    SAP_PORT) == 0)
		pc_pcap_packet(&leg->bridge->tool, "udp", &from, &to, out.data,
			       out.len, "never sent: what the ports are");
	pc_buf_fini(&types);
	pc_buf_fini(&maps);
	pc_buf_fini(&out);
}

void capture_write_clear(struct leg *leg, const struct pc_addr *local, bool mux,
			 const struct pc_addr *remote, bool out,
			 const uint8_t *buf, size_t len)
{
	const struct leg *owner = leg->parent ? leg->parent : leg;
	unsigned port = CLEAR_PORT + 2 * (owner->id % CLEAR_LEGS);
	struct pc_addr at = *local, from;

	pc_addr_set_port(&at, (uint16_t)port);
	capture_write_announcement(leg->parent ? leg->parent : leg, &at, mux);
	from = at;
	if (!mux && pc_rtp_is_rtcp(buf, len))
		pc_addr_set_port(&from, (uint16_t)(port + 1));
	pc_pcap_packet(&leg->bridge->tool, "udp", out ? &from : remote,
		       out ? remote : &from, buf, len,
		       out ? "before encryption" : "decrypted");
}
