/* --connect: stdin's lines to the server, its messages to stdout. */
#include "ws-signal.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/out.h"
#include "ws/client.h"

#define RETRY_MS 100 /* while stdout's reader sleeps */

struct client {
	struct pc_tool *tool;
	const struct config *cfg;
	struct pc_ws_url url;
	struct pc_ws_client *handshake;
	struct pc_ws_conn *conn;
	struct pc_out *out;
	struct pc_watch *in_watch;
	struct pc_timer *timer; /* next read of a file; --count's bound */
	struct pc_timer *retry;
	struct pc_buf in, unwritten;
	unsigned received;
	bool skipping; /* the rest of a line that was too long */
	bool in_ended, ended_by_us;
	bool to_end; /* once connected: what waits in stdin is sent first */
	int status;  /* the worst so far */
};

static void worse(struct client *c, int status)
{
	if (c->status == PC_EXIT_OK)
		c->status = status;
}

static void stop_input(struct client *c)
{
	pc_watch_free(c->in_watch);
	c->in_watch = NULL;
	c->in_ended = true;
	pc_timer_cancel(c->timer);
}

static void say_goodbye(struct client *c, unsigned code, const char *reason)
{
	stop_input(c);
	c->ended_by_us = true;
	pc_ws_conn_close(c->conn, code, reason);
}

static void fail_output(struct client *c, int rc)
{
	pc_tool_error(c->tool, "stdout: %s",
		      rc == -EPIPE ? "its reader is gone" : strerror(-rc));
	worse(c, PC_EXIT_IO);
	pc_buf_clear(&c->unwritten);
	if (c->conn)
		say_goodbye(c, PC_WS_GOING_AWAY, "stdout failed");
	else
		pc_tool_exit(c->tool, c->status);
}

static void on_reader_gone(void *arg, int rc)
{
	fail_output(arg, rc);
}

/* Lines are kept, and the server is not read, while stdout takes none. */
static void write_output(struct client *c)
{
	int rc = 0;

	if (c->unwritten.oom)
		rc = -ENOMEM;
	else if (c->unwritten.len)
		rc = pc_out_write(c->out, c->unwritten.data, c->unwritten.len);
	if (rc == 0)
		pc_buf_clear(&c->unwritten);
	if (rc == -EAGAIN)
		pc_timer_set(c->retry, RETRY_MS);
	else if (rc < 0)
		fail_output(c, rc);
	pc_ws_conn_pause(c->conn, rc == -EAGAIN);
}

static void on_retry(void *arg)
{
	write_output(arg);
}

static void on_message(void *arg, const char *text, size_t len)
{
	struct client *c = arg;
	json_t *object = json_loadb(text, len, 0, NULL);
	size_t line_len;
	char *line = object ? message_line(text, len, &line_len) : NULL;

	json_decref(object);
	if (!line) {
		pc_tool_malformed(c->tool, "JSON", pc_ws_conn_remote(c->conn),
				  "a message that is not JSON");
		return;
	}
	pc_buf_add(&c->unwritten, line, line_len);
	free(line);
	write_output(c);
	if (++c->received == c->cfg->count)
		say_goodbye(c, PC_WS_NORMAL, NULL);
}

static void send_line(struct client *c, const char *line, size_t len)
{
	json_error_t error;
	json_t *object;

	if (len && line[len - 1] == '\r')
		len--;
	if (!len)
		return;
	object = json_loadb(line, len, 0, &error);
	if (!object) {
		pc_tool_error(c->tool, "stdin: a line that is not JSON: %s",
			      error.text);
		worse(c, PC_EXIT_DATA);
		return;
	}
	json_decref(object);
	(void)pc_ws_conn_send(c->conn, line, len);
}

static void send_lines(struct client *c)
{
	char *newline;

	while (c->in.len && (newline = memchr(c->in.data, '\n', c->in.len))) {
		size_t len = (size_t)(newline - c->in.data);

		if (!c->skipping)
			send_line(c, c->in.data, len);
		c->skipping = false;
		pc_buf_consume(&c->in, len + 1);
	}
	if (c->in.len <= c->cfg->message_max && !c->in.oom)
		return;
	if (!c->skipping)
		pc_tool_error(c->tool,
			      "stdin: a line over %u bytes (see --max-message)",
			      c->cfg->message_max);
	worse(c, PC_EXIT_DATA);
	c->skipping = true;
	pc_buf_clear(&c->in);
}

static void end_of_input(struct client *c)
{
	if (c->in.len && !c->skipping)
		send_line(c, c->in.data, c->in.len);
	pc_buf_clear(&c->in);
	if (c->cfg->count) {
		stop_input(c);
		pc_timer_set(c->timer, c->cfg->common.timeout_ms);
	} else {
		say_goodbye(c, PC_WS_NORMAL, NULL);
	}
}

static void read_input(struct client *c)
{
	char chunk[16384];
	ssize_t n = read(0, chunk, sizeof(chunk));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		pc_tool_error(c->tool, "stdin: %s", strerror(errno));
		worse(c, PC_EXIT_IO);
	}
	if (n <= 0) {
		end_of_input(c);
		return;
	}
	pc_buf_add(&c->in, chunk, (size_t)n);
	send_lines(c);
}

/* The next piece, unless the server is behind with reading. */
static void go_on(struct client *c)
{
	bool full = pc_ws_conn_is_full(c->conn);

	if (c->in_ended)
		return;
	if (c->in_watch)
		pc_watch_set(c->in_watch, full ? 0 : PC_READ);
	else if (!full)
		pc_timer_set(c->timer, 0);
}

static void on_stdin(int fd, unsigned what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	read_input(c);
	if (!c->in_ended && pc_ws_conn_is_full(c->conn))
		pc_watch_set(c->in_watch, 0);
}

/* A plain file cannot be watched: it is read piece by piece. */
static void on_timer(void *arg)
{
	struct client *c = arg;

	if (!c->in_ended) {
		read_input(c);
		go_on(c);
		return;
	}
	pc_tool_error(c->tool, "%u of %u messages came in time (see --timeout)",
		      c->received, c->cfg->count);
	worse(c, PC_EXIT_NOANSWER);
	say_goodbye(c, PC_WS_NORMAL, NULL);
}

static void on_drained(void *arg)
{
	go_on(arg);
}

/* Who ends a connection and how: the statuses of base/exit.h. */
static int status_of_code(unsigned code)
{
	switch (code) {
	case PC_WS_NORMAL:
	case PC_WS_NO_STATUS:
		return PC_EXIT_OK;
	case PC_WS_GOING_AWAY:
	case 1012:
	case PC_WS_TRY_LATER:
		return PC_EXIT_NOANSWER;
	case PC_WS_ABNORMAL:
		return PC_EXIT_IO;
	case PC_WS_PROTOCOL_ERROR:
	case PC_WS_UNSUPPORTED:
	case PC_WS_BAD_DATA:
	case PC_WS_TOO_BIG:
	case 1010:
		return PC_EXIT_PROTOCOL;
	case PC_WS_POLICY:
		return PC_EXIT_NOPERM;
	default:
		return PC_EXIT_NO;
	}
}

static void on_closed(void *arg, const struct pc_ws_close *close,
		      const char *why)
{
	struct client *c = arg;
	int status = status_of_code(close->code);

	c->conn = NULL;
	if (!c->in_ended)
		stop_input(c);
	closed_event(c->tool, NULL, close, why);
	if (!c->ended_by_us) {
		worse(c, status);
		if (status)
			pc_warnx("%s: closed: %u%s%s (%s)", c->cfg->connect,
				 close->code, close->reason[0] ? " " : "",
				 close->reason, why);
	} else if (!close->received) {
		pc_verbose("%s: %s", c->cfg->connect, why);
	}
	pc_tool_exit(c->tool, c->status);
}

static int status_of_failure(int rc, int http_status)
{
	if (rc == -EPROTO)
		return PC_EXIT_PROTOCOL;
	if (rc != -EACCES)
		return PC_EXIT_NOANSWER;
	return http_status == 401 || http_status == 403 ? PC_EXIT_NOPERM
							: PC_EXIT_NO;
}

static void on_handshake(void *arg, struct bufferevent *bev, int rc, int status,
			 const char *why)
{
	struct client *c = arg;
	struct pc_ws_conn_config cc = conn_config(c->tool, c->cfg);
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];

	cc.client = true;
	cc.message = on_message;
	cc.drained = on_drained;
	cc.closed = on_closed;
	cc.arg = c;
	if (rc == 0 && pc_ws_conn_new(&c->conn, &cc, bev) < 0) {
		bufferevent_free(bev);
		rc = -ENOMEM;
		why = "out of memory";
	}
	if (rc < 0) {
		pc_warnx("%s: %s", c->cfg->connect, why);
		pc_event(c->tool, "failed", "url=%s http=%d why=%s",
			 c->cfg->connect, status, why);
		pc_tool_exit(c->tool, status_of_failure(rc, status));
		return;
	}
	pc_addr_text(pc_ws_conn_local(c->conn), local);
	pc_addr_text(pc_ws_conn_remote(c->conn), remote);
	pc_verbose("connected to %s", remote);
	pc_event(c->tool, "connected", "url=%s local=%s remote=%s",
		 c->cfg->connect, local, remote);
	c->in_watch = pc_watch_new(c->tool->loop, 0, PC_READ, on_stdin, c);
	if (c->to_end)
		client_stop(c, NULL);
	else if (!c->in_watch)
		go_on(c);
}

static int report_url(const char *url, int rc)
{
	if (rc == -EPROTONOSUPPORT)
		pc_warnx("--connect %s: there is no TLS here; put a TLS proxy "
			 "in front, e.g. socat TCP-LISTEN:8080,fork "
			 "OPENSSL:HOST:443",
			 url);
	else
		pc_warnx("--connect: \"%s\" is not a ws://HOST:PORT/PATH", url);
	return PC_EXIT_USAGE;
}

static int report_start(const char *url, int rc)
{
	pc_warnx("--connect %s: %s", url,
		 rc == -EHOSTUNREACH ? "no such host" : strerror(-rc));
	return rc == -EINVAL ? PC_EXIT_USAGE : PC_EXIT_NOANSWER;
}

static int open_client(struct client *c)
{
	int rc = pc_out_open(&c->out, "-", 0);

	if (rc == 0)
		rc = pc_out_watch(c->out, c->tool->loop, on_reader_gone, c);
	if (rc < 0) {
		pc_warnx("stdout: %s", strerror(-rc));
		return PC_EXIT_IO;
	}
	c->timer = pc_timer_new(c->tool->loop, on_timer, c);
	c->retry = pc_timer_new(c->tool->loop, on_retry, c);
	rc = -ENOMEM;
	if (c->timer && c->retry)
		rc = pc_ws_client_start(
			&c->handshake,
			&(struct pc_ws_client_config){
				.tool = c->tool,
				.url = &c->url,
				.origin = c->cfg->origins.n
						  ? c->cfg->origins.v[0]
						  : NULL,
				.timeout_ms = c->cfg->common.timeout_ms,
				.done = on_handshake,
				.arg = c,
			});
	return rc < 0 ? report_start(c->cfg->connect, rc) : -1;
}

int client_start(struct client **client, struct pc_tool *tool,
		 const struct config *cfg)
{
	struct client *c = calloc(1, sizeof(*c));
	int rc, status;

	if (!c)
		return report_start(cfg->connect, -ENOMEM);
	c->tool = tool;
	c->cfg = cfg;
	rc = pc_ws_url_parse(&c->url, cfg->connect);
	if (rc == 0 && c->url.secure)
		rc = -EPROTONOSUPPORT;
	status = rc < 0 ? report_url(cfg->connect, rc) : open_client(c);
	if (status >= 0) {
		client_free(c);
		return status;
	}
	*client = c;
	return -1;
}

static bool input_waits(const struct client *c)
{
	struct stat st;
	int n = 0;

	return !c->in_ended && fstat(0, &st) == 0 && !S_ISREG(st.st_mode) &&
	       ioctl(0, FIONREAD, &n) == 0 && n > 0;
}

/*
 * A script that writes its last message and then a `hangup` means it to be
 * sent: what stdin's writer said before we were told to end goes out first.
 */
void client_stop(struct client *c, const char *reason)
{
	bool waits = input_waits(c);

	if (!c->conn && waits) {
		c->to_end = true;
		return;
	}
	if (!c->conn) {
		pc_tool_exit(c->tool, c->status);
		return;
	}
	while (waits && !pc_ws_conn_is_full(c->conn)) {
		read_input(c);
		waits = input_waits(c);
	}
	if (!c->ended_by_us)
		say_goodbye(c, PC_WS_NORMAL, reason);
}

void client_free(struct client *c)
{
	if (!c)
		return;
	pc_ws_client_free(c->handshake);
	pc_ws_conn_free(c->conn);
	pc_watch_free(c->in_watch);
	pc_timer_free(c->timer);
	pc_timer_free(c->retry);
	pc_out_close(c->out);
	pc_buf_fini(&c->in);
	pc_buf_fini(&c->unwritten);
	free(c);
}
