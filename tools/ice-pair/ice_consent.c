/*
 * Consent to send (RFC 7675): it ends 30 s after the last answered check.
 *
 * libnice 0.1.21 gives a pair up after 10 s already, that is when two checks
 * in a row are lost, which a path with 5 % loss does every half hour. So its
 * verdict is taken as "unanswered so far": the same pair is selected again,
 * which starts its checks anew, until RFC 7675's time is over. Which checks
 * were answered is told only by its debug messages.
 */
#include <errno.h>
#include <string.h>

#include "ice_private.h"

#define NICE_GIVES_UP_MS 10000 /* NICE_AGENT_TIMER_CONSENT_TIMEOUT */
#define AFTER_NICE_MS    (NICE_GIVES_UP_MS + 200)

static unsigned silent_ms(const struct ice_generation *g)
{
	return (unsigned)(pc_now_ms() - g->answered_ms);
}

static void ended(struct ice_generation *g, unsigned silent)
{
	char why[80];

	snprintf(why, sizeof(why),
		 "its consent ended: no check answered for %.1f s",
		 silent / 1e3);
	g->ice->events.lost(g->ice->arg, why);
}

static void set_timer(struct ice_generation *g)
{
	unsigned silent = silent_ms(g);
	unsigned end = g->ice->cfg.consent_ms;
	unsigned left = silent < end ? end - silent : 0;

	pc_timer_set(g->consent, left < AFTER_NICE_MS ? left : AFTER_NICE_MS);
}

/* Select the same pair once more; what that signals is not news. */
static void check_again(struct ice_generation *g)
{
	g->rearming = true;
	nice_agent_set_selected_pair(g->agent, g->stream, RTP, g->lfoundation,
				     g->rfoundation);
	g->rearming = false;
	g->state = nice_agent_get_component_state(g->agent, g->stream, RTP);
}

void ice_consent_wait(struct ice_generation *g)
{
	if (!g->selected)
		return;
	g->answered_ms = pc_now_ms();
	set_timer(g);
}

static void on_silence(void *arg)
{
	struct ice_generation *g = arg;
	unsigned silent = silent_ms(g);

	if (silent >= g->ice->cfg.consent_ms) {
		ended(g, silent);
		return;
	}
	pc_event(g->ice->tool, "consent", "silent_ms=%u", silent);
	pc_verbose("no check answered for %.1f s", silent / 1e3);
	if (!g->again) /* else new checks are on their way */
		check_again(g);
	set_timer(g);
}

int ice_consent_init(struct ice_generation *g)
{
	g->consent = pc_timer_new(g->ice->tool->loop, on_silence, g);
	nice_debug_enable(FALSE);
	return g->consent ? 0 : -ENOMEM;
}

void ice_consent_fini(struct ice_generation *g)
{
	pc_timer_free(g->consent);
	g_free(g->lfoundation);
	g_free(g->rfoundation);
}

void ice_consent_begin(struct ice_generation *g, const NiceCandidate *local,
		       const NiceCandidate *remote)
{
	g->answered_ms = pc_now_ms();
	set_timer(g);
	g_free(g->lfoundation);
	g_free(g->rfoundation);
	g->lfoundation = g_strdup(local->foundation);
	g->rfoundation = g_strdup(remote->foundation);
	ice_addr_from_nice(&g->remote, &remote->addr);
}

static void answered(struct ice_generation *g)
{
	if (silent_ms(g) >= NICE_GIVES_UP_MS && g == g->ice->used)
		pc_event(g->ice->tool, "consent", "silent_ms=%u", 0u);
	g->answered_ms = pc_now_ms();
	if (g == g->ice->used)
		set_timer(g);
}

/* "inbound STUN packet for 1/1 (stream/component) from [192.0.2.1]:4000 ..." */
static void came_from(struct ice_generation *g, const char *message)
{
	const char *from = strstr(message, "from [");
	char ip[PC_ADDR_TEXT];
	unsigned port;

	g->last.len = 0;
	if (from && sscanf(from, "from [%50[^]]]:%5u", ip, &port) == 2)
		pc_addr_from_ip(&g->last, ip, (uint16_t)port);
}

/*
 * Consent is given by the answer to any check of the selected pair that
 * libnice has found authentic (RFC 7675 section 5.1): those of consent, sent
 * once each 5 s, and those that the peer's own have triggered.
 */
static void heard(struct ice_generation *g, const char *message)
{
	if (strstr(message, "inbound STUN packet"))
		came_from(g, message);
	else if (strstr(message, "received 403"))
		g->revoked = true;
	else if (g->selected &&
		 (strstr(message, "Keepalive for selected pair") ||
		  (strstr(message, " MATCHED.") &&
		   pc_addr_equal(&g->last, &g->remote))))
		answered(g);
}

/*
 * What libnice says in its debug messages, "Agent 0x5581b2 : ...", and in a
 * warning when a server's name cannot be resolved.
 */
void ice_heard(struct ice *ice, const char *message)
{
	if (strstr(message, "Can't resolve STUN server"))
		ice->events.unresolved(ice->arg, false);
	if (strstr(message, "Can't resolve TURN server"))
		ice->events.unresolved(ice->arg, true);
	for (struct ice_generation *g = ice->now; g; g = g->older) {
		char who[32];
		int len = snprintf(who, sizeof(who), "Agent %p",
				   (void *)g->agent);

		if (strncmp(message, who, (size_t)len) == 0 &&
		    strchr(" :", message[len]))
			heard(g, message);
	}
}

/*
 * libnice says that a selected pair failed. If the peer refused a check with
 * 403 (RFC 7675 section 5.2), so it is, unless a restart is under way. Otherwise
 * either checks went unanswered, which the timer sees to, or those of another
 * pair came to their end, which does not matter.
 */
void ice_consent_failed(struct ice_generation *g)
{
	if (g->revoked && g == g->ice->now)
		g->ice->events.lost(g->ice->arg, "it took its consent back");
}
