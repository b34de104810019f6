/*
 * Headers shown to people and programs, and a Reason (RFC 3326) in and out.
 * seeds: tests/fuzz/sip
 */
#include <stdlib.h>
#include <string.h>

#include "sip/headers.h"

static void show(void *arg, const char *name, const char *value, size_t len)
{
	if (strlen(name) > 60 || strlen(value) != len || strpbrk(value, "\r\n"))
		abort(); /* a variable's value is one line */
	*(size_t *)arg += len;
}

/* What is let through must not become another header. */
static void write_line(const char *line)
{
	const char *why;

	if (pc_sip_header_valid(line, &why) && strpbrk(line, "\r\n"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const more[] = { "To", "Via", "X-A" };
	char *text = strndup((const char *)data, len), value[128];
	struct pc_sip_reason reason;
	size_t n, total = 0;

	if (!text)
		return 0;
	n = strlen(text);
	json_decref(pc_sip_headers(text, n, more, 3));
	pc_sip_headers_each(text, n, show, &total);
	(void)pc_sip_reason_of(&reason, text, n);
	if (pc_sip_reason_make(value, sizeof(value), text) == 0 &&
	    strpbrk(value, "\r\n"))
		abort();
	write_line(text);
	free(text);
	return 0;
}
