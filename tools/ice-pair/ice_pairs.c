/* Which candidates can be paired (RFC 8445 section 6.1.2.2). */
#include "base/buf.h"
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
	if (l->type == NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE)
		return false; /* RFC 8445 6.1.2.4: its base stands for it */
	if (l->transport == NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE)
		return r->transport == NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE;
	if (l->transport == NICE_CANDIDATE_TRANSPORT_TCP_PASSIVE)
		return r->transport == NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE;
	return l->transport == r->transport;
}

static void describe(const NiceCandidate *c, struct pc_buf *out)
{
	char text[PC_ADDR_TEXT];
	struct pc_addr addr;

	ice_addr_from_nice(&addr, &c->addr);
	pc_buf_clear(out);
	pc_buf_printf(out, "%s %s %s", pc_addr_text(&addr, text),
		      nice_candidate_transport_to_string(c->transport),
		      nice_candidate_type_to_string(c->type));
}

json_t *ice_remotes(const struct ice *ice)
{
	GSList *remotes =
		nice_agent_get_remote_candidates(ice->agent, ice->stream, RTP);
	json_t *array = json_array();

	for (GSList *i = remotes; i; i = i->next) {
		const NiceCandidate *c = i->data;
		char text[PC_ADDR_TEXT];
		struct pc_addr addr;

		if (c->transport != NICE_CANDIDATE_TRANSPORT_UDP)
			continue;
		ice_addr_from_nice(&addr, &c->addr);
		json_array_append_new(array,
				      json_string(pc_addr_text(&addr, text)));
	}
	g_slist_free_full(remotes, free_candidate);
	return array;
}

void ice_each_pair(struct ice *ice,
		   void (*fn)(void *arg, const char *local, const char *remote),
		   void *arg)
{
	GSList *locals =
		nice_agent_get_local_candidates(ice->agent, ice->stream, RTP);
	GSList *remotes =
		nice_agent_get_remote_candidates(ice->agent, ice->stream, RTP);
	struct pc_buf l = { 0 }, r = { 0 };

	for (GSList *i = locals; i; i = i->next) {
		for (GSList *j = remotes; j; j = j->next) {
			if (!ice_wanted(ice, i->data) ||
			    !can_pair(i->data, j->data))
				continue;
			describe(i->data, &l);
			describe(j->data, &r);
			fn(arg, l.data, r.data);
		}
	}
	pc_buf_fini(&l);
	pc_buf_fini(&r);
	g_slist_free_full(locals, free_candidate);
	g_slist_free_full(remotes, free_candidate);
}
