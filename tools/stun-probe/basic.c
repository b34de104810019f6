/* The plain question, to each server: where do you see us? */
#include <stdlib.h>

#include "app.h"
#include "reach.h"
#include "report.h"

struct basic {
	struct app *app;
	struct talk *udp4, *udp6; /* one socket a family */
	struct reach reach[SERVERS_MAX];
	unsigned open;
};

static json_t *one_json(const struct reach *r)
{
	json_t *o = report_json(&r->answer), *before;

	if (r->n_before == 0)
		return o;
	before = json_array();
	for (unsigned i = 0; i < r->n_before; i++)
		json_array_append_new(before, report_json(&r->before[i]));
	pc_json_add(o, "before=%p", (void *)before);
	return o;
}

static json_t *all_json(const struct basic *b)
{
	json_t *list;

	if (b->app->n_servers + json_array_size(b->app->unresolved) == 1)
		return one_json(&b->reach[0]);
	list = json_array();
	for (unsigned i = 0; i < b->app->n_servers; i++)
		json_array_append_new(list, one_json(&b->reach[i]));
	json_array_extend(list, b->app->unresolved);
	return pc_json_fields("report=%s servers=%p", "servers", list);
}

/* Who was asked in vain before: in the report, or with the failure. */
static void before_text(const struct reach *r, struct pc_buf *out)
{
	struct pc_buf why = { 0 };

	for (unsigned i = 0; i < r->n_before; i++) {
		pc_buf_clear(&why);
		report_failure(&r->before[i], &why);
		report_row(out, "before", why.data);
	}
	pc_buf_fini(&why);
}

static void say_failure(const struct basic *b, const struct reach *r)
{
	struct pc_buf why = { 0 };

	for (unsigned i = 0; i <= r->n_before; i++) {
		pc_buf_clear(&why);
		report_failure(i < r->n_before ? &r->before[i] : &r->answer,
			       &why);
		pc_tool_error(&b->app->tool, "%s", why.data);
	}
	pc_buf_fini(&why);
}

/* All have answered or failed: the worst is the status. */
static void report(struct basic *b)
{
	struct pc_buf text = { 0 };
	int worst = json_array_size(b->app->unresolved) ? PC_EXIT_NOANSWER
							: PC_EXIT_OK;

	for (unsigned i = 0; i < b->app->n_servers; i++) {
		const struct reach *r = &b->reach[i];
		int status = report_status(&r->answer);

		if (status == PC_EXIT_OK) {
			if (text.len)
				pc_buf_adds(&text, "\n");
			before_text(r, &text);
			report_text(&r->answer, &text);
			continue;
		}
		worst = status > worst ? status : worst;
		say_failure(b, r);
	}
	app_report(b->app, &text, all_json(b), worst);
	pc_buf_fini(&text);
}

static void on_reached(void *arg)
{
	struct basic *b = arg;

	if (--b->open == 0)
		report(b);
}

int basic_start(struct app *app)
{
	struct basic *b = calloc(1, sizeof(*b));
	int status = b ? -1 : PC_EXIT_IO;

	app->basic = b;
	if (b)
		b->app = app;
	for (unsigned i = 0; status < 0 && i < app->n_servers; i++) {
		b->open++;
		status = reach_start(
			&b->reach[i],
			&(struct reach_cfg){ .app = app,
					     .target = &app->server[i],
					     .udp4 = &b->udp4,
					     .udp6 = &b->udp6,
					     .done = on_reached,
					     .arg = b });
	}
	return status;
}

void basic_free(struct basic *b)
{
	if (!b)
		return;
	talk_free(b->udp4);
	talk_free(b->udp6);
	for (unsigned i = 0; i < SERVERS_MAX; i++)
		reach_free(&b->reach[i]);
	free(b);
}
