/*
 * What the parts of sdp-convert share: options, and what they came to.
 */
#ifndef SDP_CONVERT_APP_H
#define SDP_CONVERT_APP_H

#include "loop/tool.h"

#include "input.h"
#include "job.h"

struct config {
	struct pc_tool_common common;
	const char *to, *answer_to, *codecs, *prefer, *drop, *transcode;
	const char *profile, *address;
	unsigned ptime_ms;
	struct pc_opt_list with, set, remove;
	bool only_audio, strict, lenient;
	bool json, check, explain, report, diff, stream, fragment;
};

struct app {
	struct config cfg;
	struct pc_tool tool;
	struct pc_timer *deadline;
	struct job_spec spec;
	struct input input;
	const char *path;        /* of the description; NULL: stdin */
	unsigned n_read;         /* fragments that were read */
	const char *before_path; /* the first of --diff */
	struct pc_sdp *before;
	struct pc_sdp *offer; /* --answer-to */
	struct pc_sdp *fragments[PC_OPT_LIST_MAX];
	struct pc_sdp_lay lays[PC_OPT_LIST_MAX];
	char *names[PC_OPT_LIST_MAX];
	struct stream *stream;
};

/* Options to spec. -1, or an exit status after one line. */
int app_configure(struct app *app);

/* Read the offer, the fragments, the description; run; exit. */
void app_start(struct app *app);
void app_fini(struct app *app);

/* The result as an event. */
void app_tell(struct app *app, const struct job *job);

/* --stream: a JSON object a line, from stdin to stdout, until its end. */
int stream_start(struct app *app);
void stream_stop(struct app *app);

#endif
