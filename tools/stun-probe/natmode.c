/* --nat: one run of the NAT behaviour tests. */
#include "app.h"
#include "nat_report.h"
#include "report.h"

static void on_done(void *arg, struct nat *nat)
{
	struct app *app = arg;
	struct pc_buf text = { 0 }, why = { 0 };
	int status = nat_report_status(nat);
	json_t *report;

	for (unsigned i = 0; nat->best < 0 && i < app->n_servers; i++) {
		pc_buf_clear(&why);
		report_failure(&nat->first[i], &why);
		pc_tool_error(&app->tool, "%s", why.data);
	}
	if (nat->best >= 0)
		nat_report_text(nat, &text);
	report = nat_report_json(nat);
	json_array_extend(json_object_get(report, "failed"), app->unresolved);
	app_report(app, &text, report, status);
	pc_buf_fini(&text);
	pc_buf_fini(&why);
}

/* One socket asks them all, so they are of one family. */
static int one_family(const struct app *app)
{
	for (unsigned i = 0; i < app->n_servers; i++) {
		if (app->server[i].kind != WIRE_UDP) {
			pc_warnx("%s: --nat is about UDP: RFC 5780 has no "
				 "tests of what a NAT does with TCP",
				 app->server[i].host);
			return PC_EXIT_USAGE;
		}
		if (app->server[i].addr.sa.sa_family !=
		    app->server[0].addr.sa.sa_family) {
			pc_warnx("%s: an IPv4 and an IPv6 server cannot be "
				 "compared; use -4 or -6",
				 app->server[i].host);
			return PC_EXIT_USAGE;
		}
	}
	return -1;
}

int natmode_start(struct app *app)
{
	struct nat_cfg cfg = { .env = app_env(app),
			       .n_servers = app->n_servers,
			       .timeout_ms = app->cfg.common.timeout_ms,
			       .silence_ms = app->cfg.silence_ms,
			       .lifetime_ms = app->cfg.lifetime_ms,
			       .done = on_done,
			       .arg = app };
	struct talk_way way;
	int status = one_family(app);

	if (status < 0)
		status = app_way(app, &app->server[0], &way);
	if (status >= 0)
		return status;
	cfg.local = way.local;
	for (unsigned i = 0; i < app->n_servers; i++)
		cfg.server[i] = app->server[i].addr;
	return nat_start(&app->nat, &cfg) == 0 ? -1 : PC_EXIT_IO;
}
