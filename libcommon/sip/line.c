/* Packets of the line, and one end of it. See line.h. */
#include "sip/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAITING_MAX 512u /* packets */

struct waiting {
	struct waiting *next;
	struct pc_buf packet;
};

struct pc_line_conn {
	int fd;
	struct pc_watch *watch;
	pc_line_packet_fn *packet;
	pc_line_end_fn *end;
	void *arg;
	struct waiting *first, **last;
	unsigned n_waiting, calling;
	bool freed;
	char buf[PC_LINE_PACKET_MAX + 1];
};

int pc_line_encode(struct pc_buf *out, json_t *head, const char *body,
		   size_t len)
{
	size_t n;
	char *line = head ? pc_json_line(head, &n) : NULL;

	json_decref(head);
	if (!line)
		return -ENOMEM;
	pc_buf_add(out, line, n);
	free(line);
	if (body)
		pc_buf_add(out, body, len);
	return out->oom ? -ENOMEM : 0;
}

int pc_line_decode(struct pc_line_packet *packet, const char *data, size_t len)
{
	const char *nl = memchr(data, '\n', len);
	struct pc_line_packet p = { 0 };

	if (!nl || (size_t)(nl - data) > PC_LINE_HEAD_MAX)
		return -EBADMSG;
	p.head = json_loadb(data, (size_t)(nl - data), 0, NULL);
	p.type = p.head ? pc_json_str(p.head, "type") : NULL;
	if (!p.type) {
		json_decref(p.head);
		return -EBADMSG;
	}
	p.body = nl + 1;
	p.len = len - (size_t)(p.body - data);
	*packet = p;
	return 0;
}

static void conn_destroy(struct pc_line_conn *c)
{
	struct waiting *w, *next;

	for (w = c->first; w; w = next) {
		next = w->next;
		pc_buf_fini(&w->packet);
		free(w);
	}
	pc_watch_free(c->watch);
	close(c->fd);
	free(c);
}

void pc_line_conn_free(struct pc_line_conn *c)
{
	if (!c)
		return;
	if (c->calling)
		c->freed = true;
	else
		conn_destroy(c);
}

/* Send what waits. 0, or -errno when the other end is gone. */
static int flush(struct pc_line_conn *c)
{
	struct waiting *w;

	while ((w = c->first)) {
		if (send(c->fd, w->packet.data, w->packet.len, MSG_NOSIGNAL) <
		    0) {
			if (errno != EAGAIN && errno != EINTR)
				return -errno;
			break;
		}
		c->first = w->next;
		if (!c->first)
			c->last = &c->first;
		c->n_waiting--;
		pc_buf_fini(&w->packet);
		free(w);
	}
	pc_watch_set(c->watch, PC_READ | (c->first ? PC_WRITE : 0));
	return 0;
}

/* Read one packet. 1, 0 (none yet) or -errno. */
static int read_packet(struct pc_line_conn *c)
{
	struct pc_line_packet packet;
	ssize_t n = recv(c->fd, c->buf, sizeof c->buf - 1, MSG_TRUNC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	if ((size_t)n >= sizeof c->buf)
		return -EBADMSG;
	c->buf[n] = '\0';
	if (pc_line_decode(&packet, c->buf, (size_t)n) < 0)
		return -EBADMSG;
	c->packet(c->arg, &packet);
	json_decref(packet.head);
	return 1;
}

static void on_ready(int fd, unsigned what, void *arg)
{
	struct pc_line_conn *c = arg;
	int rc = 0;

	(void)fd;
	c->calling++;
	if (what & PC_READ)
		do
			rc = read_packet(c);
		while (rc == 1 && !c->freed);
	if (rc >= 0 && !c->freed)
		rc = flush(c);
	if (rc < 0 && !c->freed) {
		pc_watch_set(c->watch, 0);
		c->end(c->arg, -rc);
	}
	if (--c->calling == 0 && c->freed)
		conn_destroy(c);
}

struct pc_line_conn *pc_line_conn_new(struct pc_loop *loop, int fd,
				      pc_line_packet_fn *packet,
				      pc_line_end_fn *end, void *arg)
{
	struct pc_line_conn *c = calloc(1, sizeof *c);

	if (!c) {
		close(fd);
		return NULL;
	}
	c->fd = fd;
	c->packet = packet;
	c->end = end;
	c->arg = arg;
	c->last = &c->first;
	c->watch = pc_watch_new(loop, fd, PC_READ, on_ready, c);
	if (!c->watch) {
		conn_destroy(c);
		return NULL;
	}
	return c;
}

int pc_line_conn_send(struct pc_line_conn *c, json_t *head, const char *body,
		      size_t len)
{
	struct waiting *w = calloc(1, sizeof *w);

	if (!w || c->n_waiting >= WAITING_MAX) {
		free(w);
		json_decref(head);
		return -ENOBUFS;
	}
	if (pc_line_encode(&w->packet, head, body, len) < 0) {
		pc_buf_fini(&w->packet);
		free(w);
		return -ENOMEM;
	}
	*c->last = w;
	c->last = &w->next;
	c->n_waiting++;
	return flush(c);
}

int pc_line_connect(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof sun.sun_path)
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}
