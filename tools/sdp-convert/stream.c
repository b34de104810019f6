/*
 * --stream: many descriptions through one process, a JSON object a line, as
 * signalling has them ({"type": "offer", "sdp": "v=0..."}).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "sdp/json.h"

struct stream {
	struct pc_watch *watch;
	struct pc_timer *again; /* a plain file cannot be watched */
	struct pc_buf in, out;
	size_t looked; /* bytes of in that have no line feed */
	unsigned number;
	int status; /* the worst so far */
	int flags;
};

static void worst(struct stream *s, int status)
{
	if (status > s->status)
		s->status = status;
}

static json_t *sdp_text(const struct job *j)
{
	struct pc_buf text = { 0 };
	json_t *value;

	if (j->out.len)
		return pc_json_text(j->out.data, j->out.len);
	pc_sdp_write(j->sdp, &text);
	value = pc_json_text(text.data ? text.data : "", text.len);
	pc_buf_fini(&text);
	return value;
}

/* What the job made, into the object that it came in. */
static void put_result(json_t *object, const struct job *j)
{
	if (j->error.len) {
		json_object_del(object, "sdp");
		pc_json_add(object, "error=%s status=%d line=%p column=%p",
			    j->error.data, j->status,
			    j->err.line ? (void *)json_integer(j->err.line)
					: NULL,
			    j->err.line ? (void *)json_integer(j->err.column)
					: NULL);
		return;
	}
	if (j->findings) {
		json_object_set(object, "findings", j->findings);
	} else if (j->spec->json && j->spec->show == JOB_SDP) {
		json_object_del(object, "sdp");
		json_object_set_new(object, "description",
				    pc_sdp_to_json(j->sdp));
	} else if (j->changes) {
		json_object_set(object, "changes", j->changes);
	} else {
		json_object_del(object, "description");
		json_object_set_new(object, "sdp", sdp_text(j));
	}
}

static int put_line(struct stream *s, const json_t *object)
{
	size_t len;
	char *line = pc_json_line(object, &len);

	if (!line)
		return -ENOMEM;
	pc_buf_add(&s->out, line, len);
	free(line);
	return s->out.oom ? -ENOMEM : 0;
}

/* The offer that this line's description answers, if it brings one. */
static int own_offer(struct pc_sdp **offer, const json_t *object,
		     struct pc_sdp_error *err)
{
	const json_t *text = json_object_get(object, "answer_to");

	*offer = NULL;
	if (!json_is_string(text))
		return 0;
	err->where = PC_SDP_IN_OFFER;
	return pc_sdp_parse(offer, json_string_value(text),
			    json_string_length(text), 0, err);
}

static int complain(struct stream *s, json_t *object, int status,
		    const char *what)
{
	json_object_del(object, "sdp");
	pc_json_add(object, "error=%s status=%d", what, status);
	worst(s, status);
	return put_line(s, object);
}

static int run_object(struct app *app, json_t *object)
{
	struct stream *s = app->stream;
	const json_t *in = json_object_get(object, "description");
	struct pc_sdp_error err = { 0 };
	struct pc_buf text = { 0 };
	struct pc_sdp *offer;
	struct job job;
	int rc;

	if (own_offer(&offer, object, &err)) {
		pc_sdp_error_text(&err, &text);
		rc = complain(s, object, PC_EXIT_DATA,
			      text.data ? text.data : "answer_to is no SDP");
		pc_buf_fini(&text);
		return rc;
	}
	job_run_json(&job, &app->spec, offer, json_is_object(in) ? in : object);
	put_result(object, &job);
	worst(s, job.status);
	rc = put_line(s, object);
	app_tell(app, &job);
	job_fini(&job);
	pc_sdp_free(offer);
	return rc;
}

static int run_line(struct app *app, const char *line, size_t len)
{
	struct stream *s = app->stream;
	json_error_t error;
	json_t *object;
	char what[220];
	int rc;

	s->number++;
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	if (!len)
		return 0;
	object = json_loadb(line, len, 0, &error);
	if (json_is_object(object)) {
		rc = run_object(app, object);
	} else {
		snprintf(what, sizeof(what),
			 "line %u: expected a JSON object with \"sdp\"%s%s",
			 s->number, object ? "" : ": ",
			 object ? "" : error.text);
		json_decref(object);
		object = json_object();
		rc = complain(s, object, PC_EXIT_DATA, what);
	}
	json_decref(object);
	return rc;
}

/* All whole lines that have come. 0 or -errno. */
static int run_lines(struct app *app, bool last)
{
	struct stream *s = app->stream;
	size_t at = 0;
	char *lf;
	int rc = 0;

	while (rc == 0 && s->in.data &&
	       (lf = memchr(s->in.data + at + s->looked, '\n',
			    s->in.len - at - s->looked))) {
		const size_t end = (size_t)(lf - s->in.data);

		rc = run_line(app, s->in.data + at, end - at);
		at = end + 1;
		s->looked = 0;
	}
	if (rc == 0 && last && s->in.data && at < s->in.len) {
		rc = run_line(app, s->in.data + at, s->in.len - at);
		at = s->in.len;
	}
	pc_buf_consume(&s->in, at);
	s->looked = s->in.len;
	if (rc == 0 && s->out.len)
		rc = pc_write_all(1, s->out.data, s->out.len);
	pc_buf_clear(&s->out);
	return rc;
}

static void end(struct app *app, int rc)
{
	struct stream *s = app->stream;

	if (s->watch)
		(void)fcntl(0, F_SETFL, s->flags);
	if (rc)
		pc_tool_error(&app->tool, "%s",
			      rc == -EPIPE ? "stdout: its reader is gone"
					   : strerror(-rc));
	pc_tool_product_end(&app->tool);
	pc_tool_exit(&app->tool, rc ? PC_EXIT_IO : s->status);
}

/* One read. false: it was the last. */
static bool read_some(struct app *app)
{
	struct stream *s = app->stream;
	static char chunk[65536];
	ssize_t n = read(0, chunk, sizeof(chunk));
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n < 0) {
		end(app, -errno);
		return false;
	}
	pc_buf_add(&s->in, chunk, (size_t)n);
	rc = s->in.oom ? -ENOMEM : run_lines(app, n == 0);
	if (rc == 0 && s->in.len > PC_TOOL_DOC_MAX)
		rc = -EFBIG;
	if (rc || n == 0) {
		end(app, rc);
		return false;
	}
	pc_timer_set(app->deadline, app->cfg.common.timeout_ms);
	return true;
}

static void on_readable(int fd, unsigned what, void *arg)
{
	struct app *app = arg;

	(void)fd;
	(void)what;
	if (!read_some(app)) {
		pc_watch_free(app->stream->watch);
		app->stream->watch = NULL;
	}
}

static void on_again(void *arg)
{
	struct app *app = arg;

	if (read_some(app))
		pc_timer_set(app->stream->again, 0);
}

int stream_start(struct app *app)
{
	struct stream *s = calloc(1, sizeof(*s));

	app->stream = s;
	if (!s)
		return -ENOMEM;
	s->flags = fcntl(0, F_GETFL);
	s->watch = pc_watch_new(app->tool.loop, 0, PC_READ, on_readable, app);
	if (s->watch) {
		(void)fcntl(0, F_SETFL, s->flags | O_NONBLOCK);
		return 0;
	}
	s->again = pc_timer_new(app->tool.loop, on_again, app);
	if (!s->again)
		return -ENOMEM;
	pc_timer_set(s->again, 0);
	return 0;
}

void stream_stop(struct app *app)
{
	struct stream *s = app->stream;

	if (!s)
		return;
	pc_watch_free(s->watch);
	pc_timer_free(s->again);
	pc_buf_fini(&s->in);
	pc_buf_fini(&s->out);
	free(s);
	app->stream = NULL;
}
