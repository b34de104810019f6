/* Which options go together, and the secrets that some of them name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"

/* --- options ---------------------------------------------------------- */

static int too_many(const struct config *cfg)
{
	return cfg->nat + cfg->turn + cfg->credentials + cfg->predict +
		       cfg->decode + cfg->encode >
	       1;
}

#define EVERY_LEAST_MS 100

/* An option that would do nothing is a mistake. */
static const char *misplaced(const struct config *cfg)
{
	bool asks = !cfg->predict && !cfg->decode && !cfg->encode &&
		    !cfg->credentials;
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ cfg->lifetime_ms && !cfg->nat, "--lifetime is for --nat" },
		{ cfg->turn_secret && !cfg->turn && !cfg->credentials,
		  "--turn-secret is for --turn and --credentials" },
		{ cfg->raw && !cfg->encode, "--raw is for --encode" },
		{ cfg->json && cfg->encode,
		  "--json: what --encode prints is the message" },
		{ cfg->every_ms && !asks,
		  "--every is for servers that are asked" },
		{ cfg->every_ms && cfg->every_ms < EVERY_LEAST_MS,
		  "--every: at least 0.1 s, which no server minds" },
		{ cfg->transport && !asks && !cfg->credentials,
		  "--transport is for servers that are asked" },
		{ cfg->silence_ms == 0, "--silence: more than 0 seconds" },
		{ cfg->ipv4 && cfg->ipv6, "-4 and -6: choose one" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].wrong)
			return rules[i].text;
	return NULL;
}

int modes_check(const struct config *cfg)
{
	const char *why = misplaced(cfg);

	if (too_many(cfg))
		why = "--nat, --turn, --credentials, --predict, --decode, "
		      "--encode: choose one";
	if (!why)
		return -1;
	pc_warnx("%s", why);
	return PC_EXIT_USAGE;
}

/* --- secrets ---------------------------------------------------------- */

/* Secrets that nobody needs any more are in no core file. */
static void forget(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void secrets_forget(void *arg)
{
	struct app *app = arg;

	forget(app->password);
	forget(app->turn_secret);
	forget(app->turn_password);
	free(app->turn_user);
}

/* -1, or the exit status when the file that was named cannot be read. */
static int read_secret(char **out, const char *option, const char *path,
		       const char *env)
{
	*out = pc_opt_secret(path, env);
	if (*out || (!path && errno == ENOENT))
		return -1;
	pc_warnx("%s %s: %s", option, path ? path : env,
		 pc_buf_file_error(-errno));
	return PC_EXIT_NOINPUT;
}

int secrets_read(struct app *app)
{
	const struct config *cfg = &app->cfg;
	int status = read_secret(&app->password, "--password-file",
				 cfg->password_file,
				 cfg->turn ? "TURN_PASSWORD" : "STUN_PASSWORD");

	if (status < 0 && (cfg->turn || cfg->credentials))
		status = read_secret(&app->turn_secret, "--turn-secret",
				     cfg->turn_secret, "TURN_SECRET");
	unsetenv("STUN_PASSWORD");
	unsetenv("TURN_PASSWORD");
	unsetenv("TURN_SECRET");
	return status;
}
