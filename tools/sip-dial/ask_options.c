/* --method and the options beside it: what goes together. */
#include "ask.h"

#include <errno.h>
#include <string.h>

bool ask_is(const struct config *cfg, const char *method)
{
	return cfg->method && strcmp(cfg->method, method) == 0;
}

/* RFC 3261 25.1; our own are in capitals, as all are (7.1). */
static bool is_method(const char *text)
{
	size_t n =
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~");

	return n > 0 && n < 32 && !text[n];
}

static bool of_a_call(const struct config *cfg)
{
	static const char *const names[] = { "INVITE",  "ACK",   "BYE",
					     "CANCEL",  "PRACK", "UPDATE",
					     "REGISTER" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (ask_is(cfg, names[i]))
			return true;
	return false;
}

static bool needs_package(const struct config *cfg)
{
	return ask_is(cfg, "SUBSCRIBE") || ask_is(cfg, "PUBLISH") ||
	       ask_is(cfg, "NOTIFY");
}

/* What is for --method alone, or for one method: its name, or NULL. */
static const char *stray_option(const struct config *cfg)
{
	const struct {
		const char *name;
		bool given, right;
	} table[] = {
		{ "--package", cfg->package, needs_package(cfg) },
		{ "--content-type", cfg->content_type, cfg->method },
		{ "--accept", cfg->accept, cfg->method },
		{ "--json", cfg->json, cfg->method },
		{ "--count", cfg->count, cfg->method },
		{ "--interval", cfg->interval_ms, ask_is(cfg, "OPTIONS") },
		{ "--if-match", cfg->if_match, ask_is(cfg, "PUBLISH") },
		{ "--keep", cfg->keep, ask_is(cfg, "PUBLISH") },
		{ "--refer-to", cfg->refer_to, ask_is(cfg, "REFER") },
		{ "--early", cfg->early && cfg->method, false },
		{ "--follow-refer", cfg->follow_refer && cfg->method, false },
		{ "--ask-refer", cfg->ask_refer && cfg->method, false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].given && !table[i].right)
			return table[i].name;
	return NULL;
}

int ask_check(const struct config *cfg)
{
	const char *stray = stray_option(cfg);

	if (stray && !cfg->method)
		pc_warnx("%s: only with --method", stray);
	else if (stray)
		pc_warnx("%s: not with --method %s", stray, cfg->method);
	else if (!cfg->method)
		return 0;
	else if (!is_method(cfg->method))
		pc_warnx("--method %s: not a method, like OPTIONS or MESSAGE",
			 cfg->method);
	else if (of_a_call(cfg))
		pc_warnx("--method %s: %s", cfg->method,
			 ask_is(cfg, "REGISTER")
				 ? "that is what sip-register does"
			 : ask_is(cfg, "INVITE") ? "that is sip-dial without "
						   "--method"
						 : "only a call has that");
	else if (cfg->answer && !ask_is(cfg, "MESSAGE") &&
		 !ask_is(cfg, "NOTIFY") && !ask_is(cfg, "SUBSCRIBE"))
		pc_warnx("--answer: with --method MESSAGE, NOTIFY or SUBSCRIBE "
			 "alone");
	else if ((!cfg->answer || ask_is(cfg, "SUBSCRIBE")) &&
		 needs_package(cfg) && !cfg->package)
		pc_warnx("--method %s: of which event --package? (presence, "
			 "dialog, message-summary ...)",
			 cfg->method);
	else if (ask_is(cfg, "REFER") &&
		 (!cfg->refer_to || !route_valid(cfg->refer_to)))
		pc_warnx("--method REFER: --refer-to whom? A SIP URI, please");
	else
		return 0;
	return -EINVAL;
}
