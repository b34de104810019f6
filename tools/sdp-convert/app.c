/* Reading what the options name, then the description; one run. */
#include "app.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sdp/media.h"

/* A fragment is looked through many times; no real one is near this. */
#define FRAGMENT_MAX (64u << 10)

void app_fini(struct app *app)
{
	unsigned i;

	pc_timer_free(app->deadline);
	input_stop(&app->input);
	stream_stop(app);
	pc_sdp_free(app->offer);
	pc_sdp_free(app->before);
	for (i = 0; i < app->cfg.with.n; i++) {
		pc_sdp_free(app->fragments[i]);
		free(app->names[i]);
	}
}

static void say_sdp_error(struct app *app, const char *what,
			  const struct pc_sdp_error *err)
{
	struct pc_buf text = { 0 };

	pc_sdp_error_text(err, &text);
	pc_tool_error(&app->tool, "%s: %s", what,
		      text.oom ? "out of memory" : text.data);
	pc_buf_fini(&text);
}

/* A file that cannot be had: an exit status after one line; -1: it can. */
static int check_file(struct app *app, const char *path, int rc,
		      const struct pc_buf *data)
{
	if (rc == 0 && data->len == 0) {
		pc_tool_error(&app->tool, "%s: empty", path);
		return PC_EXIT_NOINPUT;
	}
	if (rc == 0)
		return -1;
	pc_tool_error(&app->tool, "%s: %s", path,
		      rc == -EFBIG ? "too large for what it should be"
				   : strerror(-rc));
	if (rc == -EFBIG)
		return PC_EXIT_DATA;
	return rc == -ENOENT ? PC_EXIT_NOINPUT : PC_EXIT_IO;
}

/* What a file came to: -1, or an exit status after one line. */
static int parse_file(struct app *app, struct pc_sdp **sdp, const char *path,
		      int rc, const struct pc_buf *data, unsigned flags)
{
	struct pc_sdp_error err = { 0 };
	int status = check_file(app, path, rc, data);

	if (status >= 0)
		return status;
	rc = pc_sdp_parse(sdp, data->data, data->len, flags, &err);
	if (rc == 0)
		return -1;
	if (rc == -EBADMSG) {
		say_sdp_error(app, path, &err);
		return PC_EXIT_DATA;
	}
	pc_tool_error(&app->tool, "%s: %s", path, strerror(-rc));
	return PC_EXIT_IO;
}

/* FILE#MID: the last # divides, unless there is a file of the whole name. */
static int name_fragment(struct app *app, unsigned i)
{
	char *path = strdup(app->cfg.with.v[i]);
	char *hash = path ? strrchr(path, '#') : NULL;

	app->names[i] = path;
	if (!path)
		return -ENOMEM;
	if (hash && access(path, F_OK) != 0) {
		*hash = '\0';
		app->lays[i].name = hash + 1;
	}
	return 0;
}

static void warn_unfinished(const struct job *job)
{
	if (job->how.n_lays || job->how.as_is || job->spec->show != JOB_SDP)
		return;
	if (job->how.to == PC_SDP_TO_WEBRTC)
		pc_info("no --with: browsers need ICE and DTLS lines, from "
			"ice-pair's and rtp-bridge's fragments");
	else if (job->how.to == PC_SDP_TO_SIP && job->sdp->media)
		pc_info("no --with: media would go to the address of the "
			"input, not to rtp-bridge's");
}

/* Which kinds are in events. */
static const char *kind_name(enum pc_sdp_to to)
{
	return to == PC_SDP_TO_WEBRTC ? "webrtc"
	       : to == PC_SDP_TO_SIP  ? "sip"
				      : NULL;
}

void app_tell(struct app *app, const struct job *job)
{
	struct pc_sdp_section *s = job->sdp ? job->sdp->media : NULL;
	struct pc_sdp_media m;
	json_t *codecs;
	unsigned i;

	while (s && pc_sdp_section_rejected(s))
		s = s->next;
	if (!pc_events_wanted(&app->tool) || !s ||
	    pc_sdp_check_m(s->first, NULL) ||
	    pc_sdp_media_read(&m, job->sdp, s, NULL))
		return;
	codecs = json_array();
	for (i = 0; i < m.n_codecs; i++)
		json_array_append_new(
			codecs, pc_json_fields("type=%d name=%s clock=%u",
					       m.codecs[i].pt, m.codecs[i].name,
					       m.codecs[i].clock_hz));
	pc_event(&app->tool, "converted",
		 "to=%s proto=%s port=%u direction=%s sections=%u changes=%u "
		 "codecs=%p",
		 kind_name(job->how.to), m.proto, m.port,
		 pc_sdp_direction_text(m.direction), job->sdp->n_media,
		 job->n_changes, (void *)codecs);
}

/* The document an error is in. */
static const char *where(const struct app *app, const struct job *job)
{
	if (job->err.rfc && job->err.where == PC_SDP_IN_OFFER)
		return app->cfg.answer_to;
	if (job->err.rfc && job->err.where == PC_SDP_IN_FRAGMENT)
		return app->names[job->err.fragment];
	return app->path ? app->path : "stdin";
}

/* One description, to stdout; the exit status. */
static int run(struct app *app, const char *data, size_t len)
{
	struct job job;
	int status;

	job_run(&job, &app->spec, NULL, data, len);
	status = job.status;
	if (job.error.len)
		pc_tool_error(&app->tool, "%s: %s", where(app, &job),
			      job.error.data);
	else if (pc_tool_product(&app->tool, job.out.data ? job.out.data : "",
				 job.out.len))
		status = PC_EXIT_IO;
	if (status == PC_EXIT_OK) {
		warn_unfinished(&job);
		app_tell(app, &job);
	}
	job_fini(&job);
	return status;
}

static void on_stdin(void *arg, const char *data, size_t len)
{
	struct app *app = arg;

	if (len == 0) {
		pc_tool_error(&app->tool, "stdin: no input (did the program "
					  "in front of me fail?)");
		pc_tool_exit(&app->tool, PC_EXIT_NOINPUT);
		return;
	}
	pc_tool_exit(&app->tool, run(app, data, len));
}

static void on_file(void *arg, int rc, const struct pc_buf *data)
{
	struct app *app = arg;
	int status = check_file(app, app->path, rc, data);

	if (status < 0)
		status = run(app, data->data, data->len);
	pc_tool_exit(&app->tool, status);
}

static void on_deadline(void *arg)
{
	struct app *app = arg;

	pc_tool_error(&app->tool, "no end of input within --timeout");
	pc_tool_exit(&app->tool, PC_EXIT_NOINPUT);
}

static void read_next(struct app *app);

static void on_offer(void *arg, int rc, const struct pc_buf *data)
{
	struct app *app = arg;
	int status =
		parse_file(app, &app->offer, app->cfg.answer_to, rc, data,
			   app->spec.show == JOB_CHECK ? PC_SDP_LENIENT : 0);

	app->spec.how.answer_to = app->offer;
	if (status >= 0)
		pc_tool_exit(&app->tool, status);
	else
		read_next(app);
}

static void on_before(void *arg, int rc, const struct pc_buf *data)
{
	struct app *app = arg;
	int status = parse_file(app, &app->before, app->before_path, rc, data,
				PC_SDP_LENIENT);

	app->spec.before = app->before;
	if (status >= 0)
		pc_tool_exit(&app->tool, status);
	else
		read_next(app);
}

static void on_fragment(void *arg, int rc, const struct pc_buf *data)
{
	struct app *app = arg;
	const unsigned i = app->n_read++;
	int status = parse_file(app, &app->fragments[i], app->names[i], rc,
				data, PC_SDP_FRAGMENT);

	app->lays[i].sdp = app->fragments[i];
	if (status >= 0)
		pc_tool_exit(&app->tool, status);
	else
		read_next(app);
}

/* The offer, the fragments in their order, and at last the description. */
static void read_next(struct app *app)
{
	const unsigned i = app->n_read;
	int rc = 0;

	if (app->cfg.answer_to && !app->offer) {
		input_start(&app->input, &app->tool, app->cfg.answer_to,
			    PC_TOOL_DOC_MAX, on_offer, app);
	} else if (app->before_path && !app->before) {
		input_start(&app->input, &app->tool, app->before_path,
			    PC_TOOL_DOC_MAX, on_before, app);
	} else if (i < app->cfg.with.n) {
		rc = name_fragment(app, i);
		if (rc == 0)
			input_start(&app->input, &app->tool, app->names[i],
				    FRAGMENT_MAX, on_fragment, app);
	} else if (app->cfg.stream) {
		rc = stream_start(app);
	} else if (app->path) {
		input_start(&app->input, &app->tool, app->path, PC_TOOL_DOC_MAX,
			    on_file, app);
	} else {
		rc = pc_tool_read_stdin(&app->tool, on_stdin);
	}
	if (rc)
		pc_tool_exit(&app->tool, PC_EXIT_IO);
}

void app_start(struct app *app)
{
	app->deadline = pc_timer_new(app->tool.loop, on_deadline, app);
	if (!app->deadline) {
		pc_tool_exit(&app->tool, PC_EXIT_IO);
		return;
	}
	pc_timer_set(app->deadline, app->cfg.common.timeout_ms);
	read_next(app);
}
