#include "show.h"

#include <stdlib.h>
#include <string.h>

#include "sdp/diff.h"
#include "sdp/explain.h"
#include "sdp/json.h"
#include "sdp/judge.h"

static void put_json(struct job *j, const json_t *object)
{
	size_t len;
	char *line = object ? pc_json_line(object, &len) : NULL;

	if (line)
		pc_buf_add(&j->out, line, len);
	else
		j->out.oom = true;
	free(line);
}

static void show_sdp(struct job *j)
{
	json_t *object;

	if (!j->spec->json || j->from_json) {
		pc_sdp_write(j->sdp, &j->out);
		return;
	}
	object = pc_sdp_to_json(j->sdp);
	put_json(j, object);
	json_decref(object);
}

/* Either may be NULL. */
static void put_change(struct job *j, const char *before, const char *after)
{
	if (before)
		pc_buf_add_printable(&j->out, before, strlen(before));
	if (before && after)
		pc_buf_adds(&j->out, " -> ");
	if (after)
		pc_buf_add_printable(&j->out, after, strlen(after));
}

static void show_report(struct job *j)
{
	const json_t *change;
	size_t i;

	json_array_foreach(j->changes, i, change)
	{
		const char *before = pc_json_str(change, "before");
		const char *after = pc_json_str(change, "after");

		if (j->spec->json) {
			put_json(j, change);
			continue;
		}
		pc_buf_printf(&j->out, "%-9s ", pc_json_str(change, "change"));
		put_change(j, before, after);
		pc_buf_printf(&j->out, " (%s)\n", pc_json_str(change, "why"));
	}
}

static const char *const severities[] = {
	[PC_SDP_ERROR] = "error",
	[PC_SDP_WARNING] = "warning",
};

/* One thing that --check found: a line, or an object of the list. */
static void on_finding(void *arg, enum pc_sdp_severity severity,
		       const struct pc_sdp_error *err)
{
	struct job *j = arg;
	const char *document = NULL;

	if (j->how.answer_to)
		document = err->where == PC_SDP_IN_OFFER ? "offer" : "answer";
	if (j->findings) {
		json_array_append_new(
			j->findings,
			pc_json_fields(
				"severity=%s document=%s line=%p column=%p "
				"what=%s rfc=%s",
				severities[severity], document,
				err->line ? (void *)json_integer(err->line)
					  : NULL,
				err->line ? (void *)json_integer(err->column)
					  : NULL,
				err->what, err->rfc));
		return;
	}
	pc_buf_printf(&j->out, "%s: ", severities[severity]);
	if (document)
		pc_buf_printf(&j->out, "%s: ", document);
	pc_sdp_error_text(err, &j->out);
	pc_buf_adds(&j->out, "\n");
}

static void put_verdict(struct job *j, const struct pc_sdp_judge *judge)
{
	json_t *object;

	if (!j->findings) {
		pc_buf_printf(&j->out, "%u error%s, %u warning%s\n",
			      judge->errors, judge->errors == 1 ? "" : "s",
			      judge->warnings, judge->warnings == 1 ? "" : "s");
		return;
	}
	object = pc_json_fields("errors=%u warnings=%u findings=%p",
				judge->errors, judge->warnings,
				(void *)json_incref(j->findings));
	put_json(j, object);
	json_decref(object);
}

/* The offer, if there is one, then the description, then both together. */
static void show_check(struct job *j)
{
	const struct pc_sdp *offer = j->how.answer_to;
	struct pc_sdp_judge judge = { .fn = on_finding, .arg = j };

	if (j->spec->json)
		j->findings = json_array();
	if (offer) {
		judge.where = PC_SDP_IN_OFFER;
		pc_sdp_grammar(offer, &judge);
		pc_sdp_check(offer, &judge);
		judge.where = PC_SDP_IN_INPUT;
	}
	pc_sdp_grammar(j->sdp, &judge);
	pc_sdp_check(j->sdp, &judge);
	if (offer)
		pc_sdp_check_pair(offer, j->sdp, &judge);
	put_verdict(j, &judge);
	if (judge.errors)
		j->status = PC_EXIT_NO;
}

/* The section of that number; they come in order, so it is never far. */
static const struct pc_sdp_section *walk_to(struct job *j, int section)
{
	if (section < j->walk.index || (!j->walk.before && !j->walk.after)) {
		j->walk.before = j->before->media;
		j->walk.after = j->sdp->media;
		j->walk.index = 0;
	}
	for (; j->walk.index < section; j->walk.index++) {
		if (j->walk.before)
			j->walk.before = j->walk.before->next;
		if (j->walk.after)
			j->walk.after = j->walk.after->next;
	}
	return j->walk.after ? j->walk.after : j->walk.before;
}

/* "audio 0: ", or "session: ". */
static void put_section(struct job *j, int section)
{
	const char *kind;
	size_t len = 0;

	if (section < 0) {
		pc_buf_adds(&j->out, "session: ");
		return;
	}
	kind = pc_sdp_value(walk_to(j, section)->first);
	kind = pc_sdp_word(&kind, &len);
	pc_buf_add_printable(&j->out, kind ? kind : "", len);
	pc_buf_printf(&j->out, " %d: ", section);
}

/* One thing that differs. */
static void on_difference(void *arg, int section, const char *what,
			  const char *before, const char *after)
{
	struct job *j = arg;
	json_t *object;

	if (j->spec->json) {
		object = pc_json_fields(
			"section=%p what=%s before=%s after=%s",
			section < 0 ? NULL : (void *)json_integer(section),
			what, before, after);
		put_json(j, object);
		json_decref(object);
		return;
	}
	put_section(j, section);
	pc_buf_add_printable(&j->out, what, strlen(what));
	if (before && after)
		pc_buf_adds(&j->out, ": ");
	else
		pc_buf_adds(&j->out, before ? ": only in the first: "
					    : ": only in the second: ");
	put_change(j, before, after);
	pc_buf_adds(&j->out, "\n");
}

static void show_diff(struct job *j)
{
	const long n = pc_sdp_diff(j->before, j->sdp, on_difference, j);

	if (n < 0)
		j->out.oom = true;
	else if (n)
		j->status = PC_EXIT_NO;
}

void show(struct job *j)
{
	switch (j->spec->show) {
	case JOB_SDP:
		show_sdp(j);
		break;
	case JOB_CHECK:
		show_check(j);
		break;
	case JOB_REPORT:
		show_report(j);
		break;
	case JOB_EXPLAIN:
		pc_sdp_explain(j->sdp, &j->out);
		break;
	case JOB_FRAGMENT:
		pc_sdp_write_fragment(j->sdp, &j->out);
		break;
	case JOB_DIFF:
		show_diff(j);
		break;
	}
}
