/* The plain question, to each server: where do you see us? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "report.h"

struct basic {
	struct app *app;
	struct talk *udp4, *udp6; /* one socket a family */
	struct question {
		struct basic *basic;
		struct talk *talk; /* of its own, but for UDP */
		struct answer answer;
	} question[SERVERS_MAX];
	unsigned open;
};

static json_t *all_json(const struct basic *b)
{
	json_t *list;

	if (b->app->n_servers == 1)
		return report_json(&b->question[0].answer);
	list = json_array();
	for (unsigned i = 0; i < b->app->n_servers; i++)
		json_array_append_new(list,
				      report_json(&b->question[i].answer));
	return pc_json_fields("report=%s servers=%p", "servers", list);
}

/* All have answered or failed: the worst is the status. */
static void report(struct basic *b)
{
	struct pc_buf text = { 0 }, why = { 0 };
	int worst = PC_EXIT_OK;

	for (unsigned i = 0; i < b->app->n_servers; i++) {
		const struct answer *a = &b->question[i].answer;
		int status = report_status(a);

		if (status == PC_EXIT_OK) {
			if (text.len)
				pc_buf_adds(&text, "\n");
			report_text(a, &text);
			continue;
		}
		worst = status > worst ? status : worst;
		pc_buf_clear(&why);
		report_failure(a, &why);
		pc_tool_error(&b->app->tool, "%s", why.data);
	}
	app_report(b->app, &text, all_json(b), worst);
	pc_buf_fini(&text);
	pc_buf_fini(&why);
}

static void on_answer(void *arg, const struct answer *a)
{
	struct question *q = arg;

	q->answer = *a;
	q->answer.msg = NULL;
	if (--q->basic->open == 0)
		report(q->basic);
}

static int ask(struct basic *b, unsigned i)
{
	struct app *app = b->app;
	const struct target *server = &app->server[i];
	struct talk **talk = &b->question[i].talk;
	struct talk_env env = app_env(app);
	struct talk_way way;
	int status, rc;

	if (server->kind == WIRE_UDP)
		talk = server->addr.sa.sa_family == AF_INET6 ? &b->udp6
							     : &b->udp4;
	if (!*talk) {
		status = app_way(app, server, &way);
		if (status >= 0)
			return status;
		rc = talk_open(talk, &env, &way);
		if (rc != 0)
			return app_open_status(rc);
	}
	b->question[i].basic = b;
	b->open++;
	if (talk_ask(*talk,
		     &(struct ask){ .to = server->addr,
				    .test = "binding",
				    .timeout_ms = app->cfg.common.timeout_ms,
				    .done = on_answer,
				    .arg = &b->question[i] }) != 0)
		return PC_EXIT_IO;
	return -1;
}

int basic_start(struct app *app)
{
	struct basic *b = calloc(1, sizeof(*b));
	int status = b ? -1 : PC_EXIT_IO;

	app->basic = b;
	if (b)
		b->app = app;
	for (unsigned i = 0; status < 0 && i < app->n_servers; i++)
		status = ask(b, i);
	return status;
}

void basic_free(struct basic *b)
{
	if (!b)
		return;
	talk_free(b->udp4);
	talk_free(b->udp6);
	for (unsigned i = 0; i < SERVERS_MAX; i++)
		talk_free(b->question[i].talk);
	free(b);
}
