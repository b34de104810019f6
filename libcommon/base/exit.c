#include "base/exit.h"

#include <stddef.h>

static const struct {
	int status;
	const char *text;
} table[] = {
	{ PC_EXIT_OK, "done" },
	{ PC_EXIT_NO, "the other side said no, or the answer is no" },
	{ PC_EXIT_USAGE, "a wrong option or argument" },
	{ PC_EXIT_UNKNOWN, "neither yes nor no: it is not known" },
	{ PC_EXIT_DATA, "bad input" },
	{ PC_EXIT_NOINPUT, "no input: missing or empty" },
	{ PC_EXIT_NOANSWER, "nobody answered" },
	{ PC_EXIT_IO, "a file, pipe or socket failed" },
	{ PC_EXIT_PROTOCOL, "the peer broke the protocol" },
	{ PC_EXIT_NOPERM, "not let in: credentials refused" },
};

const char *pc_exit_text(int status)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].status == status)
			return table[i].text;
	return NULL;
}

void pc_exit_print(FILE *out, const char *before, const char *between)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		fprintf(out, "%s%d%s%s\n", before, table[i].status, between,
			table[i].text);
}
