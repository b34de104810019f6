/*
 * The generations of an ICE session. RFC 8445 section 9 has a restart begin
 * another session beside the one that is in use. libnice's own
 * (nice_agent_restart_stream) has one set of credentials only: it refuses at
 * once what the peer sends with the old ones, which the peer may do until our
 * description has reached it, and Chromium even after, when our address is the
 * same. So each generation is an agent of its own, with sockets of its own.
 */
#include <errno.h>
#include <stdlib.h>

#include "ice_private.h"
#include "loop_glib.h"

/*
 * How long a generation is kept that another has taken over from: the peer
 * learns of it within a round trip or two, and Chromium moves its media within
 * half a second.
 */
#define RETIRED_MS 5000

#define RC    7 /* RFC 8489 section 6.2.1; libnice sends 3 times */
#define TA_MS 5 /* section 14.2: no check sooner after the last one */

static NiceAgent *new_agent(struct ice *ice, bool controlling)
{
	const struct ice_config *cfg = &ice->cfg;
	bool aggressive = cfg->aggressive && controlling;
	NiceAgent *agent = nice_agent_new_full(
		pc_loop_glib_context(ice->tool->loop),
		NICE_COMPATIBILITY_RFC5245,
		NICE_AGENT_OPTION_ICE_TRICKLE |
			NICE_AGENT_OPTION_CONSENT_FRESHNESS |
			(aggressive ? 0
				    : NICE_AGENT_OPTION_REGULAR_NOMINATION));

	/* UPnP is on by default, and waits for routers that are not there. */
	g_object_set(agent, "upnp", FALSE, "ice-tcp", cfg->tcp,
		     "stun-pacing-timer", TA_MS, "stun-max-retransmissions", RC,
		     "controlling-mode", controlling, "force-relay",
		     cfg->relay_only, NULL);
	return agent;
}

bool ice_generation_is_controlling(const struct ice_generation *g)
{
	gboolean controlling;

	g_object_get(g->agent, "controlling-mode", &controlling, NULL);
	return controlling;
}

static void on_retired(void *arg)
{
	struct ice_generation *g = arg;

	if (g->ice->cfg.turn && !g->closing)
		ice_generation_close(g);
	else
		ice_generation_free(g);
}

int ice_generation_new(struct ice *ice, bool controlling)
{
	struct ice_generation *g = calloc(1, sizeof(*g));
	int rc;

	if (!g)
		return -ENOMEM;
	g->ice = ice;
	g->number = ice->n_generations++;
	g->agent = new_agent(ice, controlling);
	g->older = ice->now;
	ice->now = g;
	ice_connect_signals(g);
	g->retiring = pc_timer_new(ice->tool->loop, on_retired, g);
	rc = g->retiring ? ice_consent_init(g) : -ENOMEM;
	if (rc == 0)
		rc = ice_add_addresses(g->agent, &ice->cfg);
	if (rc == 0)
		rc = ice_add_stream(g);
	if (rc != 0)
		ice_generation_free(g);
	return rc;
}

static void unlink_generation(struct ice_generation *g)
{
	struct ice_generation **at = &g->ice->now;

	while (*at != g)
		at = &(*at)->older;
	*at = g->older;
}

void ice_generation_newest(struct ice_generation *g)
{
	unlink_generation(g);
	g->older = g->ice->now;
	g->ice->now = g;
}

void ice_generation_free(struct ice_generation *g)
{
	unlink_generation(g);
	if (g->ice->used == g)
		g->ice->used = NULL;
	g_signal_handlers_disconnect_by_data(g->agent, g);
	if (g->stream)
		nice_agent_remove_stream(g->agent, g->stream);
	g_object_unref(g->agent);
	ice_consent_fini(g);
	pc_timer_free(g->retiring);
	g_free(g->ufrag);
	g_free(g->pwd);
	g_free(g->remote_ufrag);
	g_free(g->remote_pwd);
	free(g);
}

void ice_generation_retire(struct ice_generation *g)
{
	if (g->closing)
		return;
	pc_timer_cancel(g->consent);
	pc_timer_set(g->retiring, g->selected ? RETIRED_MS : 0);
}

void ice_generation_busy(struct ice_generation *g)
{
	if (!g->closing)
		pc_timer_set(g->retiring, RETIRED_MS);
}

static void on_closed(GObject *agent, GAsyncResult *result, gpointer arg)
{
	struct ice_generation *g = arg;
	struct ice *ice = g->ice;

	(void)agent;
	(void)result;
	if (!ice->closed) /* it is retired; not from within its own call */
		pc_timer_set(g->retiring, 0);
	else if (--ice->n_closing == 0)
		ice->closed(ice->closed_arg);
}

void ice_generation_close(struct ice_generation *g)
{
	GMainContext *context = pc_loop_glib_context(g->ice->tool->loop);

	if (g->closing)
		return;
	g->closing = true;
	pc_timer_cancel(g->consent);
	/* The answer is delivered to the context that is default now. */
	g_main_context_push_thread_default(context);
	nice_agent_close_async(g->agent, on_closed, g);
	g_main_context_pop_thread_default(context);
}
