#include "job.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "sdp/json.h"
#include "sdp/judge.h"
#include "sdp/media.h"
#include "sdp/set.h"

#include "required.h"
#include "show.h"

static void fail(struct job *j, int status)
{
	j->status = status;
	pc_sdp_error_text(&j->err, &j->error);
}

static void fail_rc(struct job *j, int rc)
{
	if (rc == -EBADMSG || rc == -ENODATA || rc == -EINVAL) {
		fail(j, rc == -ENODATA   ? PC_EXIT_NO
			: rc == -EBADMSG ? PC_EXIT_DATA
					 : PC_EXIT_USAGE);
		return;
	}
	j->status = PC_EXIT_IO;
	pc_buf_adds(&j->error, "out of memory");
}

/* -v: each line that is dropped, added or rewritten, and why. */
static void on_change(void *arg, unsigned number, const char *before,
		      const char *after, const char *why)
{
	struct job *j = arg;

	j->n_changes++;
	if (before && after)
		pc_verbose("%s -> %s (%s)", before, after, why);
	else
		pc_verbose("%c %s (%s)", before ? '-' : '+',
			   before ? before : after, why);
	if (!j->changes)
		return;
	json_array_append_new(
		j->changes,
		pc_json_fields("change=%s line=%p before=%s after=%s why=%s",
			       !before  ? "added"
			       : !after ? "dropped"
					: "rewritten",
			       number ? (void *)json_integer(number) : NULL,
			       before, after, why));
}

/* The first error is the reason; the rest is for --check. */
static void on_finding(void *arg, enum pc_sdp_severity severity,
		       const struct pc_sdp_error *err)
{
	struct job *j = arg;

	if (severity == PC_SDP_ERROR && !j->err.rfc)
		j->err = *err;
}

static int judge_strictly(struct job *j)
{
	struct pc_sdp_judge judge = { .fn = on_finding, .arg = j };

	pc_sdp_grammar(j->sdp, &judge);
	return judge.errors ? -EBADMSG : 0;
}

static int parse(struct job *j, const char *data, size_t len)
{
	const struct job_spec *spec = j->spec;
	const bool check = spec->show == JOB_CHECK ||
			   spec->show == JOB_EXPLAIN || spec->show == JOB_DIFF;
	int rc = pc_sdp_parse(
		&j->sdp, data, len,
		spec->lenient || spec->strict || check ? PC_SDP_LENIENT : 0,
		&j->err);

	if (rc)
		return rc;
	if (spec->strict && !check)
		return judge_strictly(j);
	if (!spec->lenient && !check && spec->how.to == PC_SDP_TO_SAME)
		return required_check(j->sdp, &j->err);
	return 0;
}

/* The kind of a description: a browser's has DTLS. */
static enum pc_sdp_to kind_of(const struct pc_sdp *sdp)
{
	const struct pc_sdp_section *s = sdp->media;
	struct pc_sdp_media m;

	while (s && (pc_sdp_section_rejected(s) ||
		     (strncmp(s->first->text, "m=audio", 7) != 0 &&
		      strncmp(s->first->text, "m=video", 7) != 0)))
		s = s->next;
	if (!s || pc_sdp_check_m(s->first, NULL) ||
	    pc_sdp_media_read(&m, sdp, s, NULL))
		return PC_SDP_TO_SIP;
	return m.dtls ? PC_SDP_TO_WEBRTC : PC_SDP_TO_SIP;
}

static void set_kind(struct job *j)
{
	if (j->how.to != PC_SDP_TO_SAME || j->spec->show == JOB_CHECK)
		return;
	if (j->how.answer_to) {
		j->how.to = kind_of(j->how.answer_to);
	} else if (j->spec->choosing) {
		j->how.to = kind_of(j->sdp);
		j->how.as_is = true;
	}
}

/* An answer is held against its offer before it goes out. */
static int judge_answer(struct job *j)
{
	struct pc_sdp_judge judge = { .fn = on_finding, .arg = j };

	if (!j->how.answer_to || j->spec->show == JOB_CHECK)
		return 0;
	j->err = (struct pc_sdp_error){ 0 };
	pc_sdp_check_pair(j->how.answer_to, j->sdp, &judge);
	return judge.errors ? -ENODATA : 0;
}

static int edit(struct job *j)
{
	const struct job_spec *spec = j->spec;
	unsigned i;
	int rc = 0;

	for (i = 0; i < spec->remove.n && rc == 0; i++)
		rc = pc_sdp_delete(j->sdp, spec->remove.v[i], &j->err);
	for (i = 0; i < spec->set.n && rc == 0; i++)
		rc = pc_sdp_set(j->sdp, spec->set.v[i], &j->err);
	if (rc == 0 && spec->address)
		rc = pc_sdp_set_address(j->sdp, spec->address, &j->err);
	return rc == 0 && j->sdp->oom ? -ENOMEM : rc;
}

static int change(struct job *j)
{
	int rc = 0;

	j->sdp->report = on_change;
	j->sdp->report_arg = j;
	set_kind(j);
	if (j->spec->show != JOB_CHECK || j->spec->how.to != PC_SDP_TO_SAME)
		rc = pc_sdp_convert(j->sdp, &j->how, &j->err);
	if (rc == 0)
		rc = judge_answer(j);
	if (rc == 0)
		rc = edit(j);
	return rc;
}

/* Line numbers of what is shown are those of the result. */
static int reread(struct job *j)
{
	struct pc_buf text = { 0 };
	struct pc_sdp *again;
	int rc;

	if (!j->n_changes ||
	    (j->spec->show != JOB_CHECK && j->spec->show != JOB_EXPLAIN))
		return 0;
	pc_sdp_write(j->sdp, &text);
	rc = text.oom ? -ENOMEM
		      : pc_sdp_parse(&again, text.data, text.len,
				     PC_SDP_LENIENT, &j->err);
	pc_buf_fini(&text);
	if (rc)
		return rc;
	pc_sdp_free(j->sdp);
	j->sdp = again;
	return 0;
}

static void begin(struct job *j, const struct job_spec *spec,
		  const struct pc_sdp *offer)
{
	memset(j, 0, sizeof(*j));
	j->spec = spec;
	j->how = spec->how;
	j->before = spec->before;
	if (offer)
		j->how.answer_to = offer;
	if (spec->show == JOB_REPORT)
		j->changes = json_array();
}

static void run(struct job *j, const char *data, size_t len)
{
	int rc = parse(j, data, len);

	if (rc == 0)
		rc = change(j);
	if (rc == 0)
		rc = reread(j);
	if (rc)
		fail_rc(j, rc);
	else
		show(j);
	if (j->status == PC_EXIT_OK && j->out.oom)
		fail_rc(j, -ENOMEM);
}

void job_run_json(struct job *j, const struct job_spec *spec,
		  const struct pc_sdp *offer, const json_t *object)
{
	const json_t *sdp = json_object_get(object, "sdp");
	struct pc_buf text = { 0 };
	int rc = 0;

	begin(j, spec, offer);
	j->from_json = true;
	if (json_is_string(sdp)) /* an RTCSessionDescription */
		pc_buf_add(&text, json_string_value(sdp),
			   json_string_length(sdp));
	else
		rc = pc_sdp_from_json(object, &text, &j->err);
	if (rc || text.oom)
		fail_rc(j, rc ? rc : -ENOMEM);
	else
		run(j, text.data ? text.data : "", text.len);
	pc_buf_fini(&text);
}

void job_run(struct job *j, const struct job_spec *spec,
	     const struct pc_sdp *offer, const char *data, size_t len)
{
	size_t at = 0;
	json_error_t error;
	json_t *object;

	while (at < len && isspace((unsigned char)data[at]))
		at++;
	if (at == len || data[at] != '{') {
		begin(j, spec, offer);
		run(j, data, len);
		return;
	}
	object = json_loadb(data, len, 0, &error);
	if (object) {
		job_run_json(j, spec, offer, object);
		json_decref(object);
		return;
	}
	begin(j, spec, offer);
	j->err.line = (unsigned)error.line;
	j->err.column = (unsigned)error.column;
	j->err.rfc = "RFC 8259";
	pc_buf_printf(&j->error, "line %d: column %d: expected JSON: %s",
		      error.line, error.column, error.text);
	j->status = PC_EXIT_DATA;
}

void job_fini(struct job *j)
{
	pc_sdp_free(j->sdp);
	pc_buf_fini(&j->out);
	pc_buf_fini(&j->error);
	json_decref(j->changes);
	json_decref(j->findings);
}
