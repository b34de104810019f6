#include "base/opt.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/exit.h"
#include "base/log.h"

static const struct pc_opt *find(const struct pc_opt *options, int letter,
				 const char *name, size_t name_len)
{
	for (const struct pc_opt *o = options; o->name; o++) {
		if (letter && o->letter == letter)
			return o;
		if (name && strlen(o->name) == name_len &&
		    memcmp(o->name, name, name_len) == 0)
			return o;
	}
	return NULL;
}

static int bad_value(const struct pc_opt *o, const char *value,
		     const char *want)
{
	pc_warnx("--%s: \"%s\" is not %s", o->name, value, want);
	return -EINVAL;
}

static int store_number(const struct pc_opt *o, unsigned *field,
			const char *value)
{
	double scale = o->kind == PC_OPT_MS ? 1000 : 1, n;
	char *end;

	errno = 0;
	n = strtod(value, &end) * scale;
	if (*value < '0' || *value > '9' || *end != '\0' || n > UINT_MAX ||
	    strpbrk(value, "xXeEpP"))
		return bad_value(o, value,
				 o->kind == PC_OPT_MS ? "a number of seconds"
						      : "a number from 0 up");
	if (o->kind == PC_OPT_UINT && n != floor(n))
		return bad_value(o, value, "a whole number");
	*field = (unsigned)llround(n);
	return 0;
}

static int store(const struct pc_opt *o, char *config, const char *value)
{
	void *field = config + o->offset;
	struct pc_opt_list *list = field;

	switch (o->kind) {
	case PC_OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case PC_OPT_COUNT:
		++*(int *)field;
		return 0;
	case PC_OPT_STR:
		*(const char **)field = value;
		return 0;
	case PC_OPT_UINT:
	case PC_OPT_MS:
		return store_number(o, field, value);
	case PC_OPT_LIST:
		if (list->n == PC_OPT_LIST_MAX) {
			pc_warnx("--%s: more than %d of them", o->name,
				 PC_OPT_LIST_MAX);
			return -EINVAL;
		}
		list->v[list->n++] = value;
		return 0;
	}
	return -EINVAL;
}

static bool takes_value(const struct pc_opt *o)
{
	return o->kind != PC_OPT_FLAG && o->kind != PC_OPT_COUNT;
}

static int unknown(const struct pc_opt_usage *usage, const char *arg)
{
	pc_warnx("unknown option %s (%s --help lists them)", arg, usage->name);
	return -EINVAL;
}

static int no_value(const struct pc_opt *o)
{
	pc_warnx("--%s needs a value: --%s %s", o->name, o->name, o->metavar);
	return -EINVAL;
}

/* --name, --name=value, --name value; *i moves on when the next is taken. */
static int parse_long(const struct pc_opt_usage *usage, void *config, int argc,
		      char **argv, int *i)
{
	const char *name = argv[*i] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const struct pc_opt *o = find(usage->options, 0, name, len);

	if (!o)
		return unknown(usage, argv[*i]);
	if (!takes_value(o)) {
		if (value) {
			pc_warnx("--%s takes no value", o->name);
			return -EINVAL;
		}
		return store(o, config, NULL);
	}
	if (value)
		value++;
	else if (*i + 1 < argc)
		value = argv[++*i];
	else
		return no_value(o);
	return store(o, config, value);
}

/* -v, -vq, -sHOST, -s HOST */
static int parse_short(const struct pc_opt_usage *usage, void *config, int argc,
		       char **argv, int *i)
{
	for (const char *p = argv[*i] + 1; *p; p++) {
		const struct pc_opt *o = find(usage->options, *p, NULL, 0);
		int rc;

		if (!o)
			return unknown(usage, argv[*i]);
		if (!takes_value(o)) {
			rc = store(o, config, NULL);
			if (rc < 0)
				return rc;
			continue;
		}
		if (p[1])
			return store(o, config, p + 1);
		if (*i + 1 >= argc)
			return no_value(o);
		return store(o, config, argv[++*i]);
	}
	return 0;
}

int pc_opt_parse(const struct pc_opt_usage *usage, void *config, int argc,
		 char **argv, const char **operands, int *n_operands)
{
	bool options = true;

	*n_operands = 0;
	for (const struct pc_opt *o = usage->options; o->name; o++)
		if (o->def && store(o, config, o->def) < 0)
			return -EINVAL;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		int rc = 0;

		if (options && strcmp(arg, "--") == 0) {
			options = false;
		} else if (options && arg[0] == '-' && arg[1] == '-') {
			rc = parse_long(usage, config, argc, argv, &i);
		} else if (options && arg[0] == '-' && arg[1] != '\0') {
			rc = parse_short(usage, config, argc, argv, &i);
		} else {
			operands[(*n_operands)++] = arg;
			options = options && !usage->command;
		}
		if (rc < 0)
			return rc;
	}
	return 0;
}

void pc_opt_help(const struct pc_opt_usage *usage, FILE *out)
{
	fprintf(out, "%s: %s\n\nusage: %s %s\n\n", usage->name, usage->purpose,
		usage->name, usage->synopsis);
	for (const struct pc_opt *o = usage->options; o->name; o++) {
		char left[64];
		int n = snprintf(left, sizeof(left), "--%s%s%s", o->name,
				 o->metavar ? " " : "",
				 o->metavar ? o->metavar : "");

		fprintf(out, "  %c%c%c %-26s ", o->letter ? '-' : ' ',
			o->letter ? o->letter : ' ', o->letter ? ',' : ' ',
			left);
		if (n > 26)
			fprintf(out, "\n%33s", "");
		fprintf(out, "%s", o->help);
		if (o->def)
			fprintf(out, " (default %s)", o->def);
		fputc('\n', out);
	}
	fputs("\nexit status:\n", out);
	pc_exit_print(out, "  ", "\t");
	fputs("\nexamples:\n", out);
	for (const char *p = usage->examples; *p;) {
		size_t n = strcspn(p, "\n");

		fprintf(out, "  %.*s\n", (int)n, p);
		p += n + (p[n] == '\n');
	}
}

/* roff would take a leading dot or quote, and any backslash, for its own. */
static void mdoc_text(FILE *out, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", out);
	for (; *s; s++)
		if (*s == '\\')
			fputs("\\e", out);
		else if (*s == '-')
			fputs("\\-", out);
		else
			fputc(*s, out);
}

void pc_opt_mdoc(const struct pc_opt_usage *usage, FILE *out)
{
	fputs(".\\\" options\n.Bl -tag -width Ds\n", out);
	for (const struct pc_opt *o = usage->options; o->name; o++) {
		fputs(".It", out);
		if (o->letter)
			fprintf(out, " Fl %c ,", o->letter);
		fprintf(out, " Fl \\-%s", o->name);
		if (o->metavar)
			fprintf(out, " Ar %s", o->metavar);
		fputc('\n', out);
		mdoc_text(out, o->help);
		if (o->def) {
			fputs(" (default ", out);
			mdoc_text(out, o->def);
			fputc(')', out);
		}
		fputs(".\n", out);
	}
	fputs(".El\n.\\\" exit\n.Bl -tag -width Ds -compact\n", out);
	pc_exit_print(out, ".It ", "\n");
	fputs(".El\n", out);
}

char *pc_opt_secret(const char *path, const char *env)
{
	struct pc_buf b = { 0 };
	const char *value;
	int rc;

	if (!path) {
		value = env ? getenv(env) : NULL;
		errno = ENOENT;
		return value && *value ? strdup(value) : NULL;
	}
	rc = pc_buf_read_file(&b, path, 4096);
	if (rc < 0 || b.oom) {
		pc_buf_fini(&b);
		errno = rc < 0 ? -rc : ENOMEM;
		return NULL;
	}
	b.data[strcspn(b.data, "\r\n")] = '\0';
	if (*b.data)
		return b.data;
	pc_buf_fini(&b);
	errno = ENODATA;
	return NULL;
}
