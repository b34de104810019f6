/* --trace of a network leg: RTCP, and what state it comes to; see net.h. */
#include <stdio.h>

#include "media/rtcp.h"
#include "net.h"

static bool wanted(struct leg *leg)
{
	return pc_trace_wanted(&leg->bridge->tool) ||
	       pc_log_enabled(PC_LOG_DEBUG);
}

void net_trace_state(struct leg *leg, const char *machine, const char *from,
		     const char *to, const char *why)
{
	if (wanted(leg))
		pc_trace_state_with(&leg->bridge->tool, machine, from, to, why,
				    pc_json_fields("leg=%s", leg->name));
}

void net_ends(struct net *net, const struct pc_addr *local,
	      const struct pc_addr *remote, const char *why)
{
	char text[PC_ADDR_TEXT + 32], addr[PC_ADDR_TEXT];

	pc_addr_text(remote, addr);
	snprintf(text, sizeof(text), "%s: %s", why, addr);
	net_trace_state(net->leg, "path", net->rtcp_remote ? "ready" : NULL,
			"ready", text);
	net->rtcp_local = local;
	net->rtcp_remote = remote;
}

/* RFC 3550 section 12.1, RFC 4585 section 6, RFC 5104 section 4.3. */
static const char *name_of(const struct pc_rtcp *p)
{
	static const char *const types[] = { "SR",  "RR", "SDES",  "BYE",
					     "APP", "FB", "PS-FB", "XR" };

	if (p->type == PC_RTCP_RTPFB && p->count == 1)
		return "NACK";
	if (p->type == PC_RTCP_RTPFB && p->count == 15)
		return "transport-cc";
	if (p->type == PC_RTCP_PSFB && p->count == 1)
		return "PLI";
	if (p->type == PC_RTCP_PSFB && p->count == 4)
		return "FIR";
	if (p->type == PC_RTCP_PSFB && p->count == 15)
		return "REMB";
	if (p->type < PC_RTCP_SR || p->type > PC_RTCP_XR)
		return "?";
	return types[p->type - PC_RTCP_SR];
}

/* "web: SR of 1a2b3c4d, 250 packets, lost 0 of 5e6f7a8b, SDES" */
static void summarise(struct pc_buf *out, const struct leg *leg,
		      const uint8_t *buf, size_t len)
{
	struct pc_rtcp_reader r;
	struct pc_rtcp p;
	int rc;

	pc_buf_printf(out, "%s:", leg->name);
	pc_rtcp_begin(&r, buf, len);
	while ((rc = pc_rtcp_next(&r, &p)) > 0) {
		pc_buf_printf(out, "%s %s",
			      out->data[out->len - 1] == ':' ? "" : ",",
			      name_of(&p));
		if (p.type != PC_RTCP_SDES)
			pc_buf_printf(out, " of %08x", p.ssrc);
		if (p.type == PC_RTCP_SR)
			pc_buf_printf(out, ", %u packets", p.packets);
		for (unsigned i = 0; i < p.n_blocks; i++)
			pc_buf_printf(out, ", lost %d of %08x",
				      p.blocks[i].lost, p.blocks[i].ssrc);
		if (p.media_ssrc)
			pc_buf_printf(out, " for %08x", p.media_ssrc);
	}
	if (rc < 0)
		pc_buf_adds(out, " and what is none");
}

/* The packet itself is in --pcap, where its leg writes it. */
void net_trace_rtcp(struct leg *leg, bool outgoing,
		    const struct pc_addr *remote, const uint8_t *buf,
		    size_t len)
{
	struct leg *bundle = leg->parent ? leg->parent : leg;
	const struct net *net = bundle->kind->net(bundle);
	struct pc_buf summary = { 0 };
	struct pc_trace_msg m = {
		.protocol = "RTCP",
		.out = outgoing,
		.local = net->rtcp_local,
		.remote = remote ? remote : net->rtcp_remote,
		.transport = "udp",
		.len = len,
	};

	if (!wanted(leg))
		return;
	summarise(&summary, leg, buf, len);
	m.summary = summary.oom ? "" : summary.data;
	pc_trace_message(&leg->bridge->tool, &m);
	pc_buf_fini(&summary);
}

void net_send_rtcp(struct leg *leg, uint8_t *buf, size_t len)
{
	net_trace_rtcp(leg, true, NULL, buf, len);
	leg->kind->send(leg, buf, len, true);
}
