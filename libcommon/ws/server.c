#include "ws/server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ws/http_conn.h"

#define ACCEPT_AGAIN_MS 200 /* after running out of descriptors */

static void on_accept_again(void *arg)
{
	struct pc_ws_server *s = arg;

	if (s->accept)
		pc_watch_set(s->accept, PC_READ);
}

static void on_accept(int fd, unsigned what, void *arg)
{
	struct pc_ws_server *s = arg;
	int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (client >= 0) {
		pc_http_conn_new(s, client);
		return;
	}
	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
	    errno != ENOMEM)
		return; /* the client went away again */
	/* The caller stays in the queue; without the pause we would spin. */
	pc_tool_error(s->cfg.tool, "accept: %s", strerror(errno));
	pc_watch_set(s->accept, 0);
	pc_timer_set(s->accept_again, ACCEPT_AGAIN_MS);
}

int pc_ws_server_start(struct pc_ws_server **server,
		       const struct pc_ws_server_config *cfg, bool *bad_www)
{
	struct pc_ws_server *s = calloc(1, sizeof(*s));
	int rc = -ENOMEM;

	*bad_www = false;
	if (!s)
		return rc;
	s->cfg = *cfg;
	s->www = s->fd = -1;
	if (cfg->www) {
		s->www = open(cfg->www, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		*bad_www = s->www < 0;
		rc = -errno;
	}
	if (*bad_www)
		goto out;
	rc = s->fd = pc_addr_bind(cfg->listen, SOCK_STREAM);
	if (s->fd < 0)
		goto out;
	rc = -ENOMEM;
	s->accept_again = pc_timer_new(cfg->tool->loop, on_accept_again, s);
	s->accept = pc_watch_new(cfg->tool->loop, s->fd, PC_READ, on_accept, s);
	if (!s->accept || !s->accept_again)
		goto out;
	pc_tool_listening(cfg->tool, "tcp", cfg->listen);
	*server = s;
	return 0;
out:
	pc_ws_server_free(s);
	return rc;
}

void pc_ws_server_stop_listening(struct pc_ws_server *s)
{
	pc_watch_free(s->accept);
	s->accept = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void pc_ws_server_free(struct pc_ws_server *s)
{
	if (!s)
		return;
	while (s->conns)
		pc_http_conn_free(s->conns);
	pc_ws_server_stop_listening(s);
	pc_timer_free(s->accept_again);
	if (s->www >= 0)
		close(s->www);
	free(s);
}
