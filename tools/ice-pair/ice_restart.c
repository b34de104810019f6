/* ICE restart (RFC 8445 section 9), and what comes of the peer's kind. */
#include <errno.h>

#include "base/log.h"
#include "ice_private.h"

/* Generations that nobody has connected to, and now nobody will. */
static void drop_unused(struct ice *ice)
{
	struct ice_generation *next;

	for (struct ice_generation *g = ice->now->older; g; g = next) {
		next = g->older;
		if (!g->selected)
			ice_generation_retire(g);
	}
}

int ice_restart(struct ice *ice)
{
	int rc = ice_generation_new(ice,
				    ice_generation_is_controlling(ice->now));

	if (rc != 0)
		return rc;
	if (ice->used)
		ice_consent_wait(ice->used);
	ice->events.restarted(ice->arg);
	rc = ice_gather(ice->now);
	if (rc != 0)
		return ice_restart_in_place(ice);
	drop_unused(ice);
	return 0;
}

static void tell_candidates(struct ice_generation *g)
{
	GSList *list =
		nice_agent_get_local_candidates(g->agent, g->stream, RTP);

	for (GSList *i = list; i; i = i->next) {
		ice_tell_candidate(g, i->data);
		nice_candidate_free(i->data);
	}
	g_slist_free(list);
}

/* What the peer has told so far. */
static void copy_remote(struct ice_generation *to, struct ice_generation *from)
{
	GSList *list;

	to->n_remote = from->n_remote;
	if (!from->remote_ufrag)
		return;
	ice_set_remote(to, from->remote_ufrag, from->remote_pwd);
	list = nice_agent_get_remote_candidates(from->agent, from->stream, RTP);
	if (list)
		nice_agent_set_remote_candidates(to->agent, to->stream, RTP,
						 list);
	for (GSList *i = list; i; i = i->next)
		nice_candidate_free(i->data);
	g_slist_free(list);
	if (from->remote_done)
		nice_agent_peer_candidate_gathering_done(to->agent, to->stream);
}

int ice_restart_in_place(struct ice *ice)
{
	struct ice_generation *failed = ice->now;
	struct ice_generation *g = ice->used ? ice->used : failed->older;

	pc_info("no other %s for the restart: it is on the one that there is",
		ice->cfg.relay_only ? "relay" : "port");
	/* libnice keeps the selected pair, and our sockets and candidates. */
	if (!nice_agent_restart_stream(g->agent, g->stream) ||
	    !nice_agent_set_local_credentials(g->agent, g->stream,
					      failed->ufrag, failed->pwd))
		return -EIO;
	g_free(g->ufrag);
	g_free(g->pwd);
	g->ufrag = g_strdup(failed->ufrag);
	g->pwd = g_strdup(failed->pwd);
	g->number = failed->number;
	g->again = g->selected;
	g->revoked = false;
	copy_remote(g, failed);
	ice_generation_newest(g);
	drop_unused(ice);
	tell_candidates(g);
	ice->events.gathered(ice->arg);
	return 0;
}

/*
 * libnice takes another role only while no stream gathers. So ours begins
 * anew, on other ports, but with the credentials that the peer may have: it
 * sends no checks, and will learn the port from ours.
 */
int ice_peer_is_lite(struct ice *ice)
{
	struct ice_generation *g = ice->now;
	int rc;

	if (ice_generation_is_controlling(g) || ice->used)
		return 0;
	nice_agent_remove_stream(g->agent, g->stream);
	g_object_set(g->agent, "controlling-mode", TRUE, NULL);
	rc = ice_add_stream(g);
	return rc == 0 ? ice_gather(g) : rc;
}
