/*
 * libnice's first check goes out at once.
 *
 * RFC 8445 section 6.1.4.2 sends checks Ta apart, and the first one without
 * waiting: with a round trip of a millisecond, Ta (5 ms) is most of the time to
 * connect. libnice has a timer of Ta do it all, which is first due after Ta. So
 * its timer is due at once here, and every Ta from then on.
 *
 * It has no setting for that; but it attaches the timer by g_source_attach,
 * which is defined here for the same reason as the functions in tap.c.
 */
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

#include "tap.h"

guint g_source_attach(GSource *source, GMainContext *context)
{
	static __typeof__(g_source_attach) *real;
	const char *name = g_source_get_name(source);

	if (!real)
		real = dlsym(RTLD_NEXT, "g_source_attach");
	if (name && strcmp(name, TAP_CHECKS_SOURCE) == 0)
		g_source_set_ready_time(source, 0);
	return real(source, context);
}
