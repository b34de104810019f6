/* What the options say, and whether they go together. */
#include <string.h>
#include <strings.h>

#include "app.h"

static int usage(struct app *app, const char *what)
{
	pc_tool_error(&app->tool, "%s", what);
	return PC_EXIT_USAGE;
}

static int read_kind(struct app *app)
{
	const char *to = app->cfg.to;

	if (!to)
		return -1;
	if (strcmp(to, "sip") == 0)
		app->spec.how.to = PC_SDP_TO_SIP;
	else if (strcmp(to, "webrtc") == 0)
		app->spec.how.to = PC_SDP_TO_WEBRTC;
	else {
		pc_tool_error(&app->tool, "--to %s: expected sip or webrtc",
			      to);
		return PC_EXIT_USAGE;
	}
	return -1;
}

static int read_profile(struct app *app)
{
	static const char *const known[] = {
		"RTP/AVP",   "RTP/AVPF",         "RTP/SAVP",
		"RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"
	};
	const char *profile = app->cfg.profile;
	size_t i;

	if (!profile)
		return -1;
	if (app->spec.how.to != PC_SDP_TO_SIP || app->cfg.answer_to)
		return usage(app, "--profile is for offers, with --to sip (an "
				  "answer has the offer's)");
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(profile, known[i]) != 0 &&
		    strcasecmp(profile, known[i] + 4) != 0)
			continue;
		app->spec.how.profile = known[i];
		return -1;
	}
	return usage(app, "--profile: expected RTP/AVP, RTP/AVPF, RTP/SAVP, "
			  "RTP/SAVPF, or UDP/TLS/ before one of the last two");
}

static int read_show(struct app *app)
{
	const struct config *cfg = &app->cfg;

	if (cfg->check + cfg->report + cfg->explain + cfg->diff +
		    cfg->fragment >
	    1)
		return usage(app, "--check, --explain, --report, --fragment "
				  "and --diff: one of them at a time");
	if (cfg->fragment && cfg->json)
		return usage(app, "--fragment is SDP: it has no JSON");
	if (cfg->fragment)
		app->spec.show = JOB_FRAGMENT;
	if (cfg->explain && cfg->json)
		return usage(app, "--explain is for people: it has no JSON");
	if (cfg->stream && (cfg->explain || cfg->diff))
		return usage(app, "--explain and --diff are for one "
				  "description, not for --stream");
	if (cfg->explain)
		app->spec.show = JOB_EXPLAIN;
	if (cfg->check)
		app->spec.show = JOB_CHECK;
	if (cfg->report)
		app->spec.show = JOB_REPORT;
	app->spec.json = cfg->json || (cfg->stream && cfg->check);
	if (cfg->strict && cfg->lenient)
		return usage(app, "--strict and --lenient: one of them at a "
				  "time");
	app->spec.strict = cfg->strict;
	app->spec.lenient = cfg->lenient;
	return -1;
}

/* A file that an operand names; - is stdin. */
static const char *operand(const char *path)
{
	return strcmp(path, "-") == 0 ? "/dev/stdin" : path;
}

/* Files instead of stdin, where two descriptions are looked at. */
static int read_operands(struct app *app)
{
	struct config *cfg = &app->cfg;
	const char **v = app->tool.operands;
	const int n = app->tool.n_operands;

	if (cfg->diff) {
		if (n != 2 || cfg->answer_to)
			return usage(app, "--diff compares two files: "
					  "--diff BEFORE AFTER");
		app->spec.show = JOB_DIFF;
		app->before_path = operand(v[0]);
		app->path = operand(v[1]);
		return -1;
	}
	if (n == 0)
		return -1;
	if (cfg->explain && n == 1) {
		app->path = operand(v[0]);
		return -1;
	}
	if (cfg->check && !cfg->stream && n == 1) {
		app->path = operand(v[0]);
		return -1;
	}
	if (cfg->check && !cfg->stream && n == 2 && !cfg->answer_to) {
		cfg->answer_to = operand(v[0]);
		app->path = operand(v[1]);
		return -1;
	}
	if (cfg->check)
		return usage(app, "--check judges one file, or an offer and "
				  "its answer");
	pc_tool_error(&app->tool,
		      "%s: the description comes on stdin (use <FILE)", v[0]);
	return PC_EXIT_USAGE;
}

static int read_choice(struct app *app)
{
	const struct config *cfg = &app->cfg;
	struct pc_sdp_convert *how = &app->spec.how;

	how->codecs = cfg->codecs;
	how->prefer = cfg->prefer;
	how->transcode = cfg->transcode;
	how->drop = cfg->drop;
	how->only_audio = cfg->only_audio;
	how->ptime_ms = cfg->ptime_ms;
	if (cfg->ptime_ms > 10000)
		return usage(app, "--ptime: expected milliseconds, like 20");
	if (cfg->transcode && !cfg->answer_to && !cfg->stream)
		return usage(app, "--transcode is for answers: it goes with "
				  "--answer-to");
	app->spec.choosing = cfg->codecs || cfg->prefer || cfg->drop ||
			     cfg->only_audio || cfg->ptime_ms;
	how->lays = app->lays;
	how->n_lays = cfg->with.n;
	app->spec.set = cfg->set;
	app->spec.remove = cfg->remove;
	app->spec.address = cfg->address;
	return -1;
}

int app_configure(struct app *app)
{
	int (*const steps[])(struct app *) = { read_kind, read_show,
					       read_operands, read_profile,
					       read_choice };
	int status = -1;
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && status < 0; i++)
		status = steps[i](app);
	return status;
}
