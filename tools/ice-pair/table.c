/* The table of pairs: as it changes, on demand, and when it all failed. */
#include "app.h"

static void checks_event(struct app *app, const char *event,
			 const struct check *c)
{
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];
	struct pc_buf why = { 0 };

	pc_addr_text(&c->local, local);
	pc_addr_text(&c->remote, remote);
	check_reason(app->checks, c, &why);
	if (!why.oom) {
		pc_event(&app->tool, event,
			 "local=%s remote=%s transport=%s relayed=%c state=%s "
			 "why=%s",
			 local, remote, c->transport, c->relayed,
			 check_state_name(check_state(c)), why.data);
		pc_verbose("pair %s -> %s: %s: %s", local, remote,
			   check_state_name(check_state(c)), why.data);
	}
	pc_buf_fini(&why);
}

/* From within libnice, which must not be called from here. */
void app_on_check(void *arg, const struct check *check)
{
	struct app *app = arg;

	if (!check) {
		app_on_refused(app);
		return;
	}
	checks_event(app, "pair", check);
	if (check_state(check) == CHECK_SUCCEEDED || check->asked)
		app_tell_remotes(app);
}

/*
 * Only who has answered a check, or proved by one of its own that it knows our
 * password (Chromium sends from such a pair, too), may send media (RFC 8445 section 12.1 has it
 * go to validated pairs only): a DTLS ClientHello from elsewhere is an attack.
 */
void app_tell_remotes(struct app *app)
{
	json_t *remotes;

	if (!app->handover)
		return;
	remotes = json_array();
	checks_remotes(app->checks, remotes);
	handover_remotes(app->handover, remotes);
}

struct row {
	struct app *app;
	json_t *rows;
};

static void add_row(void *arg, const struct ice_end *local,
		    const struct ice_end *remote)
{
	struct row *r = arg;
	const struct checks *checks = r->app->checks;
	const struct check *c = checks_find(checks, &local->addr, &remote->addr,
					    local->transport);
	char here[PC_ADDR_TEXT], there[PC_ADDR_TEXT];
	struct pc_buf why = { 0 };

	check_reason(checks, c, &why);
	if (!why.oom)
		json_array_append_new(
			r->rows,
			pc_json_fields(
				"local=%s local_type=%s remote=%s "
				"remote_type=%s transport=%s state=%s why=%s "
				"sent=%u answered=%u asked=%u",
				pc_addr_text(&local->addr, here), local->type,
				pc_addr_text(&remote->addr, there),
				remote->type, local->transport,
				check_state_name(check_state(c)), why.data,
				c ? c->sent : 0, c ? c->answered : 0,
				c ? c->asked : 0));
	pc_buf_fini(&why);
}

json_t *app_table(struct app *app)
{
	struct row r = { .app = app, .rows = json_array() };

	if (app->ice)
		ice_each_pair(app->ice, add_row, &r);
	return r.rows;
}

void app_print_table(const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		pc_info("  %s %s %s -> %s %s: %s",
			pc_json_str(row, "transport"),
			pc_json_str(row, "local"),
			pc_json_str(row, "local_type"),
			pc_json_str(row, "remote"),
			pc_json_str(row, "remote_type"),
			pc_json_str(row, "why"));
	}
}

int app_command_pairs(void *arg, const struct pc_command *cmd)
{
	struct app *app = arg;
	json_t *rows = app_table(app);

	(void)cmd;
	if (pc_events_wanted(&app->tool)) /* else nobody takes the object */
		pc_event(&app->tool, "pairs", "pairs=%p",
			 (void *)json_incref(rows));
	else
		app_print_table(rows);
	json_decref(rows);
	return 0;
}
