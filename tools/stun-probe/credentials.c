/*
 * --credentials: what a browser's RTCPeerConnection takes as one of its
 * iceServers, with a user and a password made of the shared secret.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app.h"
#include "stun/ephemeral.h"

#define GIVEN_S 86400 /* longer than a call */

/* As a URI of RFC 7065. */
static json_t *url_of(const struct target *t)
{
	bool tls = t->kind == WIRE_TLS || t->kind == WIRE_DTLS;
	bool tcp = t->kind == WIRE_TLS || t->kind == WIRE_TCP;
	bool ip6 = strchr(t->host, ':') != NULL;
	char port[8] = "";

	if (t->port)
		snprintf(port, sizeof(port), ":%u", t->port);
	return json_sprintf("%s:%s%s%s%s%s", tls ? "turns" : "turn",
			    ip6 ? "[" : "", t->host, ip6 ? "]" : "", port,
			    tcp ? "?transport=tcp" : "");
}

static int print(struct app *app, json_t *object)
{
	size_t len = 0;
	char *line = object ? pc_json_line(object, &len) : NULL;
	int rc = line ? pc_tool_product(&app->tool, line, len) : -ENOMEM;

	free(line);
	json_decref(object);
	return rc == 0 ? PC_EXIT_OK : PC_EXIT_IO;
}

int credentials_print(struct app *app)
{
	json_t *urls;
	char *user, *password;
	int status;

	if (!app->turn_secret) {
		pc_warnx("--credentials needs --turn-secret, or $TURN_SECRET");
		return PC_EXIT_USAGE;
	}
	if (pc_turn_ephemeral(app->turn_secret, app->cfg.user,
			      time(NULL) + GIVEN_S, &user, &password) != 0)
		return PC_EXIT_IO;
	urls = json_array();
	for (unsigned i = 0; i < app->n_servers; i++)
		json_array_append_new(urls, url_of(&app->server[i]));
	status = print(app,
		       json_pack("{s:o,s:s,s:s,s:i}", "urls", urls, "username",
				 user, "credential", password, "ttl", GIVEN_S));
	free(user);
	free(password);
	return status;
}
