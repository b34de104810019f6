/* What ICE and the handover report, and what follows from it. */
#include <string.h>

#include "app.h"
#include "data.h"
#include "fragment.h"

#define RELAY_CLOSE_MS 500 /* a relay that is not given back expires */

void app_stats(struct app *app)
{
	struct handover_stats s = { 0 };

	if (app->handover)
		s = handover_stats(app->handover);
	pc_event(&app->tool, "stats",
		 "early=%llu passed=%llu relayed_in=%llu relayed_out=%llu "
		 "dropped=%llu stray=%llu late=%llu handovers=%u",
		 (unsigned long long)s.early, (unsigned long long)s.passed,
		 (unsigned long long)s.relayed_in,
		 (unsigned long long)s.relayed_out,
		 (unsigned long long)s.dropped, (unsigned long long)s.stray,
		 (unsigned long long)s.late, s.handovers);
}

void app_end_if_over(struct app *app)
{
	if (app->ended && !app->relays_closing && app->group == 0)
		pc_tool_exit(&app->tool, app->status);
}

static void on_relays_closed(void *arg)
{
	struct app *app = arg;

	app->relays_closing = false;
	app_end_if_over(app);
}

void app_end(struct app *app, int status)
{
	if (app->ended)
		return;
	app->ended = true;
	app->status = status;
	app_stats(app);
	pc_timer_cancel(app->deadline);
	pc_timer_cancel(app->gather_bound);
	app_netcat_end(app);
	if (app->ice && app->cfg.turn) {
		app->relays_closing = true;
		pc_timer_set(app->closing, RELAY_CLOSE_MS);
		ice_close(app->ice, on_relays_closed, app);
	}
	app_end_if_over(app);
}

void app_on_closing(void *arg)
{
	on_relays_closed(arg);
}

void app_on_stopping(void *arg)
{
	app_end(arg, PC_EXIT_OK);
}

/* --- our fragment ----------------------------------------------------- */

void app_tell_fragment(struct app *app)
{
	struct pc_buf out = { 0 };

	/* an answer is told to who has offered */
	if (app->told || (app->cfg.answer && !*app->remote_ufrag))
		return;
	app->told = true;
	fragment_write(app->ice, !app->cfg.trickle, &out);
	if (app->ours_path)
		app_exchange_tell(app, &out);
	else if (out.oom || pc_tool_product(&app->tool, out.data, out.len) != 0)
		app_end(app, PC_EXIT_IO);
	pc_buf_fini(&out);
}

static void gather_ended(struct app *app, bool complete)
{
	if (app->gather_over)
		return;
	app->gather_over = true;
	app_say_missing(app, complete);
	pc_timer_cancel(app->gather_bound);
	pc_event(&app->tool, "gathered", "candidates=%u complete=%c",
		 app->n_local, complete);
	if (app->told)
		app_tell_restart(app);
	else
		app_tell_fragment(app);
}

/* A STUN or TURN server is slow or dead: others need not wait for it. */
void app_on_gather_bound(void *arg)
{
	struct app *app = arg;

	if (app->n_local == 0 && app_relay_hopeless(app)) {
		app_no_candidates(app);
		return;
	}
	if (app->n_local == 0 || app->gather_over)
		return; /* the first candidate, or the end, will tell */
	pc_verbose("gathering takes longer than %u ms: going on with %u "
		   "candidates",
		   app->cfg.gather_ms, app->n_local);
	gather_ended(app, false);
}

static void on_candidate(void *arg, const char *candidate)
{
	struct app *app = arg;

	app->n_local++;
	app->has_srflx |= strstr(candidate, " typ srflx") != NULL;
	app->has_relay |= strstr(candidate, " typ relay") != NULL;
	pc_event(&app->tool, "candidate", "candidate=%s mid=%s", candidate,
		 "0");
	pc_verbose("%s", candidate);
}

static void on_gathered(void *arg)
{
	struct app *app = arg;

	if (app->n_local == 0)
		app_no_candidates(app);
	else
		gather_ended(app, true);
}

/* --- the path --------------------------------------------------------- */

static void pair_event(struct app *app, const char *event,
		       const struct ice_pair *pair)
{
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

	pc_event(&app->tool, event,
		 "local=%s remote=%s local_type=%s remote_type=%s "
		 "transport=%s",
		 pc_addr_text(&pair->local, local),
		 pc_addr_text(&pair->remote, remote), pair->local_type,
		 pair->remote_type, pair->transport);
}

static void on_state(void *arg, const char *from, const char *to)
{
	struct app *app = arg;

	pc_trace_state(&app->tool, "ice", from, to, NULL);
	pc_verbose("ICE: %s -> %s", from, to);
	if (strcmp(to, "checking") == 0)
		pc_event(&app->tool, "checking", NULL);
	else if (strcmp(to, "failed") == 0 && !app->connected)
		pc_verbose("every pair so far has failed; the peer may still "
			   "reach us");
}

static void on_selected(void *arg, const struct ice_pair *pair)
{
	struct app *app = arg;
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

	pc_timer_cancel(app->deadline);
	if (app->restarting)
		pc_verbose("restarted: %s",
			   pc_addr_text(&pair->remote, remote));
	app->restarting = false;
	if (!app->connected) {
		app->connected = true;
		pair_event(app, "connected", pair);
		pc_info("connected %s %s -> %s (%s -> %s)", pair->transport,
			pc_addr_text(&pair->local, local),
			pc_addr_text(&pair->remote, remote), pair->local_type,
			pair->remote_type);
	}
	pair_event(app, "selected", pair);
	if (app_has_data(app) && !app->data && !app->ended)
		app_netcat_start(app, pair);
	app_tell_remotes(app);
	if (app->handover)
		handover_pair(app->handover, pair);
}

static void on_data(void *arg, enum ice_when when, const void *data, size_t len)
{
	struct app *app = arg;

	if (app->handover)
		handover_data(app->handover, when, data, len);
	else if (app->data)
		data_take(app->data, data, len);
	else if (app_has_data(app))
		app_netcat_early(app, data, len);
}

static void on_lost(void *arg, const char *why)
{
	struct app *app = arg;

	if (app->handover)
		handover_lost(app->handover, why);
	pc_event(&app->tool, "lost", "why=%s", why);
	pc_warnx("the peer is lost: %s", why);
	app_end(app, PC_EXIT_NOANSWER);
}

static const char *why_not_connected(const struct app *app, size_t n_pairs)
{
	if (app->n_local == 0)
		return "no candidate could be gathered: do the --stun and "
		       "--turn servers answer?";
	if (!*app->remote_ufrag)
		return "the peer's description never came (--remote)";
	if (app->awaiting)
		return "the peer did not answer the restart (remote)";
	if (n_pairs == 0)
		return "no candidates could be paired: the peer gave none that "
		       "we can reach, and none of its checks came";
	return "no pair of candidates connects";
}

void app_on_deadline(void *arg)
{
	struct app *app = arg;
	json_t *pairs = app_table(app);
	const char *why;

	why = why_not_connected(app, json_array_size(pairs));
	pc_warnx("not connected within %g s: %s",
		 app->cfg.common.timeout_ms / 1e3, why);
	app_print_table(pairs);
	if (pc_events_wanted(&app->tool)) /* else nobody takes the object */
		pc_event(&app->tool, "failed", "why=%s pairs=%p", why,
			 (void *)json_incref(pairs));
	json_decref(pairs);
	if (app->connected)
		on_lost(app, "the restart came to nothing");
	else
		app_end(app, PC_EXIT_NOANSWER);
}

const struct ice_events app_ice_events = {
	.candidate = on_candidate,
	.gathered = on_gathered,
	.restarted = app_on_restarted,
	.state = on_state,
	.selected = on_selected,
	.data = on_data,
	.lost = on_lost,
	.unresolved = app_on_unresolved,
};

/* --- the media process ------------------------------------------------ */

static void on_handed_over(void *arg, const struct ice_pair *pair, bool relayed)
{
	struct app *app = arg;
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

	pc_event(&app->tool, "handover", "relayed=%c local=%s remote=%s",
		 relayed, pc_addr_text(&pair->local, local),
		 pc_addr_text(&pair->remote, remote));
	pc_verbose("handed over to %s%s", app->cfg.handover,
		   relayed ? ", relaying each packet" : "");
}

static void on_media(void *arg, const void *data, size_t len)
{
	struct app *app = arg;

	ice_send(app->ice, data, len);
}

static void on_media_closed(void *arg, int error)
{
	struct app *app = arg;

	if (error) {
		pc_tool_error(&app->tool,
			      "%s: %s: is the media process listening there?",
			      app->cfg.handover, strerror(error));
		app_end(app, PC_EXIT_NOANSWER);
		return;
	}
	pc_tool_stop(&app->tool, "the media process ended");
}

const struct handover_events app_handover_events = {
	.done = on_handed_over,
	.data = on_media,
	.closed = on_media_closed,
};
