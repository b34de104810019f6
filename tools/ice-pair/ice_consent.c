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

static unsigned silent_ms(const struct ice *ice)
{
	return (unsigned)(pc_now_ms() - ice->answered_ms);
}

static void ended(struct ice *ice, unsigned silent)
{
	char why[80];

	snprintf(why, sizeof(why),
		 "its consent ended: no check answered for %.1f s",
		 silent / 1e3);
	ice->events.lost(ice->arg, why);
}

static void set_timer(struct ice *ice)
{
	unsigned silent = silent_ms(ice);
	unsigned left = silent < ice->consent_ms ? ice->consent_ms - silent : 0;

	pc_timer_set(ice->consent, left < AFTER_NICE_MS ? left : AFTER_NICE_MS);
}

/* Select the same pair once more; what that signals is not news. */
static void check_again(struct ice *ice)
{
	ice->rearming = true;
	nice_agent_set_selected_pair(ice->agent, ice->stream, RTP,
				     ice->lfoundation, ice->rfoundation);
	ice->rearming = false;
	ice->state =
		nice_agent_get_component_state(ice->agent, ice->stream, RTP);
}

void ice_consent_wait(struct ice *ice)
{
	if (!ice->selected)
		return;
	ice->answered_ms = pc_now_ms();
	set_timer(ice);
}

static void on_silence(void *arg)
{
	struct ice *ice = arg;
	unsigned silent = silent_ms(ice);

	if (silent >= ice->consent_ms) {
		ended(ice, silent);
		return;
	}
	pc_event(ice->tool, "consent", "silent_ms=%u", silent);
	pc_verbose("no check answered for %.1f s", silent / 1e3);
	if (!ice->restarting) /* else new checks are on their way */
		check_again(ice);
	set_timer(ice);
}

int ice_consent_init(struct ice *ice, unsigned consent_ms)
{
	ice->consent_ms = consent_ms;
	ice->consent = pc_timer_new(ice->tool->loop, on_silence, ice);
	nice_debug_enable(FALSE);
	return ice->consent ? 0 : -ENOMEM;
}

void ice_consent_fini(struct ice *ice)
{
	pc_timer_free(ice->consent);
	g_free(ice->lfoundation);
	g_free(ice->rfoundation);
}

void ice_consent_begin(struct ice *ice, const NiceCandidate *local,
		       const NiceCandidate *remote)
{
	ice->answered_ms = pc_now_ms();
	set_timer(ice);
	g_free(ice->lfoundation);
	g_free(ice->rfoundation);
	ice->lfoundation = g_strdup(local->foundation);
	ice->rfoundation = g_strdup(remote->foundation);
	ice_addr_from_nice(&ice->remote, &remote->addr);
}

/* What libnice says in its debug messages. */
void ice_heard(struct ice *ice, const char *message)
{
	if (strstr(message, "received 403")) {
		ice->revoked = true;
		return;
	}
	if (!ice->selected || !strstr(message, "Keepalive for selected pair"))
		return;
	if (silent_ms(ice) >= NICE_GIVES_UP_MS)
		pc_event(ice->tool, "consent", "silent_ms=%u", 0u);
	ice->answered_ms = pc_now_ms();
	set_timer(ice);
}

/*
 * libnice says that a selected pair failed. If the peer refused a check with
 * 403 (RFC 7675 section 5.2), so it is. Otherwise either checks went
 * unanswered, which the timer sees to, or those of another pair came to
 * their end, which does not matter.
 */
void ice_consent_failed(struct ice *ice)
{
	if (ice->revoked)
		ice->events.lost(ice->arg, "it took its consent back");
}
