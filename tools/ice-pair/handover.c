#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "handover.h"
#include "loop/tool.h"
#include "split.h"
#include "stun/demux.h"

#define RETRY_MS     20  /* first wait for the media process; doubles ... */
#define RETRY_MAX_MS 250 /* ... up to this */
#define QUEUE_MAX    128 /* data packets kept for a slow reader */
#define PACKET_MAX   65536

struct packet {
	struct packet *next;
	int fd; /* sent with it and closed after, or -1 */
	size_t len;
	uint8_t data[];
};

struct queue {
	struct packet *head, **tail;
	unsigned n;
};

struct handover {
	struct pc_tool *tool;
	struct sockaddr_un path;
	struct handover_events events;
	void *arg;
	struct pc_timer *retry, *settle;
	unsigned wait_ms, retry_ms;
	uint64_t deadline_ms;
	int sock; /* to the media process, or -1 */
	struct pc_watch *watch;
	struct queue out, early;
	struct ice_pair pair;
	json_t *remotes; /* an array, or NULL */
	bool have_pair, announced, relayed;
	bool settled, drained; /* libnice has nothing of before any more */
	int media;             /* our copy of the second socket, or -1 */
	struct handover_stats stats;
};

/* --- packets ---------------------------------------------------------- */

static struct packet *packet_new(const void *data, size_t len, int fd)
{
	struct packet *p = malloc(sizeof(*p) + len);

	if (!p) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	p->next = NULL;
	p->fd = fd;
	p->len = len;
	memcpy(p->data, data, len);
	return p;
}

static void queue_push(struct queue *q, struct packet *p)
{
	if (!p)
		return;
	if (!q->head)
		q->tail = &q->head;
	*q->tail = p;
	q->tail = &p->next;
	q->n++;
}

static struct packet *queue_pop(struct queue *q)
{
	struct packet *p = q->head;

	if (p) {
		q->head = p->next;
		p->next = NULL;
		q->n--;
	}
	return p;
}

static void packet_free(struct packet *p)
{
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

static void queue_clear(struct queue *q)
{
	struct packet *p;

	while ((p = queue_pop(q)))
		packet_free(p);
}

static int send_packet(int sock, const struct packet *p)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p->data,
			     .iov_len = p->len };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (p->fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control.space;
		msg.msg_controllen = sizeof(control.space);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &p->fd, sizeof(int));
	}
	return sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno
								    : 0;
}

/* --- the Unix socket -------------------------------------------------- */

/* Our copy, too, would swallow what nobody reads. */
static void end_media(struct handover *h)
{
	if (h->media < 0)
		return;
	split_end(h->media);
	close(h->media);
	h->media = -1;
}

static void disconnect(struct handover *h)
{
	pc_watch_free(h->watch);
	h->watch = NULL;
	if (h->sock >= 0)
		close(h->sock);
	h->sock = -1;
	h->announced = false;
	queue_clear(&h->out);
	end_media(h);
}

static void fail(struct handover *h, int error)
{
	disconnect(h);
	h->events.closed(h->arg, error);
}

static void flush(struct handover *h)
{
	while (h->out.head) {
		int rc = send_packet(h->sock, h->out.head);

		if (rc == -EAGAIN || rc == -ENOBUFS) {
			pc_watch_set(h->watch, PC_READ | PC_WRITE);
			return;
		}
		if (rc == -EPIPE || rc == -ECONNRESET)
			return; /* the end of file will be read */
		if (rc != 0)
			h->stats.dropped++; /* EMSGSIZE: this one never goes */
		packet_free(queue_pop(&h->out));
	}
	pc_watch_set(h->watch, PC_READ);
}

/* True if it will be sent. */
static bool push_data(struct handover *h, const void *data, size_t len)
{
	if (h->out.n >= QUEUE_MAX) {
		h->stats.dropped++;
		return false;
	}
	queue_push(&h->out, packet_new(data, len, -1));
	flush(h);
	return true;
}

static void push_control(struct handover *h, json_t *object, int fd)
{
	size_t len;
	char *line = pc_json_line(object, &len);

	if (line)
		queue_push(&h->out, packet_new(line, len, fd));
	else if (fd >= 0)
		close(fd);
	free(line);
	json_decref(object);
}

static void on_packet(struct handover *h, const uint8_t *data, size_t len)
{
	if (!pc_demux_is_media(data[0])) {
		if (data[0] == '{')
			pc_verbose("the media process says %.*s", (int)len,
				   (const char *)data);
		else
			h->stats.stray++;
		return;
	}
	h->stats.relayed_out++;
	h->events.data(h->arg, data, len);
}

static void on_socket(int fd, unsigned what, void *arg)
{
	static uint8_t buf[PACKET_MAX];
	struct handover *h = arg;

	if (what & PC_WRITE)
		flush(h);
	for (int i = 0; (what & PC_READ) && h->sock >= 0 && i < 32; i++) {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) { /* no datagram is empty: the end of file */
			fail(h, n < 0 && errno != ECONNRESET ? errno : 0);
			return;
		}
		on_packet(h, buf, (size_t)n);
	}
}

/* --- handing over ----------------------------------------------------- */

/* A second socket for the pair, or the one it has; -1: relay instead. */
static int media_socket(struct handover *h)
{
	struct pc_addr local;

	if (h->pair.fd >= 0 && h->media >= 0 &&
	    pc_addr_local(&local, h->media) == 0 &&
	    pc_addr_equal(&local, &h->pair.local))
		return h->media; /* only the remote changed */
	end_media(h);
	if (h->pair.fd < 0)
		return -1;
	h->media = split_socket(h->pair.fd);
	if (h->media < 0) {
		pc_warnx("the port cannot be shared, relaying instead: %s",
			 strerror(-h->media));
		h->media = -1;
	}
	return h->media;
}

/* libnice may have had one in its hands, which it gave us after the split. */
static void on_settled(void *arg)
{
	struct handover *h = arg;

	h->settled = true;
	h->drained = h->relayed || !split_pending(h->pair.fd);
}

static void announce(struct handover *h)
{
	char local[PC_ADDR_TEXT], remote[PC_ADDR_TEXT];
	int media = media_socket(h);
	struct packet *p;

	h->relayed = media < 0;
	h->settled = h->drained = false;
	pc_timer_set(h->settle, 0);
	push_control(
		h,
		pc_json_fields("type=%s local=%s remote=%s component=%d "
			       "relayed=%c remotes=%p",
			       "handover", pc_addr_text(&h->pair.local, local),
			       pc_addr_text(&h->pair.remote, remote), 1,
			       h->relayed, (void *)json_incref(h->remotes)),
		media >= 0 ? dup(media) : -1);
	while ((p = queue_pop(&h->early)))
		queue_push(&h->out, p);
	h->announced = true;
	h->stats.handovers++;
	flush(h);
	h->events.done(h->arg, &h->pair, h->relayed);
}

static int connect_path(const struct sockaddr_un *path)
{
	int sock = socket(AF_UNIX,
			  SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (sock < 0)
		return -errno;
	if (connect(sock, (const struct sockaddr *)path, sizeof(*path)) == 0)
		return sock;
	error = errno;
	close(sock);
	return -error;
}

static void try_connect(void *arg)
{
	struct handover *h = arg;
	int sock = connect_path(&h->path);
	bool absent =
		sock == -ENOENT || sock == -ECONNREFUSED || sock == -EAGAIN;

	if (sock >= 0) {
		h->sock = sock;
		h->watch = pc_watch_new(h->tool->loop, sock, PC_READ, on_socket,
					h);
		announce(h);
	} else if (absent && pc_now_ms() < h->deadline_ms) {
		pc_timer_set(h->retry, h->retry_ms);
		h->retry_ms = 2 * h->retry_ms > RETRY_MAX_MS ? RETRY_MAX_MS
							     : 2 * h->retry_ms;
	} else {
		fail(h, -sock);
	}
}

void handover_pair(struct handover *h, const struct ice_pair *pair)
{
	bool first = !h->have_pair;

	h->pair = *pair;
	h->have_pair = true;
	if (h->sock >= 0) {
		announce(h);
	} else if (first) {
		h->retry_ms = RETRY_MS;
		h->deadline_ms = pc_now_ms() + h->wait_ms;
		try_connect(h);
	}
}

void handover_remotes(struct handover *h, json_t *remotes)
{
	json_decref(h->remotes);
	h->remotes = remotes;
	if (!h->announced)
		return;
	push_control(h,
		     pc_json_fields("type=%s remotes=%p", "remotes",
				    (void *)json_incref(remotes)),
		     -1);
	flush(h);
}

/* A packet that is forwarded: why was it not the media process's own? */
static void count_forwarded(struct handover *h, enum ice_when when)
{
	if (when == ICE_LATE) {
		h->stats.late++;
	} else if (when == ICE_EARLY) {
		h->stats.early++;
	} else if (h->relayed) {
		h->stats.relayed_in++;
	} else if (!h->drained) { /* was in libnice's socket at the split */
		h->stats.early++;
		h->drained = h->settled && !split_pending(h->pair.fd);
	} else {
		h->stats.passed++;
	}
}

void handover_data(struct handover *h, enum ice_when when, const void *data,
		   size_t len)
{
	const uint8_t *bytes = data;

	if (len == 0 || !pc_demux_is_media(bytes[0])) {
		h->stats.stray++;
		return;
	}
	if (!h->announced) {
		if (h->early.n >= QUEUE_MAX) {
			h->stats.dropped++;
			return;
		}
		h->stats.early++;
		queue_push(&h->early, packet_new(data, len, -1));
		return;
	}
	count_forwarded(h, when);
	push_data(h, data, len);
}

void handover_lost(struct handover *h, const char *why)
{
	if (h->sock < 0)
		return;
	push_control(h, pc_json_fields("type=%s why=%s", "lost", why), -1);
	flush(h);
}

struct handover_stats handover_stats(const struct handover *h)
{
	return h->stats;
}

int handover_new(struct handover **out, struct pc_tool *tool, const char *path,
		 unsigned wait_ms, const struct handover_events *events,
		 void *arg)
{
	struct handover *h;

	if (strlen(path) >= sizeof(h->path.sun_path))
		return -ENAMETOOLONG;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->tool = tool;
	h->path.sun_family = AF_UNIX;
	strcpy(h->path.sun_path, path);
	h->wait_ms = wait_ms;
	h->events = *events;
	h->arg = arg;
	h->sock = h->media = -1;
	h->retry = pc_timer_new(tool->loop, try_connect, h);
	h->settle = pc_timer_new(tool->loop, on_settled, h);
	if (!h->retry || !h->settle) {
		handover_free(h);
		return -ENOMEM;
	}
	*out = h;
	return 0;
}

void handover_free(struct handover *h)
{
	if (!h)
		return;
	disconnect(h);
	queue_clear(&h->early);
	json_decref(h->remotes);
	pc_timer_free(h->retry);
	pc_timer_free(h->settle);
	free(h);
}
