#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"

#define WORDS_MAX 64

static unsigned split_words(char *text, char *words[WORDS_MAX + 1])
{
	unsigned n = 0;
	char *save, *w = strtok_r(text, " \t", &save);

	for (; w && n < WORDS_MAX; w = strtok_r(NULL, " \t", &save))
		words[n++] = w;
	words[n] = NULL;
	return n;
}

int spawn_check(const char *command)
{
	char *words[WORDS_MAX + 1], *text = strdup(command);
	int rc = text ? -EINVAL : -ENOMEM;

	if (text && split_words(text, words) > 0)
		rc = pc_program_find(words[0]);
	free(text);
	return rc;
}

/* NAME=value without control characters: the value may be the network's. */
static void add_variable(char *env[], unsigned *n, const char *name,
			 const char *value)
{
	char *text = NULL, *w;

	if (!value || asprintf(&text, "%s=%s", name, value) < 0)
		return;
	for (const char *r = w = text; *r; r++)
		if ((unsigned char)*r >= 0x20 && *r != 0x7f)
			*w++ = *r;
	*w = '\0';
	env[(*n)++] = text;
}

/* Our environment and the config's; those from *first_own are to be freed. */
static char **make_environment(const struct spawn_config *cfg,
			       unsigned *first_own)
{
	unsigned n = 0, total = 0;
	char **env;

	while (environ[total])
		total++;
	env = calloc(total + SPAWN_VARIABLES + 1, sizeof(*env));
	if (!env)
		return NULL;
	for (unsigned i = 0; i < total; i++)
		if (strncmp(environ[i], "WS_", 3) != 0)
			env[n++] = environ[i];
	*first_own = n;
	for (unsigned i = 0; i < SPAWN_VARIABLES; i++)
		add_variable(env, &n, cfg->variables[i].name,
			     cfg->variables[i].value);
	return env;
}

/* 0 or an errno. A group of its own, so that its children end with it. */
static int spawn(pid_t *pid, const char *command, char **env, int in, int out)
{
	char *words[WORDS_MAX + 1], *text = strdup(command);
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int rc = ENOMEM;

	if (!text)
		return rc;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&files, in, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETSIGMASK);
	rc = EINVAL;
	if (split_words(text, words) > 0)
		rc = posix_spawnp(pid, words[0], &files, &attr, words, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	free(text);
	return rc;
}

/* Pipes for its stdin and stdout; our ends do not block. */
static int run(const struct spawn_config *cfg, char **env, pid_t *pid, int *in,
	       int *out)
{
	int to[2], from[2], rc;

	if (pipe2(to, O_CLOEXEC) < 0)
		return errno;
	if (pipe2(from, O_CLOEXEC) < 0) {
		rc = errno;
		close(to[0]);
		close(to[1]);
		return rc;
	}
	rc = spawn(pid, cfg->command, env, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	if (rc) {
		close(to[1]);
		close(from[0]);
		return rc;
	}
	(void)fcntl(to[1], F_SETFL, O_NONBLOCK);
	(void)fcntl(from[0], F_SETFL, O_NONBLOCK);
	*in = to[1];
	*out = from[0];
	return 0;
}

int spawn_program(const struct spawn_config *cfg, pid_t *pid, int *in, int *out)
{
	unsigned own = 0;
	char **env = make_environment(cfg, &own);
	int rc;

	if (!env)
		return -ENOMEM;
	rc = run(cfg, env, pid, in, out);
	for (char **v = env + own; *v; v++)
		free(*v);
	free(env);
	return -rc;
}
