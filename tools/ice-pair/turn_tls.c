#include "turn_tls.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "loop/tool.h"
#include "loop_glib.h"
#include "sip/tls.h"

enum { TURNS_PORT = 5349, READ_MAX = 16384, WAITING_MAX = 65536 };

/* A connection of libnice's, and ours to the server for it. */
struct link {
	struct link *next;
	struct turn_tls *of;
	GCancellable *cancel;
	GSocketConnection *far; /* NULL while it connects */
	int near_fd, far_fd;
	struct pc_watch *near_watch, *far_watch;
	struct pc_sip_tls *tls;
	struct pc_buf to_near, to_far;
};

struct turn_tls {
	struct pc_tool *tool;
	const char *server;
	char *host; /* whom the certificate is for */
	struct pc_sip_tls_context *context;
	int listener;
	struct pc_watch *watch;
	GSocketClient *client;
	struct link *links;
	bool said; /* why it does not work */
	bool untrusted;
};

/* It stands in no list any more. */
static void release(struct link *link)
{
	pc_watch_free(link->near_watch);
	pc_watch_free(link->far_watch);
	pc_sip_tls_free(link->tls);
	pc_buf_fini(&link->to_near);
	pc_buf_fini(&link->to_far);
	close(link->near_fd);
	if (link->far)
		g_object_unref(link->far);
	g_object_unref(link->cancel);
	free(link);
}

static void link_free(struct link *link)
{
	struct link **at = &link->of->links;

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	release(link);
}

static void broken(struct link *link, const char *why)
{
	struct turn_tls *tls = link->of;
	const char *ca = why ? strstr(why, "--ca ") : NULL;

	if (why && !tls->said && ca) /* an option of the other tools */
		pc_tool_error(tls->tool, "TURN over TLS at %s: %.*s--turn-%s",
			      tls->server, (int)(ca - why), why, ca + 2);
	else if (why && !tls->said)
		pc_tool_error(tls->tool, "TURN over TLS at %s: %s", tls->server,
			      why);
	tls->said |= !!why;
	link_free(link);
}

/* Write what can be; 0, or -errno of a connection that is gone. */
static int drain(int fd, struct pc_buf *buf, struct pc_watch *watch,
		 bool may_read)
{
	while (buf->len > 0) {
		ssize_t n = send(fd, buf->data, buf->len,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0)
			break;
		pc_buf_consume(buf, (size_t)n);
	}
	pc_watch_set(watch, (may_read ? PC_READ : 0u) |
				    (buf->len > 0 ? PC_WRITE : 0u));
	return 0;
}

/* Send what waits on both sides; who is slow stops the other's reading. */
static void pass(struct link *link)
{
	bool near_ok = link->to_far.len < WAITING_MAX;
	bool far_ok = link->to_near.len < WAITING_MAX;

	pc_sip_tls_take(link->tls, &link->to_far);
	if (link->to_far.oom || link->to_near.oom ||
	    drain(link->far_fd, &link->to_far, link->far_watch, far_ok) != 0 ||
	    drain(link->near_fd, &link->to_near, link->near_watch, near_ok) !=
		    0)
		broken(link, NULL);
}

static void on_far(int fd, unsigned what, void *arg)
{
	struct link *link = arg;
	char data[READ_MAX];
	ssize_t n = 0;
	int rc;

	if (what & PC_READ) {
		n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			broken(link, strerror(errno));
			return;
		}
		if (n == 0) {
			broken(link, pc_sip_tls_ready(link->tls)
					     ? NULL
					     : "it closed the connection");
			return;
		}
	}
	rc = n > 0 ? pc_sip_tls_feed(link->tls, data, (size_t)n, &link->to_near)
		   : 0;
	link->of->untrusted |= rc == -EKEYREJECTED;
	if (rc != 0) {
		broken(link,
		       rc == -ECONNRESET ? NULL : pc_sip_tls_why(link->tls));
		return;
	}
	pass(link);
}

static void on_near(int fd, unsigned what, void *arg)
{
	struct link *link = arg;
	char data[READ_MAX];
	ssize_t n;

	if (what & PC_READ) {
		n = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			link_free(link);
			return;
		}
		if (n > 0)
			pc_sip_tls_write(link->tls, data, (size_t)n);
	}
	pass(link);
}

static void on_connected(GObject *client, GAsyncResult *result, gpointer arg)
{
	GError *error = NULL;
	GSocketConnection *far = g_socket_client_connect_to_host_finish(
		G_SOCKET_CLIENT(client), result, &error);
	struct link *link = arg;
	struct pc_loop *loop;

	if (!far) {
		if (!g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
			broken(link, error->message);
		g_error_free(error);
		return;
	}
	loop = link->of->tool->loop;
	link->far = far;
	link->far_fd = g_socket_get_fd(g_socket_connection_get_socket(far));
	link->far_watch =
		pc_watch_new(loop, link->far_fd, PC_READ, on_far, link);
	link->near_watch =
		pc_watch_new(loop, link->near_fd, PC_READ, on_near, link);
	if (!link->far_watch || !link->near_watch ||
	    pc_sip_tls_start(link->tls) != 0)
		broken(link, "no TLS can be begun");
	else
		pass(link);
}

static void on_listener(int fd, unsigned what, void *arg)
{
	int near = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct turn_tls *tls = arg;
	struct link *link;

	(void)what;
	if (near < 0)
		return;
	link = calloc(1, sizeof(*link));
	if (!link || pc_sip_tls_new(&link->tls, tls->context, tls->host,
				    PC_SIP_TLS_HTTPS) != 0) {
		free(link);
		close(near);
		return;
	}
	link->of = tls;
	link->near_fd = near;
	link->cancel = g_cancellable_new();
	link->next = tls->links;
	tls->links = link;
	g_main_context_push_thread_default(
		pc_loop_glib_context(tls->tool->loop));
	g_socket_client_connect_to_host_async(tls->client, tls->server,
					      TURNS_PORT, link->cancel,
					      on_connected, link);
	g_main_context_pop_thread_default(
		pc_loop_glib_context(tls->tool->loop));
}

/* "host:port", "[v6]:port" -> host; true if it is an IPv6 address. */
static bool host_of(const char *server, char **host)
{
	const char *colon = strrchr(server, ':');
	struct pc_addr addr;
	char ip[PC_ADDR_TEXT];

	if (pc_addr_parse(&addr, server, TURNS_PORT) == 0) {
		*host = g_strdup(pc_addr_ip(&addr, ip));
		return addr.sa.sa_family == AF_INET6;
	}
	*host = g_strndup(server,
			  colon ? (gsize)(colon - server) : strlen(server));
	return false;
}

static int listen_on(struct turn_tls *tls, bool six, struct pc_addr *near)
{
	int rc = pc_addr_from_ip(near, six ? "::1" : "127.0.0.1", 0);

	if (rc == 0)
		rc = tls->listener = pc_addr_bind(near, SOCK_STREAM);
	if (rc < 0)
		return rc;
	tls->watch = pc_watch_new(tls->tool->loop, tls->listener, PC_READ,
				  on_listener, tls);
	return tls->watch ? 0 : -ENOMEM;
}

int turn_tls_start(struct turn_tls **out, struct pc_tool *tool,
		   const char *server, const char *ca, struct pc_addr *near)
{
	struct turn_tls *tls = calloc(1, sizeof(*tls));
	char why[300] = "";
	bool six;
	int rc;

	if (!tls)
		return -ENOMEM;
	tls->tool = tool;
	tls->server = server;
	tls->listener = -1;
	tls->client = g_socket_client_new();
	six = host_of(server, &tls->host);
	rc = pc_sip_tls_context_new(&tls->context,
				    &(struct pc_sip_tls_config){ .ca = ca },
				    why, sizeof(why));
	if (rc != 0) {
		pc_warnx("--turn-%s", *why ? why + 2 : "ca: out of memory");
		rc = -EINVAL;
	} else {
		rc = listen_on(tls, six, near);
	}
	if (rc == 0)
		*out = tls;
	else
		turn_tls_free(tls);
	return rc;
}

bool turn_tls_untrusted(const struct turn_tls *tls)
{
	return tls && tls->untrusted;
}

void turn_tls_free(struct turn_tls *tls)
{
	if (!tls)
		return;
	while (tls->links) {
		struct link *link = tls->links;

		tls->links = link->next;
		g_cancellable_cancel(link->cancel);
		release(link);
	}
	pc_watch_free(tls->watch);
	if (tls->listener >= 0)
		close(tls->listener);
	pc_sip_tls_context_free(tls->context);
	g_object_unref(tls->client);
	g_free(tls->host);
	free(tls);
}
