/*
 * The ICE session on libnice 0.1.21.
 *
 * As the controlling end it nominates aggressively (RFC 5245 section 8.1.1.2),
 * as browsers do: each check has USE-CANDIDATE, so that the first that is
 * answered connects, and a better pair that is found later takes over. Regular
 * nomination, RFC 8445's only one, costs another round trip; and libnice begins
 * it behind NATs when the pairs of host candidates have timed out, that is
 * after two seconds. A peer may want it all the same. Trickle is always on:
 * candidates may come before, with and after the credentials.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ice_private.h"
#include "loop_glib.h"

void ice_addr_from_nice(struct pc_addr *addr, const NiceAddress *from)
{
	memset(addr, 0, sizeof(*addr));
	nice_address_copy_to_sockaddr(from, &addr->sa);
	addr->len = addr->sa.sa_family == AF_INET6 ? sizeof(addr->in6)
						   : sizeof(addr->in);
}

#define RC         7   /* RFC 8489 section 6.2.1; libnice sends 3 times */
#define TA_MS      5   /* section 14.2: no check sooner after the last one */
#define REMOTE_MAX 100 /* RFC 8445 section 6.1.2.5 bounds the pairs so */

/* --- signals ---------------------------------------------------------- */

bool ice_wanted(const struct ice *ice, const NiceCandidate *c)
{
	if (ice->cfg.no_host && c->type == NICE_CANDIDATE_TYPE_HOST)
		return false;
	return !ice->cfg.relay_only || c->type == NICE_CANDIDATE_TYPE_RELAYED;
}

static void on_candidate(NiceAgent *agent, NiceCandidate *c, gpointer arg)
{
	struct ice *ice = arg;
	gchar *line;

	if (!ice_wanted(ice, c))
		return;
	line = nice_agent_generate_local_candidate_sdp(agent, c);
	if (line && strncmp(line, "a=", 2) == 0)
		ice->events.candidate(ice->arg, line + 2);
	g_free(line);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer arg)
{
	struct ice *ice = arg;

	(void)agent;
	(void)stream;
	ice->events.gathered(ice->arg);
}

static const char *state_name(guint state)
{
	static const char *const names[] = { "new",       "gathering",
					     "checking",  "connected",
					     "completed", "failed" };

	return state < G_N_ELEMENTS(names) ? names[state] : "unknown";
}

static void on_state(NiceAgent *agent, guint stream, guint component,
		     guint state, gpointer arg)
{
	struct ice *ice = arg;
	NiceComponentState from = ice->state;

	(void)agent;
	(void)stream;
	(void)component;
	if (state == (guint)from || ice->rearming)
		return;
	ice->state = (NiceComponentState)state;
	ice->events.state(ice->arg, state_name(from), state_name(state));
	if (state == NICE_COMPONENT_STATE_FAILED && ice->selected)
		ice_consent_failed(ice);
}

static void pair_fill(struct ice *ice, struct ice_pair *pair,
		      const NiceCandidate *local, const NiceCandidate *remote)
{
	GSocket *socket =
		nice_agent_get_selected_socket(ice->agent, ice->stream, RTP);

	ice_addr_from_nice(&pair->remote, &remote->addr);
	ice_addr_from_nice(&pair->local, &local->addr);
	pair->local_type = nice_candidate_type_to_string(local->type);
	pair->remote_type = nice_candidate_type_to_string(remote->type);
	pair->transport = nice_candidate_transport_to_string(local->transport);
	pair->fd = -1;
	if (socket) {
		pair->fd = g_socket_get_fd(socket);
		pc_addr_local(&pair->local, pair->fd);
		g_object_unref(socket); /* libnice keeps it open */
	}
}

static void on_selected(NiceAgent *agent, guint stream, guint component,
			NiceCandidate *local, NiceCandidate *remote,
			gpointer arg)
{
	struct ice *ice = arg;
	struct ice_pair pair;

	(void)agent;
	(void)stream;
	(void)component;
	pair_fill(ice, &pair, local, remote);
	if (ice->rearming && pc_addr_equal(&pair.remote, &ice->remote))
		return; /* the pair that it was */
	ice_consent_begin(ice, local, remote);
	ice->selected = true;
	ice->restarting = false;
	ice->events.selected(ice->arg, &pair);
}

void ice_on_data(NiceAgent *agent, guint stream, guint component, guint len,
		 gchar *buf, gpointer arg)
{
	struct ice *ice = arg;

	(void)agent;
	(void)stream;
	(void)component;
	ice->events.data(ice->arg, buf, len);
}

/* --- start ------------------------------------------------------------ */

static void connect_signals(struct ice *ice)
{
	g_signal_connect(ice->agent, "new-candidate-full",
			 G_CALLBACK(on_candidate), ice);
	g_signal_connect(ice->agent, "candidate-gathering-done",
			 G_CALLBACK(on_gathered), ice);
	g_signal_connect(ice->agent, "component-state-changed",
			 G_CALLBACK(on_state), ice);
	g_signal_connect(ice->agent, "new-selected-pair-full",
			 G_CALLBACK(on_selected), ice);
}

static NiceAgent *new_agent(GMainContext *context, const struct ice_config *cfg)
{
	NiceAgent *agent = nice_agent_new_full(
		context, NICE_COMPATIBILITY_RFC5245,
		NICE_AGENT_OPTION_ICE_TRICKLE |
			NICE_AGENT_OPTION_CONSENT_FRESHNESS |
			(cfg->aggressive
				 ? 0
				 : NICE_AGENT_OPTION_REGULAR_NOMINATION));

	/* UPnP is on by default, and waits for routers that are not there. */
	g_object_set(agent, "upnp", FALSE, "ice-tcp", cfg->tcp,
		     "stun-pacing-timer", TA_MS, "stun-max-retransmissions", RC,
		     "controlling-mode", cfg->controlling, "force-relay",
		     cfg->relay_only, NULL);
	return agent;
}

int ice_start(struct ice **out, struct pc_tool *tool,
	      const struct ice_config *cfg, const struct ice_events *events,
	      void *arg)
{
	struct ice *ice = calloc(1, sizeof(*ice));
	int rc;

	if (!ice)
		return -ENOMEM;
	ice->tool = tool;
	ice->events = *events;
	ice->arg = arg;
	ice->cfg = *cfg;
	ice->cfg.turn_password = g_strdup(cfg->turn_password);
	ice->agent = new_agent(pc_loop_glib_context(tool->loop), cfg);
	connect_signals(ice);
	*out = ice; /* before the first event */
	rc = ice_consent_init(ice, cfg->consent_ms);
	if (rc == 0)
		rc = ice_add_addresses(ice->agent, cfg);
	if (rc == 0)
		rc = ice_gather(ice);
	if (rc != 0) {
		*out = NULL;
		ice_free(ice);
	}
	return rc;
}

void ice_free(struct ice *ice)
{
	if (!ice)
		return;
	g_signal_handlers_disconnect_by_data(ice->agent, ice);
	if (ice->stream)
		nice_agent_remove_stream(ice->agent, ice->stream);
	g_object_unref(ice->agent);
	ice_consent_fini(ice);
	g_free(ice->ufrag);
	g_free(ice->pwd);
	g_free(ice->cfg.turn_password);
	free(ice);
}

static void on_closed(GObject *agent, GAsyncResult *result, gpointer arg)
{
	struct ice *ice = arg;

	(void)agent;
	(void)result;
	if (ice->closed)
		ice->closed(ice->closed_arg);
}

void ice_close(struct ice *ice, void (*done)(void *arg), void *arg)
{
	GMainContext *context = pc_loop_glib_context(ice->tool->loop);

	ice->closed = done;
	ice->closed_arg = arg;
	pc_timer_cancel(ice->consent);
	/* The answer is delivered to the context that is default now. */
	g_main_context_push_thread_default(context);
	nice_agent_close_async(ice->agent, on_closed, ice);
	g_main_context_pop_thread_default(context);
}

/* --- ours and theirs -------------------------------------------------- */

const char *ice_ufrag(const struct ice *ice)
{
	return ice->ufrag;
}

const char *ice_pwd(const struct ice *ice)
{
	return ice->pwd;
}

static void free_candidate(gpointer c)
{
	nice_candidate_free(c);
}

void ice_candidates(const struct ice *ice, struct pc_buf *out)
{
	GSList *list =
		nice_agent_get_local_candidates(ice->agent, ice->stream, RTP);

	for (GSList *i = list; i; i = i->next) {
		gchar *line;

		if (!ice_wanted(ice, i->data))
			continue;
		line = nice_agent_generate_local_candidate_sdp(ice->agent,
							       i->data);
		pc_buf_printf(out, "%s\r\n", line);
		g_free(line);
	}
	g_slist_free_full(list, free_candidate);
}

int ice_remote(struct ice *ice, const char *ufrag, const char *pwd)
{
	return nice_agent_set_remote_credentials(ice->agent, ice->stream, ufrag,
						 pwd)
		       ? 0
		       : -EINVAL;
}

/* Takes the candidate; false if libnice does not. */
static bool give(struct ice *ice, NiceCandidate *candidate)
{
	GSList *list = g_slist_append(NULL, candidate);
	int rc = nice_agent_set_remote_candidates(ice->agent, ice->stream, RTP,
						  list);

	g_slist_free_full(list, free_candidate);
	return rc >= 0;
}

/*
 * libnice's mode of nomination is set when the agent is made, before the peer
 * is known. But it goes over to the regular one by itself when a peer has TCP
 * candidates and no check was sent yet, as RFC 6544 section 8 wants it. So it
 * is told of one, though we have gathered none that it could be paired with.
 */
void ice_nominate_regularly(struct ice *ice)
{
	static const char tcp[] =
		"candidate:tcp 1 tcp 1 192.0.2.1 9 typ host tcptype active";
	NiceCandidate *candidate;
	const char *why;

	if (!ice->cfg.aggressive ||
	    ice_candidate_parse(&candidate, ice->stream, tcp, &why) != 0)
		return;
	g_object_set(ice->agent, "ice-tcp", TRUE, NULL);
	give(ice, candidate);
	g_object_set(ice->agent, "ice-tcp", FALSE, NULL);
}

int ice_candidate(struct ice *ice, const char *text, const char **why)
{
	NiceCandidate *candidate;
	int rc;

	if (!*text) {
		nice_agent_peer_candidate_gathering_done(ice->agent,
							 ice->stream);
		return 0;
	}
	if (ice->n_remote == REMOTE_MAX) {
		*why = "too many candidates";
		return -EPROTONOSUPPORT;
	}
	rc = ice_candidate_parse(&candidate, ice->stream, text, why);
	if (rc != 0)
		return rc;
	if (!ice->cfg.tcp &&
	    candidate->transport != NICE_CANDIDATE_TRANSPORT_UDP) {
		nice_candidate_free(candidate);
		*why = "TCP, and we have no candidates of it (--tcp)";
		return -EPROTONOSUPPORT;
	}
	ice->n_remote++;
	if (give(ice, candidate))
		return 0;
	*why = "refused";
	return -EINVAL;
}

int ice_send(struct ice *ice, const void *data, size_t len)
{
	if (!ice->selected)
		return -ENOTCONN;
	return nice_agent_send(ice->agent, ice->stream, RTP, (guint)len,
			       data) >= 0
		       ? 0
		       : -EAGAIN;
}
