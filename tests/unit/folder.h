/* A folder that a test makes for itself, in $TMPDIR, and removes again. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { FOLDER_MAX = 256 };

static inline void make_folder(char folder[FOLDER_MAX])
{
	const char *tmp = getenv("TMPDIR");

	ck_assert_int_lt(snprintf(folder, FOLDER_MAX, "%s/test.XXXXXX",
				  tmp ? tmp : "/tmp"),
			 FOLDER_MAX);
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

#endif
