/* Mapping and filtering: RFC 4787 sections 4.1 and 5, RFC 5780 section 4. */
#include <stddef.h>

#include "judge.h"

const char *behaviour_name(unsigned set)
{
	switch (set) {
	case ENDPOINT_INDEPENDENT:
		return "endpoint-independent";
	case ADDRESS_DEPENDENT:
		return "address-dependent";
	case ADDRESS_AND_PORT_DEPENDENT:
		return "address-and-port-dependent";
	default:
		return NULL;
	}
}

bool same_ip(const struct pc_addr *a, const struct pc_addr *b)
{
	struct pc_addr x = *a, y = *b;

	pc_addr_set_port(&x, 0);
	pc_addr_set_port(&y, 0);
	return pc_addr_equal(&x, &y);
}

bool judge_nat(const struct nat_facts *f)
{
	return f->n_points && !pc_addr_equal(&f->local, &f->point[0].mapped);
}

/* --- mapping ---------------------------------------------------------- */

/* What pairs of destinations show. */
struct comparison {
	bool two_ips, two_ports;       /* on one address */
	bool ip_changes, port_changes; /* the mapping */
};

static struct comparison compare(const struct nat_facts *f)
{
	struct comparison c = { 0 };

	for (unsigned i = 0; i < f->n_points; i++) {
		for (unsigned j = 0; j < i; j++) {
			bool same = pc_addr_equal(&f->point[i].mapped,
						  &f->point[j].mapped);

			if (!same_ip(&f->point[i].to, &f->point[j].to)) {
				c.two_ips = true;
				c.ip_changes |= !same;
			} else if (!pc_addr_equal(&f->point[i].to,
						  &f->point[j].to)) {
				c.two_ports = true;
				c.port_changes |= !same;
			}
		}
	}
	return c;
}

static unsigned possible_mappings(const struct comparison *c)
{
	if (c->port_changes)
		return ADDRESS_AND_PORT_DEPENDENT;
	if (c->ip_changes)
		return c->two_ports
			       ? ADDRESS_DEPENDENT
			       : ADDRESS_DEPENDENT | ADDRESS_AND_PORT_DEPENDENT;
	if (c->two_ips)
		return ENDPOINT_INDEPENDENT;
	if (c->two_ports)
		return ENDPOINT_INDEPENDENT | ADDRESS_DEPENDENT;
	return ANY_BEHAVIOUR;
}

static const char *mapping_why(unsigned possible)
{
	switch (possible) {
	case ENDPOINT_INDEPENDENT:
		return "servers at different addresses saw one socket at the "
		       "same address and port";
	case ADDRESS_DEPENDENT:
		return "servers at different addresses saw one socket at "
		       "different ports, two ports of one server at the same";
	case ADDRESS_AND_PORT_DEPENDENT:
		return "two ports of one server saw one socket at different "
		       "addresses or ports";
	case ADDRESS_DEPENDENT | ADDRESS_AND_PORT_DEPENDENT:
		return "servers at different addresses saw one socket at "
		       "different ports; no server has a second port to "
		       "tell of which of the two it is";
	case ENDPOINT_INDEPENDENT | ADDRESS_DEPENDENT:
		return "two ports of one address saw the same; a server at "
		       "another address was not heard";
	default:
		return "one destination was heard; give two or more servers, "
		       "or one with two addresses (RFC 5780)";
	}
}

static const char *mapping_means(bool nat, unsigned possible)
{
	if (!nat && possible == ENDPOINT_INDEPENDENT)
		return "our own address is the one that others see: a call "
		       "can be offered with it";
	switch (possible) {
	case ENDPOINT_INDEPENDENT:
		return "the address that STUN finds is the one the other side "
		       "can send to: good for direct calls";
	case ADDRESS_DEPENDENT:
	case ADDRESS_AND_PORT_DEPENDENT:
	case ADDRESS_DEPENDENT | ADDRESS_AND_PORT_DEPENDENT:
		return "the address that STUN finds is not the one used "
		       "towards the other side: direct calls only to those "
		       "with an open filter, a relay (TURN) for the rest";
	default:
		return "whether direct calls will do is not known";
	}
}

struct finding judge_mapping(const struct nat_facts *f)
{
	struct comparison c = compare(f);
	unsigned possible = possible_mappings(&c);
	const char *name = behaviour_name(possible);

	return (struct finding){
		.verdict = name ? name : "unknown",
		.possible = possible,
		.certain = name != NULL,
		.why = mapping_why(possible),
		.means = mapping_means(judge_nat(f), possible),
	};
}

/* --- filtering -------------------------------------------------------- */

static struct finding filtering_is(const struct nat_facts *f, unsigned possible,
				   bool certain, const char *why)
{
	const char *name = behaviour_name(possible), *means;

	switch (possible) {
	case ENDPOINT_INDEPENDENT:
		means = judge_nat(f) ? "anybody can send to the mapped port: "
				       "everybody's call gets in"
				     : "no firewall stops what comes unasked";
		break;
	case ADDRESS_DEPENDENT:
		means = "only addresses that were sent to get in, from any "
			"port: even those behind a symmetric NAT do";
		break;
	case ADDRESS_AND_PORT_DEPENDENT:
		means = "only the very port that was sent to gets in: a peer "
			"behind a symmetric NAT will need a relay (TURN)";
		break;
	default:
		means = "who gets in is not known";
	}
	/* an answer that came is no chance; one that did not may be */
	if (f->lossy && possible != ENDPOINT_INDEPENDENT)
		certain = false;
	return (struct finding){ .verdict = name ? name : "unknown",
				 .possible = possible,
				 .certain = certain,
				 .why = why,
				 .means = means };
}

static struct finding filtering_unknown(const struct nat_facts *f,
					unsigned possible, const char *why)
{
	struct finding finding = filtering_is(f, possible, false, why);

	finding.verdict = "unknown";
	return finding;
}

static bool not_done(enum outcome o)
{
	return o == NOT_TRIED || o == NO_FIRST_TEST;
}

static bool proves_nothing(enum outcome o)
{
	return not_done(o) || o == CAME_ASTRAY || o == REFUSED;
}

/* The answer from another address did not come: did the server send it? */
static struct finding judge_other_port_came(const struct nat_facts *f)
{
	if (f->change_both == SILENCE && f->control_both == CAME)
		return filtering_is(
			f, ADDRESS_DEPENDENT, true,
			"an answer from another port of the server came, one "
			"from its other address did not, although the server "
			"does send those");
	if (f->change_both == SILENCE && f->control_both == NOT_TRIED)
		return filtering_is(
			f, ADDRESS_DEPENDENT, false,
			"an answer from another port of the server came, one "
			"from its other address did not; through this mapping "
			"it could not be checked that the server sent it");
	return filtering_unknown(
		f, ENDPOINT_INDEPENDENT | ADDRESS_DEPENDENT,
		"an answer from another port of the server came; whether its "
		"other address ever answers in its place is not known");
}

static struct finding judge_nothing_came(const struct nat_facts *f)
{
	if (f->control_port == CAME)
		return filtering_is(
			f, ADDRESS_AND_PORT_DEPENDENT, true,
			"an answer from another port of the server did not "
			"come, and did on a socket that had sent to that port");
	if (f->control_both == CAME)
		return filtering_unknown(
			f, ADDRESS_DEPENDENT | ADDRESS_AND_PORT_DEPENDENT,
			"an answer from the server's other address did not "
			"come, although the server sends those; from its "
			"other port it sends none");
	if (f->control_port == NOT_TRIED)
		return filtering_is(
			f, ADDRESS_AND_PORT_DEPENDENT, false,
			"answers from the server's other address and port did "
			"not come; through a mapping that changes with the "
			"destination it cannot be checked that they were sent");
	if (f->control_port == UNHEARD)
		return filtering_unknown(
			f, ANY_BEHAVIOUR,
			"answers from the server's other address and port did "
			"not come, but those never answered when they were "
			"asked themselves: they may be dead");
	return filtering_unknown(
		f, ANY_BEHAVIOUR,
		"answers from the server's other address and port did not "
		"come, not even where the filter was open: the server does "
		"not send them");
}

struct finding judge_filtering(const struct nat_facts *f)
{
	if (!f->has_other)
		return filtering_unknown(
			f, ANY_BEHAVIOUR,
			"no server with a second address (RFC 5780) was asked");
	if (f->change_both == CAME)
		return filtering_is(
			f, ENDPOINT_INDEPENDENT, true,
			"a socket that had sent to one address only got an "
			"answer from another address and port");
	if (f->change_both == NO_FIRST_TEST || f->change_port == NO_FIRST_TEST)
		return filtering_unknown(
			f, ANY_BEHAVIOUR,
			"a fresh socket got no answer at all, so silence says "
			"nothing");
	if (f->change_port == CAME)
		return judge_other_port_came(f);
	if (f->change_port == SILENCE && !proves_nothing(f->change_both))
		return judge_nothing_came(f);
	return filtering_unknown(
		f, ANY_BEHAVIOUR,
		"the server answered from where it was asked, not from where "
		"CHANGE-REQUEST told it to, or refused");
}

/* --- what was kept out ------------------------------------------------ */

struct finding judge_uninvited(const struct nat_facts *f)
{
	unsigned possible = judge_mapping(f).possible;

	if (possible != ENDPOINT_INDEPENDENT || !f->after_uninvited.len)
		return (struct finding){
			.verdict = "unknown",
			.why = !(possible & ENDPOINT_INDEPENDENT)
				       ? "the mapping depends on who is sent "
					 "to, anyhow"
			       : possible != ENDPOINT_INDEPENDENT
				       ? "the mapping is not known"
				       : "nothing was kept out, or who was did "
					 "not answer later",
		};
	if (pc_addr_equal(&f->before_uninvited, &f->after_uninvited))
		return (struct finding){
			.verdict = "mapping kept",
			.certain = true,
			.why = "a socket that then sent to who had been kept "
			       "out was seen at the same address and port",
			.means = "it does not matter whose packet is first",
		};
	return (struct finding){
		.verdict = "mapping lost",
		.certain = true,
		.why = "a socket that then sent to who had been kept out was "
		       "seen at another address or port than before",
		.means = "a check that comes before ours has gone out spoils "
			 "the address that STUN found: a direct call is a "
			 "matter of chance. Linux's bare masquerade does so; "
			 "let it drop what comes uninvited",
	};
}

/* --- RFC 3489 --------------------------------------------------------- */

static const char *without_nat(unsigned filtering)
{
	if (filtering == ENDPOINT_INDEPENDENT)
		return "open internet";
	if (!(filtering & ENDPOINT_INDEPENDENT))
		return "symmetric UDP firewall";
	return "unknown";
}

const char *judge_rfc3489(bool nat, unsigned mapping, unsigned filtering)
{
	if (!nat)
		return without_nat(filtering);
	if (!(mapping & ENDPOINT_INDEPENDENT))
		return "symmetric";
	if (mapping != ENDPOINT_INDEPENDENT)
		return "unknown";
	switch (filtering) {
	case ENDPOINT_INDEPENDENT:
		return "full cone";
	case ADDRESS_DEPENDENT:
		return "restricted cone";
	case ADDRESS_AND_PORT_DEPENDENT:
		return "port restricted cone";
	default:
		return "unknown";
	}
}
