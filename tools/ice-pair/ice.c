/*
 * The ICE session on libnice 0.1.21.
 *
 * As the controlling end it nominates aggressively (RFC 5245 section 8.1.1.2),
 * as browsers do: each check has USE-CANDIDATE, so that the first that is
 * answered connects, and a better pair that is found later takes over. Regular
 * nomination, RFC 8445's only one, costs another round trip, and behind NATs the
 * time in which others might answer (regular.c). A peer may want it all the
 * same. Trickle is always on:
 * candidates may come before, with and after the credentials.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ice_private.h"

void ice_addr_from_nice(struct pc_addr *addr, const NiceAddress *from)
{
	memset(addr, 0, sizeof(*addr));
	nice_address_copy_to_sockaddr(from, &addr->sa);
	addr->len = addr->sa.sa_family == AF_INET6 ? sizeof(addr->in6)
						   : sizeof(addr->in);
}

#define REMOTE_MAX 100 /* RFC 8445 section 6.1.2.5 bounds the pairs so */

/* --- signals ---------------------------------------------------------- */

bool ice_wanted(const struct ice *ice, const NiceCandidate *c)
{
	if (ice->cfg.no_host && c->type == NICE_CANDIDATE_TYPE_HOST)
		return false;
	return !ice->cfg.relay_only || c->type == NICE_CANDIDATE_TYPE_RELAYED;
}

void ice_tell_candidate(struct ice_generation *g, NiceCandidate *c)
{
	struct ice *ice = g->ice;
	gchar *line, *text;

	if (!ice_wanted(ice, c))
		return;
	line = nice_agent_generate_local_candidate_sdp(g->agent, c);
	/* RFC 8838 section 10 has it wait for the description of a restart */
	text = g->number == 0 ? g_strdup(line + strlen("a="))
			      : g_strdup_printf("%s ufrag %s",
						line + strlen("a="), g->ufrag);
	g->n_local++;
	ice->events.candidate(ice->arg, text);
	g_free(text);
	g_free(line);
}

static void on_candidate(NiceAgent *agent, NiceCandidate *c, gpointer arg)
{
	struct ice_generation *g = arg;

	(void)agent;
	if (g == g->ice->now)
		ice_tell_candidate(g, c);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer arg)
{
	struct ice_generation *g = arg;
	struct ice *ice = g->ice;

	(void)agent;
	(void)stream;
	if (g != ice->now)
		return;
	/* a TURN server may give no second relay */
	if (g->n_local > 0 || !ice->used || ice->used == g ||
	    ice_restart_in_place(ice) != 0)
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
	struct ice_generation *g = arg;
	struct ice *ice = g->ice;
	NiceComponentState from = g->state;

	(void)agent;
	(void)stream;
	(void)component;
	if (state == (guint)from || g->rearming)
		return;
	g->state = (NiceComponentState)state;
	if (g == ice->now)
		ice->events.state(ice->arg, state_name(from),
				  state_name(state));
	if (state == NICE_COMPONENT_STATE_FAILED && g == ice->used)
		ice_consent_failed(g);
}

static void pair_fill(struct ice_generation *g, struct ice_pair *pair,
		      const NiceCandidate *local, const NiceCandidate *remote)
{
	GSocket *socket =
		nice_agent_get_selected_socket(g->agent, g->stream, RTP);

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

/* The older ones are not needed any more. */
static void take_over(struct ice_generation *g)
{
	struct ice_generation *next;

	g->ice->used = g;
	for (struct ice_generation *old = g->older; old; old = next) {
		next = old->older;
		ice_generation_retire(old);
	}
}

static bool is_past(const struct ice_generation *g)
{
	return g->ice->used && g->ice->used->number > g->number;
}

static void on_selected(NiceAgent *agent, guint stream, guint component,
			NiceCandidate *local, NiceCandidate *remote,
			gpointer arg)
{
	struct ice_generation *g = arg;
	struct ice_pair pair;

	(void)agent;
	(void)stream;
	(void)component;
	pair_fill(g, &pair, local, remote);
	if (g->rearming && pc_addr_equal(&pair.remote, &g->remote))
		return; /* the pair that it was */
	if (is_past(g))
		return;
	ice_consent_begin(g, local, remote);
	g->selected = true;
	g->again = false;
	if (g != g->ice->used)
		take_over(g);
	g->ice->events.selected(g->ice->arg, &pair);
}

void ice_on_data(NiceAgent *agent, guint stream, guint component, guint len,
		 gchar *buf, gpointer arg)
{
	struct ice_generation *g = arg;
	struct ice *ice = g->ice;

	(void)agent;
	(void)stream;
	(void)component;
	if (is_past(g))
		ice_generation_busy(g);
	ice->events.data(ice->arg,
			 is_past(g)       ? ICE_LATE
			 : g == ice->used ? ICE_NOW
					  : ICE_EARLY,
			 buf, len);
}

void ice_connect_signals(struct ice_generation *g)
{
	g_signal_connect(g->agent, "new-candidate-full",
			 G_CALLBACK(on_candidate), g);
	g_signal_connect(g->agent, "candidate-gathering-done",
			 G_CALLBACK(on_gathered), g);
	g_signal_connect(g->agent, "component-state-changed",
			 G_CALLBACK(on_state), g);
	g_signal_connect(g->agent, "new-selected-pair-full",
			 G_CALLBACK(on_selected), g);
}

/* --- start ------------------------------------------------------------ */

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
	ice->cfg.turn_user = g_strdup(cfg->turn_user);
	ice->cfg.turn_password = g_strdup(cfg->turn_password);
	*out = ice; /* before the first event */
	rc = ice_generation_new(ice, cfg->controlling);
	if (rc == 0)
		rc = ice_gather(ice->now);
	if (rc == -EADDRNOTAVAIL)
		pc_warnx("no local address and port could be bound: check "
			 "--address and --port-range");
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
	while (ice->now)
		ice_generation_free(ice->now);
	g_free(ice->cfg.turn_user);
	g_free(ice->cfg.turn_password);
	free(ice);
}

void ice_close(struct ice *ice, void (*done)(void *arg), void *arg)
{
	ice->closed = done;
	ice->closed_arg = arg;
	for (struct ice_generation *g = ice->now; g; g = g->older) {
		ice->n_closing++;
		ice_generation_close(g);
	}
}

/* --- ours and theirs -------------------------------------------------- */

const char *ice_ufrag(const struct ice *ice)
{
	return ice->now->ufrag;
}

const char *ice_pwd(const struct ice *ice)
{
	return ice->now->pwd;
}

static void free_candidate(gpointer c)
{
	nice_candidate_free(c);
}

void ice_candidates(const struct ice *ice, struct pc_buf *out)
{
	const struct ice_generation *g = ice->now;
	GSList *list =
		nice_agent_get_local_candidates(g->agent, g->stream, RTP);

	for (GSList *i = list; i; i = i->next) {
		gchar *line;

		if (!ice_wanted(ice, i->data))
			continue;
		line = nice_agent_generate_local_candidate_sdp(g->agent,
							       i->data);
		pc_buf_printf(out, "%s\r\n", line);
		g_free(line);
	}
	g_slist_free_full(list, free_candidate);
}

int ice_set_remote(struct ice_generation *g, const char *ufrag, const char *pwd)
{
	g_free(g->remote_ufrag);
	g_free(g->remote_pwd);
	g->remote_ufrag = g_strdup(ufrag);
	g->remote_pwd = g_strdup(pwd);
	return nice_agent_set_remote_credentials(g->agent, g->stream, ufrag,
						 pwd)
		       ? 0
		       : -EINVAL;
}

int ice_remote(struct ice *ice, const char *ufrag, const char *pwd)
{
	return ice_set_remote(ice->now, ufrag, pwd);
}

/* Takes the candidate; false if libnice does not. */
static bool give(struct ice_generation *g, NiceCandidate *candidate)
{
	GSList *list = g_slist_append(NULL, candidate);
	int rc = nice_agent_set_remote_candidates(g->agent, g->stream, RTP,
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
	struct ice_generation *g = ice->now;
	NiceCandidate *candidate;
	const char *why;

	if (!ice->cfg.aggressive ||
	    ice_candidate_parse(&candidate, g->stream, tcp, &why) != 0)
		return;
	g_object_set(g->agent, "ice-tcp", TRUE, NULL);
	give(g, candidate);
	g_object_set(g->agent, "ice-tcp", FALSE, NULL);
}

int ice_candidate(struct ice *ice, const char *text, const char **why)
{
	struct ice_generation *g = ice->now;
	NiceCandidate *candidate;
	int rc;

	if (!*text) {
		g->remote_done = true;
		nice_agent_peer_candidate_gathering_done(g->agent, g->stream);
		return 0;
	}
	if (g->n_remote == REMOTE_MAX) {
		*why = "too many candidates";
		return -EPROTONOSUPPORT;
	}
	rc = ice_candidate_parse(&candidate, g->stream, text, why);
	if (rc != 0)
		return rc;
	if (!ice->cfg.tcp &&
	    candidate->transport != NICE_CANDIDATE_TRANSPORT_UDP) {
		nice_candidate_free(candidate);
		*why = "TCP, and we have no candidates of it (--tcp)";
		return -EPROTONOSUPPORT;
	}
	g->n_remote++;
	if (give(g, candidate))
		return 0;
	*why = "refused";
	return -EINVAL;
}

int ice_send(struct ice *ice, const void *data, size_t len)
{
	struct ice_generation *g = ice->used;

	if (!g)
		return -ENOTCONN;
	return nice_agent_send(g->agent, g->stream, RTP, (guint)len, data) >= 0
		       ? 0
		       : -EAGAIN;
}
