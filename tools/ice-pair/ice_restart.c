/* ICE restart (RFC 8445 section 9), and what comes of the peer's kind. */
#include <errno.h>

#include "ice_private.h"

int ice_restart(struct ice *ice)
{
	gchar *ufrag = NULL, *pwd = NULL;

	/* libnice keeps the selected pair, and our sockets and candidates. */
	if (!nice_agent_restart_stream(ice->agent, ice->stream) ||
	    !nice_agent_get_local_credentials(ice->agent, ice->stream, &ufrag,
					      &pwd))
		return -EIO;
	g_free(ice->ufrag);
	g_free(ice->pwd);
	ice->ufrag = ufrag;
	ice->pwd = pwd;
	ice->n_remote = 0;
	ice->restarting = ice->selected;
	ice->revoked = false;
	ice_consent_wait(ice);
	return 0;
}

/*
 * libnice takes another role only while no stream gathers. So ours begins
 * anew, on other ports, but with the credentials that the peer may have: it
 * sends no checks, and will learn the port from ours.
 */
int ice_peer_is_lite(struct ice *ice)
{
	gboolean controlling;

	g_object_get(ice->agent, "controlling-mode", &controlling, NULL);
	if (controlling || ice->selected)
		return 0;
	nice_agent_remove_stream(ice->agent, ice->stream);
	g_object_set(ice->agent, "controlling-mode", TRUE, NULL);
	return ice_gather(ice);
}
