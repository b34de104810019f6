/* For scripts: --expect (which answer is the right one) and --dry-run. */
#include "call.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "486" or "4xx" at p: its code, or its class in hundreds. */
static bool one(const char *p, size_t len, int *code, bool *class)
{
	if (len != 3 || p[0] < '2' || p[0] > '6')
		return false;
	*class = strncmp(p + 1, "xx", 2) == 0 || strncmp(p + 1, "XX", 2) == 0;
	if (!*class &&
	    !(isdigit((unsigned char)p[1]) && isdigit((unsigned char)p[2])))
		return false;
	*code = *class ? (p[0] - '0') * 100
		       : (p[0] - '0') * 100 + (p[1] - '0') * 10 + p[2] - '0';
	return true;
}

/* Whether status (0: only see that it parses) is in the list; -1: broken. */
static int in_list(const char *list, int status)
{
	int found = 0, code;
	bool class;

	for (;;) {
		size_t n = strcspn(list, ",");

		if (!one(list, n, &code, &class))
			return -1;
		if (class ? status / 100 * 100 == code : status == code)
			found = 1;
		if (!list[n])
			return found;
		list += n + 1;
	}
}

bool expect_valid(const char *text)
{
	return in_list(text, 0) >= 0;
}

void expect_final(struct call *c, int status, const char *reason)
{
	c->final_status = status;
	snprintf(c->final_reason, sizeof(c->final_reason), "%s", reason);
}

bool expect_met(const struct call *c)
{
	return !c->cfg->expect || in_list(c->cfg->expect, c->final_status) > 0;
}

int expect_status(struct call *c, int status)
{
	bool met = expect_met(c);

	if (!c->cfg->expect || status == PC_EXIT_IO)
		return status;
	if (!c->expected_said) {
		c->expected_said = true;
		pc_event(c->tool, "expected", "expect=%s met=%c status=%d",
			 c->cfg->expect, met, c->final_status);
		if (!met && c->final_status)
			pc_warnx("%s: expected %s, but got %d %s", c->uri,
				 c->cfg->expect, c->final_status,
				 c->final_reason);
		else if (!met)
			pc_warnx("%s: expected %s, but no final response came",
				 c->uri, c->cfg->expect);
	}
	return met ? PC_EXIT_OK : PC_EXIT_NO;
}

int dry_run(struct call *c, osip_message_t *m)
{
	size_t len;
	char *text = NULL;
	int rc = pc_sip_ua_prepare(c->ua, m, &c->hop);

	if (rc == 0)
		text = pc_sip_text(m, &len);
	osip_message_free(m);
	if (!text)
		return rc < 0 ? rc : -ENOMEM;
	rc = pc_tool_product(c->tool, text, len);
	osip_free(text);
	pc_tool_exit(c->tool, rc < 0 ? PC_EXIT_IO : PC_EXIT_OK);
	return 0;
}
