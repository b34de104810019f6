/* NOTIFY (RFC 6665): which subscription it is for. */
#include "beside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "refer;id=2" is of the package "refer". */
static bool package_is(const char *event, const char *name)
{
	size_t n = strlen(name);

	return strncasecmp(event, name, n) == 0 &&
	       strchr("; \t", event[n]) != NULL;
}

void notify_received(struct call *c, struct pc_sip_server *tr,
		     osip_message_t *m)
{
	char *event = headers_value(m, "Event");
	char *state = headers_value(m, "Subscription-State");

	if (!event) /* 7.2: an unknown package too */
		pc_sip_ua_reply(tr, 489, "Bad Event", NULL, "Allow-Events",
				"refer");
	else if (!package_is(event, "refer"))
		pc_sip_ua_reply(tr, 489, "Bad Event", NULL, "Allow-Events",
				"refer");
	else
		refer_notified(c, tr, m, state ? state : "");
	free(event);
	free(state);
}
