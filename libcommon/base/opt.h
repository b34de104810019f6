/*
 * Options: one table row each makes the parser, --help and the manual.
 *
 *	struct config { const char *server; unsigned count; bool json; };
 *	static const struct pc_opt options[] = {
 *		{ 's', "server", "HOST", "ask this STUN server", NULL,
 *		  PC_OPT_STR, offsetof(struct config, server) },
 *		...
 *		{ 0 }
 *	};
 *
 * Long options may be written --name=value or --name value; short flags
 * may be joined (-vq); `--` ends the options; options and operands may mix,
 * unless the operands are a command, whose options are its own.
 */
#ifndef PC_BASE_OPT_H
#define PC_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum pc_opt_kind {
	PC_OPT_FLAG = 1, /* bool: true */
	PC_OPT_COUNT,    /* int: one more each time */
	PC_OPT_STR,      /* const char *: borrows argv */
	PC_OPT_UINT,     /* unsigned: decimal */
	PC_OPT_MS,   /* unsigned, milliseconds: written in seconds ("2.5") */
	PC_OPT_LIST, /* struct pc_opt_list: every occurrence, in order */
};

#define PC_OPT_LIST_MAX 32

struct pc_opt_list {
	unsigned n;
	const char *v[PC_OPT_LIST_MAX];
};

struct pc_opt {
	int letter;          /* short option, or 0 */
	const char *name;    /* long option */
	const char *metavar; /* NULL for flags */
	const char *help;    /* one line, lower case, no full stop */
	const char *def;     /* default, parsed like an argument; or NULL */
	enum pc_opt_kind kind;
	size_t offset; /* in the config struct */
};

struct pc_opt_usage {
	const char *name;     /* the tool */
	const char *synopsis; /* "[options] URI <offer.sdp >answer.sdp" */
	const char *purpose;  /* one line */
	const char *examples; /* two, that can be pasted, one a line */
	const struct pc_opt *options; /* ends with a row of zeros */
	bool command; /* the first operand ends the options, as env's */
};

/*
 * Parse argv into config (defaults first).
 *   operands  receives argc at most; *n_operands how many
 * Returns 0, or -EINVAL after one line on stderr that says what is wrong
 * and what to do. --help and --version are rows like any other.
 */
int pc_opt_parse(const struct pc_opt_usage *usage, void *config, int argc,
		 char **argv, const char **operands, int *n_operands);

/* --help: purpose, synopsis, options, exit statuses, examples. */
void pc_opt_help(const struct pc_opt_usage *usage, FILE *out);

/* The manual's OPTIONS section as mdoc(7) (--help-mdoc). */
void pc_opt_mdoc(const struct pc_opt_usage *usage, FILE *out);

/*
 * Read a secret: the file's first line (without its newline), or if path is
 * NULL the environment variable env. Never argv.
 * Returns a heap string (the caller frees) or NULL with errno set: ENOENT if
 * neither is given (an empty variable is not), ENODATA if the line is empty,
 * or as pc_buf_read_file (pc_buf_file_error has words for it).
 */
char *pc_opt_secret(const char *path, const char *env);

#endif
