/* Which candidates can be paired (RFC 8445 section 6.1.2.2). */
#include "ice_private.h"

static void free_candidate(gpointer c)
{
	nice_candidate_free(c);
}

static bool can_pair(const NiceCandidate *l, const NiceCandidate *r)
{
	if (nice_address_ip_version(&l->addr) !=
	    nice_address_ip_version(&r->addr))
		return false;
	if (l->type == NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE ||
	    l->type == NICE_CANDIDATE_TYPE_PEER_REFLEXIVE)
		return false; /* RFC 8445 6.1.2.4: its base stands for it */
	if (l->transport == NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE)
		return r->transport == NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE;
	if (l->transport == NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE)
		return r->transport == NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE;
	return l->transport == r->transport;
}

static void fill(struct ice_end *end, const NiceCandidate *c)
{
	ice_addr_from_nice(&end->addr, &c->addr);
	end->type = nice_candidate_type_to_string(c->type);
	end->transport = nice_candidate_transport_to_string(c->transport);
}

void ice_each_pair(struct ice *ice,
		   void (*fn)(void *arg, const struct ice_end *local,
			      const struct ice_end *remote),
		   void *arg)
{
	const struct ice_generation *g = ice->now;
	GSList *locals =
		nice_agent_get_local_candidates(g->agent, g->stream, RTP);
	GSList *remotes =
		nice_agent_get_remote_candidates(g->agent, g->stream, RTP);

	for (GSList *i = locals; i; i = i->next) {
		for (GSList *j = remotes; j; j = j->next) {
			struct ice_end local, remote;

			if (!ice_wanted(ice, i->data) ||
			    !can_pair(i->data, j->data))
				continue;
			fill(&local, i->data);
			fill(&remote, j->data);
			fn(arg, &local, &remote);
		}
	}
	g_slist_free_full(locals, free_candidate);
	g_slist_free_full(remotes, free_candidate);
}
