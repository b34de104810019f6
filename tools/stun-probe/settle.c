/* Which address of each server is it that answers? */
#include <stdlib.h>

#include "app.h"
#include "reach.h"

struct settle {
	struct app *app;
	settle_done_fn *done;
	struct pc_timer *over; /* what is freed then is not in use */
	struct talk *udp4, *udp6;
	struct reach reach[SERVERS_MAX];
	unsigned open;
};

static void on_reached(void *arg)
{
	struct settle *s = arg;

	if (--s->open == 0)
		pc_timer_set(s->over, 0);
}

static void on_over(void *arg)
{
	struct settle *s = arg;
	struct app *app = s->app;
	settle_done_fn *done = s->done;
	int status;

	for (unsigned i = 0; i < app->n_servers; i++)
		if (s->reach[i].answer.verdict == VERDICT_ANSWER)
			app->server[i] = s->reach[i].at;
	settle_free(s);
	app->settle = NULL;
	status = done(app);
	if (status >= 0)
		app_end(app, status);
}

static bool has_several(const struct app *app)
{
	for (unsigned i = 0; i < app->n_servers; i++)
		if (app->server[i].n_others > 0)
			return true;
	return false;
}

int settle_start(struct app *app, settle_done_fn *done)
{
	struct settle *s;
	int status = -1;

	if (!has_several(app))
		return done(app);
	s = app->settle = calloc(1, sizeof(*s));
	if (!s)
		return PC_EXIT_IO;
	s->app = app;
	s->done = done;
	s->over = pc_timer_new(app->tool.loop, on_over, s);
	for (unsigned i = 0; status < 0 && i < app->n_servers; i++) {
		s->open++;
		status = reach_start(
			&s->reach[i],
			&(struct reach_cfg){ .app = app,
					     .target = &app->server[i],
					     .udp4 = &s->udp4,
					     .udp6 = &s->udp6,
					     .hurry = true,
					     .done = on_reached,
					     .arg = s });
	}
	return s->over ? status : PC_EXIT_IO;
}

void settle_free(struct settle *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < SERVERS_MAX; i++)
		reach_free(&s->reach[i]);
	talk_free(s->udp4);
	talk_free(s->udp6);
	pc_timer_free(s->over);
	free(s);
}
