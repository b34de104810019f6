/* --listen: the server, and what each of its connections is given to. */
#include "ws-signal.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "rooms.h"
#include "spawn.h"
#include "ws/server.h"

struct peer {
	struct peer *next, **link;
	struct listener *listener;
	struct pc_ws_conn *conn;
	struct participant who; /* in --exec: only its id is used */
	struct child *child;    /* --exec */
	char from[PC_ADDR_TEXT];
};

struct listener {
	struct pc_tool *tool;
	const struct config *cfg;
	struct pc_ws_server *server;
	struct rooms rooms;
	struct execs execs;
	struct peer *peers;
	unsigned n_peers;
	bool stopping;
};

static void end_if_idle(struct listener *l)
{
	if (l->stopping && !l->peers && !l->execs.first)
		pc_tool_exit(l->tool, PC_EXIT_OK);
}

static void on_children(void *arg)
{
	end_if_idle(arg);
}

static void peer_free(struct peer *p)
{
	*p->link = p->next;
	if (p->next)
		p->next->link = p->link;
	p->listener->n_peers--;
	free(p);
}

static int send_to(void *owner, const char *text, size_t len)
{
	struct peer *p = owner;

	return pc_ws_conn_send(p->conn, text, len);
}

static void on_message(void *arg, const char *text, size_t len)
{
	struct peer *p = arg;
	const char *why;

	if (p->listener->cfg->exec) { /* no child: it could not start */
		if (p->child)
			exec_message(p->child, text, len);
		return;
	}
	if (rooms_message(&p->who, text, len, &why) < 0)
		pc_tool_malformed(p->listener->tool, "JSON",
				  pc_ws_conn_remote(p->conn), why);
}

static void on_drained(void *arg)
{
	struct peer *p = arg;

	if (p->child)
		exec_drained(p->child);
}

static void on_closed(void *arg, const struct pc_ws_close *close,
		      const char *why)
{
	struct peer *p = arg;
	struct listener *l = p->listener;
	char text[192];

	snprintf(text, sizeof(text), "%s (%u)%s%s", why, close->code,
		 close->reason[0] ? ": " : "", close->reason);
	if (p->child)
		exec_closed(p->child);
	else if (!l->cfg->exec)
		rooms_part(&p->who, text);
	pc_verbose("%s closed: %s", p->who.id, text);
	closed_event(l->tool, p->who.id, close, why);
	peer_free(p);
	end_if_idle(l);
}

static struct peer *peer_new(struct listener *l, struct bufferevent *bev)
{
	struct pc_ws_conn_config cc = conn_config(l->tool, l->cfg);
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->listener = l;
	cc.message = on_message;
	cc.drained = on_drained;
	cc.closed = on_closed;
	cc.arg = p;
	if (pc_ws_conn_new(&p->conn, &cc, bev) < 0) {
		free(p);
		return NULL;
	}
	p->next = l->peers;
	p->link = &l->peers;
	if (p->next)
		p->next->link = &p->next;
	l->peers = p;
	l->n_peers++;
	pc_addr_text(pc_ws_conn_remote(p->conn), p->from);
	return p;
}

static void start_child(struct peer *p, const char *origin)
{
	struct listener *l = p->listener;

	snprintf(p->who.id, sizeof(p->who.id), "p%lu", ++l->rooms.next_id);
	p->child = exec_start(&l->execs, p->conn, p->who.id, p->from, origin);
	if (!p->child)
		pc_ws_conn_close(p->conn, PC_WS_INTERNAL, "cannot start");
}

static void on_upgraded(void *arg, struct bufferevent *bev,
			const struct pc_http_head *request)
{
	struct pc_http_text o = pc_http_field(request, "Origin");
	struct listener *l = arg;
	struct peer *p = peer_new(l, bev);
	json_t *origin;

	if (!p) {
		pc_tool_error(l->tool, "out of memory");
		bufferevent_free(bev);
		return;
	}
	origin = o.s ? pc_json_text(o.s, o.len) : NULL;
	if (l->n_peers > l->cfg->participants_max)
		pc_ws_conn_close(p->conn, PC_WS_TRY_LATER, "too many");
	else if (l->cfg->exec)
		start_child(p, json_string_value(origin));
	if (!l->cfg->exec)
		rooms_join(&l->rooms, &p->who, p);
	pc_verbose("%s connected from %s", p->who.id, p->from);
	pc_event(l->tool, "connected", "id=%s from=%s origin=%s", p->who.id,
		 p->from, json_string_value(origin));
	json_decref(origin);
}

static int report(int rc, bool bad_www, const struct config *cfg)
{
	if (bad_www) {
		pc_warnx("--www %s: %s", cfg->www, strerror(-rc));
		return PC_EXIT_NOINPUT;
	}
	pc_warnx("--listen %s: %s%s", cfg->listen, strerror(-rc),
		 rc == -EADDRINUSE ? " (choose another port; 0 takes any)"
				   : "");
	return PC_EXIT_IO;
}

int listen_start(struct listener **listener, struct pc_tool *tool,
		 const struct config *cfg)
{
	struct pc_addr addr;
	struct listener *l;
	bool bad_www;
	int rc;

	if (pc_addr_parse_own(&addr, cfg->listen, 8080) < 0) {
		pc_warnx("--listen: \"%s\" is not HOST:PORT", cfg->listen);
		return PC_EXIT_USAGE;
	}
	rc = cfg->exec ? spawn_check(cfg->exec) : 0;
	if (rc < 0) {
		pc_warnx("--exec %s: %s", cfg->exec,
			 rc == -EINVAL ? "no program" : strerror(-rc));
		return rc == -EINVAL ? PC_EXIT_USAGE : PC_EXIT_NOINPUT;
	}
	l = calloc(1, sizeof(*l));
	if (!l)
		return report(-ENOMEM, false, cfg);
	l->tool = tool;
	l->cfg = cfg;
	l->rooms = (struct rooms){ .tool = tool, .send = send_to };
	l->execs = (struct execs){ .tool = tool,
				   .command = cfg->exec,
				   .line_max = cfg->message_max,
				   .ended = on_children,
				   .arg = l };
	rc = pc_ws_server_start(&l->server,
				&(struct pc_ws_server_config){
					.tool = tool,
					.listen = &addr,
					.www = cfg->www,
					.path = "/signal",
					.origins = cfg->origins.v,
					.n_origins = cfg->origins.n,
					.timeout_ms = cfg->common.timeout_ms,
					.clients_max = cfg->participants_max,
					.upgraded = on_upgraded,
					.arg = l,
				},
				&bad_www);
	if (rc < 0) {
		free(l);
		return report(rc, bad_www, cfg);
	}
	*listener = l;
	return -1;
}

void listen_stop(struct listener *l)
{
	l->stopping = true;
	pc_ws_server_stop_listening(l->server);
	for (struct peer *p = l->peers; p; p = p->next)
		pc_ws_conn_close(p->conn, PC_WS_GOING_AWAY, "the server ends");
	end_if_idle(l);
}

int listen_drop(struct listener *l, const char *id, const char *why)
{
	for (struct peer *p = l->peers; p; p = p->next)
		if (strcmp(p->who.id, id) == 0) {
			pc_ws_conn_close(p->conn, PC_WS_POLICY,
					 why ? why : "dropped");
			return 0;
		}
	return -ENOENT;
}

void listen_who(struct listener *l)
{
	if (!pc_events_wanted(l->tool))
		return;
	pc_event(l->tool, "participants", "count=%u participants=%p",
		 l->n_peers, (void *)rooms_list(&l->rooms));
}

void listen_free(struct listener *l)
{
	if (!l)
		return;
	execs_fini(&l->execs);
	rooms_fini(&l->rooms);
	for (struct peer *p = l->peers, *next; p; p = next) {
		next = p->next;
		pc_ws_conn_free(p->conn);
		peer_free(p);
	}
	pc_ws_server_free(l->server);
	free(l);
}
