/*
 * Whom we register: one address of record, or a pool of them that share the
 * registrar, the transport and the line.
 */
#include "registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/pool.h"

#define AOR_MAX       200u /* bytes of USER@HOST */
#define PASSWORDS_MAX (1u << 20)

/* ---- from the command line ---- */

static int make_accounts(struct app *app, size_t n)
{
	app->accounts = calloc(n, sizeof *app->accounts);
	if (!app->accounts)
		return -ENOMEM;
	app->n_accounts = n;
	for (size_t i = 0; i < n; i++)
		app->accounts[i].app = app;
	return 0;
}

int accounts_none(struct app *app)
{
	return make_accounts(app, 1);
}

static int not_an_aor(const char *aor, const char *why)
{
	pc_warnx("%s: not an address of record, sip:USER@HOST[:PORT]: %s",
		 *aor ? aor : "''", why);
	return -EINVAL;
}

/* rest is what follows sip:, at its @ or NULL. NULL: it may be one. */
static const char *why_no_aor(const char *aor, const char *rest, const char *at)
{
	size_t colon = strcspn(rest, ":@");

	if (rest[strcspn(rest, " \t\r\n<>\"?,")])
		return "no blanks, <>, quotes, commas or ? in it";
	if (strstr(rest, "//"))
		return "a SIP URI has no //";
	if (!at)
		return rest == aor && !strncasecmp(rest, "tel:", 4)
			       ? "tel: is not SIP"
			       : "whom to register at this host?";
	if (at == rest)
		return "no user before the @";
	if (rest[colon] == ':')
		return "no : in the user (a password goes into "
		       "--password-file)";
	if (!at[1] || at[1] == ':')
		return "no host after the @";
	return strchr(at, ';') ? "no parameters; the transport is an option, "
				 "--tcp, --tls or --ws"
			       : NULL;
}

/* The users become accounts; they are taken from the pool. */
static int fill_accounts(struct app *app, struct pc_sip_pool *pool)
{
	int rc = make_accounts(app, pool->n);

	for (size_t i = 0; rc == 0 && i < pool->n; i++) {
		struct account *a = &app->accounts[i];

		a->user = pool->users[i];
		pool->users[i] = NULL;
		if (asprintf(&a->aor, "%s:%s@%s", app->secure ? "sips" : "sip",
			     a->user, app->host) < 0)
			return -ENOMEM;
		if (strlen(a->user) + strlen(app->host) >= AOR_MAX)
			return not_an_aor(a->aor, "too long");
	}
	return rc;
}

int accounts_take(struct app *app, const char *aor)
{
	struct pc_sip_pool pool;
	const char *at, *why, *rest = aor;
	int rc;

	app->secure = !strncasecmp(aor, "sips:", 5);
	if (app->secure)
		rest += 5;
	else if (!strncasecmp(aor, "sip:", 4))
		rest += 4;
	at = strchr(rest, '@');
	why = why_no_aor(aor, rest, at);
	if (why)
		return not_an_aor(aor, why);
	rc = pc_sip_pool_parse(&pool, rest, (size_t)(at - rest));
	if (rc < 0) {
		pc_warnx("%s: %s", aor, pool.why);
		return rc == -ENOMEM ? rc : -EINVAL;
	}
	app->host = strdup(at + 1);
	rc = app->host ? fill_accounts(app, &pool) : -ENOMEM;
	pc_sip_pool_free(&pool);
	return rc;
}

bool accounts_are_pool(const struct app *app)
{
	return app->n_accounts > 1;
}

/* ---- passwords ---- */

static struct account *by_user(const struct app *app, const char *user,
			       size_t len)
{
	for (size_t i = 0; i < app->n_accounts; i++) {
		struct account *a = &app->accounts[i];

		if (a->user && strlen(a->user) == len &&
		    !memcmp(a->user, user, len))
			return a;
	}
	return NULL;
}

static void same_for_all(struct app *app, const char *password)
{
	for (size_t i = 0; i < app->n_accounts; i++)
		app->accounts[i].password = password;
}

/* The lines of the file, which stays, cut up; those that are empty are not. */
static size_t count_lines(const char *text)
{
	size_t n = 0, len;

	for (; *text; text += len + (text[len] != '\0')) {
		len = strcspn(text, "\r\n");
		n += len > 0;
	}
	return n;
}

/*
 * Several lines of USER:PASSWORD. Other users may be among them: the file may
 * serve several pools. 0 or the number of a line that is none.
 */
static unsigned take_lines(struct app *app, char *text)
{
	unsigned number = 0;
	struct account *a;
	char *line, *colon;

	while ((line = strsep(&text, "\n"))) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		if (*line == '\0')
			continue;
		colon = strchr(line, ':');
		if (!colon || colon == line)
			return number;
		a = by_user(app, line, (size_t)(colon - line));
		if (a && !a->password)
			a->password = colon + 1;
	}
	return 0;
}

static int take_pool_file(struct app *app, const char *path)
{
	struct pc_buf file = { 0 };
	int rc = pc_buf_read_file(&file, path, PASSWORDS_MAX);
	unsigned bad;

	if (rc < 0) {
		pc_warnx("--password-file %s: %s", path, pc_buf_file_error(rc));
		return rc == -EACCES ? PC_EXIT_IO : PC_EXIT_NOINPUT;
	}
	pc_buf_adds(&file, "");
	app->passwords = file.data;
	if (file.oom || !file.data)
		return PC_EXIT_IO;
	if (count_lines(file.data) <= 1) {
		file.data[strcspn(file.data, "\r\n")] = '\0';
		same_for_all(app, file.data);
		return -1;
	}
	bad = take_lines(app, file.data);
	if (bad == 0)
		return -1;
	pc_warnx("--password-file %s: line %u is not USER:PASSWORD (one line "
		 "alone would be the password of all accounts)",
		 path, bad);
	return PC_EXIT_DATA;
}

int accounts_take_password(struct app *app)
{
	const char *path = app->cfg->password_file;
	int rc;

	if (path && accounts_are_pool(app))
		return take_pool_file(app, path);
	app->passwords = pc_opt_secret(path, "SIP_PASSWORD");
	same_for_all(app, app->passwords);
	if (app->passwords || !path)
		return -1;
	rc = errno;
	pc_warnx("--password-file %s: %s", path, pc_buf_file_error(-rc));
	return rc == EACCES ? PC_EXIT_IO : PC_EXIT_NOINPUT;
}

bool account_has_credentials(const struct account *a)
{
	return (a->password || a->app->ha1.n > 0) &&
	       (a->app->cfg->user || a->user);
}

/* ---- which of them ---- */

void account_make_contact(struct account *a, const struct pc_addr *as_seen)
{
	const struct app *app = a->app;
	const struct pc_sip_identity *id = pc_sip_transport_identity(app->tp);
	char text[PC_ADDR_TEXT], param[24];

	pc_sip_transport_param(id, param);
	snprintf(a->contact, sizeof a->contact, "%s:%s%s%s%s",
		 app->secure ? "sips" : "sip", a->user ? a->user : "",
		 a->user ? "@" : "",
		 id->host ? id->host : pc_addr_text(as_seen, text),
		 app->secure && !id->host ? "" : param);
}

struct account *account_named(const struct app *app, const char *name)
{
	for (size_t i = 0; i < app->n_accounts; i++) {
		struct account *a = &app->accounts[i];

		if (a->aor && (!strcmp(a->user, name) || !strcmp(a->aor, name)))
			return a;
	}
	return NULL;
}

struct account *account_of_uri(const struct app *app, struct pc_sip_span uri)
{
	const char *p, *end, *at;

	if (!accounts_are_pool(app))
		return app->accounts;
	p = uri.p ? memchr(uri.p, ':', uri.len) : NULL;
	if (!p)
		return NULL;
	end = uri.p + uri.len;
	p++;
	at = memchr(p, '@', (size_t)(end - p));
	if (!at && strncasecmp(uri.p, "tel:", 4) != 0)
		return NULL;
	end = at ? at : end;
	for (const char *q = p; q < end; q++)
		if (*q == ':' || *q == ';') /* a password; a parameter */
			end = q;
	return by_user(app, p, (size_t)(end - p));
}

/* ---- how many of them ---- */

bool accounts_any_registered(const struct app *app)
{
	for (size_t i = 0; i < app->n_accounts; i++)
		if (app->accounts[i].registered)
			return true;
	return false;
}

/*
 * When it has changed, and no account is on its way for the first time. People
 * are told when it ceases to be all and when it is all again, not each step.
 */
static void say_count(struct app *app, size_t registered, size_t given_up)
{
	struct pool_said was = app->said;
	size_t n = app->n_accounts;

	if (was.once && was.registered == registered &&
	    was.given_up == given_up)
		return;
	app->said = (struct pool_said){ true, registered, given_up };
	pc_event(app->tool, "pool", "accounts=%zu registered=%zu given_up=%zu",
		 n, registered, given_up);
	if (!was.once || registered + given_up == n ||
	    was.registered + was.given_up == n)
		pc_info("%zu of %zu accounts are registered", registered, n);
}

void accounts_step(struct app *app)
{
	size_t registered = 0, gone = 0, settled = 0, busy = 0;

	if (app->tool->stopping)
		return;
	for (size_t i = 0; i < app->n_accounts; i++) {
		const struct account *a = &app->accounts[i];
		const struct registration *r = a->registration;

		registered += a->registered;
		gone += r->state == GONE;
		settled += r->settled;
		busy += r->state == IDLE ||
			(r->state == REGISTERING && !a->registered);
	}
	if (accounts_are_pool(app) && busy == 0 && !app->cfg->fetch &&
	    !app->cfg->remove)
		say_count(app, registered, gone);
	if (gone + settled == app->n_accounts)
		pc_tool_exit(app->tool, app->failed);
}
