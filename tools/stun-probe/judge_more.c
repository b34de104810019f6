/* Ports, hairpin, payloads, fragments, lifetimes: RFC 4787 4.2 to 4.4, 6, 11. */
#include <stddef.h>

#include "judge.h"

static struct finding finding(const char *verdict, bool certain,
			      const char *why, const char *means)
{
	return (struct finding){ .verdict = verdict,
				 .certain = certain,
				 .why = why,
				 .means = means };
}

struct finding judge_source(const struct nat_facts *f)
{
	if (f->stray.len)
		return finding("wrong", true,
			       "an answer came from another address than was "
			       "asked: a NAT or the server changes sources",
			       "peers that take media from the signalled "
			       "address only will hear nothing");
	if (!f->right_sources)
		return finding("unknown", false, "no answer came", NULL);
	return finding("right", true,
		       "each answer came from the very address that was asked",
		       NULL);
}

static const char no_ports[] = "no fresh socket got an answer";
static const char no_nat[] = "there is no NAT towards this server";

static bool nothing_translated(const struct nat_facts *f)
{
	return f->n_points && !judge_nat(f);
}

struct finding judge_preservation(const struct nat_facts *f)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < f->n_ports; i++)
		kept += pc_addr_port(&f->port[i].local) ==
			pc_addr_port(&f->port[i].mapped);
	if (!f->n_ports)
		return finding("unknown", false, no_ports, NULL);
	if (nothing_translated(f))
		return finding("yes", true, no_nat, NULL);
	if (kept == f->n_ports)
		return finding("yes", f->n_ports > 1,
			       "all fresh sockets kept their port",
			       "good to know, not to rely on: two hosts "
			       "inside may want one port");
	if (kept)
		return finding("sometimes", true,
			       "some fresh sockets kept their port", NULL);
	return finding("no", f->n_ports > 1, "no fresh socket kept its port",
		       "a port that is written into a description by hand "
		       "is the wrong one");
}

/* Chance keeps the parity of n ports with a probability of 1 in 2^n. */
struct finding judge_parity(const struct nat_facts *f)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < f->n_ports; i++)
		kept += (pc_addr_port(&f->port[i].local) & 1) ==
			(pc_addr_port(&f->port[i].mapped) & 1);
	if (!f->n_ports)
		return finding("unknown", false, no_ports, NULL);
	if (kept < f->n_ports)
		return finding("no", true,
			       "an odd port became an even one, or the other "
			       "way round",
			       "RTCP is not to be expected on the next port: "
			       "use rtcp-mux or a=rtcp");
	if (f->n_ports < 6)
		return finding("unknown", false,
			       "too few sockets: it may be chance", NULL);
	return finding("yes", true, "odd ports stayed odd, even ones even",
		       NULL);
}

struct finding judge_pooling(const struct nat_facts *f)
{
	for (unsigned i = 1; i < f->n_ports; i++)
		if (!same_ip(&f->port[i].mapped, &f->port[0].mapped))
			return finding(
				"arbitrary", true,
				"sockets of one host were seen at different "
				"addresses",
				"audio and video, or RTP and RTCP, may come "
				"from different addresses: some peers refuse "
				"that");
	if (f->n_ports < 2)
		return finding("unknown", false, no_ports, NULL);
	return finding("paired", f->n_ports > 3,
		       "all fresh sockets were seen at one address", NULL);
}

struct finding judge_hairpin(const struct nat_facts *f)
{
	if (nothing_translated(f))
		return finding("not applicable", true, no_nat, NULL);
	if (!f->hairpin_tried)
		return finding("unknown", false,
			       "two sockets with mapped addresses were not to "
			       "be had",
			       NULL);
	if (!f->hairpin_came)
		return finding(
			"no", false,
			"two sockets sent to each other's mapped address, "
			"several times, and nothing came; this test is flaky "
			"by nature: a busy or cautious NAT drops such packets "
			"now and then",
			"two phones behind this NAT must use their local "
			"addresses (host candidates), or a relay");
	return finding("yes", f->hairpin_came == 2,
		       f->hairpin_outside
			       ? "a packet to our own mapped address came "
				 "back in, from the sender's mapped address"
			       : "a packet to our own mapped address came "
				 "back in, but from an inside address: "
				 "RFC 4787 wants the outside one (REQ-9)",
		       "two phones behind this NAT can reach each other by "
		       "their mapped addresses");
}

struct finding judge_rewriting(const struct nat_facts *f)
{
	if (!f->plain.len || !f->xored.len)
		return finding("unknown", false,
			       "the server sends the mapped address in one "
			       "form only, so there is nothing to compare",
			       NULL);
	if (pc_addr_equal(&f->plain, &f->xored))
		return finding("no", true,
			       "MAPPED-ADDRESS and XOR-MAPPED-ADDRESS agree",
			       NULL);
	return finding("yes", true,
		       "MAPPED-ADDRESS was changed on the way, "
		       "XOR-MAPPED-ADDRESS was not: some helper (ALG) edits "
		       "addresses in payloads",
		       "it may edit SIP and SDP too: use TLS, or turn the "
		       "NAT's SIP ALG off");
}

struct finding judge_fragments(const struct nat_facts *f)
{
	switch (f->fragments) {
	case CAME:
		return f->fragment_bytes
			       ? finding("yes", true,
					 "a request in fragments arrived, and "
					 "so did an answer in fragments",
					 "long INVITEs over UDP get through")
			       : finding("out", true,
					 "a request in fragments arrived; the "
					 "answer was short, so nothing is "
					 "known of the way in",
					 NULL);
	case SILENCE:
		if (!f->rfc5780 || !f->padding_taken)
			return finding("unknown", false,
				       "a request in fragments got no answer, "
				       "but this server is not known to take "
				       "long ones",
				       NULL);
		return finding("no", false,
			       "a request in fragments got no answer, a short "
			       "one with the same attribute did: fragments "
			       "are dropped on the way out or in",
			       "keep SIP over UDP below 1300 bytes, or use "
			       "TCP");
	default:
		return finding("unknown", false,
			       "the server does not do PADDING, or was not "
			       "asked",
			       NULL);
	}
}

struct finding judge_lifetime(const struct nat_facts *f)
{
	if (nothing_translated(f) && !f->lifetime_tried)
		return finding("not applicable", true, no_nat, NULL);
	if (!f->lifetime_tried)
		return finding("unknown", false,
			       "it takes time and was not asked for "
			       "(--lifetime)",
			       NULL);
	if (f->lifetime_ended && !f->alive_ms && !f->dead_ms)
		return finding("unknown", false,
			       "it was ended before anything was known", NULL);
	if (!f->response_port)
		return finding("unknown", false,
			       "the server does not do RESPONSE-PORT, so "
			       "nothing tells whether an idle mapping still "
			       "lives",
			       NULL);
	if (!f->dead_ms)
		return finding("longer", true,
			       "a mapping that was idle for that long still "
			       "let packets in",
			       "a keep-alive within that time is enough");
	return finding("found", !f->lossy,
		       "an idle mapping let packets in up to the first time, "
		       "and no more at the second",
		       "send a keep-alive more often than the first time "
		       "(ICE: every 15 s; SIP: RFC 5626)");
}
