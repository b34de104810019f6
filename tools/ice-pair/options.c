/* Which options go together; see options.h. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int parse_port_range(const char *text, struct ice_config *ice)
{
	unsigned min, max;
	char end;

	if (!text)
		return 0;
	if (sscanf(text, "%5u-%5u%c", &min, &max, &end) != 2 || min == 0 ||
	    max > 65535 || min > max) {
		pc_warnx("--port-range %s: two ports are expected, as in "
			 "40000-40099",
			 text);
		return -EINVAL;
	}
	ice->port_min = (uint16_t)min;
	ice->port_max = (uint16_t)max;
	return 0;
}

bool options_of_secret(const struct config *cfg)
{
	return cfg->turn_secret ||
	       (!cfg->turn_user && getenv("TURN_SECRET") != NULL);
}

static int check_turn(const struct config *cfg)
{
	bool tls = strcmp(cfg->turn_transport, "tls") == 0;

	if (strcmp(cfg->turn_transport, "udp") != 0 &&
	    strcmp(cfg->turn_transport, "tcp") != 0 && !tls) {
		pc_warnx("--turn-transport %s: udp, tcp or tls",
			 cfg->turn_transport);
		return -EINVAL;
	}
	if (cfg->turn_ca && !tls) {
		pc_warnx("--turn-ca goes with --turn-transport tls");
		return -EINVAL;
	}
	if (cfg->turn && !cfg->turn_user && !options_of_secret(cfg)) {
		pc_warnx("--turn needs --turn-user and a password "
			 "(--turn-password-file or $TURN_PASSWORD), or "
			 "--turn-secret");
		return -EINVAL;
	}
	if (cfg->turn && !options_of_secret(cfg) && !cfg->turn_password &&
	    !getenv("TURN_PASSWORD")) {
		pc_warnx("--turn-user %s needs a password: "
			 "--turn-password-file or $TURN_PASSWORD",
			 cfg->turn_user);
		return -EINVAL;
	}
	if (cfg->turn_secret && !cfg->turn) {
		pc_warnx("--turn-secret is for --turn");
		return -EINVAL;
	}
	if (cfg->relay_only && !cfg->turn) {
		pc_warnx("--relay-only needs a relay: --turn HOST:PORT");
		return -EINVAL;
	}
	if (cfg->no_host && !cfg->turn && !cfg->stun) {
		pc_warnx("--no-host needs a server that tells another address: "
			 "--stun or --turn HOST:PORT");
		return -EINVAL;
	}
	return 0;
}

/* An end that reads what it wrote itself would connect to itself. */
static bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	if (!a || !b)
		return false;
	return strcmp(a, b) == 0 ||
	       (stat(a, &one) == 0 && stat(b, &other) == 0 &&
		one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

/* --offer, --answer, and a command. */
static int check_data(const struct app *app)
{
	const struct config *cfg = &app->cfg;
	bool files = cfg->offer || cfg->answer;
	const char *wrong = NULL;

	if (cfg->offer && cfg->answer)
		wrong = "--offer and --answer: choose one";
	else if (files && !cfg->remote)
		wrong = "--offer and --answer need the peer's: --remote FILE";
	else if (same_file(cfg->offer, cfg->remote) ||
		 same_file(cfg->answer, cfg->remote))
		wrong = "--remote is the file of the other end, not that of "
			"this one";
	else if (files && cfg->trickle)
		wrong = "--trickle: a file is written once";
	else if (app_has_data(app) && cfg->handover)
		wrong = "--handover: the data is given to a media process, and "
			"not to stdin and stdout or a command as well";
	else if (cfg->reliable && !app_has_data(app))
		wrong = "--reliable goes with --offer, --answer or a command";
	else if (cfg->datagrams && app->tool.n_operands == 0)
		wrong = "--datagrams goes with a command";
	else if (cfg->datagrams && cfg->reliable)
		wrong = "--reliable is a stream: it has no --datagrams";
	else if (files && app->tool.n_operands == 0 &&
		 (strcmp(cfg->remote, "-") == 0 ||
		  (cfg->common.control &&
		   strcmp(cfg->common.control, "-") == 0)))
		wrong = "stdin is for the data";
	else if (cfg->offer && cfg->controlled)
		wrong = "--controlled: who offers controls";
	else if (cfg->answer && cfg->controlling)
		wrong = "--controlling: who answers is controlled";
	if (!wrong)
		return 0;
	pc_warnx("%s", wrong);
	return -EINVAL;
}

int options_check(const struct app *app, struct ice_config *ice)
{
	const struct config *cfg = &app->cfg;

	if (check_data(app) != 0)
		return -EINVAL;
	if (cfg->consent_ms == 0) {
		pc_warnx("--consent-timeout: more than 0 seconds");
		return -EINVAL;
	}
	if (cfg->controlling && cfg->controlled) {
		pc_warnx("--controlling and --controlled: choose one");
		return -EINVAL;
	}
	if (cfg->remote && cfg->common.control &&
	    strcmp(cfg->remote, "-") == 0 &&
	    strcmp(cfg->common.control, "-") == 0) {
		pc_warnx("--remote - and --control -: stdin is only one");
		return -EINVAL;
	}
	if (strcmp(cfg->nomination, "aggressive") != 0 &&
	    strcmp(cfg->nomination, "regular") != 0) {
		pc_warnx("--nomination %s: aggressive or regular",
			 cfg->nomination);
		return -EINVAL;
	}
	if (check_turn(cfg) != 0)
		return -EINVAL;
	return parse_port_range(cfg->port_range, ice);
}
