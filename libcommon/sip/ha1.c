/* Hashes in a file; see ha1.h. */
#include "sip/ha1.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/log.h"

#define FILE_MAX (1u << 20)

/* USER:REALM:HASH; text is cut up. False: it is not. */
static bool take(struct pc_sip_ha1 *ha1, char *text)
{
	char *realm = strchr(text, ':'), *hash = strrchr(text, ':');
	size_t n;

	if (!realm || realm == hash)
		return false;
	*realm++ = *hash++ = '\0';
	n = strlen(hash);
	*ha1 = (struct pc_sip_ha1){ text, realm, hash };
	return *text && (n == 32 || n == 64) &&
	       strspn(hash, "0123456789abcdefABCDEF") == n;
}

/* 0, -EBADMSG (a line is none) or -errno. */
static int read_lines(struct pc_sip_ha1_file *file, const char *path)
{
	struct pc_buf text = { 0 };
	struct pc_sip_ha1 *list;
	char *line, *at;
	int rc = pc_buf_read_file(&text, path, FILE_MAX);

	for (at = text.data; rc == 0 && (line = strsep(&at, "\r\n"));) {
		if (*line == '\0')
			continue;
		list = realloc(file->list, (file->n + 1) * sizeof *list);
		if (!list)
			return -ENOMEM;
		file->list = list;
		if (!take(&list[file->n++], line))
			rc = -EBADMSG;
	}
	return rc == 0 && file->n == 0 ? -EBADMSG : rc;
}

int pc_sip_ha1_read(struct pc_sip_ha1_file *file, const char *option,
		    const char *path)
{
	int rc = read_lines(file, path);

	if (rc == 0)
		return -1;
	pc_warnx("%s%s: %s", option, path,
		 rc == -EBADMSG ? "not lines of USER:REALM:HASH with 32 (MD5) "
				  "or 64 (SHA-256) digits"
				: pc_buf_file_error(rc));
	return rc == -EBADMSG ? PC_EXIT_DATA : PC_EXIT_NOINPUT;
}
